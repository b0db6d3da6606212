/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* Any cdb: what is in it is found, what is not is not, and whatever a file says, nothing outside of it is
 * read and everything ends. SPURN_SEED=n repeats a run. */

#include <cdb.h>

#include "base/attributes.h"
#include "cdb/cdb_file.h"
#include "cdb_fixture.h"

#define RECORDS 3000
#define TEXT    40

static char keys[RECORDS][TEXT];
static char values[RECORDS][TEXT];

/* A cdb of the first `count` of random keys, some of which come several times. */
static void make(unsigned count)
{
	struct cdb_make cdb;
	int fd = open(cdb_path, O_RDWR | O_CREAT | O_TRUNC, 0600);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(cdb_make_start(&cdb, fd), 0);
	for (unsigned i = 0; i < count; i++) {
		snprintf(keys[i], TEXT, "%.*s", (int)random_below(TEXT),
			 "a key that is cut somewhere else each time");
		if (random_below(4) > 0)
			snprintf(keys[i], TEXT, "%u", random_below(100000));
		snprintf(values[i], TEXT, "value %u", i);
		ck_assert_int_eq(cdb_make_add(&cdb, keys[i], (unsigned)strlen(keys[i]), values[i],
					      (unsigned)strlen(values[i])),
				 0);
	}
	ck_assert_int_eq(cdb_make_finish(&cdb), 0);
	close(fd);
}

/* The first of keys[0..count) that is `key`; `count`: none. */
static unsigned model(const char *key, unsigned count)
{
	unsigned i = 0;

	while (i < count && strcmp(keys[i], key) != 0)
		i++;
	return i;
}

static void compare(const cdb_file_t *file, const char *key, unsigned count)
{
	unsigned expected = model(key, count);
	const void *value = NULL;
	size_t size = 0;

	if (expected == count) {
		ck_assert(!cdb_file_find(file, key, strlen(key), &value, &size));
		ck_assert_ptr_null(value);
		return;
	}
	ck_assert(cdb_file_find(file, key, strlen(key), &value, &size));
	ck_assert_uint_eq(size, strlen(values[expected]));
	ck_assert_mem_eq(value, values[expected], size);
}

START_TEST(test_find)
{
	static const unsigned counts[] = { 0, 1, 2, 10, 256, RECORDS };

	random_start(1);
	cdb_begin();
	for (size_t n = 0; n < COUNT_OF(counts); n++) {
		cdb_file_t *file;
		file_stamp_t stamp;
		file_stamp_t now;

		make(counts[n]);
		ck_assert_int_eq(cdb_file_open(cdb_path, &file, &stamp), ERR_OK);
		ck_assert_int_eq(file_stamp_get(cdb_path, &now), ERR_OK);
		ck_assert(file_stamp_is_equal(&stamp, &now));
		for (unsigned i = 0; i < counts[n]; i++) {
			char key[TEXT];

			compare(file, keys[i], counts[n]);
			snprintf(key, sizeof(key), "%u", random_below(100000));
			compare(file, key, counts[n]);
		}
		cdb_file_close(file);
	}
	cdb_end();
}
END_TEST

static err_t count_record(void *context, const void *key, size_t key_size, const void *value,
			  size_t value_size)
{
	unsigned *number = context;

	ck_assert_uint_eq(key_size, strlen(keys[*number]));
	ck_assert_mem_eq(key, keys[*number], key_size);
	ck_assert_uint_eq(value_size, strlen(values[*number]));
	ck_assert_mem_eq(value, values[*number], value_size);
	++*number;
	return *number == 2000 ? ERR_LOAD : ERR_OK;
}

START_TEST(test_walk)
{
	cdb_file_t *file;
	unsigned number = 0;
	size_t size;
	size_t real_size;
	uint8_t *bytes;

	random_start(2);
	cdb_begin();
	make(1999);
	ck_assert_int_eq(cdb_file_open(cdb_path, &file, NULL), ERR_OK);
	ck_assert_int_eq(cdb_file_walk(file, count_record, &number), ERR_OK);
	ck_assert_uint_eq(number, 1999);
	bytes = cdb_bytes(&real_size);
	ck_assert_ptr_nonnull(cdb_file_memory(file, &size));
	ck_assert_uint_eq(size, real_size);
	ck_assert_mem_eq(cdb_file_memory(file, &size), bytes, size);
	free(bytes);
	cdb_file_close(file);

	/* What the visitor says ends it. */
	make(RECORDS);
	number = 0;
	ck_assert_int_eq(cdb_file_open(cdb_path, &file, NULL), ERR_OK);
	ck_assert_int_eq(cdb_file_walk(file, count_record, &number), ERR_LOAD);
	ck_assert_uint_eq(number, 2000);
	cdb_file_close(file);
	cdb_end();
}
END_TEST

