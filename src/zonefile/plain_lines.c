/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "zonefile/plain_lines.h"

#include <assert.h>

#include "zonefile/ip4_line_scan.h"
#include "zonefile/ip4_scan.h"
#include "zonefile/ip6_line_scan.h"
#include "zonefile/name_scan.h"

_Static_assert(PLAIN_LINES_MARGIN >= IP4_SCAN_MARGIN &&
		       PLAIN_LINES_MARGIN >= IP4_LINE_SCAN_MARGIN &&
		       PLAIN_LINES_MARGIN >= IP6_LINE_SCAN_MARGIN &&
		       PLAIN_LINES_MARGIN >= NAME_SCAN_MARGIN &&
		       PLAIN_LINES_MARGIN >= NAME_LINE_SCAN_MARGIN,
	       "all find what they may read");
_Static_assert(PLAIN_LINES_ROOM_MIN >= NAME_SCAN_ENTRY_ROOM &&
		       PLAIN_LINES_ROOM_MIN >= NAME_SCAN_RECORD_ROOM &&
		       PLAIN_LINES_ROOM_MIN >= NAME_LINE_SCAN_ROOM,
	       "a line of any length fits");

/* Fewer addresses or names than these between other lines are better read with them. */
#define FEW 16u

text_t plain_lines_text(const plain_lines_t *lines)
{
	const char *text = lines->text;
	name_scanned_line_t name;

	if (lines->names != NULL) {
		(void)name_line_scan_open(lines->names, lines->has_keys, &text, &name);
		return name.line;
	}
	text += lines->ip4 != NULL ? lines->ip4->at : lines->ip6->at;
	return (text_t){ text, text + (lines->ip4 != NULL ? lines->ip4->size : lines->ip6->size) };
}

void plain_lines_skip(plain_lines_t *lines, size_t count)
{
	lines->count -= count;
	if (lines->ip4 != NULL) {
		lines->ip4 += count;
	} else if (lines->ip6 != NULL) {
		lines->ip6 += count;
	} else {
		name_scanned_line_t name;
		while (count-- > 0)
			lines->names = name_line_scan_open(lines->names, lines->has_keys,
							   &lines->text, &name);
	}
}

static const char *scan_ip4(const char *at, const char *end, void *entries, size_t room,
			    plain_lines_t *lines)
{
	const char *stop;

	lines->count = ip4_scan(at, end, entries, room / sizeof(uint32_t), &stop);
	lines->size = lines->count * sizeof(uint32_t);
	return stop;
}

static const char *scan_ip4_lines(const char *at, const char *end, void *entries, size_t room,
				  plain_lines_t *lines)
{
	const char *stop = scan_ip4(at, end, entries, room, lines);
	size_t count = lines->count;

	if (count >= FEW || stop == end)
		return stop;
	lines->count = ip4_line_scan(at, end, entries, room / sizeof(ip4_line_t), &stop);
	lines->size = lines->count * sizeof(ip4_line_t);
	lines->ip4 = entries;
	lines->text = at;
	return stop;
}

static const char *scan_ip6_lines(ip6_line_form_t form, const char *at, const char *end,
				  void *entries, size_t room, plain_lines_t *lines)
{
	const char *stop;

	lines->count = ip6_line_scan_64(form, at, end, entries, room / sizeof(uint64_t), &stop);
	lines->size = lines->count * sizeof(uint64_t);
	lines->has_64s = true;
	if (lines->count >= FEW || stop == end)
		return stop;
	lines->count = ip6_line_scan(form, at, end, entries, room / sizeof(ip6_line_t), &stop);
	lines->size = lines->count * sizeof(ip6_line_t);
	lines->has_64s = false;
	lines->ip6 = entries;
	lines->text = at;
	return stop;
}

/* Those of one family: the next ones may be of the other. */
static const char *scan_ip_lines(const char *at, const char *end, void *entries, size_t room,
				 plain_lines_t *lines)
{
	const char *stop = scan_ip4_lines(at, end, entries, room, lines);

	if (lines->count > 0)
		return stop;
	lines->ip4 = NULL;
	return scan_ip6_lines(IP6_LINE_PREFIXES, at, end, entries, room, lines);
}

static const char *scan_names_alone(name_coder_t *coder, const char *at, const char *end,
				    void *entries, size_t room, plain_lines_t *lines)
{
	const char *stop;

	lines->has_keys = coder != NULL;
	lines->count = coder != NULL
			       ? name_scan_keys(coder, at, end, entries, room, &lines->size, &stop)
			       : name_scan(at, end, entries, room, &lines->size, &stop);
	return stop;
}

static const char *scan_names(name_coder_t *coder, const char *at, const char *end, void *entries,
			      size_t room, plain_lines_t *lines)
{
	const char *stop = scan_names_alone(coder, at, end, entries, room, lines);
	size_t alone = lines->count;

	if (alone >= FEW || stop == end)
		return stop;
	lines->count = name_line_scan(coder, at, end, entries, room, &lines->size, &stop);
	/* Long names are only read where nothing is behind them. */
	if (lines->count == 0 && alone > 0)
		return scan_names_alone(coder, at, end, entries, room, lines);
	lines->names = entries;
	lines->text = at;
	return stop;
}

const char *plain_lines_scan(plain_form_t form, const char *at, const char *end, void *entries,
			     size_t room, plain_lines_t *lines)
{
	assert(form.kind != PLAIN_NONE && room >= PLAIN_LINES_ROOM_MIN);
	*lines = (plain_lines_t){ .entries = entries };
	if (form.kind == PLAIN_IP4)
		return scan_ip4(at, end, entries, room, lines);
	if (form.kind == PLAIN_IP4_LINES)
		return scan_ip4_lines(at, end, entries, room, lines);
	if (form.kind == PLAIN_IP6_LINES)
		return scan_ip6_lines(IP6_LINE_PREFIXES, at, end, entries, room, lines);
	if (form.kind == PLAIN_IP6_WORDS)
		return scan_ip6_lines(IP6_LINE_WORDS, at, end, entries, room, lines);
	if (form.kind == PLAIN_IP_LINES)
		return scan_ip_lines(at, end, entries, room, lines);
	return scan_names(form.coder, at, end, entries, room, lines);
}
