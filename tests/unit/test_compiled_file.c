/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* Compiled lists as containers: what is written is read back, aligned; a file of which any bit is another one, or
 * that ends too early, is refused or gives what was written; and old formats say how they are made anew. */

#include <cdb.h>

#include "base/attributes.h"
#include "cdb/checksum.h"
#include "cdb/compiled_file.h"
#include "cdb/compiled_rebuild.h"
#include "cdb/compiled_writer.h"
#include "cdb_fixture.h"

static const char *const names[] = { "index", "lines", "values" };
/* Blocks of data set `number`, `names` in turn; sizes around the alignment. */
static const size_t sizes[2][3] = { { 100, 0, 64 }, { 1, 63, 200 } };

static uint8_t block_byte(unsigned number, unsigned block, size_t i)
{
	return (uint8_t)(number * 97 + block * 31 + i * 7);
}

/* A header with `format`, if that is not 0, which the writer then overwrites. */
static json_t *make_header(void)
{
	return json_pack("{s:{s:[i,i], s:[i]}, s:[s], s:[{s:s, s:s}, {s:s}]}", "zones", "a.example",
			 0, 1, "b.example", 1, "options", "-e", "datasets", "spec",
			 "ip4set:one,two files", "extra", "key", "spec", "dnset:it's");
}

static void add_blocks(compiled_writer_t *writer)
{
	uint8_t bytes[256];

	for (unsigned number = 0; number < 2; number++) {
		ck_assert_uint_eq(compiled_writer_next(writer), number);
		for (unsigned block = 0; block < 3; block++) {
			for (size_t i = 0; i < sizes[number][block]; i++)
				bytes[i] = block_byte(number, block, i);
			ck_assert_int_eq(
				compiled_writer_add(writer, number, names[block],
						    sizes[number][block] > 0 ? bytes : NULL,
						    sizes[number][block]),
				ERR_OK);
		}
	}
}

static void make(void)
{
	compiled_writer_t *writer;

	ck_assert_int_eq(compiled_writer_begin(cdb_path, &writer), ERR_OK);
	add_blocks(writer);
	ck_assert_int_eq(compiled_writer_end(writer, make_header()), ERR_OK);
}

/* All that is in it is as it was written. */
static void check_content(const compiled_file_t *file)
{
	size_t size;

	for (unsigned number = 0; number < 2; number++) {
		for (unsigned block = 0; block < 3; block++) {
			const uint8_t *bytes =
				compiled_file_block(file, number, names[block], &size);

			ck_assert_ptr_nonnull(bytes);
			ck_assert_uint_eq((uintptr_t)bytes % COMPILED_ALIGNMENT, 0);
			ck_assert_uint_eq(size, sizes[number][block]);
			for (size_t i = 0; i < size; i++)
				ck_assert_uint_eq(bytes[i], block_byte(number, block, i));
		}
	}
	ck_assert_ptr_null(compiled_file_block(file, 0, "gone", &size));
	ck_assert_ptr_null(compiled_file_block(file, 2, "index", &size));
}

START_TEST(test_round_trip)
{
	compiled_file_t *file;
	char why[256];
	char sum[CHECKSUM_TEXT_MAX];
	size_t size;

	cdb_begin();
	make();
	ck_assert_int_eq(compiled_file_open(cdb_path, &file, NULL, why, sizeof(why)), ERR_OK);
	check_content(file);
	const json_t *header = compiled_file_header(file);
	const json_t *dataset = json_array_get(json_object_get(header, "datasets"), 0);
	const json_t *block = json_array_get(json_object_get(dataset, "blocks"), 0);

	ck_assert_int_eq(json_integer_value(json_object_get(header, "format")), COMPILED_FORMAT);
	ck_assert_str_eq(json_string_value(json_object_get(dataset, "extra")), "key");
	ck_assert_str_eq(json_string_value(json_object_get(block, "name")), "index");
	ck_assert_str_eq(json_string_value(json_object_get(block, "xxh3_128")),
			 checksum_text(compiled_file_block(file, 0, "index", &size), 100, sum));
	ck_assert_ptr_nonnull(compiled_file_memory(file, &size));
	compiled_file_close(file);
	cdb_end();
}
END_TEST

/* As `printf '' | xxhsum -H128` and `printf spurn | xxhsum -H128` have it. */
START_TEST(test_checksum)
{
	char sum[CHECKSUM_TEXT_MAX];

	ck_assert_str_eq(checksum_text(NULL, 0, sum), "99aa06d3014798d86001c324468d497f");
}
END_TEST

