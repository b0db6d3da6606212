/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_DATASET_OBSERVER_H
#define SPURN_DATASET_OBSERVER_H

#include "dataset/dataset.h"
#include "dataset/generic_record.h"

/* Who looks on while a data set is read: how `spurn check` knows what the server would make of a
 * file. The parsers are the server's own, so that there is one zone language and not two.
 *
 * What an observer does not want to know it has NULL for. The other functions
 * are called by the thread that loads, in the order of the lines, with
 * loader->file and loader->reader telling where reading is. `loader` may be that of a section of a
 * combined data set (loader->outer is not NULL). What they are given is valid during the call only;
 * the address of a loader is its own until the end of loading. */

typedef enum dataset_entry_kind {
	DATASET_ENTRY_IP4,    /* addresses first..last */
	DATASET_ENTRY_IP6,    /* the prefix address/length */
	DATASET_ENTRY_NAME,   /* a name, or what is below it, or both */
	DATASET_ENTRY_RECORD, /* a record of a generic data set */
} dataset_entry_kind_t;

/* What a line adds to a data set. */
typedef struct dataset_entry {
	dataset_entry_kind_t kind;
	/* Number of the entry's value, the same for the same values of one loader; 0: an exclusion.
	 * Of no meaning for records. */
	uint32_t value;
	union {
		struct {
			uint32_t first;
			uint32_t last;
		} ip4;
		struct {
			ip6_address_t address;
			unsigned length;
		} ip6;
		struct {
			const uint8_t *name; /* on the wire, in lower case */
			bool is_plain;       /* the name itself */
			bool is_wildcard;    /* all names below it */
		} name;
		const generic_record_t *record;
	} key;
} dataset_entry_t;

struct dataset_observer {
	void *context; /* first argument of all functions */
	/* A problem; loader->at tells where in the line. */
	void (*problem)(void *context, const dataset_loader_t *loader, const char *reason,
			dataset_effect_t effect);
	/* A line, before anything is made of it. */
	void (*line)(void *context, const dataset_loader_t *loader, text_t line);
	/* A special line (`line` is what follows the dollar sign) that was taken. */
	void (*special)(void *context, const dataset_loader_t *loader, text_t line);
	/* A default line; `is_used`: is it the value of entries from now on? */
	void (*default_line)(void *context, const dataset_loader_t *loader,
			     const zone_value_t *value, bool is_used);
	/* The value that the line of an entry gives; `text` is how it is written there. Comes before
	 * the entry. */
	void (*value)(void *context, const dataset_loader_t *loader, text_t text,
		      const zone_value_t *value);
	/* `text`, which follows an entry where its type knows no values, means nothing. */
	void (*ignored)(void *context, const dataset_loader_t *loader, text_t text);
	/* An entry that was taken. */
	void (*entry)(void *context, const dataset_loader_t *loader, const dataset_entry_t *entry);
	/* In a combined data set: what `loader` reads is of the subzone `name` (on the wire, in lower
	 * case; the root: of the zone itself). */
	void (*subzone)(void *context, const dataset_loader_t *loader, const uint8_t *name);
	/* All lines have been read; the last call for `loader`. Not called for a section of a combined
	 * data set that cannot be loaded. */
	void (*end)(void *context, const dataset_loader_t *loader);
};

/* Does anybody want to know of it? `function` is one of the observer's. */
#define DATASET_WANTS(loader, function)                                                            \
	((loader)->observer != NULL && (loader)->observer->function != NULL)

/* For types: tells the observer, if there is one, of an entry that was taken. */
static inline void dataset_observe_ip4(const dataset_loader_t *loader, uint32_t first,
				       uint32_t last, uint32_t value)
{
	if (!DATASET_WANTS(loader, entry))
		return;
	const dataset_entry_t entry = {
		.kind = DATASET_ENTRY_IP4,
		.value = value,
		.key.ip4 = { first, last },
	};
	loader->observer->entry(loader->observer->context, loader, &entry);
}

static inline void dataset_observe_ip6(const dataset_loader_t *loader, ip6_address_t address,
				       unsigned length, uint32_t value)
{
	if (!DATASET_WANTS(loader, entry))
		return;
	const dataset_entry_t entry = {
		.kind = DATASET_ENTRY_IP6,
		.value = value,
		.key.ip6 = { address, length },
	};
	loader->observer->entry(loader->observer->context, loader, &entry);
}

/* `name` is on the wire and in lower case. */
static inline void dataset_observe_name(const dataset_loader_t *loader, const uint8_t *name,
					bool is_plain, bool is_wildcard, uint32_t value)
{
	if (!DATASET_WANTS(loader, entry))
		return;
	const dataset_entry_t entry = {
		.kind = DATASET_ENTRY_NAME,
		.value = value,
		.key.name = { name, is_plain, is_wildcard },
	};
	loader->observer->entry(loader->observer->context, loader, &entry);
}

static inline void dataset_observe_record(const dataset_loader_t *loader,
					  const generic_record_t *record)
{
	if (!DATASET_WANTS(loader, entry))
		return;
	const dataset_entry_t entry = { .kind = DATASET_ENTRY_RECORD, .key.record = record };
	loader->observer->entry(loader->observer->context, loader, &entry);
}

/* For types without values: what follows an entry on its line. */
static inline void dataset_observe_ignored(const dataset_loader_t *loader, text_t rest)
{
	if (!DATASET_WANTS(loader, ignored))
		return;
	text_skip_blanks(&rest);
	if (!text_is_done(rest))
		loader->observer->ignored(loader->observer->context, loader, rest);
}

#endif
