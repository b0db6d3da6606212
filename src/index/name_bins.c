/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "index/name_bins.h"

#include <assert.h>
#include <stdlib.h>

#include "base/array.h"

/* Terms
 *   bin    the records of keys that share their first nibbles, as they came.
 *   node   16 parts, by the nibble in which keys differ; a part is a bin, or again a node.
 *
 * Picture
 *                    node: nibble 0
 *               0 /      1 |        \ 2 ...
 *              bin       bin       node: nibbles 1..7 are 4e8 1f03, then nibble 8
 *                                0 /     1 |    ...
 *                                 bin     bin
 *
 * A bin that is full bursts: a node takes its place, and its records go to the node's bins (R.
 * Sinha, J. Zobel, "Cache-conscious sorting of large sets of strings with dynamic tries", 2004). So bins
 * are small wherever the names are, and in whatever order they come; each record is moved less than once
 * in most lists. Nibbles that all records of the bin share are skipped by the node, which checks them:
 * names have top labels in common, and hosts the name of their provider. When a key comes that differs
 * in one of them, a node is put in between.
 *
 * A record has only that part of its key that its bin does not say, so that unsorted records are hardly
 * larger than the index: random names of 11 characters take 6 bytes. Bins are visited in order, sorted,
 * and dropped.
 *
 * The records of a bin lie in one piece, a range of addresses of which only pages that are used take
 * memory (index/name_ranges.h), so that half a page of the system is lost in each. When a bin bursts, the
 * new ones that get many of its records have ranges in the order of their keys: neighbours are dropped
 * together.
 *
 * Invariant
 *   All keys below a node share the nibbles before its depth, and those below its part n have nibble n
 *   there. So all records of a name are in one bin. A bin larger than a range was full of
 *   records of one name, no two of them the same.
 *
 * Refused: runs, sorted when there are enough names for one, packed and merged in the end: each name is
 * packed twice, and has six comparisons that no processor can predict. It took seven times as long. Rows of
 * pages of 16 KB: each was dropped by a system call of its own, 2,200 for five million names, and half a one
 * lost in each bin. */

/* Nibbles that a node can skip: those of 64 bits, when it begins in the middle of a byte, and the one in
 * which its parts differ. */
#define SKIP_MAX 14u

_Static_assert(NAME_BINS_MARGIN >= NAME_BIN_USUAL_SIZE, "rests are copied");

/* Bits of a top label that can have hints: these are in the first 64 bits. */
#define HINT_TOP_BITS_MAX (64 - NAME_HINT_BITS)

/* 64 bits of a key from byte `byte` on, with zeros behind its end. */
static inline uint64_t load_key(const uint8_t *key, uint32_t size, uint32_t byte)
{
	if (UNLIKELY(byte >= size))
		return 0;
	uint64_t bits = bits_load_big_64(key + byte);
	uint32_t left = size - byte;
	return left < 8 ? bits & ~(~(uint64_t)0 >> 8 * left) : bits;
}

/* Nibbles first..end - 1 of 64 bits, end <= 16. */
static uint64_t nibble_mask(uint32_t first, uint32_t end)
{
	return first < end ? ~(uint64_t)0 >> 4 * first & ~(uint64_t)0 << (64 - 4 * end) : 0;
}

/* ---- The tree. ---- */

static err_t new_node(name_bins_t *bins, uint32_t *number)
{
	void *nodes = bins->nodes;
	err_t error = array_reserve(&nodes, &bins->node_capacity, bins->node_count + 1,
				    sizeof(*bins->nodes));

	bins->nodes = nodes;
	if (error != ERR_OK)
		return error;
	*number = (uint32_t)bins->node_count++;
	bins->nodes[*number] = (name_node_t){ .shift = 60 };
	return ERR_OK;
}

static err_t new_bin(name_bins_t *bins, uint32_t depth, uint32_t *number)
{
	void *list = bins->bins;
	err_t error =
		array_reserve(&list, &bins->bin_capacity, bins->bin_count + 1, sizeof(*bins->bins));

	bins->bins = list;
	if (error != ERR_OK)
		return error;
	*number = (uint32_t)bins->bin_count++;
	bins->bins[*number] = (name_bin_t){ .depth = depth };
	return ERR_OK;
}

/* A part of a node is told by this, as nodes move when there are more of them. */
static inline uint32_t place_of(uint32_t node, uint32_t part)
{
	return node << 4 | part;
}

