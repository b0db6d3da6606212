/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* Any bytes as lines of addresses, of names, and of prefixes of both families and names with values: all variants
 * of ip4_scan, name_scan and name_scan_keys that the machine has stop at the same places with the same results, and what
 * they take the ordinary parsers take for the same entry; of keys, the one that names have symbol by symbol.
 * The entry point is libFuzzer's; replay.c calls it for files. */

#include <stdlib.h>
#include <string.h>

#include "base/cpu.h"
#include "dns/name.h"
#include "index/name_builder.h"
#include "zonefile/ip4_line_scan.h"
#include "zonefile/ip4_scan.h"
#include "zonefile/ip4_text.h"
#include "zonefile/ip6_line_scan.h"
#include "zonefile/ip6_text.h"
#include "zonefile/name_line_scan.h"
#include "zonefile/name_scan.h"
#include "zonefile/name_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The variants look at much text at once, and begin only where there is as much: so the input is
 * repeated, as lines of its own, until it has this size. */
#define TEXT_SIZE 4096
#define MARGIN    64
_Static_assert(MARGIN >= IP4_SCAN_MARGIN && MARGIN >= NAME_SCAN_MARGIN, "either may read it");

/* What a scanner made of a text: where it stopped each time, and all that it wrote. */
typedef struct outcome {
	uint32_t *stops; /* room for one a line */
	uint8_t *written;
	size_t stop_count;
	size_t size;
} outcome_t;

static void must(bool condition)
{
	if (!condition)
		abort();
}

static void *allocate(size_t size)
{
	void *memory = malloc(size > 0 ? size : 1);

	must(memory != NULL);
	return memory;
}

/* The line from `line` to before `next` as line readers give it out. */
static text_t trimmed(const char *line, const char *next)
{
	const char *end = next - 1;

	must(*end == '\n');
	return (text_t){ line, end > line && end[-1] == '\r' ? end - 1 : end };
}

static void check_addresses(const char *at, const char *stop, const uint32_t *addresses,
			    size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const char *next = (const char *)memchr(at, '\n', (size_t)(stop - at)) + 1;
		text_t single = trimmed(at, next), prefix = single, range = single;
		uint32_t address;
		unsigned length;
		ip4_range_t both;
		const char *why;

		must(ip4_text_address(&single, &address, &why) == ERR_OK && text_is_empty(single) &&
		     address == addresses[i]);
		must(ip4_text_prefix(&prefix, false, &address, &length, &why) == ERR_OK &&
		     text_is_empty(prefix) && address == addresses[i] && length == 32);
		must(ip4_text_range(&range, false, &both, &why) == ERR_OK && text_is_empty(range) &&
		     both.first == addresses[i] && both.last == addresses[i]);
		at = next;
	}
	must(at == stop);
}

static void check_names(const char *at, const char *stop, const uint8_t *names, size_t size,
			size_t count)
{
	const uint8_t *entry = names;

	for (size_t i = 0; i < count; i++) {
		const char *next = (const char *)memchr(at, '\n', (size_t)(stop - at)) + 1;
		text_t text = trimmed(at, next);
		name_text_t name;
		const char *why;

		must(strchr("#;:$!", *at) == NULL); /* or it were no entry, or an exclusion */
		must(name_text_entry(&text, &name, &why) == ERR_OK && text_is_empty(text));
		must(*entry == ((name.is_plain ? NAME_FOR_PLAIN : 0u) |
				(name.is_wildcard ? NAME_FOR_WILDCARD : 0u)));
		size_t name_size = dns_name_size(name.name);
		must(memcmp(entry + 1, name.name, name_size) == 0);
		entry += 1 + name_size;
		at = next;
	}
	must(at == stop && entry == names + size);
}

/* A code in which all bytes but letters are rare. */
static name_coder_t *get_coder(void)
{
	static name_code_table_t table;
	static name_coder_t *coder;
	uint64_t counts[NAME_SYMBOLS] = { [NAME_SYMBOL_END] = 1u << 20 };
	name_code_t codes[NAME_SYMBOLS];

	if (coder != NULL)
		return coder;
	for (unsigned byte = 'a'; byte <= 'z'; byte++)
		counts[1 + byte] = 1u << 18;
	must(name_code_make(counts, codes) == ERR_OK);
	name_code_table_make(&table, codes, true);
	coder = name_coder_new(&table);
	must(coder != NULL);
	return coder;
}

