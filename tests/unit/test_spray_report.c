/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* What a run came to, as text, JSON, a picture and a line meanwhile: of results that are made up. */

#include "test.h"

#include <sys/stat.h>
#include <unistd.h>

#include "spray_fixture.h"
#include "base/new_file.h"
#include "tool/spray_json.h"
#include "tool/spray_progress.h"
#include "tool/spray_report.h"
#include "tool/spray_svg.h"
#include "tool/table.h"

/* An identifier that has all that is evil to terminals and to XML. */
static const char evil[] = "<a b='\"&]]>\x1b[2J\r\n\t\x01\x7f\x9b\xff\xc2\x9b\\";

static spray_result_t result;
static char *text;
static size_t text_size;

/* The report, in `text`. */
static void report(size_t width, bool has_blocks)
{
	FILE *out = open_memstream(&text, &text_size);

	ck_assert_int_eq(spray_report_write(&result, width, has_blocks, out), ERR_OK);
	fclose(out);
}

/* The picture, in `text`. */
static void draw(void)
{
	FILE *out = open_memstream(&text, &text_size);

	ck_assert_int_eq(spray_svg_write(&result, out), ERR_OK);
	fclose(out);
}

static void must_have(const char *words)
{
	MUST(strstr(text, words) != NULL, "'%s' is not in:\n%s", words, text);
}

static void must_not_have(const char *words)
{
	MUST(strstr(text, words) == NULL, "'%s' is in:\n%s", words, text);
}

static void must_be_harmless(void)
{
	for (size_t i = 0; i < text_size; i++) {
		unsigned char byte = (unsigned char)text[i];
		MUST(byte == '\n' || (byte >= 0x20 && byte < 0x7f), "byte %u at %zu of:\n%s", byte,
		     i, text);
	}
}

/* No line is wider than a terminal. */
static void must_fit(size_t width)
{
	for (const char *line = text; *line != '\0';) {
		size_t size = strcspn(line, "\n");
		MUST(size <= width, "%zu columns, not %zu: %.*s", size, width, (int)size, line);
		line += size + (line[size] == '\n');
	}
}

static void forget(void)
{
	free(text);
	text = NULL;
}

START_TEST(test_report)
{
	static const unsigned counts[] = { 264, 258, 256, 252, 250, 252, 252, 252 };

	result_start(&result);
	result_add_all(&result, counts, COUNT_OF(counts));
	report(60, false);
	MUST(strcmp(text, "192.0.2.100/53  bl.example A\n"
			  "a pool of 2,500 random source ports\n"
			  "\n"
			  "Sent       2,036            in 10 s  204 a second (400\n"
			  "                            wanted)\n"
			  "Answered   2,036    100 %   NOERROR 2,036\n"
			  "Lost           0\n"
			  "Wrong          0\n"
			  "Latency    p50 1.00 ms  p90 1.00 ms  p99 1.00 ms\n"
			  "           p99.9 1.00 ms  max 1.00 ms\n"
			  "Ports      2,048 used, 10.75 bits of entropy (11.00 if all\n"
			  "           had the same)\n"
			  "CPU        7.86 microseconds a query in 1 thread here: 1.96\n"
			  "           user, 5.89 system\n"
			  "\n"
			  "SERVER  ANSWERS   SHARE  OFF MEAN\n"
			  "s1          264  13.0 %    +3.7 %  #########################\n"
			  "s2          258  12.7 %    +1.4 %  ########################|\n"
			  "s3          256  12.6 %    +0.6 %  ########################|\n"
			  "s4          252  12.4 %    -1.0 %  ########################|\n"
			  "s5          250  12.3 %    -1.8 %  ########################|\n"
			  "s6          252  12.4 %    -1.0 %  ########################|\n"
			  "s7          252  12.4 %    -1.0 %  ########################|\n"
			  "s8          252  12.4 %    -1.0 %  ########################|\n"
			  "\n"
			  "max/mean 1.04: even\n") == 0,
	     "%s", text);
	forget();
	report(60, true);
	must_have("s5          250  12.3 %    -1.8 %  \u2588\u2588\u2588");
	forget();
	spray_result_clear(&result);
}
END_TEST

