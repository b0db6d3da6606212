/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "tool/public_suffixes.h"

#include <libpsl.h>

#include "dns/dns.h"

/* No public suffix has more labels; names that do need not be asked for. */
#define LABELS_MAX 6

public_suffixes_t *public_suffixes_load(void)
{
	/* The newer one of the system's list and that in the library. */
	return (public_suffixes_t *)psl_latest(NULL);
}

void public_suffixes_free(public_suffixes_t *suffixes)
{
	psl_free((psl_ctx_t *)suffixes);
}

/* Writes the name with dots. Returns false when that is no host name, and so in no list. */
static bool to_text(const uint8_t *name, char text[DNS_NAME_MAX])
{
	char *out = text;

	for (unsigned count = 0; *name != 0; count++) {
		if (count == LABELS_MAX)
			return false;
		if (count > 0)
			*out++ = '.';
		for (unsigned i = *name++; i > 0; i--) {
			char c = (char)*name++;
			bool is_letter = c >= 'a' && c <= 'z';
			if (!is_letter && !(c >= '0' && c <= '9') && c != '-')
				return false;
			*out++ = c;
		}
	}
	*out = '\0';
	return out != text;
}

bool public_suffixes_has(const public_suffixes_t *suffixes, const uint8_t *name)
{
	char text[DNS_NAME_MAX];

	/* Not the rule that every top label is one: "test" has to be listed. */
	return to_text(name, text) &&
	       psl_is_public_suffix2((const psl_ctx_t *)suffixes, text,
				     PSL_TYPE_ANY | PSL_TYPE_NO_STAR_RULE) != 0;
}