static inline uint32_t *part_at(const name_bins_t *bins, uint32_t place)
{
	return &bins->nodes[place >> 4].parts[place & 15];
}

static inline name_bin_t *bin_at(const name_bins_t *bins, uint32_t place)
{
	return &bins->bins[*part_at(bins, place) & ~NAME_PART_BIN];
}

/* The key differs from the node at `place` in a nibble that this skips: puts another node in between
 * that has its parts there. */
static err_t split_node(name_bins_t *bins, uint32_t place, const uint8_t *key, uint32_t size)
{
	uint32_t between;
	uint32_t below = *part_at(bins, place);
	err_t error = new_node(bins, &between);

	if (error != ERR_OK)
		return error;
	name_node_t *node = &bins->nodes[between];
	name_node_t *old = &bins->nodes[below];
	uint64_t differ = (load_key(key, size, old->byte) ^ old->bits) & old->mask;
	uint32_t nibble = (uint32_t)__builtin_clzll(differ) / 4;
	node->byte = old->byte;
	node->depth = 2 * old->byte + nibble;
	node->shift = 60 - 4 * nibble;
	node->mask = old->mask & nibble_mask(0, nibble);
	node->bits = old->bits & node->mask;
	node->parts[old->bits >> node->shift & 15] = below;
	old->mask &= ~nibble_mask(0, nibble + 1);
	old->bits &= old->mask;
	*part_at(bins, place) = between;
	return ERR_OK;
}

/* Finds where a key's bin is, and makes one where there is none. */
static err_t find_place(name_bins_t *bins, const uint8_t *key, uint32_t size, uint32_t *place)
{
	uint32_t number = *part_at(bins, 0);
	err_t error = ERR_OK;

	*place = 0;
	while ((number & NAME_PART_BIN) == 0 && error == ERR_OK) {
		const name_node_t *node = &bins->nodes[number];
		uint64_t bits = load_key(key, size, node->byte);

		if ((bits & node->mask) != node->bits) {
			error = split_node(bins, *place, key, size);
			number = error == ERR_OK ? *part_at(bins, *place) : number;
			continue;
		}
		*place = place_of(number, bits >> node->shift & 15);
		number = *part_at(bins, *place);
		if (number == 0) {
			error = new_bin(bins, node->depth + 1, &number);
			if (error != ERR_OK)
				break;
			number |= NAME_PART_BIN;
			*part_at(bins, *place) = number;
		}
	}
	return error;
}

/* Goes to the bin of an entry from the root, and makes it if there is none. */
static err_t find_bin(name_bins_t *bins, name_bins_entry_t *entry)
{
	err_t error = find_place(bins, entry->key, entry->size, &entry->place);

	entry->number = *part_at(bins, entry->place);
	return error;
}

/* No bin: it has to be made, or a node before it. */
#define NO_PART UINT32_MAX

/* Takes an entry from the node that it has come to one step further, and keeps where that leads to for
 * others with the same hint: a bin as such, as it is the same one whatever nodes are put in between. */
static inline void step(const name_bins_t *bins, name_bins_entry_t *entry)
{
	const name_node_t *node = &bins->nodes[entry->number];
	uint64_t bits = load_key(entry->key, entry->size, node->byte);
	uint32_t part = bits >> node->shift & 15;
	uint32_t next = node->parts[part];

	entry->place = place_of(entry->number, part);
	entry->number = next != 0 && (bits & node->mask) == node->bits ? next : NO_PART;
	if (entry->hint != NAME_NO_HINT && entry->number != NO_PART &&
	    4 * (node->depth + 1) <= entry->top + NAME_HINT_BITS)
		bins->hints->places[entry->hint] =
			(next & NAME_PART_BIN) != 0 ? next : entry->place;
}

/* The hint of a key with such first bits: that of another top label is not there to be had, so that few
 * of them have to walk. */
static inline uint32_t find_hint(name_hints_t *hints, uint64_t bits, uint32_t top_count)
{
	uint64_t top_bits = bits >> (64 - top_count);
	_Static_assert(NAME_HINT_TOPS == 1u << (64 - 56), "a hash is a number of a top label");
	uint32_t number = (uint32_t)(top_bits * 0x9e3779b97f4a7c15u >> 56);
	name_hint_top_t *top = &hints->tops[number];

	if (UNLIKELY(top->bits != top_bits || top->count != top_count)) {
		if (top->count != 0)
			return NAME_NO_HINT;
		*top = (name_hint_top_t){ top_bits, top_count };
	}
	return number << NAME_HINT_BITS | (uint32_t)(bits << top_count >> (64 - NAME_HINT_BITS));
}

