/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* The $ lines: every form that counts and that does not. What rbldnsd does with each was asked of
 * it. */

#include "test.h"

#include "base/attributes.h"
#include "dns/name.h"
#include "zonefile/specials.h"

/* 2026-01-01 00:00:00 UTC: when the lines are read. */
#define NOW 1767225600

static const zone_settings_t settings = { .ttl_default_s = 2100 };

/* Gives one line to the specials, from memory of just its size. */
static err_t parse(zone_specials_t *specials, const char *string)
{
	size_t size = strlen(string);
	char *copy = malloc(size > 0 ? size : 1);
	const char *why = NULL;

	ck_assert_ptr_nonnull(copy);
	memcpy(copy, string, size);
	text_t line = { copy, copy + size };
	ck_assert_msg(specials_is_line(&line), "not special: %s", string);
	err_t err = specials_parse(specials, line, &why);
	ck_assert_msg((err != ERR_OK) == (why != NULL), "%s: %d without a reason", string, err);
	free(copy);
	return err;
}

/* Specials after lines with LF between, all of which are valid or not as the last one is. */
static zone_specials_t parse_all(const zone_settings_t *with, const char *lines, err_t *last)
{
	zone_specials_t specials;
	char line[5000];

	specials_init(&specials, with, NOW);
	*last = ERR_OK;
	while (*lines != '\0') {
		size_t size = strcspn(lines, "\n");
		ck_assert_uint_lt(size, sizeof(line));
		memcpy(line, lines, size);
		line[size] = '\0';
		*last = parse(&specials, line);
		lines += size + (lines[size] == '\n');
	}
	return specials;
}

START_TEST(test_is_line)
{
	static const struct {
		const char *line;
		const char *rest; /* NULL: not special */
	} rows[] = {
		{ "$TTL 5", "TTL 5" },
		{ "#$TTL 5", "TTL 5" },
		{ ";$TTL 5", "TTL 5" },
		{ ":$TTL 5", "TTL 5" },
		{ "$", "" },
		{ "#$", "" },
		{ "$$", "$" },
		{ "# $TTL 5", NULL },
		{ "##$TTL 5", NULL },
		{ "!$TTL 5", NULL },
		{ "TTL 5", NULL },
		{ "", NULL },
		{ "#", NULL },
		{ ":", NULL },
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const char *start = rows[i].line;
		text_t line = { start, start + strlen(start) };
		ck_assert_int_eq(specials_is_line(&line), rows[i].rest != NULL);
		ck_assert_str_eq(line.at, rows[i].rest != NULL ? rows[i].rest : start);
	}
}
END_TEST

/* "ttl mname rname serial refresh retry expire minimum", "" without SOA. */
static const char *soa_text(const zone_specials_t *specials)
{
	static char words[3 * DNS_NAME_TEXT_MAX];
	char mname[DNS_NAME_TEXT_MAX], rname[DNS_NAME_TEXT_MAX];
	const zone_soa_t *soa = specials->soa;

	if (soa == NULL)
		return "";
	dns_name_to_text(soa->mname, mname);
	dns_name_to_text(soa->rname, rname);
	(void)snprintf(words, sizeof(words), "%u %s %s %u %u %u %u %u", soa->ttl_s, mname, rname,
		       soa->serial, soa->refresh_s, soa->retry_s, soa->expire_s, soa->minimum_s);
	return words;
}

#define LABEL_64 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

