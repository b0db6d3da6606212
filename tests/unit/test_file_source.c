/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* The bytes of files, plain and compressed: all sizes and seams, every way in which a file can be
 * cut or damaged, and what stands behind compressed data. SPURN_SEED=n repeats a run. */

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#define ZLIB_CONST
#include <zlib.h>
#include <zstd.h>

#include "test.h"

#include "dataset_fixture.h"
#include "zonefile/file_source.h"

#define MAX (4 * 1024 * 1024)

/* A file, and what is to be read from it. */
typedef struct bytes {
	uint8_t data[MAX];
	size_t size;
} bytes_t;

static bytes_t file, text;

static void append(bytes_t *to, const void *data, size_t size)
{
	ck_assert_uint_le(to->size + size, MAX);
	memcpy(to->data + to->size, data, size);
	to->size += size;
}

static void append_gzip(const void *data, size_t size)
{
	z_stream stream = { 0 };

	ck_assert_int_eq(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY),
			 Z_OK);
	stream.next_in = data;
	stream.avail_in = (uInt)size;
	stream.next_out = file.data + file.size;
	stream.avail_out = (uInt)(MAX - file.size);
	ck_assert_int_eq(deflate(&stream, Z_FINISH), Z_STREAM_END);
	file.size = MAX - stream.avail_out;
	deflateEnd(&stream);
	append(&text, data, size);
}

static void append_zstd(const void *data, size_t size)
{
	ZSTD_CCtx *context = ZSTD_createCCtx();

	ck_assert(!ZSTD_isError(ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1)));
	size_t made = ZSTD_compress2(context, file.data + file.size, MAX - file.size, data, size);
	ck_assert(!ZSTD_isError(made));
	file.size += made;
	ZSTD_freeCCtx(context);
	append(&text, data, size);
}

typedef void append_t(const void *data, size_t size);

static append_t *const ways[] = { append_gzip, append_zstd };

/* What reading the file in pieces of `room` bytes comes to. */
typedef struct outcome {
	err_t err; /* the first one */
	bytes_t bytes;
	uint64_t garbage;
} outcome_t;

static outcome_t outcome;

static void read_file(size_t room)
{
	fixture_path_t path = fixture_path("file");
	file_source_t *source = NULL;
	size_t got = 1;

	fixture_write("file", file.data, file.size);
	outcome.bytes.size = 0;
	outcome.garbage = 0;
	outcome.err = file_source_open(path.text, false, &source);
	if (outcome.err != ERR_OK) {
		ck_assert_ptr_null(source);
		return;
	}
	while (outcome.err == ERR_OK && got > 0) {
		ck_assert_uint_le(outcome.bytes.size + room, MAX);
		outcome.err = file_source_read(source, outcome.bytes.data + outcome.bytes.size,
					       room, &got);
		MUST(got <= room, "%zu bytes more than asked for", got - room);
		outcome.bytes.size += got;
	}
	if (outcome.err == ERR_OK) {
		ck_assert_int_eq(file_source_check(source), ERR_OK);
		ck_assert_uint_eq(file_source_consumed(source), file.size);
		outcome.garbage = file_source_garbage(source);
		/* The end stays the end. */
		ck_assert_int_eq(file_source_read(source, outcome.bytes.data, 1, &got), ERR_OK);
		ck_assert_uint_eq(got, 0);
	}
	file_source_close(source);
}

static bool is_text(void)
{
	return outcome.bytes.size == text.size &&
	       memcmp(outcome.bytes.data, text.data, text.size) == 0;
}

static void start(void)
{
	file.size = text.size = 0;
}

static void end(void)
{
	fixture_remove((const char *const[]){ "file", NULL });
}

/* Fills `data` with what compresses well or not at all. */
static void make_data(uint8_t *data, size_t size, bool is_random)
{
	for (size_t i = 0; i < size; i++)
		data[i] = is_random ? (uint8_t)random_64() : (uint8_t) "1.2.3.4\n"[i % 8];
}

