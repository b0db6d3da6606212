/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_CATALOG_DUMP_WRITER_H
#define SPURN_CATALOG_DUMP_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/attributes.h"
#include "dns/dns.h"
#include "dns/reply.h"

/* Characters of an owner, star and dots included. */
#define DUMP_OWNER_MAX (4 * DNS_NAME_MAX + 2)

/* Lines of a master file, one zone at a time. Errors of `out` stay with it (ferror). */
typedef struct dump_writer {
	FILE *out;
	uint32_t ttl_s; /* the $TTL in force */
	char owner[DUMP_OWNER_MAX];
	size_t owner_size;
	bool is_owner_written; /* the next line goes without */
	bool is_host_name;     /* of letters, digits and hyphens (RFC 952): BIND wants no other */
	bool has_odd_hosts;    /* there were A records of others */
} dump_writer_t;

/* Starts the zone with its $ORIGIN and $TTL. */
void dump_writer_begin(dump_writer_t *writer, FILE *out, const uint8_t *apex,
		       uint32_t ttl_s) ATTR_NONNULL_ALL;

/* The lines to come are about the name with that key (see dataset_node_t), or the wildcard below
 * it. */
void dump_writer_owner(dump_writer_t *writer, const uint8_t *key, size_t key_size, bool is_wildcard)
	ATTR_NONNULL(1);

/* Writes owner, TTL and type of a record; its data and the newline are for the caller to write. */
void dump_writer_record(dump_writer_t *writer, uint32_t ttl_s, const char *type) ATTR_NONNULL_ALL;

/* Writes a name absolutely. */
void dump_writer_name(dump_writer_t *writer, const uint8_t *name) ATTR_NONNULL_ALL;

/* Writes the RRsets (A, TXT and MX) that stand in a reply from its first byte on. */
void dump_writer_rrsets(dump_writer_t *writer, const dns_reply_t *reply) ATTR_NONNULL_ALL;

#endif