START_TEST(test_soa)
{
	static const struct {
		const char *lines;
		const char *soa;
	} rows[] = {
		{ "$SOA 100 a.b c.d 1 2 3 4 5", "100 a.b c.d 1 2 3 4 5" },
		{ "$soa\t100\t\ta.b \tc.d. 1 2s 3m 4H 5d", "100 a.b c.d 1 2 180 14400 432000" },
		{ "#$SoA 1w A..b .c.d. 0 0 0 0 0", "604800 A.b c.d 0 0 0 0 0" },
		{ "$SOA 1 . . 4294967295 4294967295 0 0 1w",
		  "1 . . 4294967295 4294967295 0 0 604800" },
		{ "$SOA 1 a\\.b c\\032d 007 0000000000000000000000000002 3 4 5",
		  "1 a\\.b c\\032d 7 2 3 4 5" },
		/* The TTL 0 is the current $TTL. */
		{ "$SOA 0 a b 1 2 3 4 5", "2100 a b 1 2 3 4 5" },
		{ "$TTL 50\n$SOA 0 a b 1 2 3 4 5\n$TTL 60", "50 a b 1 2 3 4 5" },
		/* The first valid one counts. */
		{ "$SOA 9 e f 1 2 3 4 5\n$SOA 8 a b 2 3 4 5 6", "9 e f 1 2 3 4 5" },
		{ "$SOA 9 e f x 2 3 4 5\n$SOA 8 a b 2 3 4 5 6", "8 a b 2 3 4 5 6" },
		/* Too little, too much. */
		{ "$SOA", "" },
		{ "$SOA 100", "" },
		{ "$SOA 100 a.b", "" },
		{ "$SOA 100 a.b c.d", "" },
		{ "$SOA 100 a.b c.d 1", "" },
		{ "$SOA 100 a.b c.d 1 2 3 4", "" },
		{ "$SOA 100 a.b c.d 1 2 3 4 5 6", "" },
		{ "$SOA 100 a.b c.d 1 2 3 4 5 # comment", "" },
		{ "$SOA 100 a.b c.d 1 2 3 4 5#comment", "" },
		/* Not numbers, not times. */
		{ "$SOA 1h30m a.b c.d 1 2 3 4 5", "" },
		{ "$SOA 1y a.b c.d 1 2 3 4 5", "" },
		{ "$SOA h a.b c.d 1 2 3 4 5", "" },
		{ "$SOA -1 a.b c.d 1 2 3 4 5", "" },
		{ "$SOA 1.5h a.b c.d 1 2 3 4 5", "" },
		{ "$SOA 7102w a.b c.d 1 2 3 4 5", "" },
		{ "$SOA 1 a.b c.d 1h 2 3 4 5", "" },
		{ "$SOA 1 a.b c.d 4294967296 2 3 4 5", "" },
		{ "$SOA 1 a.b c.d 18446744073709551617 2 3 4 5", "" },
		{ "$SOA 1 a.b c.d -1 2 3 4 5", "" },
		{ "$SOA 1 a.b c.d x 2 3 4 5", "" },
		{ "$SOA 1 a.b c.d 1 x 3 4 5", "" },
		{ "$SOA 1 a.b c.d 1 2 3x 4 5", "" },
		{ "$SOA 1 a.b c.d 1 2 3 4 4294967296", "" },
		{ "$SOA 1 a.b c.d 1 2 3 4 71582789m", "" },
		/* Not names. */
		{ "$SOA 1 " LABEL_64 " c.d 1 2 3 4 5", "" },
		{ "$SOA 1 a.b c." LABEL_64 " 1 2 3 4 5", "" },
		{ "$SOA 1 a\\256b c.d 1 2 3 4 5", "" },
		{ "$SOAx 1 a.b c.d 1 2 3 4 5", "" },
		{ "$ SOA 1 a.b c.d 1 2 3 4 5", "" },
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		err_t last;
		zone_specials_t specials = parse_all(&settings, rows[i].lines, &last);
		ck_assert_msg(strcmp(soa_text(&specials), rows[i].soa) == 0, "%s: \"%s\"",
			      rows[i].lines, soa_text(&specials));
		ck_assert_int_eq(last, rows[i].soa[0] != '\0' ? ERR_OK : ERR_SYNTAX);
		specials_clear(&specials);
	}
}
END_TEST

/* "ttl name name", "" without NS. */
static const char *ns_text(const zone_specials_t *specials)
{
	static char words[SPECIALS_NS_MAX * 20];
	char name[DNS_NAME_TEXT_MAX];
	size_t size = 0;

	if (specials->ns == NULL)
		return "";
	size = (size_t)snprintf(words, sizeof(words), "%u", specials->ns->ttl_s);
	for (unsigned i = 0; i < specials->ns->count; i++) {
		dns_name_to_text(specials->ns->names[i], name);
		size += (size_t)snprintf(words + size, sizeof(words) - size, " %s", name);
		ck_assert_uint_lt(size, sizeof(words));
	}
	return words;
}