/* At every width lines end where the terminal does, whatever servers are called; only numbers are never
 * cut, for which 40 columns are enough. */
START_TEST(test_widths)
{
	char name[SPRAY_NSID_MAX];

	result_start(&result);
	memset(name, 'n', sizeof(name));
	result_add(&result, name, sizeof(name), 1000);
	result_add(&result, evil, sizeof(evil) - 1, 1100);
	result_add(&result, NULL, 0, 100);
	result.taken = calloc(1, sizeof(*result.taken));
	result.taken_count = 1;
	result.taken[0] = (spray_taken_t){ 51820, "wireguard" };
	result.lost = result.late = result.unsent = result.held = result.own_drops = 7;
	for (size_t width = 40; width < 240; width++) {
		report(width, false);
		must_be_harmless();
		must_have("(wireguard).");
		must_have("<a b");
		/* Where even shortened names are too much, each cell has a line of its own. */
		if (strstr(text, "SERVER  ") != NULL)
			must_fit(width);
		else
			MUST(width < 48, "no table in %zu columns", width);
		forget();
	}
	report(TABLE_WIDE, false);
	must_have("\n<a b='\"&]]>\\027[2J\\013\\010\\009\\001\\127\\155\\255\\194\\155\\092  ");
	forget();
	spray_result_clear(&result);
}
END_TEST

START_TEST(test_advice)
{
	/* Nobody answers. */
	result_start(&result);
	result.sent = result.lost = 50;
	report(TABLE_WIDE, false);
	must_have("Nothing came back from 192.0.2.100/53");
	must_not_have("max/mean");
	forget();
	result.refused = 50;
	report(TABLE_WIDE, false);
	must_have("Nobody listens at 192.0.2.100/53");
	forget();

	/* Not even a question. */
	result_start(&result);
	result.is_interrupted = true;
	report(TABLE_WIDE, false);
	must_have("Interrupted");
	forget();

	/* Nobody says who he is. */
	result_start(&result);
	result_add(&result, NULL, 0, 100);
	report(TABLE_WIDE, false);
	must_have("No answer says which server gave it");
	must_have("'--nsid NAME'");
	must_have("\nmax/mean: not known\n");
	forget();
	result.setup.has_nsid = false;
	report(TABLE_WIDE, false);
	must_have("Servers were not asked who they are.");
	must_not_have("--nsid");
	forget();
	spray_result_clear(&result);

	/* One server has all: from one port, and from many. */
	result_start(&result);
	result_add(&result, "s4", 2, 4000);
	result.ports_used = 1;
	result.port_entropy_bits = 0;
	report(TABLE_WIDE, false);
	must_have("1 source port is one flow to a director");
	must_have("doc/forwarders.md");
	must_have("'ipvsadm -E -u 192.0.2.100:53 -s wrr -o'");
	must_have("\nmax/mean 1.00: pinned to 1 of 1 seen\n");
	forget();
	result.setup.target = "2001:db8::1/5300";
	report(TABLE_WIDE, false);
	must_have("-u [2001:db8::1]:5300 -s");
	forget();
	result.ports_used = 2500;
	report(TABLE_WIDE, false);
	must_have("not for want of source ports, 2,500 were used");
	must_not_have("one flow");
	forget();
	spray_result_clear(&result);

	/* Two servers of two ports: are there more? */
	result_start(&result);
	result_add_all(&result, (unsigned[]){ 1000, 1000 }, 2);
	result.ports_used = 2;
	report(TABLE_WIDE, false);
	must_have("2 source ports reach 2 servers at most");
	must_have("\nmax/mean 1.00: even\n");
	forget();
	result.ports_used = 3;
	report(TABLE_WIDE, false);
	must_not_have("at most");
	forget();
	spray_result_clear(&result);

	/* Uneven, of few ports, and of many. */
	result_start(&result);
	result_add_all(&result, (unsigned[]){ 1000, 2000, 1000 }, 3);
	result.ports_used = 4;
	report(TABLE_WIDE, false);
	must_have("4 source ports are as many flows, too few for 3 servers");
	must_have("(--pool 192)");
	must_have("\nmax/mean 1.50: uneven\n");
	forget();
	result.ports_used = 192;
	report(TABLE_WIDE, false);
	must_have("weights");
	forget();
	spray_result_clear(&result);
}
END_TEST

