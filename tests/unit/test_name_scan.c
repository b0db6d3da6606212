/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* Plain lines of names: each variant reads exactly those that are plain, as the ordinary parser does, and makes
 * the same keys of them; nothing behind the text counts, and nothing behind its margin is read. */

#include "dns/name.h"
#include "index/name_builder.h"
#include "scan_fixture.h"
#include "zonefile/name_scan.h"
#include "zonefile/name_text.h"

#define NAMES_MAX (8 * SCAN_TEXT_MAX)
#define KEYS_MAX  NAMES_MAX

/* What is plain, by the words of the contract. */
static bool is_plain(const char *line, const char *end)
{
	size_t label = 0;
	size_t size = 1;

	if (line < end && *line == '.')
		line++;
	else if (end - line >= 2 && line[0] == '*' && line[1] == '.')
		line += 2;
	else if (line < end && strchr("#;:$!*", *line) != NULL)
		return false;
	for (; line <= end; line++) {
		if (line == end || *line == '.') {
			if (label == 0 || label > 63)
				return false;
			size += 1 + label;
			label = 0;
		} else if (*line <= ' ' || *line >= 0x7f || *line == '\\') {
			return false;
		} else {
			label++;
		}
	}
	return size <= 255;
}

/* The ordinary parser's entry of a line, in the form of name_scan; its end. */
static uint8_t *model_entry(const char *line, const char *end, uint8_t *out)
{
	text_t text = { line, end };
	name_text_t entry;
	const char *why;

	MUST(name_text_entry(&text, &entry, &why) == ERR_OK && text_is_empty(text),
	     "not an entry: %.*s", (int)(end - line), line);
	*out++ = (uint8_t)((entry.is_plain ? NAME_FOR_PLAIN : 0) |
			   (entry.is_wildcard ? NAME_FOR_WILDCARD : 0));
	size_t size = dns_name_size(entry.name);
	memcpy(out, entry.name, size);
	return out + size;
}

/* The records of `count` entries as name_scan writes them; their end. */
static uint8_t *model_records(const uint8_t *names, size_t count, uint8_t *out)
{
	for (; count > 0; count--) {
		name_coder_put_any(scan_coder(), names + 1, *names, &out);
		names += 1 + dns_name_size(names + 1);
	}
	return out;
}

/* Takes the heads of records apart and compares them, but for the bits of top labels, which may be told or
 * not. */
static bool are_same_records(const uint8_t *a, const uint8_t *a_end, const uint8_t *b,
			     const uint8_t *b_end)
{
	name_key_record_t x, y;

	while (a < a_end && b < b_end) {
		a = name_key_record_open(a, &x);
		b = name_key_record_open(b, &y);
		if (x.size != y.size || x.kinds != y.kinds || memcmp(x.key, y.key, x.size) != 0)
			return false;
	}
	return a == a_end && b == b_end;
}

/* Reads text[0..size), whose `count` plain lines are the entries `names`, as keys with each variant. */
static void check_keys(const char *text, size_t size, size_t capacity, const uint8_t *names,
		       size_t count)
{
	static uint8_t expected[KEYS_MAX], records[KEYS_MAX];
	const char *stop;
	size_t first_got = 0;
	ptrdiff_t first_stop = 0;

	for (EACH_LEVEL(level)) {
		char *placed = scan_place(text, size, NAME_SCAN_MARGIN);
		size_t used = 0;
		memset(records, 0xef, capacity);
		size_t got = name_scan_keys(scan_coder(), placed, placed + size, records, capacity,
					    &used, &stop);
		if (level == CPU_PLAIN) {
			first_got = got;
			first_stop = stop - placed;
		}
		MUST(got == first_got && stop - placed == first_stop,
		     "%s: %zu keys instead of %zu, stopped at %td instead of %td of:\n%.*s",
		     cpu_level_name(level), got, first_got, stop - placed, first_stop, (int)size,
		     text);
		MUST(got == count || (got < count && capacity - used < NAME_SCAN_RECORD_ROOM),
		     "%s: %zu keys of %zu in:\n%.*s", cpu_level_name(level), got, count, (int)size,
		     text);
		MUST(are_same_records(records, records + used, expected,
				      model_records(names, got, expected)),
		     "%s: other keys than of:\n%.*s", cpu_level_name(level), (int)size, text);
		for (size_t i = capacity; i > 0 && capacity - i < NAME_RECORD_MARGIN; i--)
			MUST(records[i - 1] == 0xef, "%s: wrote into the margin",
			     cpu_level_name(level));
	}
}