START_TEST(test_ns)
{
	static const struct {
		const char *lines;
		const char *ns;
		err_t last;
	} rows[] = {
		{ "$NS 5 a.b", "5 a.b", ERR_OK },
		{ "$ns 1h a.b.\tc..d  .", "3600 a.b c.d .", ERR_OK },
		{ "$NS 0 a", "2100 a", ERR_OK },
		{ "$TTL 9\n$NS 0 a\n$TTL 8", "9 a", ERR_OK },
		/* Named twice, in any case. */
		{ "$NS 5 a.b A.B a.b. c \\097.b", "5 a.b c", ERR_OK },
		/* Commented out. */
		{ "$NS 5 -a b -c d", "5 b d", ERR_OK },
		{ "$NS 5 a -a A", "5 a", ERR_OK },
		{ "$NS 5 -a a", "5 a", ERR_OK },
		{ "$NS 5 - --x -" LABEL_64 " -\\999 a", "5 a", ERR_OK },
		{ "$NS 5 -a", "", ERR_OK },
		{ "$NS 5 -a\n$NS 6 b", "6 b", ERR_OK },
		/* The first valid one counts. */
		{ "$NS 5 a\n$NS 6 b", "5 a", ERR_OK },
		{ "$NS 5x a\n$NS 6 b", "6 b", ERR_OK },
		{ "$NS 5 " LABEL_64 "\n$NS 6 b", "6 b", ERR_OK },
		/* A comment consists of names. */
		{ "$NS 5 a # b", "5 a # b", ERR_OK },
		/* Invalid ones. */
		{ "$NS", "", ERR_SYNTAX },
		{ "$NS 5", "", ERR_SYNTAX },
		{ "$NS 0", "", ERR_SYNTAX },
		{ "$NS a", "", ERR_SYNTAX },
		{ "$NS a b", "", ERR_SYNTAX },
		{ "$NS -5 a", "", ERR_SYNTAX },
		{ "$NS 5 " LABEL_64 " a", "", ERR_SYNTAX },
		/* As in rbldnsd: what comes before something that is no name counts, with TTL 0. */
		{ "$NS 5 a " LABEL_64 " b", "0 a", ERR_RANGE },
		{ "$NS 5 a \\256", "0 a", ERR_RANGE },
		{ "$NS 5 a\n$NS 6 b " LABEL_64, "5 a", ERR_RANGE },
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		err_t last;
		zone_specials_t specials = parse_all(&settings, rows[i].lines, &last);
		ck_assert_msg(strcmp(ns_text(&specials), rows[i].ns) == 0, "%s: \"%s\"",
			      rows[i].lines, ns_text(&specials));
		ck_assert_msg(last == rows[i].last, "%s: %d", rows[i].lines, last);
		specials_clear(&specials);
	}
}
END_TEST

/* A $NS line with n0 .. n(count - 1), and `tail`. */
static const char *many_ns(unsigned count, const char *tail)
{
	static char line[5000];
	size_t size = (size_t)snprintf(line, sizeof(line), "$NS 5");

	for (unsigned i = 0; i < count; i++)
		size += (size_t)snprintf(line + size, sizeof(line) - size, " n%u", i);
	strcpy(line + size, tail);
	return line;
}

START_TEST(test_many_ns)
{
	static const struct {
		unsigned count;
		const char *tail;
		err_t err;
	} rows[] = {
		{ 32, "", ERR_OK },
		{ 32, " n0 N31 -more -" LABEL_64, ERR_OK },
		{ 33, "", ERR_RANGE },
		{ 200, "", ERR_RANGE },
		{ 32, " " LABEL_64 "x", ERR_RANGE },
		{ 33, " " LABEL_64 "x", ERR_RANGE },
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		err_t last;
		zone_specials_t specials =
			parse_all(&settings, many_ns(rows[i].count, rows[i].tail), &last);
		ck_assert_int_eq(last, rows[i].err);
		ck_assert_ptr_nonnull(specials.ns);
		ck_assert_uint_eq(specials.ns->count, 32);
		ck_assert_mem_eq(specials.ns->names[31], "\3n31", 5);
		specials_clear(&specials);
	}
}
END_TEST

