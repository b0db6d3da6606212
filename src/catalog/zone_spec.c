/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "catalog/zone_spec.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dns/name.h"

/* Room for the names of all types. */
#define KNOWN_MAX 200

typedef struct complaint {
	char *why;
	size_t size;
} complaint_t;

ATTR_PRINTF(3, 4)
static err_t complain(const complaint_t *complaint, err_t err, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(complaint->why, complaint->size, format, arguments);
	va_end(arguments);
	return err;
}

static err_t read_apex(const char *text, size_t size, uint8_t apex[DNS_NAME_MAX], size_t *apex_size,
		       const complaint_t *complaint)
{
	int width = (int)size;

	if (dns_name_from_text(text, size, apex, apex_size) != ERR_OK)
		return complain(complaint, ERR_SYNTAX, "\"%.*s\" is not a domain name", width,
				text);
	if (*apex_size == 1)
		return complain(complaint, ERR_SYNTAX, "the root cannot be served as a zone");
	dns_name_lower(apex, *apex_size);
	return ERR_OK;
}

err_t zone_spec_parse_apex(const char *text, size_t size, uint8_t apex[DNS_NAME_MAX],
			   size_t *apex_size, char *why, size_t why_size)
{
	const complaint_t complaint = { why, why_size };

	return read_apex(text, size, apex, apex_size, &complaint);
}

static err_t parse_apex(const char *text, size_t size, zone_spec_t *spec,
			const complaint_t *complaint)
{
	/* Before the first colon there may be nothing: an ACL for all zones. */
	if (size == 0 && spec->type->role == DATASET_ROLE_ACL)
		return ERR_OK;
	return read_apex(text, size, spec->apex, &spec->apex_size, complaint);
}

static err_t parse_type(const char *text, size_t size, zone_spec_t *spec,
			const complaint_t *complaint)
{
	int width = (int)size;

	spec->type = dataset_type_find(text, size);
	if (spec->type != NULL)
		return ERR_OK;
	char known[KNOWN_MAX] = "";
	size_t known_size = 0;
	const dataset_type_t *type;
	for (unsigned i = 0; (type = dataset_type_get(i)) != NULL; i++)
		known_size += (size_t)snprintf(known + known_size, sizeof(known) - known_size,
					       "%s%s", i > 0 ? ", " : "", type->name);
	return complain(complaint, ERR_SYNTAX, "unknown data set type \"%.*s\" (known: %s)", width,
			text, known);
}

/* Splits a list of files at commas and, as rbldnsd does, at colons; empty items are nothing. */
static err_t parse_files(const char *text, zone_spec_t *spec, const complaint_t *complaint)
{
	spec->files = calloc(strlen(text) / 2 + 1, sizeof(*spec->files));
	if (spec->files == NULL)
		return complain(complaint, ERR_NOMEM, "no memory");
	for (;;) {
		size_t size = strcspn(text, ",:");
		if (size > 0) {
			char *file = strndup(text, size);
			if (file == NULL)
				return complain(complaint, ERR_NOMEM, "no memory");
			spec->files[spec->file_count++] = file;
		}
		if (text[size] == '\0')
			break;
		text += size + 1;
	}
	if (spec->file_count == 0)
		return complain(complaint, ERR_SYNTAX, "no files are given");
	return ERR_OK;
}

static err_t parse(const char *text, zone_spec_t *spec, const complaint_t *complaint)
{
	const char *type = strchr(text, ':');
	const char *files = type != NULL ? strchr(type + 1, ':') : NULL;
	err_t err;

	if (files == NULL)
		return complain(complaint, ERR_SYNTAX, "expected zone:type:file,file...");
	type++;
	err = parse_type(type, (size_t)(files - type), spec, complaint);
	if (err == ERR_OK)
		err = parse_apex(text, (size_t)(type - 1 - text), spec, complaint);
	if (err == ERR_OK)
		err = parse_files(files + 1, spec, complaint);
	if (err != ERR_OK)
		return err;
	spec->source = strdup(type);
	return spec->source != NULL ? ERR_OK : complain(complaint, ERR_NOMEM, "no memory");
}

err_t zone_spec_parse(const char *text, zone_spec_t *spec, char *why, size_t why_size)
{
	const complaint_t complaint = { why, why_size };

	memset(spec, 0, sizeof(*spec));
	err_t err = parse(text, spec, &complaint);
	if (err != ERR_OK)
		zone_spec_clear(spec);
	return err;
}

err_t zone_spec_copy(const zone_spec_t *spec, zone_spec_t *copy)
{
	*copy = *spec;
	copy->source = strdup(spec->source);
	copy->files = calloc(spec->file_count, sizeof(*copy->files));
	copy->file_count = 0;
	if (copy->source == NULL || copy->files == NULL) {
		zone_spec_clear(copy);
		return ERR_NOMEM;
	}
	for (; copy->file_count < spec->file_count; copy->file_count++) {
		copy->files[copy->file_count] = strdup(spec->files[copy->file_count]);
		if (copy->files[copy->file_count] == NULL) {
			zone_spec_clear(copy);
			return ERR_NOMEM;
		}
	}
	return ERR_OK;
}

void zone_spec_clear(zone_spec_t *spec)
{
	for (size_t i = 0; i < spec->file_count; i++)
		free(spec->files[i]);
	free(spec->files);
	free(spec->source);
	memset(spec, 0, sizeof(*spec));
}
