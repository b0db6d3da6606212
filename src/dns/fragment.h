/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_DNS_FRAGMENT_H
#define SPURN_DNS_FRAGMENT_H

#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/cursor.h"
#include "base/error.h"
#include "dns/dns.h"

/* Records encoded once, when loading, and copied into many replies: SOA, NS and their glue.
 *
 * Their names are compressed (RFC 1035 section 4.1.4) against each other and against the zone apex,
 * which every question of the zone ends with. Where either will stand is known only in the reply,
 * so a fragment lists its pointers, and the copy relocates them:
 *
 *   question  [ 2 0 0 127 | bl.example ]            <- apex offset
 *   fragment  [ ->apex NS ns1 ->apex ][ ->apex NS ->"ns1" ... ]   <- base offset: its own start
 */
typedef struct dns_fragment dns_fragment_t;

/* Names that one builder remembers as targets for pointers; beyond that it compresses less. */
#define DNS_FRAGMENT_NAMES_MAX 256
/* Bytes that one builder takes: 33 name servers with the longest possible names, and glue. */
#define DNS_FRAGMENT_SIZE_MAX 16000

/* Where records are collected. Large: not for the stack of a worker. */
typedef struct dns_fragment_builder {
	writer_t out;
	size_t part;   /* where the fragment that is being built starts */
	size_t record; /* where the open record's RDLENGTH stands */
	uint16_t record_count;
	uint16_t pointer_count;
	uint16_t name_count;
	uint16_t pointers[DNS_FRAGMENT_NAMES_MAX]; /* positions of pointers in this part */
	struct {
		uint16_t target; /* as in a pointer, see fragment.c */
		uint8_t size;    /* of the name, in bytes */
		const uint8_t *name;
	} names[DNS_FRAGMENT_NAMES_MAX];
	uint8_t bytes[DNS_FRAGMENT_SIZE_MAX];
} dns_fragment_builder_t;

/* Starts over. The apex and all names given to the builder must stay where they are until it is
 * done. */
void dns_fragment_begin(dns_fragment_builder_t *builder, const uint8_t *apex) ATTR_NONNULL_ALL;

/* Opens a record of class IN; RDATA follows, then dns_fragment_record_end. `ttl` in seconds. */
void dns_fragment_record(dns_fragment_builder_t *builder, const uint8_t *owner, dns_type_t type,
			 uint32_t ttl) ATTR_NONNULL_ALL;
void dns_fragment_name(dns_fragment_builder_t *builder, const uint8_t *name) ATTR_NONNULL_ALL;
void dns_fragment_record_end(dns_fragment_builder_t *builder) ATTR_NONNULL_ALL;

/* Cuts off what was collected since the last cut as a fragment, which the caller frees with
 * free(). Fragments cut later from the same builder may point into it, so in a reply they have the
 * base offset of the first one and must come right behind it. Returns ERR_OK; ERR_NO_SPACE when the
 * records outgrew DNS_FRAGMENT_SIZE_MAX; or ERR_NOMEM. */
err_t dns_fragment_cut(dns_fragment_builder_t *builder,
		       dns_fragment_t **fragment) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Number of records. */
uint16_t dns_fragment_count(const dns_fragment_t *fragment) ATTR_NONNULL_ALL;

/* Appends a copy whose pointers refer to an apex at `apex_offset` and a first fragment at
 * `base_offset` of the message. Overruns `out` where it has no room, and behind the first 16 KiB of a
 * message, where pointers do not reach (RFC 1035 section 4.1.4). */
void dns_fragment_write(const dns_fragment_t *fragment, writer_t *out, size_t apex_offset,
			size_t base_offset) ATTR_NONNULL_ALL;

#endif
