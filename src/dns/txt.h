/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_DNS_TXT_H
#define SPURN_DNS_TXT_H

#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "dns/dns.h"

/* Texts as the RDATA of TXT: one character-string, or where that is too short, several (RFC 1035
 * section 3.3.14), which readers put together again. Pure functions; any thread. */

/* Most bytes of a text; what is longer is cut. Sixteen such texts at one name still fit into a
 * message (65,535 bytes), so that it can be answered at all; a reply with one of them goes over TCP.
 * Nobody writes longer reasons into a list, and buffers of this size may be on the stack. */
#define DNS_TEXT_MAX 4096

/* Bytes of RDATA for a text of `size` bytes, at least 1. */
#define DNS_TXT_SIZE(size) ((size) + ((size) + DNS_STRING_MAX - 1) / DNS_STRING_MAX)

/* Most bytes of RDATA. */
#define DNS_TXT_SIZE_MAX DNS_TXT_SIZE(DNS_TEXT_MAX)

/* Makes RDATA of a text of `size` bytes, at most DNS_TEXT_MAX, that stands at rdata[1]: strings of 255
 * bytes and what is left; an empty string of an empty text. Returns the size in bytes. */
size_t dns_txt_frame(uint8_t rdata[DNS_TXT_SIZE_MAX], size_t size) ATTR_NONNULL_ALL;

#endif
