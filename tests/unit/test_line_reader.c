/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* Zone files as lines: line ends at every place relative to the blocks that are read at once, lines
 * around 32 KiB, and random files against a naive model; each with and without a thread that reads
 * ahead. SPURN_SEED=n repeats a run. */

#include <fcntl.h>
#include <sys/stat.h>

#include "test.h"

#include "base/processors.h"
#include "dataset_fixture.h"
#include "zonefile/line_block.h"
#include "zonefile/line_reader.h"

#define CHUNK LINE_BLOCK_SIZE
#define MAX   (2 * 1024 * 1024)

/* What a file is made of. */
typedef struct content {
	char bytes[MAX];
	size_t size;
} content_t;

static content_t content;

static void add(const void *bytes, size_t size)
{
	ck_assert_uint_le(content.size + size, sizeof(content.bytes));
	memcpy(content.bytes + content.size, bytes, size);
	content.size += size;
}

static void add_string(const char *string)
{
	add(string, strlen(string));
}

static void add_filler(char filler, size_t size)
{
	ck_assert_uint_le(content.size + size, sizeof(content.bytes));
	memset(content.bytes + content.size, filler, size);
	content.size += size;
}

/* ---- The model: the whole file at hand. ---- */

typedef struct model {
	const char *at;
	const char *end;
	unsigned number;
	bool is_cut;
} model_t;

