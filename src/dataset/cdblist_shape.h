/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_DATASET_CDBLIST_SHAPE_H
#define SPURN_DATASET_CDBLIST_SHAPE_H

#include "dataset/cdblist_key.h"

/* What is known of a list without its keys, in the same memory whatever there are of them: enough to ask for few keys
 * that are not there, and never to say of a name that nothing is below it where something is (RFC 8020).
 *
 *   - which lengths prefixes have, and how many labels names, for each way to write them: other keys need not be
 *     looked up;
 *   - for IPv4 one bit for each /8, /16 and /24 that has a key of that length or longer within it. Exact.
 *   - for IPv6, down to /64, and for names a filter: one bit, found by a hash, for each block of whole nibbles and each
 *     name that has a key within or below it. A bit that is not set says that there is none. One that is set may be
 *     another's: then a name has no data instead of not being there, which says as much to who asks for its
 *     address.
 *
 * Exclusions are keys as well: they have to be found. Built by one thread; then any number may read it. */
typedef struct cdblist_shape cdblist_shape_t;

/* Two ways to write what is found at one place: */
enum {
	CDBLIST_FORM_FIRST, /* 192.0.2.1, any prefix; example.com for a name, *.example.com below it */
	CDBLIST_FORM_SECOND, /* 192.0.2.1/32; .example.com for both */
	CDBLIST_FORMS,
};

/* Where to look. */
typedef enum cdblist_place_kind {
	CDBLIST_PLACE_IP4,
	CDBLIST_PLACE_IP6,
	CDBLIST_PLACE_PLAIN, /* for a name itself */
	CDBLIST_PLACE_BELOW, /* for the names below one */
	CDBLIST_PLACES,
} cdblist_place_kind_t;

/* Longest place: a prefix in bits, a name in labels. */
#define CDBLIST_LENGTH_MAX 128

/* NULL for want of memory. The caller frees it; NULL is fine to free. */
cdblist_shape_t *cdblist_shape_new(void);
void cdblist_shape_free(cdblist_shape_t *shape);

/* Takes a key in. Returns ERR_OK or ERR_NOMEM. */
err_t cdblist_shape_add(cdblist_shape_t *shape,
			const cdblist_key_t *key) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* After the last key, and before anybody asks. */
void cdblist_shape_settle(cdblist_shape_t *shape) ATTR_NONNULL_ALL;

/* Bytes of memory that it takes at most; what no key needed has never been touched. */
size_t cdblist_shape_memory(const cdblist_shape_t *shape) ATTR_NONNULL_ALL;

/* Has any key this kind of place and this length, written in this form? */
bool cdblist_shape_occurs(const cdblist_shape_t *shape, cdblist_place_kind_t kind, unsigned length,
			  bool is_exclusion, unsigned form) ATTR_NONNULL_ALL;

/* The greatest length of such a place, at most `most`, that occurs in any form, with or without an exclusion; -1: none. */
int cdblist_shape_next(const cdblist_shape_t *shape, cdblist_place_kind_t kind,
		       int most) ATTR_NONNULL_ALL;

/* How long a prefix with this address can be; more need not be looked up. */
int cdblist_shape_ip4_longest(const cdblist_shape_t *shape, uint32_t address) ATTR_NONNULL_ALL;
int cdblist_shape_ip6_longest(const cdblist_shape_t *shape, ip6_address_t address) ATTR_NONNULL_ALL;

/* May there be a key as long as the prefix, or longer, within it? `length` is 0..31, or 4..124. */
bool cdblist_shape_has_ip4(const cdblist_shape_t *shape, uint32_t address,
			   unsigned length) ATTR_NONNULL_ALL;
bool cdblist_shape_has_ip6(const cdblist_shape_t *shape, ip6_address_t address,
			   unsigned length) ATTR_NONNULL_ALL;

/* How far down from the top names exist. */
typedef struct cdblist_reach {
	unsigned names;     /* the name that the last so many labels make has a key below it */
	unsigned wildcards; /* and is one that wildcards may be for */
} cdblist_reach_t;

/* Both for name[labels[0]]...name[labels[count - 1]]; neither is more than `count`. */
cdblist_reach_t cdblist_shape_reach(const cdblist_shape_t *shape, const uint8_t *name,
				    const uint8_t *labels, unsigned count) ATTR_NONNULL_ALL;

#endif