START_TEST(test_streams)
{
	static const size_t sizes[] = { 0, 1, 5, 1000, 131072, 262144, 500000 };
	static const size_t rooms[] = { 262144, 1 << 20, 4096, 1000 };
	static uint8_t data[500000];

	random_start(0);
	for (unsigned i = 0; i < 200; i++) {
		unsigned count = random_below(4);
		start();
		for (unsigned stream = 0; stream <= count; stream++) {
			size_t size = sizes[random_below(COUNT_OF(sizes))];
			make_data(data, size, random_below(2) == 0);
			ways[i < 50 ? 0 : i < 100 ? 1 : random_below(2)](data, size);
		}
		read_file(i < 20 ? 1 + random_below(20) + text.size / 100000
				 : rooms[random_below(COUNT_OF(rooms))]);
		ck_assert_int_eq(outcome.err, ERR_OK);
		ck_assert(is_text());
		ck_assert_uint_eq(outcome.garbage, 0);
	}
	end();
}
END_TEST

START_TEST(test_plain)
{
	static const struct {
		const char *bytes;
		size_t size;
		err_t err;
	} rows[] = {
		{ "", 0, ERR_OK },
		{ "\x1f", 1, ERR_OK },
		{ "\x1f\n\x8b", 3, ERR_OK },
		{ "\n\x1f\x8b", 3, ERR_OK },
		{ "\0\0\x1f\x8b", 4, ERR_OK },
		{ "\x28\xb5\x2f", 3, ERR_OK },
		{ "P*M\n", 4, ERR_OK },
		{ "BZh9.com\nPK.com\n", 16, ERR_OK },
		{ "\x78\x9c", 2, ERR_OK }, /* zlib's own format has no magic */
		{ "\x1f\x8b", 2, ERR_TRUNCATED },
		{ "\x28\xb5\x2f\xfd", 4, ERR_TRUNCATED },
		{ "P*M\x18", 4, ERR_TRUNCATED },
		{ "_*M\x18\0\0\0", 7, ERR_TRUNCATED },
		{ "\x1f\x8b\x09\0\0\0\0\0\0\0\0\0", 12, ERR_CORRUPT },
		{ "\xfd"
		  "7zXZ\0\0",
		  7, ERR_UNSUPPORTED },
		{ "BZh91AY&SY", 10, ERR_UNSUPPORTED },
		{ "BZh11AY&SYx", 11, ERR_UNSUPPORTED },
		{ "\x04\x22\x4d\x18", 4, ERR_UNSUPPORTED },
		{ "PK\3\4", 4, ERR_UNSUPPORTED },
		{ "7z\xbc\xaf\x27\x1c", 6, ERR_UNSUPPORTED },
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		start();
		append(&file, rows[i].bytes, rows[i].size);
		append(&text, rows[i].bytes, rows[i].size);
		read_file(100);
		ck_assert_msg(outcome.err == rows[i].err, "row %zu: %s", i, err_text(outcome.err));
		ck_assert(outcome.err != ERR_OK || is_text());
	}
	end();
}
END_TEST

