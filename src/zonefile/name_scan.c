/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "zonefile/name_scan.h"

#include <stdbool.h>

#include "dns/name.h"
#include "zonefile/name_scan_variants.h"

_Static_assert(NAME_SCAN_ENTRY_ROOM >= 1 + DNS_NAME_MAX - 1 + 1 + DNS_LABEL_MAX,
	       "a label behind a name that is just short enough");

/* May the byte stand in a label of a plain line? */
static bool is_plain(uint8_t byte)
{
	return byte > ' ' && byte < 0x7f && byte != '\\' && byte != '.';
}

/* Writes the label at `at`, and moves `at` behind it; returns false if it is none that is plain. */
static bool take_label(const char **at, const char *end, uint8_t **out)
{
	const char *from = *at;
	size_t size = 0;

	while (from + size < end && is_plain((uint8_t)from[size])) {
		if (size == DNS_LABEL_MAX)
			return false;
		size++;
		(*out)[size] = dns_lower((uint8_t)from[size - 1]);
	}
	(*out)[0] = (uint8_t)size;
	*out += 1 + size;
	*at = from + size;
	return size > 0;
}

/* Writes the name at `at`; the start of the next line, or NULL if this one is not plain. */
static const char *take_name(const char *at, const char *end, uint8_t **out)
{
	uint8_t *name = *out;

	for (;;) {
		/* What is too long by a label is written before that is known. */
		if (!take_label(&at, end, out) || *out - name >= DNS_NAME_MAX)
			return NULL;
		if (at < end && *at == '.')
			at++;
		else
			break;
	}
	*(*out)++ = 0;
	if (at < end && *at == '\r')
		at++;
	return at < end && *at == '\n' ? at + 1 : NULL;
}

/* Writes the entry of the line at `*at`, and moves both on; returns false if it is not plain. */
static bool take_line(const char **at, const char *end, uint8_t **out)
{
	const char *name = *at;
	uint8_t *entry = *out + 1;

	if (name >= end)
		return false;
	**out = (uint8_t)name_scan_take_kinds(&name);
	const char *next = **out != 0 ? take_name(name, end, &entry) : NULL;
	if (next == NULL)
		return false;
	*at = next;
	*out = entry;
	return true;
}

static name_scan_variant_t *choose_variant(void)
{
#if CPU_HAS_VARIANTS
	static name_scan_variant_t *const variants[CPU_LEVELS] = {
		[CPU_SSE41] = name_scan_sse41,
		[CPU_AVX2] = name_scan_avx2,
	};
	return variants[cpu_level()];
#else
	return NULL;
#endif
}

/* Writes the record of the line at `*at`, and moves both on; returns false if it is not plain. */
static bool take_line_coded(name_coder_t *coder, const char **at, const char *end, uint8_t **out)
{
	uint8_t entry[NAME_SCAN_ENTRY_ROOM];
	uint8_t *entry_end = entry;

	if (!take_line(at, end, &entry_end))
		return false;
	(void)name_coder_put(coder, entry + 1, entry[0], out);
	return true;
}

static size_t scan(name_coder_t *coder, const char *end, uint8_t *out, const uint8_t *limit,
		   size_t *size, const char **stop)
{
	name_scan_variant_t *variant = choose_variant();
	const uint8_t *first = out;
	size_t count = 0;
	bool is_taken = true;

	while (is_taken) {
		if (variant != NULL)
			count += variant(coder, stop, end, &out, limit);
		/* What the variant leaves may be long, or end in CRLF. */
		if (out > limit)
			break;
		is_taken = coder != NULL ? take_line_coded(coder, stop, end, &out)
					 : take_line(stop, end, &out);
		count += is_taken;
	}
	*size = (size_t)(out - first);
	return count;
}

size_t name_scan(const char *at, const char *end, uint8_t *names, size_t capacity, size_t *size,
		 const char **stop)
{
	*stop = at;
	*size = 0;
	if (capacity < NAME_SCAN_ENTRY_ROOM)
		return 0;
	return scan(NULL, end, names, names + capacity - NAME_SCAN_ENTRY_ROOM, size, stop);
}

size_t name_scan_keys(name_coder_t *coder, const char *at, const char *end, uint8_t *records,
		      size_t capacity, size_t *size, const char **stop)
{
	*stop = at;
	*size = 0;
	if (capacity < NAME_SCAN_RECORD_ROOM)
		return 0;
	return scan(coder, end, records, records + capacity - NAME_SCAN_RECORD_ROOM, size, stop);
}