static bool model_next(model_t *model, text_t *line)
{
	const char *start = model->at;
	const char *end = start;

	if (start == model->end)
		return false;
	while (end != model->end && *end != '\n')
		end++;
	model->at = end == model->end ? end : end + 1;
	model->number++;
	model->is_cut = end - start > LINE_MAX_SIZE;
	if (model->is_cut)
		end = start + LINE_MAX_SIZE;
	if (memchr(start, '\0', (size_t)(end - start)) != NULL)
		end = start + strlen(start);
	else if (end != start && end[-1] == '\r')
		end--;
	while (start != end && (*start == ' ' || *start == '\t'))
		start++;
	while (start != end && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	*line = (text_t){ start, end };
	return true;
}

/* Reads the content from its file and compares line by line. */
static void check_file(void)
{
	model_t model = { .at = content.bytes, .end = content.bytes + content.size };
	line_reader_t *reader;
	file_stamp_t stamp;
	text_t line, expected;

	fixture_path_t path = fixture_path("lines");
	ck_assert_int_eq(line_reader_open(path.text, false, &reader, &stamp), ERR_OK);
	ck_assert_uint_eq(stamp.size, content.size);
	while (model_next(&model, &expected)) {
		fixture_require(line_reader_next(reader, &line), "a line is missing");
		if (text_size(line) != text_size(expected) ||
		    memcmp(line.at, expected.at, text_size(line)) != 0 ||
		    line_reader_number(reader) != model.number ||
		    line_reader_is_cut(reader) != model.is_cut)
			ck_abort_msg("line %u is %zu bytes, cut %d, instead of %zu, %d",
				     line_reader_number(reader), text_size(line),
				     line_reader_is_cut(reader), text_size(expected), model.is_cut);
	}
	/* The end stays the end. */
	ck_assert(!line_reader_next(reader, &line));
	ck_assert(!line_reader_next(reader, &line));
	ck_assert_int_eq(line_reader_finish(reader), ERR_OK);
	line_reader_close(reader);
}

/* Writes the content to a file and reads it with and without a thread that reads ahead. */
static void check_content(void)
{
	fixture_write("lines", content.bytes, content.size);
	for (unsigned processors = 1; processors <= 2; processors++) {
		processors_pretend(processors);
		check_file();
	}
	processors_pretend(0);
	fixture_remove((const char *const[]){ "lines", NULL });
	content.size = 0;
}

START_TEST(test_small)
{
	static const char *const files[] = {
		"",
		"\n",
		"\r",
		"\r\n",
		" ",
		" \t",
		"\n\n",
		"\n\n\n \n\t\n",
		/* No final newline. */
		"one",
		"one\ntwo",
		"one\ntwo\r",
		"one\ntwo \r",
		"one\n ",
		"one\n\r",
		/* CRs: one at the end goes, with the blanks in front of it. */
		"a\r\nb\r\r\nc\rd\n\re\n \r \n \r\n",
		/* Blanks are space and TAB. */
		" a \n\tb\t\n\vc\v\n\fd\f\n \xa0 \n a b \n",
	};

	check_content();
	for (size_t i = 0; i < COUNT_OF(files); i++) {
		add_string(files[i]);
		check_content();
	}
	/* A NUL ends its line early. */
	add("a\0b\nc \0\r\n\0\n\0d\ne\r\0\nf\0", 20);
	check_content();
}
END_TEST

/* Line ends on both sides of where a chunk ends. */
START_TEST(test_chunks)
{
	static const char *const ends[] = {
		"\n", "\r\n", " \r\n", "\r\r\n", "", "\r", "\n\n", "x"
	};

	for (size_t i = 0; i < COUNT_OF(ends); i++)
		for (size_t before = 0; before < 5; before++)
			for (unsigned line_size = 1000; line_size < 40000; line_size += 31000) {
				/* Whole lines, and one that ends near the border. */
				while (content.size + line_size + 1 < CHUNK - 40000) {
					add_filler('f', line_size);
					add_string("\n");
				}
				while (content.size < CHUNK - before) {
					size_t left = CHUNK - before - content.size;
					add_filler('g', left < 30000 ? left : 30000);
					if (left > 30000)
						add_string("\n");
				}
				add_string(ends[i]);
				check_content();
				while (content.size < CHUNK - before) {
					add_filler('h', 90);
					add_string("\n");
				}
				content.size = CHUNK - before;
				add_string(ends[i]);
				add_string("after\nlast");
				check_content();
			}
}
END_TEST

/* Lengths around the longest line and around a chunk, in the middle, at the end, twice. */
START_TEST(test_long)
{
	static const size_t sizes[] = { 32766,        32767,         32768,     32769,
					32770,        65536,         CHUNK - 1, CHUNK,
					CHUNK + 1,    CHUNK + 32768, CHUNK * 2, 400000,
					3 * CHUNK + 1 };

	for (size_t i = 0; i < COUNT_OF(sizes); i++) {
		for (unsigned form = 0; form < 6; form++) {
			add_string("first\n");
			add_filler(form == 3 ? ' ' : 'x', sizes[i] - (form == 4));
			if (form == 4)
				add_string("\r");
			add_string(form == 5 ? "" : "\n");
			if (form == 1)
				add_filler('y', sizes[i]);
			if (form == 2)
				add_string("last\n");
			check_content();
		}
	}
	/* The CR of a cut line's 32768th byte, and a NUL before and behind the cut. */
	add_filler('x', LINE_MAX_SIZE - 1);
	add("\rz\nb", 4);
	check_content();
	add_filler('x', 40000);
	content.bytes[100] = '\0';
	add_string("\nb\n");
	check_content();
	add_filler('x', 40000);
	content.bytes[32768] = '\0';
	add_string("\nb\n");
	check_content();
}
END_TEST

/* Long lines of which a chunk ends around the 32768th byte. */
START_TEST(test_long_at_chunks)
{
	for (size_t part = LINE_MAX_SIZE - 2; part <= LINE_MAX_SIZE + 2; part++)
		for (size_t size = part; size <= part + 3; size++) {
			while (content.size < CHUNK - part - 30000) {
				add_filler('f', 30000);
				add_string("\n");
			}
			add_filler('g', CHUNK - part - 1 - content.size);
			add_string("\n");
			add_filler('x', size);
			add_string("\nlast\n");
			check_content();
		}
}
END_TEST

START_TEST(test_random)
{
	static const char alphabet[] = "ab \t\r\n\n\0";

	random_start(0);
	for (unsigned i = 0; i < 60; i++) {
		size_t target = random_below(i % 6 == 0 ? 3 * CHUNK : 300);
		while (content.size < target) {
			unsigned kind = random_below(100);
			if (kind == 0)
				add_filler('x', 32760 + random_below(16));
			else if (kind == 1)
				add_filler("x \r"[random_below(3)], random_below(CHUNK + 1000));
			else if (kind < 10)
				add_filler('y', random_below(200));
			else
				add(&alphabet[random_below(sizeof(alphabet) - 1)], 1);
			if (content.size > MAX - CHUNK * 2)
				break;
		}
		/* Not by chance a compressed file. */
		check_content();
	}
}
END_TEST

static err_t open_result(const char *name)
{
	fixture_path_t path = fixture_path(name);
	line_reader_t *reader = NULL;
	file_stamp_t stamp;
	err_t err = line_reader_open(path.text, false, &reader, &stamp);

	if (err == ERR_OK)
		line_reader_close(reader);
	else
		ck_assert_ptr_null(reader);
	return err;
}

START_TEST(test_no_file)
{
	fixture_path_t path = fixture_path("file");
	file_stamp_t stamp;

	ck_assert_int_eq(open_result("missing"), -ENOENT);
	ck_assert_int_eq(open_result("."), -EISDIR);
	/* A FIFO without a writer must not hold the reader. */
	ck_assert_int_eq(mkfifo(path.text, 0600), 0);
	ck_assert_int_eq(open_result("file"), ERR_INVAL);
	ck_assert_int_eq(remove(path.text), 0);
	/* A device without an end must not hold it either; one without content is an empty file. */
	ck_assert_int_eq(symlink("/dev/zero", path.text), 0);
	ck_assert_int_eq(open_result("file"), ERR_INVAL);
	ck_assert_int_eq(remove(path.text), 0);
	ck_assert_int_eq(symlink("/dev/null", path.text), 0);
	ck_assert_int_eq(open_result("file"), ERR_OK);
	ck_assert_int_eq(remove(path.text), 0);
	ck_assert_int_eq(symlink("file", path.text), 0);
	ck_assert_int_eq(open_result("file"), -ELOOP);
	ck_assert_int_eq(remove(path.text), 0);
	ck_assert_int_eq(file_stamp_get(path.text, &stamp), -ENOENT);
	fixture_write("file", "x", 1);
	ck_assert_int_eq(open_result("file/x"), -ENOTDIR);
	if (geteuid() != 0) {
		ck_assert_int_eq(chmod(path.text, 0), 0);
		ck_assert_int_eq(open_result("file"), -EACCES);
	}
	line_reader_close(NULL);
	fixture_remove((const char *const[]){ "file", NULL });
}
END_TEST

/* Compressed files are the business of file_source.h; here, that they are lines as others are. */
START_TEST(test_compressed)
{
	/* `printf 'one\n two \r\nthree' | gzip -9n` */
	static const char gzip[] = "\x1f\x8b\x08\0\0\0\0\0\x02\x03\xcb\xcf\x4b\xe5\x52\x28\x29"
				   "\xcf\x57\xe0\xe5\x2a\xc9\x28\x4a\x4d\x05\0\x19\x5e\x24\xbe\x10"
				   "\0\0\0";
	static const char *const lines[] = { "one", "two", "three" };
	fixture_path_t path = fixture_path("file");
	line_reader_t *reader = NULL;
	file_stamp_t stamp;
	text_t line;

	fixture_write("file", gzip, sizeof(gzip) - 1);
	ck_assert_int_eq(line_reader_open(path.text, true, &reader, &stamp), ERR_COMPRESSED);
	ck_assert_ptr_null(reader);
	ck_assert_int_eq(line_reader_open(path.text, false, &reader, &stamp), ERR_OK);
	ck_assert_uint_eq(stamp.size, sizeof(gzip) - 1);
	for (unsigned i = 0; i < COUNT_OF(lines); i++) {
		ck_assert(line_reader_next(reader, &line));
		ck_assert(text_is_word(line, lines[i]));
		ck_assert_uint_eq(line_reader_number(reader), i + 1);
	}
	ck_assert(!line_reader_next(reader, &line));
	ck_assert_int_eq(line_reader_finish(reader), ERR_OK);
	ck_assert_uint_eq(line_reader_garbage(reader), 0);
	line_reader_close(reader);
	/* Without its end no line of it counts. */
	fixture_write("file", gzip, sizeof(gzip) - 2);
	ck_assert_int_eq(line_reader_open(path.text, false, &reader, &stamp), ERR_OK);
	while (line_reader_next(reader, &line)) {
	}
	ck_assert_int_eq(line_reader_finish(reader), ERR_TRUNCATED);
	line_reader_close(reader);
	/* Each error has words of its own. */
	static const err_t errors[] = { ERR_CHANGED,   ERR_COMPRESSED, ERR_UNSUPPORTED, ERR_CORRUPT,
					ERR_TRUNCATED, ERR_TOO_LARGE,  ERR_INVAL };
	for (unsigned i = 0; i < COUNT_OF(errors); i++)
		ck_assert_str_ne(line_reader_error_text(errors[i]), err_text(errors[i]));
	ck_assert_str_eq(line_reader_error_text((err_t)-ENOENT), err_text((err_t)-ENOENT));
	fixture_remove((const char *const[]){ "file", NULL });
}
END_TEST

/* Reads `count` plain lines of the content, in as few calls as may be, and the one that follows. */
static void check_plain(plain_kind_t kind, size_t count, size_t entry_size)
{
	fixture_path_t path = fixture_path("lines");
	plain_lines_t lines;
	line_reader_t *reader;
	file_stamp_t stamp;
	text_t line;
	size_t calls = 0;
	const plain_form_t form = { .kind = kind };

	fixture_write("lines", content.bytes, content.size);
	for (unsigned processors = 1; processors <= 2; processors++) {
		size_t got = 0;
		processors_pretend(processors);
		ck_assert_int_eq(line_reader_open(path.text, false, &reader, &stamp), ERR_OK);
		for (; line_reader_next_plain(reader, form, &lines, &line); calls++) {
			if (lines.count == 0)
				break;
			got += lines.count;
			ck_assert_uint_eq(lines.size, lines.count * entry_size);
			ck_assert_uint_eq(line_reader_number(reader), got);
		}
		ck_assert_uint_eq(got, count);
		ck_assert(text_is_word(line, "last"));
		ck_assert_uint_eq(line_reader_number(reader), count + 1);
		ck_assert_uint_le(calls, 2 * (content.size / LINE_BLOCK_SIZE + 1));
		calls = 0;
		/* It may be closed in the middle. */
		line_reader_close(reader);
	}
	processors_pretend(0);
	fixture_remove((const char *const[]){ "lines", NULL });
	content.size = 0;
}

/* Plain lines come many at once, or a large list would take its time. */
START_TEST(test_plain)
{
	for (unsigned i = 0; i < 50000; i++)
		add_string("192.0.2.1\n");
	add_string("last");
	check_plain(PLAIN_IP4, 50000, sizeof(uint32_t));
	for (unsigned i = 0; i < 50000; i++)
		add_string(i % 2 == 0 ? "abc.example\n" : ".abc.example\n");
	add_string("last");
	check_plain(PLAIN_NAMES, 50000, 1 + sizeof("\3abc\7example"));
	for (unsigned i = 0; i < 40000; i++)
		add_string(i % 2 == 0 ? "abc.example :2:x\n" : ".abc.example\n");
	add_string("last");
	check_plain(PLAIN_NAMES, 40000, NAME_LINE_HEAD + 1 + sizeof("\3abc\7example"));
}
END_TEST

/* What happens to the file between the first line and the last. */
static void change(unsigned how, const char *path)
{
	static const struct timespec times[2] = { { .tv_nsec = UTIME_OMIT }, { .tv_sec = 1 } };
	FILE *file;

	switch (how) {
	case 0: /* appended to */
		file = fopen(path, "a");
		fixture_require(file != NULL && fputs("more\n", file) >= 0 && fclose(file) == 0,
				"cannot append");
		break;
	case 1: /* emptied, as rsync --inplace or a shell's > does */
		fixture_require(truncate(path, 0) == 0, "cannot truncate");
		break;
	case 2: /* only touched */
		fixture_require(utimensat(AT_FDCWD, path, times, 0) == 0, "cannot touch");
		break;
	default: /* replaced or removed: the reader keeps the old file */
		if (how == 3)
			fixture_write("new", "other\n", 6);
		fixture_require(how == 3 ? rename(fixture_path("new").text, path) == 0
					 : remove(path) == 0,
				"cannot replace");
		break;
	}
}

START_TEST(test_changed)
{
	static const err_t errors[] = { ERR_CHANGED, ERR_CHANGED, ERR_CHANGED, ERR_OK, ERR_OK };
	fixture_path_t path = fixture_path("file");

	for (unsigned how = 0; how < COUNT_OF(errors); how++) {
		line_reader_t *reader;
		file_stamp_t stamp, now;
		text_t line;
		unsigned count = 0;

		for (unsigned i = 0; i < 100000; i++)
			add_string("a line\n");
		fixture_write("file", content.bytes, content.size);
		content.size = 0;
		ck_assert_int_eq(line_reader_open(path.text, false, &reader, &stamp), ERR_OK);
		ck_assert_int_eq(file_stamp_get(path.text, &now), ERR_OK);
		ck_assert(file_stamp_is_equal(&stamp, &now));
		ck_assert(line_reader_next(reader, &line));
		change(how, path.text);
		while (line_reader_next(reader, &line))
			count++;
		ck_assert_int_eq(line_reader_finish(reader), errors[how]);
		if (errors[how] == ERR_OK)
			ck_assert_uint_eq(count, 99999);
		/* Its stamp is another one in any case, so that it is read again. */
		ck_assert(file_stamp_get(path.text, &now) != ERR_OK ||
			  !file_stamp_is_equal(&stamp, &now));
		line_reader_close(reader);
	}
	fixture_remove((const char *const[]){ "file", NULL });
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		test_small, test_chunks,  test_long,       test_long_at_chunks, test_random,
		test_plain, test_no_file, test_compressed, test_changed,
	};

	return run_tests("line_reader", tests, COUNT_OF(tests));
}