/* Reads text[0..size) with each variant; how many lines were plain. */
static size_t check_text(const char *text, size_t size, size_t capacity)
{
	static uint8_t expected[NAMES_MAX], names[NAMES_MAX + 1];
	const char *at = text;
	uint8_t *out = expected;
	size_t count = 0;
	const char *lf;

	while (capacity - (size_t)(out - expected) >= NAME_SCAN_ENTRY_ROOM &&
	       (lf = memchr(at, '\n', (size_t)(text + size - at))) != NULL) {
		const char *end = lf > at && lf[-1] == '\r' ? lf - 1 : lf;
		if (!is_plain(at, end))
			break;
		out = model_entry(at, end, out);
		at = lf + 1;
		count++;
	}
	for (EACH_LEVEL(level)) {
		char *placed = scan_place(text, size, NAME_SCAN_MARGIN);
		const char *stop = NULL;
		size_t used = 0;
		names[capacity] = 0xef;
		size_t got = name_scan(placed, placed + size, names, capacity, &used, &stop);
		MUST(got == count && stop - placed == at - text,
		     "%s: %zu lines instead of %zu, stopped at %td instead of %td of:\n%.*s",
		     cpu_level_name(level), got, count, stop - placed, at - text, (int)size, text);
		MUST(used == (size_t)(out - expected) && memcmp(names, expected, used) == 0,
		     "%s: other names than in:\n%.*s", cpu_level_name(level), (int)size, text);
		MUST(names[capacity] == 0xef, "%s: wrote behind the room", cpu_level_name(level));
	}
	if (capacity == NAMES_MAX) {
		check_keys(text, size, KEYS_MAX, expected, count);
		check_keys(text, size, random_below(2000), expected, count);
	}
	return count;
}

static char *random_letters(char *to, unsigned count)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789----____abcdefghijklmnopqrstuvwxyz";

	while (count-- > 0)
		*to++ = letters[random_below(sizeof(letters) - 1)];
	return to;
}

/* Mostly names of two short labels, of all kinds; sometimes long ones. */
static char *random_name(char *to)
{
	unsigned labels = 1 + random_below(3) + (random_below(8) == 0 ? random_below(5) : 0);
	unsigned longest = random_below(16) == 0 ? 40 : 12;

	if (random_below(4) == 0)
		to = stpcpy(to, random_below(2) == 0 ? "." : "*.");
	for (unsigned i = 0; i < labels; i++) {
		if (i > 0)
			*to++ = '.';
		to = random_letters(to, 1 + random_below(longest));
	}
	return to;
}

static char *random_lines(char *to, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		to = random_name(to);
		*to++ = '\n';
	}
	return to;
}

static const char *const not_plain[] = {
	"",
	".",
	"..",
	"*",
	"*.",
	"*..",
	"*x.com",
	"**.com",
	"a..b",
	"a.b.",
	"a.b..",
	"..a.b",
	"*..a.b",
	"a.b ",
	" a.b",
	"a.b\t",
	"a.b #c",
	"a.b :2:text",
	"a.b text",
	"a\\.b",
	"\\065.b",
	"a.b\\",
	"a\vb",
	"a\177b",
	"a\200b",
	"\344\377.com",
	"!a.b",
	"! a.b",
	"#a.b",
	"#$TTL 5",
	";a.b",
	":a.b",
	":127.0.0.2:text",
	":$TTL 5",
	"$TTL",
	"$a.b",
	"$DATASET",
	"a.b\r\r",
	"a.b\rc",
	"a\r.b",
	"\r",
};

static const char *const plain[] = {
	"a",
	"a.b",
	"com",
	"A.B",
	"Example.COM",
	"EXAMPLE-1.co.uk",
	"_dmarc.a.b",
	"1.2.3.4",
	"-",
	"_",
	".a",
	"*.a",
	".a.b",
	"*.a.b",
	"*.A.B",
	".COM",
	"a#c.b",
	"a.b#c",
	"a.b;c",
	"a:b",
	"a.b:9",
	"a$b",
	"a!b",
	"a*b",
	"a.*",
	"a.*.b",
	"*.*",
	"*.*.com",
	".*",
	".*.com",
	"a.**",
	"@",
	"@.b",
	"a@b.c",
	"[a].{b}",
	"a`b",
	"a~b|c",
	"'a'.(b)",
	".!a",
	"*.!a",
	".#a",
	"*.#a",
	".:a",
	".$a",
	"*.$a",
	".;a",
	".@",
	"a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q.r.s.t.u.v.w.x.y.z",
	"xn--bcher-kva.example",
};

/* A line in each place of a block, between, before and behind lines that are plain. */
START_TEST(test_table)
{
	static char text[SCAN_TEXT_MAX];

	random_start(1);
	for (size_t i = 0; i < COUNT_OF(not_plain) + COUNT_OF(plain); i++) {
		bool is_plain_row = i >= COUNT_OF(not_plain);
		const char *row = is_plain_row ? plain[i - COUNT_OF(not_plain)] : not_plain[i];
		for (unsigned before = 0; before < 30; before++) {
			unsigned behind = 1 + random_below(20);
			unsigned more = is_plain_row ? 1 + behind : 0;
			char *at = random_lines(text, before);
			at = stpcpy(at, row);
			ck_assert_uint_eq(check_text(text, (size_t)(at - text), NAMES_MAX), before);
			*at++ = '\n';
			MUST(check_text(text, (size_t)(at - text), NAMES_MAX) ==
				     before + is_plain_row,
			     "\"%s\"", row);
			at = random_lines(at, behind);
			ck_assert_uint_eq(check_text(text, (size_t)(at - text), NAMES_MAX),
					  before + more);
		}
	}
}
END_TEST