/* Goes where the entry's hint says; where there is none, to the root. */
static inline void begin_entry(const name_bins_t *bins, name_bins_entry_t *entry)
{
	uint32_t place = 0;

	entry->hint = NAME_NO_HINT;
	if (LIKELY(bins->hints != NULL && entry->top - 1 < HINT_TOP_BITS_MAX)) {
		uint64_t bits = load_key(entry->key, entry->size, 0);
		entry->hint = find_hint(bins->hints, bits, entry->top);
		if (LIKELY(entry->hint != NAME_NO_HINT))
			place = bins->hints->places[entry->hint];
	}
	entry->number = (place & NAME_PART_BIN) != 0 ? place : *part_at(bins, place);
}

/* Finds the bins of entries, side by side: what one of them waits for, others use. Most are there at
 * once, by their hints. */
static err_t find_bins(name_bins_t *bins, name_bins_entry_t *entries, size_t count)
{
	uint8_t left[NAME_BINS_GROUP];
	size_t left_count = 0;
	err_t error = ERR_OK;

	for (size_t i = 0; i < count; i++) {
		begin_entry(bins, &entries[i]);
		left[left_count] = (uint8_t)i;
		left_count += (entries[i].number & NAME_PART_BIN) == 0;
	}
	while (left_count > 0) {
		size_t next_count = 0;

		for (size_t i = 0; i < left_count; i++) {
			step(bins, &entries[left[i]]);
			left[next_count] = left[i];
			next_count += (entries[left[i]].number & NAME_PART_BIN) == 0;
		}
		left_count = next_count;
	}
	for (size_t i = 0; i < count && error == ERR_OK; i++)
		if (UNLIKELY(entries[i].number == NO_PART))
			error = find_bin(bins, &entries[i]);
	return error;
}

/* ---- Bursting. ---- */

/* What a bin's records are like. */
typedef struct survey {
	uint32_t shared;    /* nibbles from its first byte on that all of them share, up to 16 */
	bool is_one;        /* are they all of one name? */
	uint32_t sizes[16]; /* bytes of those that have each nibble behind `nibble` of them */
} survey_t;

/* Looks at the first `count` records. */
static void look_at(survey_t *survey, const name_bin_t *bin, uint32_t nibble, uint32_t count)
{
	name_bin_cursor_t cursor = name_bin_begin(bin);
	name_bin_record_t record;
	uint64_t first = 0;
	uint64_t differ = 0;
	bool is_short = true;

	memset(survey->sizes, 0, sizeof(survey->sizes));
	for (uint32_t i = 0; i < count && name_bin_next(&cursor, &record); i++) {
		uint64_t head = name_bin_head(&record);

		first = i > 0 ? first : head;
		differ |= first ^ head;
		is_short &= record.size <= 8;
		survey->sizes[head << 4 * nibble >> 60] += (uint32_t)(cursor.at - record.at);
	}
	survey->is_one = differ == 0 && is_short;
	survey->shared = differ != 0 ? (uint32_t)__builtin_clzll(differ) / 4 : 16;
}

/* Makes bins for those parts of a new node that get records, `sizes` bytes of them. Those that get many have
 * ranges behind each other, in the order of their keys. */
static err_t make_parts(name_bins_t *bins, uint32_t number, const uint32_t sizes[16])
{
	/* What is only expected has to be more; and less than so much tells nothing. */
	const uint32_t expected =
		bins->growth > 1 ? 4 * NAME_BIN_SMALL_MAX / bins->growth : NAME_BIN_SMALL_MAX;
	const uint32_t small = expected > NAME_BIN_SMALL_MIN ? expected : NAME_BIN_SMALL_MIN;
	uint8_t *range = NULL;
	uint32_t count = 0;
	err_t error = ERR_OK;

	for (uint32_t part = 0; part < 16; part++)
		count += sizes[part] > small;
	if (count > 0) {
		range = name_ranges_take(&bins->ranges, count);
		error = range != NULL ? ERR_OK : ERR_NOMEM;
	}
	for (uint32_t part = 0; part < 16 && error == ERR_OK; part++) {
		uint32_t bin;

		if (sizes[part] == 0)
			continue;
		error = new_bin(bins, bins->nodes[number].depth + 1, &bin);
		if (error != ERR_OK)
			break;
		bins->nodes[number].parts[part] = bin | NAME_PART_BIN;
		if (sizes[part] > small) {
			name_bin_place(&bins->bins[bin], range, NAME_RANGE_SIZE);
			range += NAME_RANGE_SIZE;
		}
	}
	return error;
}

