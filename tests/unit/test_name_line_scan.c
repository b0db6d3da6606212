/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* Lines of names with texts: those are read that should be, as the ordinary parser reads them, as names and as
 * keys; nothing behind the text counts, and nothing behind its margin is read. */

#include "dns/name.h"
#include "index/name_builder.h"
#include "scan_fixture.h"
#include "zonefile/name_line_scan.h"
#include "zonefile/name_text.h"
#include "zonefile/plain_lines.h"

#define ROOM (4 * SCAN_TEXT_MAX)

/* Is it to be read, by the words of the contract? */
static bool is_wanted(const char *line, const char *lf)
{
	const char *name = line;
	size_t label = 0;

	if (lf - line > LINE_REST_LINE_MAX || memchr(line, '\0', (size_t)(lf - line)) != NULL)
		return false;
	if (*line == '.')
		name++;
	else if (line[0] == '*' && line[1] == '.')
		name += 2;
	else if (strchr("#;:$!*", *line) != NULL)
		return false;
	const char *at = name;
	for (; *at > ' ' && *at < 0x7f && *at != '\\'; at++) {
		if (*at == '.' && label == 0)
			return false;
		label = *at == '.' ? 0 : label + 1;
	}
	if (label == 0 || at - name > NAME_CODER_TEXT_MAX)
		return false;
	if (at == lf || (*at == '\r' && at + 1 == lf))
		return true;
	if (!text_is_blank(*at))
		return false;
	/* Blanks in any number are no plain line's. */
	const char *end = scan_ordinary_text(line, lf).end;
	while (at < end && text_is_blank(*at))
		at++;
	return at - line <= UINT8_MAX;
}

/* Is this the entry, or the record of it? */
static void check_entry(bool is_key, const uint8_t *got, const name_text_t *entry, const char *line,
			int size)
{
	unsigned kinds = (entry->is_plain ? NAME_FOR_PLAIN : 0u) |
			 (entry->is_wildcard ? NAME_FOR_WILDCARD : 0u);

	if (is_key) {
		static uint8_t expected[NAME_RECORD_ROOM];
		uint8_t *out = expected;
		name_key_record_t a, b;
		name_coder_put_any(scan_coder(), entry->name, kinds, &out);
		(void)name_key_record_open(expected, &a);
		(void)name_key_record_open(got, &b);
		MUST(a.size == b.size && a.kinds == b.kinds && memcmp(a.key, b.key, a.size) == 0,
		     "other key: %.*s", size, line);
		return;
	}
	MUST(*got == kinds && memcmp(got + 1, entry->name, dns_name_size(entry->name)) == 0,
	     "other name: %.*s", size, line);
}

/* The same as the ordinary parser says of the line. */
static void check_ordinary(bool is_key, const name_scanned_line_t *got, const char *line,
			   const char *lf)
{
	text_t whole = scan_ordinary_text(line, lf);
	text_t text = whole;
	name_text_t entry;
	const char *why;
	int size = (int)(lf - line);

	MUST(is_wanted(line, lf), "is not to be read: %.*s", size, line);
	MUST(got->line.at == whole.at && got->line.end == whole.end, "text: %.*s", size, line);
	MUST(name_text_entry(&text, &entry, &why) == ERR_OK, "no entry: %.*s", size, line);
	text_skip_blanks(&text);
	MUST(text_size(got->rest) == text_size(text) && got->rest.end == text.end, "rest: %.*s",
	     size, line);
	check_entry(is_key, got->entry, &entry, line, size);
}

/* Reads text[0..size) as names or keys into `room` bytes; how many lines were read. */
static size_t check_form(bool is_key, const char *text, size_t size, size_t room)
{
	static uint8_t lines[ROOM + 1];
	char *placed = scan_place(text, size, NAME_LINE_SCAN_MARGIN);
	const char *end = placed + size;
	const char *next = placed;
	const char *stop = NULL;
	const uint8_t *at = lines;
	size_t alone = 0;
	size_t used;

	memset(lines, 0xef, room + 1);
	size_t count = name_line_scan(is_key ? scan_coder() : NULL, placed, end, lines, room, &used,
				      &stop);
	for (size_t i = 0; i < count; i++) {
		const char *line = next;
		const char *lf = memchr(line, '\n', (size_t)(end - line));
		name_scanned_line_t got;
		MUST(lf != NULL, "a line without end");
		at = name_line_scan_open(at, is_key, &next, &got);
		MUST(next == lf + 1, "the next line is elsewhere");
		check_ordinary(is_key, &got, line, lf);
		alone = text_is_empty(got.rest) ? alone + 1 : 0;
	}
	MUST(stop == next && at == lines + used, "stopped elsewhere");
	for (size_t i = 0; i <= room && i <= NAME_RECORD_MARGIN; i++)
		MUST(lines[room - i] == 0xef, "wrote into the margin");
	const char *lf = memchr(stop, '\n', (size_t)(end - stop));
	if (lf != NULL && alone < 64 && room - used >= NAME_LINE_SCAN_ROOM)
		MUST(!is_wanted(stop, lf), "is to be read: %.*s", (int)(lf - stop), stop);
	return count;
}