/* Keys are those of the names that the same lines are. */
static void check_keys(const char *at, const char *stop, const uint8_t *keys, size_t size,
		       size_t count)
{
	const char *names_stop;
	size_t room = 2 * (size_t)(stop - at) + NAME_SCAN_ENTRY_ROOM;
	uint8_t *names = allocate(room);
	uint8_t *expected = allocate(NAME_RECORD_ROOM);
	const uint8_t *name = names;
	const uint8_t *key = keys;
	name_key_record_t got, wanted;

	must(name_scan(at, stop, names, room, &room, &names_stop) == count && names_stop == stop);
	for (size_t i = 0; i < count; i++) {
		uint8_t *out = expected;
		name_coder_put_any(get_coder(), name + 1, *name, &out);
		must(name_key_record_open(expected, &wanted) == out);
		key = name_key_record_open(key, &got);
		must(got.kinds == wanted.kinds && got.size == wanted.size &&
		     memcmp(got.key, wanted.key, got.size) == 0);
		name += 1 + dns_name_size(name + 1);
	}
	must(key == keys + size);
	free(names);
	free(expected);
}

/* What a text is scanned for. */
typedef enum what {
	ADDRESSES,
	NAMES,
	KEYS,
} what_t;

/* Reads a piece at `at` of at most a few lines; how many bytes it gave. */
static size_t scan_piece(what_t what, const char *at, const char *end, uint8_t *to, size_t room,
			 const char **stop)
{
	size_t size;

	if (what == KEYS) {
		size_t count = name_scan_keys(get_coder(), at, end, to, room, &size, stop);
		check_keys(at, *stop, to, size, count);
		return size;
	}
	if (what == NAMES) {
		size_t count = name_scan(at, end, to, room, &size, stop);
		check_names(at, *stop, to, size, count);
		return size;
	}
	uint32_t *addresses = allocate(room);
	size_t count = ip4_scan(at, end, addresses, room / sizeof(*addresses), stop);
	check_addresses(at, *stop, addresses, count);
	size = count * sizeof(*addresses);
	memcpy(to, addresses, size);
	free(addresses);
	return size;
}

/* Reads all of the text, and leaves out the lines that are not plain. */
static outcome_t scan_all(what_t what, const char *text, size_t text_size, size_t room)
{
	outcome_t outcome = { allocate((text_size + 1) * sizeof(uint32_t)),
			      allocate(4 * text_size + room), 0, 0 };
	const char *end = text + text_size;

	for (const char *at = text, *stop; at < end; at = stop) {
		size_t size =
			scan_piece(what, at, end, outcome.written + outcome.size, room, &stop);
		outcome.size += size;
		outcome.stops[outcome.stop_count++] = (uint32_t)(stop - text);
		if (size == 0) { /* this line is not plain */
			const char *lf = memchr(stop, '\n', (size_t)(end - stop));
			stop = lf != NULL ? lf + 1 : end;
		}
	}
	return outcome;
}

/* Are they the same? Of keys, a variant may leave the bits of a top label untold. */
static bool is_same(what_t what, const outcome_t *a, const outcome_t *b)
{
	const uint8_t *x = a->written;
	const uint8_t *y = b->written;
	name_key_record_t p, q;

	if (a->size != b->size)
		return false;
	if (what != KEYS)
		return memcmp(x, y, a->size) == 0;
	while (x < a->written + a->size) {
		x = name_key_record_open(x, &p);
		y = name_key_record_open(y, &q);
		if (p.size != q.size || p.kinds != q.kinds || memcmp(p.key, q.key, p.size) != 0 ||
		    (p.top != q.top && p.top != 0 && q.top != 0))
			return false;
	}
	return true;
}

/* With the least room for a piece, or much. */
static void compare_variants(what_t what, const char *text, size_t size, size_t room)
{
	cpu_limit(CPU_PLAIN);
	outcome_t expected = scan_all(what, text, size, room);

	for (cpu_level_t level = CPU_PLAIN + 1; level < CPU_LEVELS; level++) {
		cpu_limit(level);
		outcome_t outcome = scan_all(what, text, size, room);
		must(is_same(what, &outcome, &expected));
		must(outcome.stop_count == expected.stop_count);
		must(memcmp(outcome.stops, expected.stops,
			    expected.stop_count * sizeof(*expected.stops)) == 0);
		free(outcome.stops);
		free(outcome.written);
	}
	cpu_limit(CPU_LEVELS);
	free(expected.stops);
	free(expected.written);
}

