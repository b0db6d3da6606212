/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* Compiled lists as containers: what is written is read back, aligned; a file of which any bit is another one, or
 * that ends too early, is refused or gives what was written; and old formats say how they are made anew. */

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

int main(void)
{
	const TTest *const tests[] = { test_round_trip, test_checksum,  test_abandon,
				       test_too_large,  test_truncated, test_every_bit };

	return run_tests("compiled_file", tests, COUNT_OF(tests));
}
