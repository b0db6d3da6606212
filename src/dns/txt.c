/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "dns/txt.h"

#include <string.h>

size_t dns_txt_frame(uint8_t rdata[DNS_TXT_SIZE_MAX], size_t size)
{
	/* From the last string on, as each moves by the lengths before it. */
	for (size_t i = size == 0 ? 0 : (size - 1) / DNS_STRING_MAX; i > 0; i--) {
		size_t start = i * DNS_STRING_MAX;
		size_t left = size - start;
		size_t length = left < DNS_STRING_MAX ? left : DNS_STRING_MAX;
		uint8_t *string = rdata + DNS_TXT_SIZE(start);

		memmove(string + 1, rdata + 1 + start, length);
		string[0] = (uint8_t)length;
	}
	rdata[0] = (uint8_t)(size < DNS_STRING_MAX ? size : DNS_STRING_MAX);
	return size == 0 ? 1 : DNS_TXT_SIZE(size);
}