/* A line is what the ordinary parsers make of it. */
static void check_ip4_line(const ip4_line_t *line, const char *text, const char *next)
{
	const char *at = text + line->at;
	text_t whole = trimmed(at, next);

	while (whole.end != whole.at && text_is_blank(whole.end[-1]))
		whole.end--;
	text_t prefix = whole, range = whole, rest = ip4_line_rest(line, text);
	uint32_t address;
	unsigned length;
	ip4_range_t both;
	const char *why;

	must(memchr(at, '\0', (size_t)(next - at)) == NULL);
	must(ip4_text_prefix(&prefix, false, &address, &length, &why) == ERR_OK &&
	     address == line->address && length == line->length);
	must(ip4_text_range(&range, false, &both, &why) == ERR_OK && both.first == address &&
	     both.last == (address | (uint32_t)(UINT64_C(0xffffffff) >> length)));
	text_skip_blanks(&prefix);
	must(rest.at == prefix.at && rest.end == whole.end);
}

static void check_ip4_lines(const char *text, size_t size)
{
	const char *end = text + size;
	const char *at = text;
	const char *stop;

	for (; at < end; at = stop) {
		ip4_line_t lines[30];
		size_t count =
			ip4_line_scan(at, end, lines, sizeof(lines) / sizeof(lines[0]), &stop);
		for (size_t i = 0; i < count; i++) {
			const char *line = at + lines[i].at;
			const char *next =
				(const char *)memchr(line, '\n', (size_t)(stop - line)) + 1;
			must(next == (i + 1 < count ? at + lines[i + 1].at : stop));
			check_ip4_line(&lines[i], at, next);
		}
		if (count == 0) {
			const char *lf = memchr(stop, '\n', (size_t)(end - stop));
			stop = lf != NULL ? lf + 1 : end;
		}
	}
}

/* The same for IPv6. */
static void check_ip6_line(ip6_line_form_t form, const ip6_line_t *line, const char *text,
			   const char *next)
{
	const char *at = text + line->at;
	text_t whole = trimmed(at, next);

	while (whole.end != whole.at && text_is_blank(whole.end[-1]))
		whole.end--;
	text_t prefix = whole, words = whole, rest = ip6_line_rest(line, text);
	ip6_address_t address;
	unsigned length;
	const char *why;

	must(memchr(at, '\0', (size_t)(next - at)) == NULL);
	must(strchr("#;:$!", *at) == NULL && !ip4_text_is_next(whole));
	must(ip6_text_prefix(&prefix, false, &address, &length, &why) == ERR_OK &&
	     ip6_is_equal(address, line->address) && length == line->length);
	must(form != IP6_LINE_WORDS ||
	     (ip6_text_words(&words, &address, &length, &why) == ERR_OK && length == 64));
	text_skip_blanks(&prefix);
	must(rest.at == prefix.at && rest.end == whole.end);
}

static void check_ip6_lines(ip6_line_form_t form, const char *text, size_t size)
{
	const char *end = text + size;
	const char *at = text;
	const char *stop;

	for (; at < end; at = stop) {
		ip6_line_t lines[30];
		size_t count = ip6_line_scan(form, at, end, lines, sizeof(lines) / sizeof(lines[0]),
					     &stop);
		for (size_t i = 0; i < count; i++) {
			const char *line = at + lines[i].at;
			const char *next =
				(const char *)memchr(line, '\n', (size_t)(stop - line)) + 1;
			must(next == (i + 1 < count ? at + lines[i + 1].at : stop));
			check_ip6_line(form, &lines[i], at, next);
		}
		if (count == 0) {
			const char *lf = memchr(stop, '\n', (size_t)(end - stop));
			stop = lf != NULL ? lf + 1 : end;
		}
	}
}

/* What is read as a /64 alone is read as such a line, too. */
static void check_ip6_64s(ip6_line_form_t form, const char *text, size_t size)
{
	const char *end = text + size;
	const char *at = text;
	const char *stop;

	for (; at < end; at = stop) {
		uint64_t highs[30];
		size_t count = ip6_line_scan_64(form, at, end, highs,
						sizeof(highs) / sizeof(highs[0]), &stop);
		for (size_t i = 0; i < count; i++) {
			ip6_line_t line;
			const char *next;
			must(ip6_line_scan(form, at, end, &line, 1, &next) == 1);
			must(line.address.high == highs[i] && line.address.low == 0 &&
			     line.length == 64 && line.rest == line.size);
			at = next;
		}
		must(at == stop);
		if (count == 0) {
			const char *lf = memchr(stop, '\n', (size_t)(end - stop));
			stop = lf != NULL ? lf + 1 : end;
		}
	}
}