/* Moves the records of `old` to the bins of a node. */
static err_t move_records(name_bins_t *bins, const name_bin_t *old, const name_node_t *node)
{
	uint32_t dropped = (node->depth + 1) / 2 - name_bin_byte(old);
	uint32_t shift = node->shift;
	name_bin_t *parts[16];
	name_bin_cursor_t cursor = name_bin_begin(old);
	name_bin_record_t record;
	err_t error = ERR_OK;

	for (unsigned part = 0; part < 16; part++)
		parts[part] = &bins->bins[node->parts[part] & ~NAME_PART_BIN];
	while (error == ERR_OK && name_bin_next(&cursor, &record)) {
		name_bin_t *bin = parts[name_bin_head(&record) >> shift & 15];
		uint32_t left = record.size > dropped ? record.size - dropped : 0;

		error = name_bin_append(bin, record.rest + record.size - left, left, record.state,
					&bins->ranges);
	}
	return error;
}

/* Bytes that a bin is expected to have at most, as some have more than expected; and the records
 * that tell. */
#define EXPECT_FULL (NAME_RANGE_SIZE / 4 * 3)
#define EXPECT_MIN  16u

/* Records by which to guess how many nibbles all share. */
#define FIRST_RECORDS 64u

/* A bin is full: puts a node in its place; or sees to it that a record of its only name with `size` bytes of
 * the key fits. */
static err_t burst(name_bins_t *bins, uint32_t place, uint32_t size)
{
	name_bin_t *bin = bin_at(bins, place);
	name_bin_t old = *bin;
	uint32_t from = old.depth % 2;
	uint32_t number;
	uint32_t nibble;
	survey_t survey;

	look_at(&survey, bin, 0, FIRST_RECORDS);
	do {
		nibble = survey.shared < from + SKIP_MAX ? survey.shared : from + SKIP_MAX;
		look_at(&survey, bin, nibble, bin->count);
		if (survey.shared > nibble)
			survey.shared = nibble;
	} while (survey.shared != nibble);
	if (survey.is_one)
		return name_bin_drop_doubles(bin, size, &bins->ranges);
	err_t error = new_node(bins, &number);
	if (error != ERR_OK)
		return error;
	name_node_t *node = &bins->nodes[number];
	node->byte = name_bin_byte(&old);
	node->depth = 2 * node->byte + survey.shared;
	node->shift = 60 - 4 * survey.shared;
	node->mask = nibble_mask(from, survey.shared);
	name_bin_cursor_t cursor = name_bin_begin(&old);
	name_bin_record_t record;
	if (name_bin_next(&cursor, &record))
		node->bits = name_bin_head(&record) & node->mask;
	*part_at(bins, place) = number;
	*bin = (name_bin_t){ .depth = NAME_BIN_BURST };
	error = make_parts(bins, number, survey.sizes);
	if (error == ERR_OK)
		error = move_records(bins, &old, &bins->nodes[number]);
	name_bin_free(&old, &bins->ranges);
	return error;
}

static inline name_bin_t *bin_of(const name_bins_t *bins, const name_bins_entry_t *entry)
{
	return &bins->bins[entry->number & ~NAME_PART_BIN];
}

/* Adds a record that does not go the fast way: its bin has burst, or has no room, or it is not as most
 * are. */
static err_t add_slowly(name_bins_t *bins, name_bins_entry_t *entry)
{
	err_t error = ERR_OK;

	while (error == ERR_OK) {
		name_bin_t *bin = bin_of(bins, entry);
		uint32_t byte = name_bin_byte(bin);
		uint32_t left = entry->size > byte ? entry->size - byte : 0;

		if (name_bin_fits(bin, left)) {
			name_bin_put(bin, entry->key + entry->size - left, left, entry->state);
			break;
		}
		bool is_full = bin->size >= NAME_RANGE_SIZE;
		if (bin->depth != NAME_BIN_BURST && !is_full) {
			error = name_bin_grow(bin, left, &bins->ranges);
			continue;
		}
		/* What leads here is found out anew. */
		if (entry->hint != NAME_NO_HINT)
			bins->hints->places[entry->hint] = 0;
		error = find_bin(bins, entry);
		if (error == ERR_OK && is_full)
			error = burst(bins, entry->place, left);
	}
	return error;
}