START_TEST(test_refused)
{
	static const uint8_t zeros[2048];
	cdb_file_t *file;

	cdb_begin();
	ck_assert_int_eq(cdb_file_open(cdb_path, &file, NULL), -ENOENT);
	ck_assert_int_eq(cdb_file_open(cdb_directory, &file, NULL), ERR_INVAL);
	ck_assert_int_eq(cdb_file_open("/dev/null", &file, NULL), ERR_INVAL);
	cdb_write(zeros, 0);
	ck_assert_int_eq(cdb_file_open(cdb_path, &file, NULL), ERR_CORRUPT);
	cdb_write(zeros, sizeof(zeros) - 1);
	ck_assert_int_eq(cdb_file_open(cdb_path, &file, NULL), ERR_CORRUPT);
	/* More than a cdb can be: the file has no blocks, it is only long. */
	ck_assert_int_eq(truncate(cdb_path, (off_t)1 << 32), 0);
	ck_assert_int_eq(cdb_file_open(cdb_path, &file, NULL), ERR_CORRUPT);
	/* It must not wait for somebody to write to a pipe. */
	ck_assert_int_eq(unlink(cdb_path), 0);
	ck_assert_int_eq(mkfifo(cdb_path, 0600), 0);
	ck_assert_int_eq(cdb_file_open(cdb_path, &file, NULL), ERR_INVAL);
	cdb_end();
}
END_TEST

static err_t touch_record(void *context, const void *key, size_t key_size, const void *value,
			  size_t value_size)
{
	unsigned *sum = context;

	for (size_t i = 0; i < key_size; i++)
		*sum += ((const uint8_t *)key)[i];
	for (size_t i = 0; i < value_size; i++)
		*sum += ((const uint8_t *)value)[i];
	return ERR_OK;
}

/* Reads all that can be found in what is there now, if it is a cdb at all. */
static void read_all(void)
{
	cdb_file_t *file;
	unsigned sum = 0;

	if (cdb_file_open(cdb_path, &file, NULL) != ERR_OK)
		return;
	(void)!cdb_file_walk(file, touch_record, &sum);
	for (unsigned i = 0; i < 8; i++) {
		const void *value;
		size_t size;

		if (cdb_file_find(file, keys[i], strlen(keys[i]), &value, &size))
			ck_assert_int_eq(touch_record(&sum, "", 0, value, size), ERR_OK);
	}
	cdb_file_close(file);
}

/* Every length of a small file, and what looks like lengths and places set to what hurts. */
START_TEST(test_hostile)
{
	static const uint32_t evil[] = {
		0, 1, 7, 2047, 2048, 0x7fffffff, 0x80000000, 0xfffffff0, 0xfffffff8, 0xffffffff
	};
	uint8_t *bytes;
	size_t size;

	random_start(3);
	cdb_begin();
	make(8);
	bytes = cdb_bytes(&size);
	for (size_t length = size; length-- > 0;) {
		cdb_file_t *file;

		ck_assert_int_eq(truncate(cdb_path, (off_t)length), 0);
		ck_assert_int_eq(cdb_file_open(cdb_path, &file, NULL), ERR_CORRUPT);
	}
	for (unsigned round = 0; round < 5000; round++) {
		uint8_t *copy = malloc(size);

		ck_assert_ptr_nonnull(copy);
		memcpy(copy, bytes, size);
		for (unsigned i = 0; i < 1 + round % 4; i++) {
			/* Anywhere, or where tables and records are. */
			unsigned place = random_below(2)
						 ? 2048 + random_below((unsigned)size - 2052)
						 : random_below((unsigned)size - 4);
			uint32_t value = evil[random_below(COUNT_OF(evil))] + random_below(3);

			cdb_pack(value, copy + place);
		}
		cdb_write(copy, size);
		free(copy);
		read_all();
	}
	free(bytes);
	cdb_end();
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { test_find, test_walk, test_refused, test_hostile };

	return run_tests("cdb_file", tests, COUNT_OF(tests));
}
