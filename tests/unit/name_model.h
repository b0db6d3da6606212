/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_TESTS_UNIT_NAME_MODEL_H
#define SPURN_TESTS_UNIT_NAME_MODEL_H

#include "dns/dns.h"
#include "dns/name.h"
#include "index/name_builder.h"
#include "test.h"

/* Random entries of a name_index, and the naive model of what it has to answer: it looks at each
 * entry for each name. */

/* Bit i of a set is the value 1 + i * stride; no bit: nothing. */
#define VALUES   40u
#define EXCLUDED VALUES
typedef uint64_t set_t;

/* A name on the wire. */
typedef struct name {
	uint8_t size;
	uint8_t bytes[DNS_NAME_MAX];
} name_t;

typedef struct entry {
	name_t name;
	unsigned kinds;
	unsigned value; /* below VALUES, or EXCLUDED */
} entry_t;

typedef struct model {
	entry_t *entries;
	size_t count;
	size_t capacity;
	uint32_t stride;
} model_t;

/* What the model says of a name. */
typedef struct expected {
	set_t set;
	name_kind_t kind;
	unsigned depth;
	bool has_below;
} expected_t;

static inline model_t model_new(size_t capacity, uint32_t stride)
{
	model_t model = { .capacity = capacity, .stride = stride };

	model.entries = calloc(capacity, sizeof(*model.entries));
	ck_assert_ptr_nonnull(model.entries);
	return model;
}

static inline void model_add(model_t *model, const name_t *name, unsigned kinds, unsigned value)
{
	MUST(model->count < model->capacity, "too many entries");
	model->entries[model->count++] = (entry_t){ *name, kinds, value };
}

/* The name of some text, as zone files have it. */
static inline name_t name_of(const char *text)
{
	name_t name;
	size_t size;

	ck_assert_int_eq(dns_name_from_text(text, strlen(text), name.bytes, &size), ERR_OK);
	name.size = (uint8_t)size;
	return name;
}

static inline bool is_same(const name_t *a, const name_t *b)
{
	return a->size == b->size && memcmp(a->bytes, b->bytes, a->size) == 0;
}

/* A name without its first label. */
static inline name_t parent_of(const name_t *name)
{
	name_t parent = { .size = (uint8_t)(name->size - name->bytes[0] - 1) };

	memcpy(parent.bytes, name->bytes + name->bytes[0] + 1, parent.size);
	return parent;
}

/* A name with one label more; false when that is too long. */
static inline bool child_of(const name_t *name, const uint8_t *label, size_t size, name_t *child)
{
	if (name->size + size + 1 > DNS_NAME_MAX)
		return false;
	child->bytes[0] = (uint8_t)size;
	memcpy(child->bytes + 1, label, size);
	memcpy(child->bytes + 1 + size, name->bytes, name->size);
	child->size = (uint8_t)(name->size + size + 1);
	return true;
}

static inline unsigned depth_of(const name_t *name)
{
	uint8_t labels[DNS_LABELS_MAX];

	return dns_name_labels(name->bytes, labels);
}

static inline bool is_below(const name_t *name, const name_t *above)
{
	unsigned depth = depth_of(name);
	name_t at = *name;

	for (unsigned above_depth = depth_of(above); depth > above_depth; depth--) {
		at = parent_of(&at);
		if (is_same(&at, above))
			return true;
	}
	return false;
}

/* What stands at one name and kind; false when nothing does. */
static inline bool model_level(const model_t *model, const name_t *name, name_kind_t kind,
			       set_t *set)
{
	bool has_entry = false;
	bool is_excluded = false;

	*set = 0;
	for (size_t i = 0; i < model->count; i++) {
		const entry_t *entry = &model->entries[i];

		if ((entry->kinds >> kind & 1) == 0 || !is_same(&entry->name, name))
			continue;
		has_entry = true;
		if (entry->value == EXCLUDED)
			is_excluded = true;
		else
			*set |= (set_t)1 << entry->value;
	}
	if (is_excluded)
		*set = 0;
	return has_entry;
}

/* Which wildcard entry decides about a name that is below `name` by a label that no entry has. Like
 * the index it does not care whether such a name would be too long. */
static inline expected_t model_cover(const model_t *model, const name_t *name)
{
	expected_t expected = { .kind = NAME_WILDCARD, .depth = depth_of(name) };
	name_t at = *name;

	for (; expected.depth > 0; expected.depth--) {
		if (model_level(model, &at, NAME_WILDCARD, &expected.set))
			return expected;
		at = parent_of(&at);
	}
	return expected;
}

/* What decides about a name, without what is below it. */
static inline expected_t model_decide(const model_t *model, const name_t *name)
{
	expected_t expected = { .kind = NAME_PLAIN, .depth = depth_of(name) };

	if (expected.depth == 0 || model_level(model, name, NAME_PLAIN, &expected.set))
		return expected;
	name_t parent = parent_of(name);
	return model_cover(model, &parent);
}

static inline expected_t model_lookup(const model_t *model, const name_t *name)
{
	expected_t expected = model_decide(model, name);

	if (expected.set != 0)
		return expected;
	expected.has_below = model_cover(model, name).set != 0;
	for (size_t i = 0; i < model->count && !expected.has_below; i++) {
		const name_t *other = &model->entries[i].name;

		if (is_below(other, name))
			expected.has_below = model_decide(model, other).set != 0 ||
					     model_cover(model, other).set != 0;
	}
	return expected;
}

#endif