/* Adds a record to the bin that has been found for it. */
static inline err_t add_entry(name_bins_t *bins, name_bins_entry_t *entry)
{
	name_bin_t *bin = bin_of(bins, entry);
	uint32_t byte = name_bin_byte(bin);
	uint32_t left = entry->size > byte ? entry->size - byte : 0;

	if (LIKELY(name_bin_put_usual(bin, entry->key + entry->size - left, left, entry->state)))
		return ERR_OK;
	return add_slowly(bins, entry);
}

err_t name_bins_expect(name_bins_t *bins, uint32_t growth)
{
	err_t error = ERR_OK;

	bins->growth = growth;
	/* Those that are made here are looked at as well. */
	for (uint32_t node = 0; node < bins->node_count; node++)
		for (uint32_t part = 0; part < 16 && error == ERR_OK; part++) {
			uint32_t place = place_of(node, part);

			if ((*part_at(bins, place) & NAME_PART_BIN) == 0)
				continue;
			const name_bin_t *bin = bin_at(bins, place);
			if (bin->count > EXPECT_MIN &&
			    (uint64_t)(bin->at - bin->records) * growth > EXPECT_FULL)
				error = burst(bins, place, 0);
		}
	bins->growth = 0;
	return error;
}

err_t name_bins_use_hints(name_bins_t *bins)
{
	bins->hints = calloc(1, sizeof(*bins->hints));
	return bins->hints != NULL ? ERR_OK : ERR_NOMEM;
}

/* Makes the gate, and the first bin. */
static err_t begin(name_bins_t *bins)
{
	uint32_t gate;
	uint32_t bin;
	err_t error = new_node(bins, &gate);

	if (error == ERR_OK)
		error = new_bin(bins, 0, &bin);
	if (error == ERR_OK)
		bins->nodes[gate].parts[0] = bin | NAME_PART_BIN;
	else
		bins->node_count = 0;
	return error;
}

err_t name_bins_add(name_bins_t *bins, name_bins_entry_t *entries, size_t count)
{
	err_t error = bins->node_count == 0 ? begin(bins) : ERR_OK;

	assert(count <= NAME_BINS_GROUP);
	if (error == ERR_OK)
		error = find_bins(bins, entries, count);
	if (error != ERR_OK)
		return error;
	for (size_t i = 0; i < count; i++)
		__builtin_prefetch(bin_of(bins, &entries[i])->at, 1);
	for (size_t i = 0; i < count && error == ERR_OK; i++)
		error = add_entry(bins, &entries[i]);
	return error;
}

/* ---- In the end. ---- */

typedef struct walk {
	const name_bins_t *bins;
	name_bins_visit_t visit;
	void *context;
	uint8_t prefix[NAME_NIBBLES_MAX / 2 + 16];
} walk_t;

/* As deep as keys are long: NAME_NIBBLES_MAX at most. */
static err_t walk_node(walk_t *walk, uint32_t number)
{
	const name_node_t *node = &walk->bins->nodes[number];
	uint8_t *at = walk->prefix + node->byte;
	uint64_t before = bits_load_big_64(at);
	err_t error = ERR_OK;

	for (uint64_t part = 0; part < COUNT_OF(node->parts) && error == ERR_OK; part++) {
		uint32_t to = node->parts[part];

		bits_store_big_64(at, before | node->bits | part << node->shift);
		if ((to & NAME_PART_BIN) != 0)
			error = walk->visit(walk->context, &walk->bins->bins[to & ~NAME_PART_BIN],
					    walk->prefix);
		else if (to != 0)
			error = walk_node(walk, to);
	}
	bits_store_big_64(at, before);
	return error;
}

err_t name_bins_walk(const name_bins_t *bins, name_bins_visit_t visit, void *context)
{
	walk_t walk = { .bins = bins, .visit = visit, .context = context };

	return bins->node_count > 0 ? walk_node(&walk, 0) : ERR_OK;
}

void name_bins_clear(name_bins_t *bins)
{
	for (size_t i = 0; i < bins->bin_count; i++)
		if (!name_bin_is_range(&bins->bins[i]))
			free(bins->bins[i].records);
	name_ranges_clear(&bins->ranges);
	free(bins->bins);
	free(bins->nodes);
	free(bins->hints);
	*bins = (name_bins_t){ .bins = NULL };
}