/* An unfinished one leaves nothing, and what was there before as it was. */
START_TEST(test_abandon)
{
	compiled_writer_t *writer;
	struct stat status;
	uint8_t *before;
	uint8_t *after;
	size_t size;
	size_t size_after;

	cdb_begin();
	ck_assert_int_eq(compiled_writer_begin(cdb_path, &writer), ERR_OK);
	add_blocks(writer);
	compiled_writer_abandon(writer);
	ck_assert_int_ne(stat(cdb_path, &status), 0);
	make();
	before = cdb_bytes(&size);
	ck_assert_int_eq(compiled_writer_begin(cdb_path, &writer), ERR_OK);
	add_blocks(writer);
	compiled_writer_abandon(writer);
	/* Neither does one that fails at its end: no header for want of memory. */
	ck_assert_int_eq(compiled_writer_begin(cdb_path, &writer), ERR_OK);
	add_blocks(writer);
	ck_assert_int_eq(compiled_writer_end(writer, NULL), ERR_NOMEM);
	after = cdb_bytes(&size_after);
	ck_assert_uint_eq(size, size_after);
	ck_assert_mem_eq(before, after, size);
	free(before);
	free(after);
	cdb_end();
	compiled_writer_abandon(NULL);
	ck_assert_int_eq(compiled_writer_begin("/dev/null", &writer), ERR_INVAL);
	ck_assert_int_eq(compiled_writer_begin("/nowhere/list.cdb", &writer), -ENOENT);
}
END_TEST

/* More than a cdb can be is refused before anything of it is written; the memory is never touched. */
START_TEST(test_too_large)
{
	compiled_writer_t *writer;
	static const uint8_t byte;

	cdb_begin();
	ck_assert_int_eq(compiled_writer_begin(cdb_path, &writer), ERR_OK);
	ck_assert_uint_eq(compiled_writer_next(writer), 0);
	ck_assert_int_eq(compiled_writer_add(writer, 0, "index", &byte, UINT32_MAX - 2048), -EFBIG);
	/* The first error stays. */
	ck_assert_int_eq(compiled_writer_add(writer, 0, "lines", &byte, 1), -EFBIG);
	ck_assert_int_eq(compiled_writer_end(writer, json_object()), -EFBIG);
	cdb_end();
}
END_TEST

START_TEST(test_truncated)
{
	compiled_file_t *file;
	char why[256];
	struct stat status;

	cdb_begin();
	make();
	ck_assert_int_eq(stat(cdb_path, &status), 0);
	for (off_t length = status.st_size; length-- > 0;) {
		ck_assert_int_eq(truncate(cdb_path, length), 0);
		ck_assert_int_ne(compiled_file_open(cdb_path, &file, NULL, why, sizeof(why)),
				 ERR_OK);
		ck_assert_str_ne(why, "");
	}
	cdb_end();
}
END_TEST

START_TEST(test_every_bit)
{
	compiled_file_t *file;
	char why[256];
	uint8_t *bytes;
	size_t size;
	size_t refused = 0;
	int fd;

	cdb_begin();
	make();
	bytes = cdb_bytes(&size);
	fd = open(cdb_path, O_WRONLY);
	ck_assert_int_ge(fd, 0);
	for (size_t bit = 0; bit < size * 8; bit++) {
		uint8_t damaged = bytes[bit / 8] ^ (uint8_t)(1 << bit % 8);

		ck_assert_int_eq(pwrite(fd, &damaged, 1, (off_t)(bit / 8)), 1);
		if (compiled_file_open(cdb_path, &file, NULL, why, sizeof(why)) == ERR_OK) {
			check_content(file);
			compiled_file_close(file);
		} else {
			refused++;
		}
		ck_assert_int_eq(pwrite(fd, &bytes[bit / 8], 1, (off_t)(bit / 8)), 1);
	}
	/* All of the header, of its sum and of the blocks, at least. */
	ck_assert_uint_gt(refused, 8 * (100 + 64 + 1 + 63 + 200 + 32));
	close(fd);
	free(bytes);
	cdb_end();
}
END_TEST

/* A file with this text as header, whose sum is right, and one block "0/index" of `size` bytes. */
static void make_with(const char *header, const char *block, size_t size)
{
	char sum[CHECKSUM_TEXT_MAX];
	struct cdb_make cdb;
	int fd = open(cdb_path, O_RDWR | O_CREAT | O_TRUNC, 0600);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(cdb_make_start(&cdb, fd), 0);
	/* 2048 + 8 + 4 + 37 + 8 + 7 = 33 * 64 */
	ck_assert_int_eq(cdb_make_add(&cdb, "fill", 4, "0123456789012345678901234567890123456", 37),
			 0);
	ck_assert_int_eq(cdb_make_add(&cdb, "0/index", 7, block, (unsigned)size), 0);
	ck_assert_int_eq(cdb_make_add(&cdb, "0/askew", 7, "abc", 3), 0);
	ck_assert_int_eq(cdb_make_add(&cdb, "spurn", 5, header, (unsigned)strlen(header)), 0);
	ck_assert_int_eq(
		cdb_make_add(&cdb, "checksum", 8, checksum_text(header, strlen(header), sum), 32),
		0);
	ck_assert_int_eq(cdb_make_finish(&cdb), 0);
	close(fd);
}

