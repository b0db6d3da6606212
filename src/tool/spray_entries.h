/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_TOOL_SPRAY_ENTRIES_H
#define SPURN_TOOL_SPRAY_ENTRIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/error.h"
#include "catalog/plan.h"
#include "dataset/observer.h"
#include "spray/spray_random.h"

/* Entries of data sets, of which a few are chosen, each equally likely, however many there are (reservoir
 * sampling), and names for them. One may be excluded by another entry. */

typedef struct spray_entry {
	dataset_entry_kind_t kind;
	union {
		struct {
			uint32_t first;
			uint32_t last;
		} ip4;
		struct {
			ip6_address_t address;
			unsigned length;
		} ip6;
		bool is_wildcard_only; /* names: those below it */
	} key;
	uint8_t *name; /* on the wire; of addresses, that of the zone, or of a part of it; owned */
	const uint8_t *apex; /* of the zone; as spray_entries_read got it */
} spray_entry_t;

/* Plain data; all zero but `max` is empty. */
typedef struct spray_entries {
	spray_entry_t *entries;
	size_t count;
	size_t capacity;
	size_t max;    /* entries that are kept */
	uint64_t seen; /* entries */
	spray_random_t random;
} spray_entries_t;

/* Reads a data set of the zone `apex`, which is kept, and chooses from its entries. Returns ERR_OK;
 * ERR_LOAD when it cannot be read, which has been logged; or ERR_NOMEM. */
err_t spray_entries_read(spray_entries_t *entries, const uint8_t *apex,
			 const plan_dataset_t *dataset) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* How many names an entry stands for; UINT64_MAX for more. */
uint64_t spray_entry_size(const spray_entry_t *entry) ATTR_NONNULL_ALL;

/* Writes any name that an entry stands for. Returns false if that is too long for one. */
bool spray_entries_name(spray_entries_t *entries, size_t number,
			uint8_t name[DNS_NAME_MAX]) ATTR_NONNULL_ALL;

/* Frees what they own, and empties them. */
void spray_entries_clear(spray_entries_t *entries) ATTR_NONNULL_ALL;

#endif
