/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* RDATA of TXT, for every size that a text can have. */

#include "test.h"

#include "dns/txt.h"

START_TEST(test_sizes)
{
	uint8_t *rdata = malloc(DNS_TXT_SIZE_MAX);

	ck_assert_ptr_nonnull(rdata);
	ck_assert_uint_eq(DNS_TXT_SIZE(1), 2);
	ck_assert_uint_eq(DNS_TXT_SIZE(255), 256);
	ck_assert_uint_eq(DNS_TXT_SIZE(256), 258);
	for (size_t size = 0; size <= DNS_TEXT_MAX; size++) {
		for (size_t i = 0; i < size; i++)
			rdata[1 + i] = (uint8_t)(i * 7 + i / 255);
		size_t framed = dns_txt_frame(rdata, size);
		ck_assert_uint_eq(framed, size == 0 ? 1 : DNS_TXT_SIZE(size));

		size_t at = 0;
		size_t read = 0;
		while (at < framed) {
			size_t length = rdata[at++];
			/* All are full but the last one, and only an empty text has an empty one. */
			ck_assert(length == 255 || at + length == framed);
			ck_assert(length > 0 || size == 0);
			for (size_t i = 0; i < length; i++, read++)
				ck_assert_uint_eq(rdata[at + i], (uint8_t)(read * 7 + read / 255));
			at += length;
		}
		ck_assert_uint_eq(at, framed);
		ck_assert_uint_eq(read, size);
	}
	free(rdata);
}
END_TEST

int main(void)
{
	const TTest *tests[] = { test_sizes };

	return run_tests("txt", tests, COUNT_OF(tests));
}