/* Each byte in each place of a line. */
START_TEST(test_bytes)
{
	char text[1024]; /* random lines are up to 400 long */
	;

	random_start(2);
	for (unsigned byte = 0; byte < 256; byte++) {
		for (unsigned place = 0; place < 40; place++) {
			char *end = random_letters(text, 40);
			*end++ = '\n';
			text[place] = (char)byte;
			end = random_lines(end, 2);
			(void)check_text(text, (size_t)(end - text), NAMES_MAX);
		}
	}
}
END_TEST

/* All lengths of a label, and of a name of labels as long as can be, of each kind. */
START_TEST(test_limits)
{
	static const char *const marks[] = { "", ".", "*." };
	char text[2000];

	random_start(3);
	for (unsigned i = 0; i < COUNT_OF(marks); i++) {
		for (unsigned size = 1; size < 70; size++) {
			for (unsigned before = 0; before < 3; before++) {
				char *end = stpcpy(random_lines(text, before), marks[i]);
				end = stpcpy(random_letters(end, size), ".com\n");
				ck_assert_uint_eq(check_text(text, (size_t)(end - text), NAMES_MAX),
						  before + (size <= 63));
				end[-1] = '.';
				*end = '\n';
				ck_assert_uint_eq(
					check_text(text, (size_t)(end + 1 - text), NAMES_MAX),
					before);
			}
		}
		for (unsigned label = 1; label < 64; label++) {
			for (unsigned size = 230; size < 270; size++) {
				char *end = stpcpy(text, marks[i]);
				for (unsigned left = size, part; left > 0; left -= part) {
					part = left < label ? left : label;
					end = random_letters(end, part);
					if (left - part == 1) {
						*end++ = 'x'; /* or the name would end in a dot */
						part++;
					} else if (left > part) {
						*end++ = '.';
						part++;
					}
				}
				*end++ = '\n';
				end = random_lines(end, 1);
				(void)check_text(text, (size_t)(end - text), NAMES_MAX);
			}
		}
	}
}
END_TEST

/* All lengths of texts that end in a whole line or within one, and rooms of all sizes. */
START_TEST(test_ends)
{
	static char text[SCAN_TEXT_MAX];

	random_start(4);
	for (unsigned count = 1; count < 60; count++) {
		char *end = random_lines(text, count);
		for (size_t less = 0; less < 30 && end - less >= text; less++)
			(void)check_text(text, (size_t)(end - text) - less, NAMES_MAX);
		ck_assert_uint_eq(check_text(text, (size_t)(end - text), NAMES_MAX), count);
		for (unsigned i = 0; i < 10; i++)
			(void)check_text(text, (size_t)(end - text),
					 random_below(count * 25 + 400));
	}
	char *end = random_lines(text, 1500);
	ck_assert_uint_eq(check_text(text, (size_t)(end - text), NAMES_MAX), 1500);
}
END_TEST

/* Lines of which a byte was changed, taken out or put in, and CRs. */
START_TEST(test_mutated)
{
	static const char bytes[] = "..\n\n\r *!#:$\\aZ@[`{_-\x7f\x80\xff";
	char text[16000];
	unsigned unharmed = 0;

	random_start(5);
	for (unsigned round = 0; round < 20000; round++) {
		unsigned count = 1 + random_below(30);
		char *end = random_lines(text, count);
		for (unsigned i = random_below(3); i > 0; i--) {
			size_t place = random_below((unsigned)(end - text));
			char byte = random_below(4) == 0 ? (char)random_below(256)
							 : bytes[random_below(sizeof(bytes) - 1)];
			unsigned kind = random_below(3);
			size_t behind = (size_t)(end - text) - place;
			if (kind == 1)
				memmove(text + place, text + place + 1, behind - 1);
			else if (kind == 2)
				memmove(text + place + 1, text + place, behind);
			if (kind != 1)
				text[place] = byte;
			end += kind == 2 ? 1 : kind == 1 ? -1 : 0;
		}
		unharmed += check_text(text, (size_t)(end - text), NAMES_MAX) >= count;
	}
	/* Enough of both. */
	ck_assert_uint_gt(unharmed, 6000);
	ck_assert_uint_lt(unharmed, 16000);
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		test_table, test_bytes, test_limits, test_ends, test_mutated,
	};

	return run_tests("name_scan", tests, COUNT_OF(tests));
}
