/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_LOAD_LIST_H
#define SPURN_LOAD_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/error.h"
#include "dns/dns.h"

/* Lists that follow a rule, so that whoever knows it knows the right answer to every question without
 * having the list. A list has a seed and generations 1 to LIST_GENERATION_MAX. Its entries are numbers
 * that a bijection turns into keys in no order; of each 16 numbers 14 are in every generation, one is in
 * odd ones only, one in even ones. Numbers from `span` on are never listed.
 *
 * Every answer tells its generation: 127.1.G/256.G%256, "generation G", and the serial of the SOA, which
 * also comes with the answer that something is not listed. */

#define LIST_GENERATION_MAX 65535

typedef enum list_type {
	LIST_IP4SET,
	LIST_IP4TRIE,
	LIST_IP4TSET,
	LIST_IP6TRIE,
	LIST_DNSET,
	LIST_TYPES
} list_type_t;

/* Plain data. */
typedef struct list {
	list_type_t type;
	uint32_t seed;
	uint32_t span; /* numbers that may be listed: a multiple of 16 */
	uint8_t apex[DNS_NAME_MAX];
	size_t apex_size;
} list_t;

/* Fills in `list`: `entries` (up to 2^31) is how many are listed at a time, rounded up to 15s. Returns
 * ERR_OK, or ERR_INVAL for a type or zone that makes no sense. */
err_t list_init(list_t *list, const char *type, const char *zone, uint32_t entries,
		uint32_t seed) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Is the number in this generation? */
bool list_has(const list_t *list, uint32_t number, uint32_t generation) ATTR_NONNULL_ALL;

/* Writes the question's name for a number, on the wire, and returns its size. */
size_t list_name(const list_t *list, uint32_t number, uint8_t name[DNS_NAME_MAX]) ATTR_NONNULL_ALL;

/* Writes a generation to a new file. Returns ERR_OK or an errno value. */
err_t list_write(const list_t *list, uint32_t generation,
		 const char *path) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Makes a file that list_write has made another generation, which is odd if the one in it is, and even if
 * it is even: only the head changes, so this costs nothing. Returns ERR_OK or an errno value. */
err_t list_stamp(uint32_t generation, const char *path) ATTR_NONNULL_ALL ATTR_NODISCARD;

#endif