/* More servers than anybody has. */
START_TEST(test_many_servers)
{
	char name[16];

	result_start(&result);
	for (int i = 0; i < 1000; i++)
		result_add(&result, name, (size_t)sprintf(name, "%d", i), i == 777 ? 9 : 1);
	report(80, false);
	must_have("\n777           9 ");
	must_have("\nand 800 more with 800 answers; --json has them all\n");
	must_have("max/mean 8.93: uneven");
	forget();
	draw();
	must_have(">and 936 more with 936 answers<");
	forget();
	json_t *object = spray_json(&result);
	ck_assert_uint_eq(json_array_size(json_object_get(object, "servers")), 1000);
	json_decref(object);
	spray_result_clear(&result);
}
END_TEST

/* Whatever servers call themselves, nothing evil comes out, and the picture's brackets are its own. */
START_TEST(test_random_names)
{
	uint8_t name[SPRAY_NSID_MAX];

	random_start(3);
	for (unsigned run = 0; run < 300; run++) {
		size_t groups = 0;

		result_start(&result);
		for (unsigned i = 0; i < 1 + run % 9; i++) {
			unsigned size = random_below(sizeof(name) + 1);
			for (unsigned k = 0; k < size; k++)
				name[k] = (uint8_t)random_64();
			result_add(&result, name, size, 1 + random_below(50));
		}
		report(20 + random_below(200), false);
		must_be_harmless();
		forget();
		draw();
		for (char *at = text; (at = strstr(at, "\u2026")) != NULL;)
			memcpy(at, "...", 3);
		must_be_harmless();
		for (char *at = text; (at = strstr(at, "<g>")) != NULL; at++)
			groups++;
		ck_assert_uint_eq(groups, result.server_count);
		forget();
		spray_result_clear(&result);
	}
}
END_TEST

static json_int_t number(const json_t *object, const char *key)
{
	ck_assert_msg(json_is_integer(json_object_get(object, key)), "%s", key);
	return json_integer_value(json_object_get(object, key));
}

START_TEST(test_json)
{
	json_t *object, *part;

	result_start(&result);
	result_add(&result, evil, sizeof(evil) - 1, 2);
	result_add(&result, NULL, 0, 3);
	result.sent = UINT64_C(9007199254740993); /* 2^53 + 1: no double is */
	result.lost = result.sent - 5;
	result.rcodes[15] = 4;
	result.taken = calloc(2, sizeof(*result.taken));
	result.taken_count = 2;
	result.taken[0] = (spray_taken_t){ 40000, "" };
	result.taken[1] = (spray_taken_t){ 51820, "wireguard" };
	object = spray_json(&result);
	ck_assert_int_eq(number(object, "sent"), 9007199254740993);
	ck_assert_int_eq(number(object, "lost"), 9007199254740988);
	ck_assert_int_eq(number(json_object_get(object, "rcodes"), "15"), 4);
	ck_assert_int_eq(number(json_object_get(object, "latency_us"), "p99.9"), 1000);
	part = json_object_get(object, "ports");
	ck_assert_int_eq(number(part, "used"), 2048);
	ck_assert_double_eq(json_real_value(json_object_get(part, "entropy_max")), 11);
	part = json_object_get(part, "taken");
	ck_assert_ptr_null(json_object_get(json_array_get(part, 0), "service"));
	ck_assert_int_eq(number(json_array_get(part, 1), "port"), 51820);
	part = json_object_get(object, "servers");
	ck_assert_str_eq(json_string_value(json_object_get(json_array_get(part, 0), "nsid_hex")),
			 "3c6120623d2722265d5d3e1b5b324a0d0a09017f9bffc29b5c");
	ck_assert(json_is_null(json_object_get(json_array_get(part, 1), "nsid")));
	part = json_object_get(object, "spread");
	ck_assert_int_eq(number(part, "servers"), 1);
	ck_assert_int_eq(number(part, "unnamed"), 3);
	ck_assert_str_eq(json_string_value(json_object_get(part, "verdict")), "pinned");
	json_decref(object);
	spray_result_clear(&result);

	/* Without answers. */
	result_start(&result);
	object = spray_json(&result);
	ck_assert(json_is_null(json_object_get(object, "latency_us")));
	ck_assert(json_is_null(json_object_get(json_object_get(object, "spread"), "max_to_mean")));
	json_decref(object);
}
END_TEST