START_TEST(test_ttl)
{
	static const zone_settings_t clamped = { .ttl_default_s = 300,
						 .ttl_min_s = 100,
						 .ttl_max_s = 1000 };
	static const struct {
		const char *lines;
		uint32_t ttl_s;
		uint32_t clamped_s;
		err_t last;
	} rows[] = {
		{ "", 2100, 300, ERR_OK },
		{ "$TTL 500", 500, 500, ERR_OK },
		{ "$TTL 99", 99, 100, ERR_OK },
		{ "$TTL 100", 100, 100, ERR_OK },
		{ "$TTL 1000", 1000, 1000, ERR_OK },
		{ "$TTL 1001", 1001, 1000, ERR_OK },
		{ "$TTL 1", 1, 100, ERR_OK },
		{ "$TTL 4294967295", 4294967295, 1000, ERR_OK },
		{ "$ttl 5M", 300, 300, ERR_OK },
		{ "$TTL 00000000000000000000000000000150s", 150, 150, ERR_OK },
		{ "$TTL 71582788m", 4294967280, 1000, ERR_OK },
		/* 0 is the default, whatever has been said before. The last one counts. */
		{ "$TTL 0", 2100, 300, ERR_OK },
		{ "$TTL 0w", 2100, 300, ERR_OK },
		{ "$TTL 500\n$TTL 0", 2100, 300, ERR_OK },
		{ "$TTL 500\n$TTL 600", 600, 600, ERR_OK },
		/* Not one. */
		{ "$TTL 500\n$TTL x", 500, 500, ERR_SYNTAX },
		{ "$TTL", 2100, 300, ERR_SYNTAX },
		{ "$TTL 5 6", 2100, 300, ERR_SYNTAX },
		{ "$TTL 5 # comment", 2100, 300, ERR_SYNTAX },
		{ "$TTL 5 s", 2100, 300, ERR_SYNTAX },
		{ "$TTL 1h30m", 2100, 300, ERR_SYNTAX },
		{ "$TTL 5\r", 2100, 300, ERR_SYNTAX },
		{ "$TTL -5", 2100, 300, ERR_SYNTAX },
		{ "$TTL 0x5", 2100, 300, ERR_SYNTAX },
		{ "$TTL 4294967296", 2100, 300, ERR_SYNTAX },
		{ "$TTL 71582789m", 2100, 300, ERR_SYNTAX },
		{ "$TTL 42949672960000000000000000000000000500", 2100, 300, ERR_SYNTAX },
		{ "$TTLx 5", 2100, 300, ERR_SYNTAX },
		{ "$T 5", 2100, 300, ERR_SYNTAX },
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		err_t last;
		zone_specials_t specials = parse_all(&settings, rows[i].lines, &last);
		ck_assert_msg(specials.ttl_s == rows[i].ttl_s, "%s: %u", rows[i].lines,
			      specials.ttl_s);
		ck_assert_int_eq(last, rows[i].last);
		specials_clear(&specials);
		specials = parse_all(&clamped, rows[i].lines, &last);
		ck_assert_msg(specials.ttl_s == rows[i].clamped_s, "%s: clamped %u", rows[i].lines,
			      specials.ttl_s);
		specials_clear(&specials);
	}
	/* SOA and NS are clamped as well, but not the SOA's MINIMUM. */
	err_t last;
	zone_specials_t specials = parse_all(&clamped, "$SOA 1 a b 1 1 1 1 90000\n$NS 1w a", &last);
	ck_assert_str_eq(soa_text(&specials), "100 a b 1 1 1 1 90000");
	ck_assert_str_eq(ns_text(&specials), "1000 a");
	specials_clear(&specials);
}
END_TEST