/* What follows compressed data: with gzip what gzip(1) makes of it, with zstd an error. */
START_TEST(test_behind)
{
	static const struct {
		const char *bytes;
		size_t size;
		err_t gzip;
		uint64_t garbage;
		err_t zstd;
	} rows[] = {
		{ "\0", 1, ERR_OK, 0, ERR_CORRUPT },
		{ "\0\0\0\0\0\0\0\0\0\0\0\0", 12, ERR_OK, 0, ERR_CORRUPT },
		{ "1.2.3.5\n", 8, ERR_OK, 8, ERR_CORRUPT },
		{ "\0\0x", 3, ERR_OK, 1, ERR_CORRUPT },
		{ "\0x\0\0", 4, ERR_OK, 3, ERR_CORRUPT },
		{ "\x1f", 1, ERR_TRUNCATED, 0, ERR_TRUNCATED },
		{ "\x1f\x8b", 2, ERR_TRUNCATED, 0, ERR_TRUNCATED },
		{ "\x28\xb5", 2, ERR_TRUNCATED, 0, ERR_TRUNCATED },
		{ "\0\x1f\x8b\x08", 4, ERR_TRUNCATED, 0, ERR_CORRUPT },
		{ "\x1f\x8c", 2, ERR_OK, 2, ERR_CORRUPT },
		{ "PK\3\4", 4, ERR_UNSUPPORTED, 0, ERR_UNSUPPORTED },
		{ "P*M\x18\3\0\0\0abc", 11, ERR_OK, 0, ERR_OK }, /* a frame to be skipped */
	};
	static const uint8_t zeros[400000];

	for (size_t i = 0; i < COUNT_OF(rows) * 2; i++) {
		bool is_zstd = i % 2 == 1;
		err_t expected = is_zstd ? rows[i / 2].zstd : rows[i / 2].gzip;
		start();
		ways[is_zstd]("1.2.3.4\n", 8);
		append(&file, rows[i / 2].bytes, rows[i / 2].size);
		read_file(100);
		ck_assert_msg(outcome.err == expected, "row %zu: %s", i, err_text(outcome.err));
		ck_assert(outcome.err != ERR_OK || is_text());
		ck_assert_uint_eq(outcome.garbage, expected == ERR_OK ? rows[i / 2].garbage : 0);
	}
	/* Much of it; then, unlike gzip(1), another member is not lost. */
	start();
	append_gzip("1.2.3.4\n", 8);
	append(&file, zeros, sizeof(zeros));
	append_gzip("1.2.3.5\n", 8);
	append(&file, "x", 1);
	append(&file, zeros, sizeof(zeros));
	read_file(100);
	ck_assert_int_eq(outcome.err, ERR_OK);
	ck_assert(is_text());
	ck_assert_uint_eq(outcome.garbage, sizeof(zeros) + 1);
	end();
}
END_TEST

/* A file cut anywhere is an error, unless the cut is between two streams. */
START_TEST(test_cut)
{
	for (unsigned i = 0; i < 4; i++) {
		start();
		ways[i & 1]("1.2.3.4\n1.2.3.5\n", 16);
		size_t first = file.size;
		ways[i >> 1]("1.2.3.6\n1.2.3.7\n", 16);
		for (size_t size = file.size; size-- > 4;) {
			file.size = size;
			read_file(100);
			ck_assert_msg(outcome.err == (size == first ? ERR_OK : ERR_TRUNCATED),
				      "cut %u to %zu: %s", i, size, err_text(outcome.err));
		}
	}
	end();
}
END_TEST

/* Whatever bit flips, nothing else is read than what was compressed. */
START_TEST(test_flipped)
{
	unsigned good = 0;

	for (unsigned i = 0; i < 2; i++) {
		start();
		ways[i]("1.2.3.4\n10.0.0.0/8 a text\n1.2.3.5\n", 34);
		for (size_t bit = 4 * 8; bit < file.size * 8; bit++) {
			file.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
			read_file(100);
			file.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
			ck_assert_msg(outcome.err != ERR_OK || is_text(), "bit %zu of way %u", bit,
				      i);
			good += outcome.err == ERR_OK;
		}
	}
	/* Nobody needs gzip's time, effort and system, the bits that fill its last byte, and zstd's
	 * unused one. */
	ck_assert_uint_le(good, 6 * 8 + 7 + 1);
	end();
}
END_TEST