/* Well-formedness and looks are for the system tests; here: nothing breaks out of its element. */
START_TEST(test_svg_escapes)
{
	result_start(&result);
	result.setup.zone = "z<script>&\"\n\xff";
	result_add(&result, evil, sizeof(evil) - 1, 2);
	result_add(&result, NULL, 0, 3);
	draw();
	must_not_have("<a b");
	must_not_have("<script>");
	must_have("z&lt;script&gt;&amp;&quot;?? A");
	for (char *dots = text; (dots = strstr(dots, "\u2026")) != NULL;)
		memcpy(dots, "...", 3);
	must_have("<title>&lt;a b='&quot;&amp;]]&gt;\\027[2J");
	must_be_harmless();
	forget();
	spray_result_clear(&result);
	result_start(&result);
	draw();
	must_have(">No answers<");
	forget();
}
END_TEST

START_TEST(test_progress)
{
	static const struct {
		spray_progress_t progress;
		size_t width;
		const char *line;
	} rows[] = {
		{ { .seconds = 0 }, 79, "0 s   0.0/s   0 sent   0 answered   0 lost" },
		{ { .seconds = 0.5, .sent = 200, .answered = 190 },
		  79,
		  "0 s   5 %, 10 s to go   400/s   200 sent   190 answered   0 lost" },
		/* The rate is that of the last second. */
		{ { .seconds = 1, .sent = 400, .answered = 390 },
		  79,
		  "1 s   10 %, 9 s to go   400/s   400 sent   390 answered   0 lost" },
		{ { .seconds = 2, .sent = 1000, .answered = 900, .lost = 3, .wrong = 1 },
		  79,
		  "2 s   20 %, 8 s to go   600/s   1,000 sent   900 answered   3 lost   1 wrong" },
		{ { .seconds = 2, .sent = 1000, .answered = 900, .lost = 3, .wrong = 1 },
		  59,
		  "2 s   20 %, 8 s to go   600/s   3 lost   1 wrong" },
		{ { .seconds = 2, .sent = 1000, .answered = 900, .lost = 3, .wrong = 1 },
		  47,
		  "2 s   20 %, 8 s to go   600/s   3 lost" },
		{ { .seconds = 2, .sent = 1000, .answered = 900, .lost = 3 }, 3, "2 s" },
		{ { .seconds = 10, .sent = 4000, .answered = 3990, .lost = 3, .is_waiting = true },
		  79,
		  "10 s   waiting for answers   375/s   4,000 sent   3,990 answered   3 lost" },
	};
	spray_progress_line_t line = { 0 };
	char made[SPRAY_PROGRESS_MAX];

	result_start(&result);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		spray_progress_text(&line, &result.setup, &rows[i].progress, rows[i].width, made);
		ck_assert_str_eq(made, rows[i].line);
	}

	/* As many as there are to be sent, however long that takes; or until Ctrl-C. */
	memset(&line, 0, sizeof(line));
	result.setup.seconds = 0;
	result.setup.count = 1000;
	ck_assert_str_eq(spray_progress_text(&line, &result.setup,
					     &(spray_progress_t){ .seconds = 300, .sent = 250 }, 79,
					     made),
			 "300 s   25 %, 15 min to go   0.8/s   250 sent   0 answered   0 lost");
	memset(&line, 0, sizeof(line));
	result.setup.count = 0;
	ck_assert_str_eq(spray_progress_text(&line, &result.setup,
					     &(spray_progress_t){ .seconds = 300, .sent = 250 }, 79,
					     made),
			 "300 s   0.8/s   250 sent   0 answered   0 lost");
}
END_TEST