START_TEST(test_max_range4)
{
	static const uint64_t all = (uint64_t)1 << 32;
	static const struct {
		const char *lines;
		uint64_t addresses; /* or more, for `all` */
		err_t last;
	} rows[] = {
		{ "", all, ERR_OK },
		{ "$MAXRANGE4 256", 256, ERR_OK },
		{ "$maxrange4 /24", 256, ERR_OK },
		{ "$MAXRANGE4 1", 1, ERR_OK },
		{ "$MAXRANGE4 /32", 1, ERR_OK },
		{ "$MAXRANGE4 /0", all, ERR_OK },
		{ "$MAXRANGE4 3", 3, ERR_OK },
		{ "$MAXRANGE4 4294967295", 4294967295, ERR_OK },
		{ "$MAXRANGE4 /024", 256, ERR_OK },
		/* Only downwards. */
		{ "$MAXRANGE4 256\n$MAXRANGE4 /25", 128, ERR_OK },
		{ "$MAXRANGE4 256\n$MAXRANGE4 256", 256, ERR_OK },
		{ "$MAXRANGE4 256\n$MAXRANGE4 257", 256, ERR_SYNTAX },
		{ "$MAXRANGE4 256\n$MAXRANGE4 /8", 256, ERR_SYNTAX },
		/* Not one. */
		{ "$MAXRANGE4 0", all, ERR_SYNTAX },
		{ "$MAXRANGE4 /33", all, ERR_SYNTAX },
		{ "$MAXRANGE4 /", all, ERR_SYNTAX },
		{ "$MAXRANGE4 //24", all, ERR_SYNTAX },
		{ "$MAXRANGE4 x", all, ERR_SYNTAX },
		{ "$MAXRANGE4 256 x", all, ERR_SYNTAX },
		{ "$MAXRANGE4 24/", all, ERR_SYNTAX },
		{ "$MAXRANGE4 -1", all, ERR_SYNTAX },
		{ "$MAXRANGE4 18446744073709551617", all, ERR_SYNTAX },
		{ "$MAXRANGE4", all, ERR_SYNTAX },
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		err_t last;
		zone_specials_t specials = parse_all(&settings, rows[i].lines, &last);
		uint64_t addresses = specials.max_range4 > all ? all : specials.max_range4;
		ck_assert_msg(addresses == rows[i].addresses, "%s: %llu", rows[i].lines,
			      (unsigned long long)addresses);
		ck_assert_msg(last == rows[i].last, "%s: %d", rows[i].lines, last);
		specials_clear(&specials);
	}
}
END_TEST

static void check_text(text_t text, const char *expected)
{
	ck_assert_uint_eq(text_size(text), strlen(expected));
	if (!text_is_empty(text))
		ck_assert_mem_eq(text.at, expected, text_size(text));
}

START_TEST(test_variables)
{
	err_t last;
	zone_specials_t specials = parse_all(&settings,
					     "$0 zero\n$9 nine $ $1 # and more\n$0 other\n"
					     "#$5 \t five\n$= base $=\n$= other",
					     &last);

	ck_assert_int_eq(last, ERR_OK);
	check_text(specials.variables.digits[0], "zero");
	check_text(specials.variables.digits[9], "nine $ $1 # and more");
	check_text(specials.variables.digits[5], "five");
	check_text(specials.variables.digits[1], "");
	check_text(specials.variables.base, "base $=");
	specials_clear(&specials);
	check_text(specials.variables.base, "");
	specials_clear(&specials);
}
END_TEST