static size_t check_text(const char *text, size_t size, size_t room)
{
	size_t count = check_form(false, text, size, room);
	size_t keys = check_form(true, text, size, room);

	/* Keys have other sizes. */
	if (room == ROOM)
		ck_assert_uint_eq(keys, count);
	return count;
}

static char *add_letters(char *to, unsigned count)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789----____abcdefghijklmnopqrstuvwxyz*@!#:;$\"~";

	while (count-- > 0)
		*to++ = letters[random_below(sizeof(letters) - 1)];
	return to;
}

/* Something that may be a part of a line. */
static char *add_piece(char *to)
{
	static const char *const pieces[] = {
		".",    "..",  "*.", "*",    "!",    "#",  ";",     ":",   "$",        " ",
		"\t",   "\r",  "\\", "\x7f", "\xe4", "\1", "a",     "com", "A.b",      "a.b.c.",
		" :3:", " #c", "-a", "@",    "~",    "\v", "x.com", "  ",  " :2:text", "1.2.3.4"
	};

	return stpcpy(to, pieces[random_below(COUNT_OF(pieces))]);
}

static char *add_line(char *to)
{
	static const char *const endings[] = { "", "", "", "\r", " ", " \t\r", "\r\r", "\r " };
	static const char *const rests[] = {
		"",       "",           "",          " :127.0.1.4:phish",
		"\ttext", " :5",        "  # note",  " #",
		"#x",     " :0.0.0.0:", "  a\tb ",   " \r",
		" t\xff", ":3:x",       " \rx",      ".",
		". text", "\\ x",       " x\\y.z @",
	};

	if (random_below(8) == 0) {
		for (unsigned i = random_below(6); i > 0; i--)
			to = add_piece(to);
		*to++ = '\n';
		return to;
	}
	if (random_below(6) == 0)
		to = stpcpy(to, random_below(2) == 0 ? "." : "*.");
	unsigned labels = random_below(6) == 0 ? random_below(20) : 1 + random_below(3);
	for (unsigned i = 0; i < labels; i++) {
		if (i > 0)
			*to++ = '.';
		to = add_letters(to,
				 random_below(10) == 0 ? random_below(70) : 1 + random_below(12));
	}
	to = stpcpy(to, rests[random_below(COUNT_OF(rests))]);
	if (random_below(40) == 0)
		*to++ = '\0';
	to = stpcpy(to, endings[random_below(COUNT_OF(endings))]);
	*to++ = '\n';
	return to;
}

START_TEST(test_random)
{
	static char text[SCAN_TEXT_MAX];
	size_t read = 0;

	random_start(1);
	for (unsigned round = 0; round < 20000; round++) {
		size_t size = scan_random_lines(text, add_line);
		/* From each line on. */
		for (const char *at = text; at < text + size;) {
			size_t left = (size_t)(text + size - at);
			read += check_text(at, left, ROOM);
			const char *lf = memchr(at, '\n', left);
			at = lf != NULL ? lf + 1 : text + size;
		}
		check_text(text, size, random_below(3 * NAME_LINE_SCAN_ROOM));
	}
	ck_assert_uint_gt(read, 20000);
}
END_TEST

/* Every byte at every place of a line, and every size of names; texts that end anywhere. */
START_TEST(test_boundaries)
{
	static const char line[] = "abc.defghijklmnop.qr :127.0.0.2:x\n.a.example.org text\n";
	char text[200];

	for (size_t at = 0; at < sizeof(line) - 1; at++) {
		for (unsigned byte = 0; byte < 256; byte++) {
			memcpy(text, line, sizeof(line));
			text[at] = (char)byte;
			check_text(text, sizeof(line) - 1, ROOM);
		}
		check_text(line, at, ROOM);
	}
	for (unsigned dot = 0; dot < 70; dot++)
		for (unsigned size = 0; size < 70; size++)
			for (unsigned mark = 0; mark < 3; mark++) {
				char *to = stpcpy(text, mark == 0 ? "" : mark == 1 ? "." : "*.");
				memset(to, 'a', size);
				if (dot < size)
					to[dot] = '.';
				char *end = stpcpy(to + size, " :2:text\nb.c\n");
				check_text(text, (size_t)(end - text), ROOM);
			}
}
END_TEST