/* Lines of names with texts are what the ordinary parser makes of them. */
static void check_name_line(bool is_key, const name_scanned_line_t *line, const char *next)
{
	const char *at = line->line.at;
	text_t whole = trimmed(at, next);
	uint8_t expected[NAME_RECORD_ROOM];
	uint8_t *out = expected;
	name_text_t name;
	const char *why;

	while (whole.end != whole.at && text_is_blank(whole.end[-1]))
		whole.end--;
	must(line->line.end == whole.end && memchr(at, '\0', (size_t)(next - at)) == NULL);
	must(strchr("#;:$!", *at) == NULL && !text_is_blank(*at));
	must(name_text_entry(&whole, &name, &why) == ERR_OK);
	text_skip_blanks(&whole);
	must(line->rest.at == whole.at && line->rest.end == whole.end);
	unsigned kinds =
		(name.is_plain ? NAME_FOR_PLAIN : 0u) | (name.is_wildcard ? NAME_FOR_WILDCARD : 0u);
	if (is_key) {
		name_key_record_t got, wanted;
		name_coder_put_any(get_coder(), name.name, kinds, &out);
		(void)name_key_record_open(expected, &wanted);
		(void)name_key_record_open(line->entry, &got);
		must(got.kinds == wanted.kinds && got.size == wanted.size &&
		     memcmp(got.key, wanted.key, got.size) == 0);
	} else {
		must(*line->entry == kinds);
		must(memcmp(line->entry + 1, name.name, dns_name_size(name.name)) == 0);
	}
}

static void check_name_lines(bool is_key, const char *text, size_t size)
{
	const char *end = text + size;
	const char *at = text;
	const char *stop;
	size_t room = 20 * NAME_LINE_SCAN_ROOM;
	uint8_t *lines = allocate(room);

	for (; at < end; at = stop) {
		const uint8_t *from = lines;
		size_t used;
		size_t count = name_line_scan(is_key ? get_coder() : NULL, at, end, lines, room,
					      &used, &stop);
		for (size_t i = 0; i < count; i++) {
			name_scanned_line_t line;
			from = name_line_scan_open(from, is_key, &at, &line);
			must(at <= stop && at[-1] == '\n');
			check_name_line(is_key, &line, at);
		}
		must(from == lines + used && at == stop);
		if (count == 0) {
			const char *lf = memchr(stop, '\n', (size_t)(end - stop));
			stop = lf != NULL ? lf + 1 : end;
		}
	}
	free(lines);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t copies = 1 + TEXT_SIZE / (size + 1);
	size_t text_size = copies * (size + 1);
	char *text = allocate(text_size + MARGIN);

	for (size_t i = 0; i < copies; i++) {
		memcpy(text + i * (size + 1), data, size);
		text[i * (size + 1) + size] = '\n';
	}
	memset(text + text_size, '1', MARGIN);
	compare_variants(ADDRESSES, text, text_size, 16);
	compare_variants(ADDRESSES, text, text_size, TEXT_SIZE);
	compare_variants(NAMES, text, text_size, NAME_SCAN_ENTRY_ROOM);
	compare_variants(KEYS, text, text_size, NAME_SCAN_RECORD_ROOM);
	compare_variants(KEYS, text, text_size, 4 * TEXT_SIZE);
	compare_variants(NAMES, text, text_size, 4 * TEXT_SIZE);
	check_ip4_lines(text, text_size);
	/* And with a last line that has no LF. */
	check_ip4_lines(text, text_size - 1);
	for (unsigned is_key = 0; is_key < 2; is_key++) {
		check_name_lines(is_key, text, text_size);
		check_name_lines(is_key, text, text_size - 1);
	}
	for (ip6_line_form_t form = IP6_LINE_PREFIXES; form <= IP6_LINE_WORDS; form++) {
		check_ip6_lines(form, text, text_size);
		check_ip6_lines(form, text, text_size - 1);
		check_ip6_64s(form, text, text_size);
		check_ip6_64s(form, text, text_size - 1);
	}
	compare_variants(ADDRESSES, text, text_size - 1, TEXT_SIZE);
	compare_variants(NAMES, text, text_size - 1, 4 * TEXT_SIZE);
	free(text);
	return 0;
}
