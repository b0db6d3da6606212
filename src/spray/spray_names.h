/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_SPRAY_SPRAY_NAMES_H
#define SPURN_SPRAY_SPRAY_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/error.h"
#include "dns/dns.h"

/* The names that are asked for, and what the right answers are: some that are listed and, made up, some
 * that are not. */

/* Most types of queries. */
#define SPRAY_TYPES_MAX 8

/* What is right for a name. */
typedef struct spray_right {
	bool is_known;
	uint8_t rcode;
	/* A bit for each type: an answer has records, or has none. Neither: it may have. */
	uint8_t with_records;
	uint8_t without_records;
} spray_right_t;

/* A name to ask for. */
typedef struct spray_name {
	uint8_t *wire;       /* owned */
	unsigned own_labels; /* in front of the zone's name */
	spray_right_t right;
} spray_name_t;

/* Plain data; all zero is empty. */
typedef struct spray_names {
	spray_name_t *listed;
	size_t listed_count;
	size_t listed_capacity;
	spray_name_t *missing; /* not listed */
	size_t missing_count;
	size_t missing_capacity;
} spray_names_t;

/* What names are wanted. */
typedef struct spray_wish {
	size_t listed;  /* most names that are listed; of more, any are taken */
	size_t missing; /* names that are not */
	dns_type_t types[SPRAY_TYPES_MAX];
	unsigned type_count;
} spray_wish_t;

/* Adds a name of the wire, which is copied, of the zone `apex`. Returns ERR_OK or ERR_NOMEM. */
err_t spray_names_add_listed(spray_names_t *names, const uint8_t *wire, const uint8_t *apex,
			     spray_right_t right) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Tells what is right for a name that has been made up. Returns ERR_OK; ERR_RANGE if it is listed, or not
 * known to be not; or another error, which ends it. */
typedef err_t (*spray_look_up_t)(void *context, const uint8_t *wire, spray_right_t *right);

/* Adds `count` names that are not listed, made up after the pattern of those that are: addresses, or
 * names below the same top level, in the same zone. Returns ERR_OK; ERR_RANGE if next to all
 * that is made up is listed; ERR_NOMEM; or the error of `look_up`. */
err_t spray_names_make_up(spray_names_t *names, size_t count, spray_look_up_t look_up,
			  void *context) ATTR_NONNULL(1, 3) ATTR_NODISCARD;

/* Frees what they own, and empties them. */
void spray_names_clear(spray_names_t *names) ATTR_NONNULL_ALL;

#endif