/* Frames that want a large window: the header says so, and that is what counts. */
START_TEST(test_window)
{
	static const char block[] = "\x31\0\0hello\n"; /* the last one, raw, of 6 bytes */
	uint8_t frame[] = { 0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x00 };

	for (unsigned exponent = 10; exponent < 42; exponent++) {
		start();
		frame[5] = (uint8_t)((exponent - 10) << 3);
		append(&file, frame, sizeof(frame));
		append(&file, block, sizeof(block) - 1);
		append(&text, "hello\n", 6);
		read_file(100);
		ck_assert_int_eq(outcome.err, exponent <= 27 ? ERR_OK : ERR_TOO_LARGE);
		ck_assert(outcome.err != ERR_OK || is_text());
	}
	/* A dictionary that nobody gave us. */
	start();
	append(&file, "\x28\xb5\x2f\xfd\x01\x00\x07", 7);
	append(&file, block, sizeof(block) - 1);
	read_file(100);
	ck_assert_int_eq(outcome.err, ERR_UNSUPPORTED);
	end();
}
END_TEST

/* 12 KiB that become 400 MB take no memory. */
START_TEST(test_bomb)
{
	static const char header[] = "\x28\xb5\x2f\xfd\x00\x58";   /* a window of 2 MiB */
	static const uint8_t block[] = { 0x02, 0x00, 0x10, '\n' }; /* 128 KiB of newlines */
	static uint8_t buffer[256 * 1024];
	const uint64_t expected = UINT64_C(3200) * (128 << 10);
	struct rusage before, after;
	fixture_path_t path = fixture_path("file");
	file_source_t *source;
	uint64_t total = 0;
	size_t got = 1;

	start();
	append(&file, header, sizeof(header) - 1);
	for (unsigned i = 0; i < 3200; i++)
		append(&file, block, sizeof(block));
	file.data[file.size - 4] |= 1; /* the last one */
	fixture_write("file", file.data, file.size);
	getrusage(RUSAGE_SELF, &before);
	ck_assert_int_eq(file_source_open(path.text, false, &source), ERR_OK);
	while (got > 0) {
		ck_assert_int_eq(file_source_read(source, buffer, sizeof(buffer), &got), ERR_OK);
		total += got;
	}
	file_source_close(source);
	getrusage(RUSAGE_SELF, &after);
	ck_assert_uint_eq(total, expected);
	ck_assert_int_lt(after.ru_maxrss - before.ru_maxrss, 32 * 1024); /* KiB */
	end();
}
END_TEST

START_TEST(test_refused)
{
	fixture_path_t path = fixture_path("file");
	file_source_t *source = NULL;

	for (unsigned i = 0; i < COUNT_OF(ways); i++) {
		start();
		ways[i]("1.2.3.4\n", 8);
		fixture_write("file", file.data, file.size);
		ck_assert_int_eq(file_source_open(path.text, true, &source), ERR_COMPRESSED);
		ck_assert_ptr_null(source);
	}
	fixture_write("file", "1.2.3.4\n", 8);
	ck_assert_int_eq(file_source_open(path.text, true, &source), ERR_OK);
	file_source_close(source);
	file_source_close(NULL);
	end();
}
END_TEST

/* A compressed file that is written to meanwhile is noticed, though it decompresses well. */
START_TEST(test_changed)
{
	static const struct timespec times[2] = { { .tv_nsec = UTIME_OMIT }, { .tv_sec = 1 } };
	fixture_path_t path = fixture_path("file");
	uint8_t buffer[100];
	file_source_t *source;
	size_t got;

	start();
	append_gzip("1.2.3.4\n", 8);
	fixture_write("file", file.data, file.size);
	ck_assert_int_eq(file_source_open(path.text, false, &source), ERR_OK);
	ck_assert_int_eq(file_source_check(source), ERR_OK);
	ck_assert_int_eq(utimensat(AT_FDCWD, path.text, times, 0), 0);
	ck_assert_int_eq(file_source_read(source, buffer, sizeof(buffer), &got), ERR_OK);
	ck_assert_uint_eq(got, 8);
	ck_assert_int_eq(file_source_check(source), ERR_CHANGED);
	file_source_close(source);
	end();
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		test_streams, test_plain, test_behind,  test_cut,     test_flipped,
		test_window,  test_bomb,  test_refused, test_changed,
	};

	return run_tests("file_source", tests, COUNT_OF(tests));
}
