/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* The cursor's sticky error: after the first access outside of the bounds nothing moves any more. */

#include "test.h"

#include "base/cursor.h"

START_TEST(test_reader)
{
	static const uint8_t data[] = { 1, 2, 3, 4, 5, 6 };
	reader_t reader = { .data = data, .size = sizeof(data) };

	ck_assert_uint_eq(reader_u16(&reader), 0x102);
	ck_assert_uint_eq(reader_u8(&reader), 3);
	reader_skip(&reader, 0);
	reader_skip(&reader, 2);
	ck_assert(!reader.overrun);
	/* One byte is left. */
	ck_assert_uint_eq(reader_u16(&reader), 0);
	ck_assert(reader.overrun);
	ck_assert_uint_eq(reader_u8(&reader), 0);
	ck_assert_uint_eq(reader.position, 5);

	/* To the end and no further; a size that would wrap around is refused. */
	reader = (reader_t){ .data = data, .size = sizeof(data), .position = 5 };
	ck_assert_uint_eq(reader_u8(&reader), 6);
	ck_assert(reader_take(&reader, 0));
	reader_skip(&reader, SIZE_MAX);
	ck_assert(reader.overrun);
	ck_assert(!reader_take(&reader, 0));
	ck_assert_uint_eq(reader.position, sizeof(data));
}
END_TEST

START_TEST(test_writer)
{
	uint8_t data[13];
	writer_t writer = { .data = data, .size = sizeof(data) - 1 };

	memset(data, 0xee, sizeof(data));
	writer_u8(&writer, 1);
	writer_u16(&writer, 0x203);
	writer_u32(&writer, 0x4050607);
	writer_bytes(&writer, "\x8\x9", 2);
	writer_bytes(&writer, "x", 0);
	ck_assert_uint_eq(writer.position, 9);
	/* Three bytes are left: nothing of what takes four is written, nor what follows. */
	writer_u32(&writer, UINT32_MAX);
	ck_assert(writer.overrun);
	writer_u8(&writer, 0xff);
	writer_bytes(&writer, "x", 1);
	ck_assert_uint_eq(writer.position, 9);
	ck_assert_mem_eq(data, "\1\2\3\4\5\6\7\x8\x9\xee\xee\xee\xee", sizeof(data));

	/* Full to the last byte. */
	writer = (writer_t){ .data = data, .size = sizeof(data) - 1, .position = 8 };
	writer_u32(&writer, 0xfffefdfc);
	ck_assert(!writer.overrun);
	ck_assert_mem_eq(data + 8, "\xff\xfe\xfd\xfc\xee", 5);
	ck_assert_uint_eq(get_u32(data + 8), 0xfffefdfc);
	ck_assert_uint_eq(get_u16(data + 8), 0xfffe);
	writer_bytes(&writer, data, 1);
	ck_assert(writer.overrun);
}
END_TEST

int main(void)
{
	const TTest *tests[] = { test_reader, test_writer };

	return run_tests("cursor", tests, COUNT_OF(tests));
}