/* Headers with right sums, and what is said of them; "": they are good. */
START_TEST(test_headers)
{
/* A number as text; of the format that is read: */
#define QUOTE(text)  #text
#define NUMBER(name) QUOTE(name)
#define FORMAT_NOW   "\"format\": " NUMBER(COMPILED_FORMAT)
#define FORMAT       FORMAT_NOW ", \"byte_order\": \"" COMPILED_BYTE_ORDER "\""
#define SUM          "\"xxh3_128\": \"06b05ab6733a618578af5f94892f3950\""
#define DATA(blocks) "{" FORMAT ", \"datasets\": [{\"blocks\": " blocks "}]}"
	static const struct {
		const char *header;
		const char *why;
	} rows[] = {
		{ DATA("[{\"name\": \"index\", \"size\": 3, " SUM "}]"), "" },
		{ "{" FORMAT ", \"datasets\": []}", "" },
		{ DATA("[{\"name\": \"index\", \"size\": 4, " SUM "}]"), "block 0/index is" },
		{ DATA("[{\"name\": \"index\", \"size\": -1, " SUM "}]"), "block 0/index is" },
		{ DATA("[{\"name\": \"askew\", \"size\": 3, " SUM "}]"), "block 0/askew is" },
		{ DATA("[{\"name\": \"gone\", \"size\": 3, " SUM "}]"), "block 0/gone is" },
		{ DATA("[{\"name\": \"index\", \"size\": 3, \"xxh3_128\": \"06\"}]"), "checksum" },
		{ DATA("[{\"name\": \"index\", \"size\": 3}]"), "does not describe its blocks" },
		{ DATA("[3]"), "does not describe its blocks" },
		{ DATA("{}"), "does not describe its data sets" },
		{ "{" FORMAT ", \"datasets\": [1]}", "does not describe its data sets" },
		{ "{" FORMAT ", \"datasets\": {}}", "does not describe its data sets" },
		{ "{" FORMAT "}", "does not describe its data sets" },
		{ "[]", "no JSON object" },
		{ "nonsense", "no JSON object" },
		{ "{" FORMAT ", " FORMAT_NOW "}", "no JSON object" },
		{ "{}", "format 0" },
		{ "{" FORMAT_NOW ", \"byte_order\": \"middle\"}", "byte order" },
		{ "{" FORMAT_NOW "}", "byte order" },
	};

	cdb_begin();
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		compiled_file_t *file;
		char why[256] = "";

		make_with(rows[i].header, "abc", 3);
		if (compiled_file_open(cdb_path, &file, NULL, why, sizeof(why)) == ERR_OK) {
			size_t size;

			ck_assert_str_eq(rows[i].why, "");
			ck_assert_ptr_null(compiled_file_block(file, 0, "askew", &size));
			compiled_file_close(file);
		} else {
			ck_assert_str_ne(rows[i].why, "");
			ck_assert_msg(strstr(why, rows[i].why) != NULL, "%s: %s", rows[i].header,
				      why);
		}
	}
	cdb_end();
}
END_TEST

/* A header that names a block again and again does not have it read as often. */
START_TEST(test_same_block)
{
	static const char block[3000] = "abc";
	char sum[CHECKSUM_TEXT_MAX];
	char header[1000];
	compiled_file_t *file;
	char why[256] = "";

	checksum_text(block, sizeof(block), sum);
	cdb_begin();
	for (unsigned count = 1; count <= 2; count++) {
		int size = snprintf(header, sizeof(header),
				    "{" FORMAT ", \"datasets\": [{\"blocks\": [");

		for (unsigned i = 0; i < count; i++)
			size += snprintf(
				header + size, sizeof(header) - (size_t)size,
				"%s{\"name\": \"index\", \"size\": 3000, \"xxh3_128\": \"%s\"}",
				i > 0 ? ", " : "", sum);
		snprintf(header + size, sizeof(header) - (size_t)size, "]}]}");
		make_with(header, block, sizeof(block));
		err_t err = compiled_file_open(cdb_path, &file, NULL, why, sizeof(why));
		ck_assert_int_eq(err, count < 2 ? ERR_OK : ERR_CORRUPT);
		if (err == ERR_OK)
			compiled_file_close(file);
	}
	ck_assert_ptr_nonnull(strstr(why, "more blocks than there is room for"));
	cdb_end();
}
END_TEST