/* Whatever numbers come, the line is no wider than it may be. */
START_TEST(test_progress_widths)
{
	random_start(7);
	for (unsigned i = 0; i < 20000; i++) {
		spray_progress_line_t line = { 0 };
		size_t width = 6 + random_below(120);
		spray_progress_t progress = {
			.seconds = (double)random_below(99999),
			.sent = random_64() >> random_below(64),
			.answered = random_64() >> random_below(64),
			.lost = random_64() >> random_below(64),
			.wrong = random_64() >> random_below(64),
		};
		char made[SPRAY_PROGRESS_MAX];

		result_start(&result);
		MUST(strlen(spray_progress_text(&line, &result.setup, &progress, width, made)) <=
			     width + (width < 7),
		     "%zu: %s", width, made);
	}
}
END_TEST

static size_t file_size(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 ? (size_t)status.st_size : SIZE_MAX;
}

/* A picture is there when it is complete; what was there before stays if it does not come to that. */
START_TEST(test_files)
{
	char directory[] = "/tmp/spurn-unit-XXXXXX";
	char path[64], link[64];
	new_file_t file;
	struct stat status;

	ck_assert_ptr_nonnull(mkdtemp(directory));
	snprintf(path, sizeof(path), "%s/picture.svg", directory);
	snprintf(link, sizeof(link), "%s/link", directory);
	umask(022);

	ck_assert_int_eq(new_file_check(path), ERR_OK);
	ck_assert_int_eq(access(path, F_OK), -1);
	ck_assert_int_eq(new_file_begin(&file, path), ERR_OK);
	fputs("old", file.out);
	ck_assert_int_eq(access(path, F_OK), -1);
	ck_assert_int_eq(new_file_end(&file), ERR_OK);
	ck_assert_uint_eq(file_size(path), 3);
	ck_assert_int_eq(stat(path, &status), 0);
	ck_assert_uint_eq(status.st_mode & 0777, 0644);

	/* Through a link, with the rights that it had. */
	ck_assert_int_eq(symlink("picture.svg", link), 0);
	ck_assert_int_eq(chmod(path, 0600), 0);
	result_start(&result);
	ck_assert_int_eq(spray_svg_write_file(&result, link), ERR_OK);
	ck_assert_uint_gt(file_size(path), 1000);
	ck_assert_int_eq(lstat(link, &status), 0);
	ck_assert(S_ISLNK(status.st_mode));
	ck_assert_int_eq(stat(path, &status), 0);
	ck_assert_uint_eq(status.st_mode & 0777, 0600);
	ck_assert_int_eq(unlink(link), 0);

	/* A device stays what it is; a full one is an error. */
	ck_assert_int_eq(spray_svg_write_file(&result, "/dev/null"), ERR_OK);
	ck_assert_int_eq(stat("/dev/null", &status), 0);
	ck_assert(S_ISCHR(status.st_mode));
	if (access("/dev/full", W_OK) == 0)
		ck_assert_int_eq(spray_svg_write_file(&result, "/dev/full"), -ENOSPC);

	/* Not possible, and nothing is left behind. */
	ck_assert_int_eq(new_file_check("/nonexistent/x.svg"), -ENOENT);
	ck_assert_int_eq(new_file_check(directory), -EISDIR);
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(rmdir(directory), 0);
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		test_report,          test_widths, test_advice,      test_many_servers,
		test_random_names,    test_json,   test_svg_escapes, test_progress,
		test_progress_widths, test_files,
	};

	return run_tests("spray_report", tests, COUNT_OF(tests));
}
