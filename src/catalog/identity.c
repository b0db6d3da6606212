/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "catalog/identity.h"

#include <string.h>

_Static_assert(CATALOG_NSID_MAX <= IDENTITY_MAX, "an NSID is told, too");

typedef enum subject {
	SUBJECT_NONE,
	SUBJECT_VERSION, /* of the program */
	SUBJECT_SERVER,  /* which one of several it is */
} subject_t;

static subject_t subject_of(const dns_query_t *query)
{
	static const struct {
		const char *name;
		size_t size;
		subject_t subject;
	} names[] = {
#define NAME(text) text, sizeof(text)
		{ NAME("\7version\4bind"), SUBJECT_VERSION },
		{ NAME("\7version\6server"), SUBJECT_VERSION },
		{ NAME("\10hostname\4bind"), SUBJECT_SERVER },
		{ NAME("\2id\6server"), SUBJECT_SERVER },
#undef NAME
	};

	if (query->qtype != DNS_TYPE_TXT)
		return SUBJECT_NONE;
	for (unsigned i = 0; i < COUNT_OF(names); i++)
		if (query->qname_size == names[i].size &&
		    memcmp(query->qname, names[i].name, names[i].size) == 0)
			return names[i].subject;
	return SUBJECT_NONE;
}

static const char *version_text(catalog_version_t version)
{
	switch (version) {
	case CATALOG_VERSION_FULL:
		return "spurn " PACKAGE_VERSION;
	case CATALOG_VERSION_NAME:
		return "spurn";
	case CATALOG_VERSION_HIDE:
		break;
	}
	return NULL;
}

const char *identity_text(const catalog_options_t *options, const dns_query_t *query, size_t *size)
{
	const char *text = NULL;

	switch (subject_of(query)) {
	case SUBJECT_VERSION:
		text = version_text(options->version);
		break;
	case SUBJECT_SERVER:
		text = options->nsid[0] != '\0' ? options->nsid : NULL;
		break;
	case SUBJECT_NONE:
		break;
	}
	*size = text != NULL ? strlen(text) : 0;
	return text;
}