#define ZONES "\"zones\": {\"b.example\": [1, 0], \"a.example\": [1]}"
#define SPECS "\"datasets\": [{\"spec\": \"ip4set:it's $HOME\"}, {\"spec\": \"dnset:/a,/b\"}]"

/* Old formats, and new ones, say how they are made anew, so that a shell takes it as it is meant. */
START_TEST(test_rebuild)
{
	static const char command[] = "spurn compile --allow-host-bits -o %s b.example:dnset:/a,/b "
				      "'b.example:ip4set:it'\\''s $HOME' a.example:dnset:/a,/b";
	char expected[512];
	char why[1024];
	compiled_file_t *file;

	cdb_begin();
	make_with("{\"format\": 999, \"options\": [\"--allow-host-bits\"], " ZONES ", " SPECS "}",
		  "abc", 3);
	snprintf(expected, sizeof(expected), command, cdb_path);
	ck_assert_int_eq(compiled_file_open(cdb_path, &file, NULL, why, sizeof(why)),
			 ERR_UNSUPPORTED);
	ck_assert_msg(strstr(why, expected) != NULL, "%s", why);
	ck_assert_ptr_nonnull(strstr(why, "format 999"));
	/* Where half a command would fit, there is none. */
	ck_assert_int_eq(compiled_file_open(cdb_path, &file, NULL, why, 200), ERR_UNSUPPORTED);
	ck_assert_ptr_null(strstr(why, "spurn compile -"));
	ck_assert_ptr_nonnull(strstr(why, "spurn info"));
	/* What is no text in the header, or is nowhere in it. */
	make_with("{\"format\": 0, \"directory\": {\"hex\": \"2f61ff\"}, " ZONES ", " SPECS "}",
		  "abc", 3);
	ck_assert_int_eq(compiled_file_open(cdb_path, &file, NULL, why, sizeof(why)),
			 ERR_UNSUPPORTED);
	ck_assert_ptr_nonnull(strstr(why, "cd '/a\xff' && spurn compile -o /"));
	make_with("{\"format\": 0, \"zones\": {\"b.example\": [2]}, " SPECS "}", "abc", 3);
	ck_assert_int_eq(compiled_file_open(cdb_path, &file, NULL, why, sizeof(why)),
			 ERR_UNSUPPORTED);
	ck_assert_ptr_nonnull(strstr(why, "with this version's 'spurn compile'"));
	make_with("{\"format\": 0, \"datasets\": 7, \"zones\": [{}], \"options\": {}}", "abc", 3);
	ck_assert_int_eq(compiled_file_open(cdb_path, &file, NULL, why, sizeof(why)),
			 ERR_UNSUPPORTED);
	ck_assert_ptr_nonnull(strstr(why, "with this version's 'spurn compile'"));
	cdb_end();
}
END_TEST

/* A cdb of somebody else is told from one that is damaged. */
START_TEST(test_foreign)
{
	struct cdb_make cdb;
	compiled_file_t *file;
	char why[256];
	int fd;

	cdb_begin();
	fd = open(cdb_path, O_RDWR | O_CREAT | O_TRUNC, 0600);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(cdb_make_start(&cdb, fd), 0);
	ck_assert_int_eq(cdb_make_add(&cdb, "192.0.2.1", 9, "listed", 6), 0);
	ck_assert_int_eq(cdb_make_finish(&cdb), 0);
	close(fd);
	ck_assert_int_eq(compiled_file_open(cdb_path, &file, NULL, why, sizeof(why)), ERR_CORRUPT);
	ck_assert_ptr_nonnull(strstr(why, "not made by 'spurn compile'"));
	make_with("{}", "abc", 3);
	fd = open(cdb_path, O_WRONLY);
	ck_assert_int_eq(pwrite(fd, "\0\0\0\0\0", 5, 5 * 8), 5);
	/* No table has any place: nothing is found. */
	for (off_t place = 0; place < 2048; place += 8)
		ck_assert_int_eq(pwrite(fd, "\0\0\0\0", 4, place + 4), 4);
	close(fd);
	ck_assert_int_eq(compiled_file_open(cdb_path, &file, NULL, why, sizeof(why)), ERR_CORRUPT);
	ck_assert_ptr_nonnull(strstr(why, "damaged"));
	cdb_end();
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { test_round_trip, test_checksum,   test_abandon,
				       test_too_large,  test_truncated,  test_every_bit,
				       test_headers,    test_same_block, test_rebuild,
				       test_foreign };

	return run_tests("compiled_file", tests, COUNT_OF(tests));
}