/* Long lines, blanks without end, room for no more, and names that others read faster. */
START_TEST(test_limits)
{
	static char text[SCAN_TEXT_MAX];
	size_t used;
	const char *stop;
	uint8_t room[NAME_LINE_SCAN_ROOM];
	char *end = text;

	for (size_t size = 230; size < 1010; size++) {
		memset(text, ' ', size + 1);
		memcpy(text, "a.example", 9);
		text[size] = '\n';
		ck_assert_uint_eq(check_text(text, size + 1, ROOM), size <= 1000);
		text[size] = 'x';
		text[size + 1] = '\n';
		ck_assert_uint_eq(check_text(text, size + 2, ROOM), size <= 255);
	}
	for (size_t size = 100; size < 1010; size++) {
		memset(text, 'x', size);
		memcpy(text, "a.example ", 10);
		text[size] = '\n';
		ck_assert_uint_eq(check_text(text, size + 1, ROOM), size <= 1000);
	}
	for (unsigned i = 0; i < 200; i++)
		end += sprintf(end, "n%u.example\n", i);
	ck_assert_uint_eq(check_text(text, (size_t)(end - text), ROOM), 64);
	end = text;
	for (unsigned i = 0; i < 200; i++)
		end += sprintf(end, "n%u.example%s\n", i, i % 50 == 0 ? " x" : "");
	ck_assert_uint_eq(check_text(text, (size_t)(end - text), ROOM), 200);
	ck_assert_uint_eq(check_text("", 0, ROOM), 0);
	char *placed = scan_place(text, (size_t)(end - text), NAME_LINE_SCAN_MARGIN);
	for (size_t size = 0; size <= sizeof(room); size++)
		ck_assert_uint_eq(name_line_scan(scan_coder(), placed, placed + (end - text), room,
						 size, &used, &stop),
				  size == sizeof(room));
}
END_TEST

/* Names that are too long to be read with others, short ones, and some with texts, in rows: all are plain, and which
 * lines they were is known of those that might have to be reported. */
START_TEST(test_rows)
{
	static char text[SCAN_TEXT_MAX];
	static uint64_t room[ROOM / 8];
	size_t with_text = 0;
	char *end = text;

	random_start(3);
	while (end < text + sizeof(text) - 8000) {
		unsigned what = random_below(3);
		for (unsigned i = random_below(random_below(8) == 0 ? 60 : 4); i > 0; i--)
			end += sprintf(end, "n%u.%s%s\n", random_below(1000),
				       what == 1 ? "a-long-name.of-some-labels.that-takes-more."
						   "than-sixty-three.bytes.example"
						 : "example",
				       what == 2 ? " text" : "");
	}
	char *placed = scan_place(text, (size_t)(end - text), PLAIN_LINES_MARGIN);
	end = placed + (end - text);
	for (unsigned is_key = 0; is_key < 2; is_key++) {
		const plain_form_t form = { PLAIN_NAMES, is_key ? scan_coder() : NULL };
		plain_lines_t lines;
		for (const char *at = placed, *stop; at < end; at = stop) {
			stop = plain_lines_scan(form, at, end, room, sizeof(room), &lines);
			MUST(lines.count > 0, "is plain: %.*s", 80, at);
			while (lines.names != NULL && lines.count > 0) {
				size_t skipped = random_below(4) % lines.count;
				for (size_t i = 0; i < skipped; i++)
					at = (const char *)memchr(at, '\n', (size_t)(stop - at)) +
					     1;
				plain_lines_skip(&lines, skipped);
				const char *lf = memchr(at, '\n', (size_t)(stop - at));
				text_t line = plain_lines_text(&lines);
				MUST(line.at == at && line.end == lf, "another line: %.*s",
				     (int)(lf - at), at);
				plain_lines_skip(&lines, 1);
				at = lf + 1;
				with_text++;
			}
		}
	}
	ck_assert_uint_gt(with_text, 500);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { test_random, test_boundaries, test_limits, test_rows };

	return run_tests("name_line_scan", tests, COUNT_OF(tests));
}
