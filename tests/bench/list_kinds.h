/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_BENCH_LIST_KINDS_H
#define SPURN_BENCH_LIST_KINDS_H

#include <stdbool.h>
#include <stdint.h>

/* Lists that are made up for measuring answers, and names to ask for. A list has one entry in each of
 * some areas: a /24, a /64 or a domain. An area is any 64 bits. Plain data. */
typedef struct list_kind {
	const char *zone;
	const char *type; /* of the data set */
	/* Writes the line of the area's entry, at most LIST_LINE_MAX bytes with the NUL. */
	void (*entry)(char *text, uint64_t area);
	/* Writes a name in the zone, at most DNS_NAME_MAX bytes with the NUL: that of the entry, or,
	 * one label less, that of the area. */
	void (*name)(char *text, uint64_t area, bool is_whole);
} list_kind_t;

#define LIST_LINE_MAX 64

typedef enum list_kind_number { LIST_IP4, LIST_IP6, LIST_NAMES, LIST_KINDS } list_kind_number_t;

extern const list_kind_t list_kinds[LIST_KINDS];

#endif