/* $TIMESTAMP: the line's outcome and, as distance from NOW, when the data then expire. */
START_TEST(test_timestamp)
{
	static const struct {
		const char *line;
		err_t err;
		long expires; /* after NOW in seconds; 0: never */
	} rows[] = {
		{ "$TIMESTAMP 0", ERR_OK, 0 },
		{ "$TIMESTAMP -", ERR_OK, 0 },
		{ "$TIMESTAMP 0 -", ERR_OK, 0 },
		{ "$TIMESTAMP 2025:12:31", ERR_OK, 0 },
		{ "$TIMESTAMP 2026:01:01", ERR_OK, 0 },
		{ "$TIMESTAMP 20260101", ERR_OK, 0 },
		{ "$TIMESTAMP 2026-1-1:0", ERR_OK, 0 },
		{ "$TIMESTAMP 2026:01:01:00:00:00", ERR_OK, 0 },
		{ "$TIMESTAMP 2024:02:29", ERR_OK, 0 },
		/* The end: a moment, or a time from the beginning. */
		{ "$TIMESTAMP 0 2026:01:01:00:00:01", ERR_OK, 1 },
		{ "$TIMESTAMP 0 2026:01:02", ERR_OK, 86400 },
		{ "$TIMESTAMP 2025:12:31 +25h", ERR_OK, 3600 },
		{ "$TIMESTAMP 2025:12:31 2025:12:30", ERR_OK, -2 * 86400 },
		{ "$TIMESTAMP 2025:12:31 0", ERR_OK, 0 },
		{ "$TIMESTAMP 0 2100:01:01", ERR_OK, 2335219200 },
		/* The future. */
		{ "$TIMESTAMP 2026:01:01:00:00:01", ERR_LOAD, 0 },
		{ "$TIMESTAMP 2027:01:01 +1d", ERR_LOAD, 0 },
		{ "$TIMESTAMP 2100:01:01", ERR_LOAD, 0 },
		/* Neither. */
		{ "$TIMESTAMP x", ERR_SYNTAX, 0 },
		{ "$TIMESTAMP 00", ERR_SYNTAX, 0 },
		{ "$TIMESTAMP 2025", ERR_SYNTAX, 0 },
		{ "$TIMESTAMP 2025:12", ERR_SYNTAX, 0 },
		{ "$TIMESTAMP 2025:13:01", ERR_SYNTAX, 0 },
		{ "$TIMESTAMP 2025:02:29", ERR_SYNTAX, 0 },
		{ "$TIMESTAMP 2025:01:00", ERR_SYNTAX, 0 },
		{ "$TIMESTAMP 2025:01:01:24", ERR_SYNTAX, 0 },
		{ "$TIMESTAMP 2025:01:01:23:60", ERR_SYNTAX, 0 },
		{ "$TIMESTAMP 2025:01:01:23:59:60", ERR_SYNTAX, 0 },
		{ "$TIMESTAMP 2025:01:01:1:1:1:1", ERR_SYNTAX, 0 },
		{ "$TIMESTAMP 1969:12:31", ERR_SYNTAX, 0 },
		{ "$TIMESTAMP 2025--01-01", ERR_SYNTAX, 0 },
		{ "$TIMESTAMP 2025/01/01", ERR_SYNTAX, 0 },
		{ "$TIMESTAMP 0 +1d", ERR_SYNTAX, 0 },
		{ "$TIMESTAMP +1d", ERR_SYNTAX, 0 },
		{ "$TIMESTAMP 2025:01:01 +", ERR_SYNTAX, 0 },
		{ "$TIMESTAMP 2025:01:01 +0", ERR_SYNTAX, 0 },
		{ "$TIMESTAMP 2025:01:01 +1h30m", ERR_SYNTAX, 0 },
		{ "$TIMESTAMP 2025:01:01 x", ERR_SYNTAX, 0 },
		{ "$TIMESTAMP 2025:01:01 0 x", ERR_SYNTAX, 0 },
		{ "$TIMESTAMP 2027:01:01 x", ERR_SYNTAX, 0 },
	};
	zone_specials_t specials;

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		specials_init(&specials, &settings, NOW);
		ck_assert_msg(parse(&specials, rows[i].line) == rows[i].err, "%s", rows[i].line);
		time_t expires = rows[i].expires != 0 ? NOW + rows[i].expires : 0;
		ck_assert_msg(specials.expires == expires, "%s: %ld", rows[i].line,
			      (long)specials.expires);
	}
	/* The earliest end of several lines. */
	specials_init(&specials, &settings, NOW);
	ck_assert_int_eq(parse(&specials, "$TIMESTAMP 0 2026:01:03"), ERR_OK);
	ck_assert_int_eq(parse(&specials, "$TIMESTAMP 0 2026:01:02"), ERR_OK);
	ck_assert_int_eq(parse(&specials, "$TIMESTAMP 0 2026:01:04"), ERR_OK);
	ck_assert_int_eq(parse(&specials, "$TIMESTAMP 0 0"), ERR_OK);
	ck_assert_int_eq(specials.expires, NOW + 86400);
}
END_TEST

START_TEST(test_unknown)
{
	static const char *const lines[] = {
		"$",          "$ ",    "$ x",    "$x",
		"$=",         "$1",    "$10 x",  "$a x",
		"$-1 x",      "$$ x",  "$foo x", "$== x",
		"$SO x",      "$ = x", "$:5:",   "$DATASET ip4set",
		"$\xff \xff",
	};
	zone_specials_t specials;

	specials_init(&specials, &settings, NOW);
	for (size_t i = 0; i < COUNT_OF(lines); i++)
		ck_assert_msg(parse(&specials, lines[i]) == ERR_SYNTAX, "%s", lines[i]);
	ck_assert(specials.soa == NULL && specials.ns == NULL && specials.ttl_s == 2100);
	specials_clear(&specials);
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		test_is_line,    test_soa,       test_ns,        test_many_ns, test_ttl,
		test_max_range4, test_variables, test_timestamp, test_unknown,
	};

	return run_tests("specials", tests, COUNT_OF(tests));
}
