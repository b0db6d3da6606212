/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_INDEX_IP4_LAYOUT_H
#define SPURN_INDEX_IP4_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "index/bits.h"
#include "index/ip4_index.h"

/* How an ip4_index lies in memory. Private to the ip4_*.c files of this directory.
 *
 * Terms
 *   number      what an address maps to, 0..IP4_INDEX_MAX.
 *   page        the 65,536 addresses that share their upper 16 bits: a /16.
 *   low         the lower 16 bits of an address, made of a high byte and a low byte.
 *   container   what the addresses of a page, or of equal pages one behind the other, map to.
 *   group       64 pages: a /10.
 *   record      what the root says about a group; slot: about a container of it.
 *   position    a low that a container names; positions are ascending and distinct.
 *   rank        of a low: how many positions are not above it.
 *   background  the number of those addresses of a container that are not named one by one.
 *   plain       points over nothing with one number that is the same in all of the index, the plain
 *               number. A plain container has no header.
 *
 * Picture
 *   block:      header with group_bits | containers ... | padding | records | slots | padding
 *
 *   group_bits   1 0 0 1 ...              a one where a group has a record; the others are as the
 *                |     |                  last page before them
 *   records      r0    r1                 the ones before each 64 groups are in group_ranks
 *
 *   record:      pages (64 bits) | base | slots
 *   pages        1 1 0 1 0 0 ...          a one where a page is not as the page before
 *                | |   |
 *   slots        s s   s s                where the container begins, in bytes from the base, and
 *                                         whether it has a header. One more says where the last
 *                                         container ends. Where 15 bits are too few for the group,
 *                                         its slots have 4 bytes and not 2.
 *
 *   So a page costs 2 bytes and nothing else until it has addresses, two of which cost 4 bytes; and
 *   a list of ten lines takes 500 bytes. The size of a plain container says how many positions it has.
 *
 *   container:   kind (1 byte) | width of a number in bits (1) | count of positions (2)
 *                | dictionary | positions | numbers or codes
 *
 *   A container is the smallest of these:
 *     uniform   one number. Nothing throughout is a plain container without positions.
 *     points    addresses over a background: rank finds the address, or the background answers.
 *     runs      positions at which the number changes: rank is the number of the run.
 *     bitmap    8 KB, for two numbers.
 *   Points and runs have two numbers in all, the pair (as most lists do, where an address is listed
 *   or not), or a number for each position and one for what is before (runs) or between (points), in
 *   as many bits as the largest of the container needs. Where few numbers come again and again, a
 *   dictionary has each of them once, and each position has a code: their index in the dictionary, in as
 *   few bits. A pair is a dictionary whose codes need not be written.
 *
 *   positions:  Up to IP4_SHORT_MAX 16 bits each. More of them:
 *
 *                 high bytes in unary    0 0 1 | 1 | 0 1 | 1 | ...   a zero for each position with
 *                 low bytes              17 c4       05        ...   this high byte, then a one
 *
 *               The ones are the ends of the 256 high bytes. Between the ends of two are the
 *               zeros of the positions that a low has to be compared with, and as many zeros as
 *               came before is where their low bytes are. That is n + (256 + n) / 8 bytes: 1.34
 *               each for the 152 that a page has when 10 million addresses are spread evenly, of
 *               which no code needs less than 1.27. (P. Elias, "Efficient storage and retrieval
 *               by content and address of static files", 1974.) From IP4_SAMPLED_MIN on, where
 *               each 32nd high byte begins comes first.
 *
 *               Coarse ones are the starts of runs that all begin with a /24, as nearly all routes
 *               do: bytes, or from IP4_COARSE_BYTES on 256 bits.
 *
 * Invariant
 *   No two equal neighbours: pages with a slot next to each other in a group differ, and so do the
 *   numbers of runs next to each other; a point never has the background's number; so no container
 *   has one number only, but for uniform ones. The first page of a record has a slot even if it is as
 *   the page before, but then another one of the group is not. Containers stand in the order of their
 *   slots, and slots in that of their records, without gaps. ip4_index_check proves all this for bytes
 *   from anywhere, and everything else relies on it.
 *
 * Measured (bytes for an entry; in brackets what no code can be below, if all sets of so many entries are
 * as likely)
 *   10 M random addresses 1.351 (1.272); 120,430 real addresses on 17,936 pages 2.062; 564,580 real
 *   prefixes with 84,159 different values 2.164. That the addresses of one page have the
 *   page in common, but are anywhere in it, gives 1.58 for the second list. The third one has 466,962
 *   runs: 12.7 bits for the number of each, if the frequencies of the numbers are known, and 0.5 bytes
 *   for where it begins make 1.8.
 *   Lookups in batches of 32 among 10 M: 30 ns with PDEP and POPCNT, 60 in plain C. Huge pages (aligned,
 *   MADV_HUGEPAGE) made no difference beyond the noise of a machine shared by many.
 *
 * Refused
 *   - A poptrie or another multi-bit trie: 36 bytes for a random address. Its nodes are made for
 *     forwarding tables, which have few prefixes longer than /24; blocklists have little else.
 *   - Hashing: 5 bytes and more for an address, no prefixes, no ranges.
 *   - A slot of 4 bytes for each page, a header and padding for each container, and numbers of whole
 *     bytes: what this layout was before, with 1.40, 3.33 and 6.46 bytes. 18,000 nearly empty pages
 *     cost as much as their addresses.
 *   - Numbers in the order of their frequency or of their first address, so that codes are short without
 *     a dictionary: the map to the values costs 180 KB for the third list, 0.3 bytes for a prefix.
 *   - A split other than after the high byte for 10 to 36 positions: 2 bits for each, 0.05 bytes for each
 *     address of the second list.
 *   - Buckets of about 2^14 addresses that are cut where it suits: a little faster, but their
 *     bounds have to be searched, and "is there anything in this /16" is no longer one step. */

#define IP4_PAGES        65536u
#define IP4_PAGE_SIZE    65536u /* addresses */
#define IP4_HIGH_BYTES   256u
#define IP4_BITMAP_BYTES (IP4_PAGE_SIZE / 8)
#define IP4_GROUP_PAGES  64u /* as a word has bits */
#define IP4_GROUPS       (IP4_PAGES / IP4_GROUP_PAGES)

/* First word of a block; changes with the layout, and with the byte order it looks different. */
#define IP4_FORMAT 0x49503402u

/* Containers of a group lie within this many bytes of its base, where slots have 2 bytes; a slot's
 * lowest bit says whether the container has a header. */
#define IP4_NARROW_MAX (UINT16_MAX >> 1)

/* In the slots word of a record: slots have 4 bytes. */
#define IP4_RECORD_WIDE 0x80000000u

/* Up to here 2 bytes for each position take less room than unary high bytes: 2n <= n + (256+n)/8.
 */
#define IP4_SHORT_MAX 36u

/* From here on positions start with samples: 14 bytes to save looking at half of the unary part,
 * which then is 96 bytes or more. Far above the 150 of a page when 10 million addresses are spread
 * evenly, where samples would cost 7 % in size. */
#define IP4_SAMPLED_MIN 512u
#define IP4_SAMPLE_STEP 32u /* high bytes; the first needs no sample */
#define IP4_SAMPLES     (IP4_HIGH_BYTES / IP4_SAMPLE_STEP - 1)

/* Up to here coarse positions are bytes, from there on a bitmap of all 256. */
#define IP4_COARSE_BYTES 32u

/* Bytes behind everything, so that 8 bytes can be loaded wherever one byte of a container is. */
#define IP4_PADDING 8u

/* Kind of a container: the first byte of its header. */
#define IP4_KIND_EACH       1u  /* a number or a code for each position, not a pair */
#define IP4_KIND_RUNS       2u  /* positions begin runs; otherwise they are points */
#define IP4_KIND_COARSE     4u  /* positions are high bytes: all low bytes are 0 */
#define IP4_KIND_DICTIONARY 8u  /* codes, not numbers, for each position */
#define IP4_KIND_BITMAP     16u /* alone */
#define IP4_KIND_UNIFORM    32u /* alone: one number for all of the page, and no count */

#define IP4_HEADER         4u /* bytes: kind, width of a number, count of positions */
#define IP4_UNIFORM_HEADER 2u
#define IP4_DICTIONARY_MAX 256u /* numbers; their count less 1 is one byte */

#define IP4_WIDTH_MAX 31u /* bits of IP4_INDEX_MAX */

/* What the root says about a group whose pages do not all have the number of the page before. */
typedef struct ip4_record {
	uint64_t pages; /* a one for each page with a slot; the first always has one */
	uint32_t base;  /* where its first container is: bytes from the start of the block */
	uint32_t slots; /* its first slot, in units of 2 bytes, and IP4_RECORD_WIDE */
} ip4_record_t;

struct ip4_index {
	uint32_t format;
	uint32_t record_count; /* 1..IP4_GROUPS */
	uint64_t records_at;   /* bytes from the start of the block; slots are behind them */
	uint64_t size;         /* bytes of the block */
	uint8_t plain[8];      /* the pair of all plain containers: nothing, and the plain number */
	uint64_t group_bits[IP4_GROUPS / 64];
	uint16_t group_ranks[IP4_GROUPS / 64]; /* ones in group_bits[] before this word */
	uint8_t containers[];
};

#define IP4_PLAIN_WIDTH 32u /* bits of a number of the plain pair */

_Static_assert(offsetof(struct ip4_index, containers) % 8 == 0, "no hidden padding");
_Static_assert(sizeof(ip4_record_t) == 16, "no hidden padding");
_Static_assert(IP4_INDEX_MAX >> IP4_WIDTH_MAX == 0, "all numbers fit");

/* A container taken apart; points into the block. */
typedef struct ip4_container {
	const uint8_t *positions;  /* of a bitmap: the bits */
	const uint8_t *dictionary; /* the pair, the dictionary, or the only number */
	const uint8_t *each;       /* with IP4_KIND_EACH count + 1 numbers or codes */
	uint32_t count;            /* of positions */
	unsigned kind;
	uint8_t width;      /* bits of a number */
	uint8_t each_width; /* bits of a number or code of `each` */
} ip4_container_t;

/* Bytes of samples in front of the unary part. */
static inline size_t ip4_samples_size(uint32_t count)
{
	return count >= IP4_SAMPLED_MIN ? IP4_SAMPLES * sizeof(uint16_t) : 0;
}

static inline size_t ip4_unary_size(uint32_t count)
{
	return (IP4_HIGH_BYTES + count + 7) / 8;
}

/* Bytes that `count` positions take which are not coarse. */
static inline size_t ip4_fine_size(uint32_t count)
{
	if (count <= IP4_SHORT_MAX)
		return count * sizeof(uint16_t);
	return ip4_samples_size(count) + ip4_unary_size(count) + count;
}

/* How many positions a plain container of `size` bytes has: the inverse of ip4_fine_size. For a
 * size that it never gives it is any number. */
static inline uint32_t ip4_plain_count(uint32_t size)
{
	const uint32_t unary = IP4_HIGH_BYTES / 8;
	const uint32_t samples = IP4_SAMPLES * sizeof(uint16_t);
	const uint32_t sampled = samples + unary + IP4_SAMPLED_MIN / 8 + IP4_SAMPLED_MIN;

	if (size <= IP4_SHORT_MAX * sizeof(uint16_t))
		return size / sizeof(uint16_t);
	/* Each position is a byte and a bit, and a byte that has begun is whole: x = n + ceil(n / 8). */
	return (size - unary - (size >= sampled ? samples : 0)) * 8 / 9;
}

/* Bytes that the positions of a container take. */
static inline size_t ip4_positions_size(unsigned kind, uint32_t count)
{
	if (kind & IP4_KIND_BITMAP)
		return IP4_BITMAP_BYTES;
	if (kind & IP4_KIND_COARSE)
		return count <= IP4_COARSE_BYTES ? count : IP4_HIGH_BYTES / 8;
	return ip4_fine_size(count);
}

/* Bits of a code for one of so many numbers. */
static inline unsigned ip4_code_width(uint32_t number_count)
{
	return number_count <= 2 ? 1 : 32 - (unsigned)__builtin_clz(number_count - 1);
}

/* Bytes of a container with a header, which has `dictionary` numbers in its dictionary (of
 * IP4_KIND_DICTIONARY; otherwise it is not looked at). */
static inline size_t ip4_container_size(unsigned kind, unsigned width, uint32_t count,
					uint32_t dictionary)
{
	size_t size = IP4_HEADER + ip4_positions_size(kind, count);

	if (kind & IP4_KIND_UNIFORM)
		return IP4_UNIFORM_HEADER + bits_size(1, width);
	if (kind & IP4_KIND_DICTIONARY)
		return size + 1 + bits_size(dictionary, width) +
		       bits_size(count + 1, ip4_code_width(dictionary));
	return size + bits_size(kind & IP4_KIND_EACH ? count + 1 : 2, width);
}

/* Numbers in the dictionary of the container with a header at `at`, which has one. */
static inline uint32_t ip4_dictionary_count(const uint8_t *at)
{
	return at[IP4_HEADER] + 1u;
}

/* Takes the container with a header at `at` apart. Reads only the header. */
static inline ip4_container_t ip4_container_open(const uint8_t *at)
{
	ip4_container_t container = { .kind = at[0], .width = at[1], .each_width = at[1] };

	if (container.kind & IP4_KIND_UNIFORM) {
		container.dictionary = at + IP4_UNIFORM_HEADER;
		return container;
	}
	container.count = bits_load_16(at + 2);
	container.dictionary = at + IP4_HEADER;
	container.positions = at + IP4_HEADER;
	if (container.kind & IP4_KIND_DICTIONARY) {
		container.each_width = (uint8_t)ip4_code_width(ip4_dictionary_count(at));
		container.dictionary++;
		container.positions += 1 + bits_size(ip4_dictionary_count(at), container.width);
	} else if (!(container.kind & IP4_KIND_EACH)) {
		container.positions += bits_size(2, container.width);
	}
	container.each = container.positions + ip4_positions_size(container.kind, container.count);
	return container;
}

/* The same for a plain container of `size` bytes. Without a position it is nothing throughout. */
static inline ip4_container_t ip4_plain_open(const ip4_index_t *index, const uint8_t *at,
					     uint32_t size)
{
	return (ip4_container_t){
		.positions = at,
		.dictionary = index->plain,
		.count = ip4_plain_count(size),
		.kind = size == 0 ? IP4_KIND_UNIFORM : 0,
		.width = IP4_PLAIN_WIDTH,
	};
}

/* Number `index` of those that a container has. */
static inline uint32_t ip4_container_number(const ip4_container_t *container, size_t index)
{
	if (container->kind & IP4_KIND_EACH)
		index = bits_get_number(container->each, index, container->each_width);
	if ((container->kind & (IP4_KIND_EACH | IP4_KIND_DICTIONARY)) == IP4_KIND_EACH)
		return (uint32_t)index;
	return bits_get_number(container->dictionary, index, container->width);
}

/* Which number counts for a low of rank `rank`, `is_position` saying whether it is one itself. */
static inline size_t ip4_number_index(unsigned kind, uint32_t rank, bool is_position)
{
	if (kind & IP4_KIND_RUNS)
		return kind & IP4_KIND_EACH ? rank : rank & 1;
	if (!is_position)
		return 0;
	return kind & IP4_KIND_EACH ? rank : 1;
}

/* Goes through the positions of a container in order. Plain data; start with ip4_positions_begin.
 */
typedef struct ip4_positions {
	const uint8_t *bits; /* the unary part or the coarse bitmap; NULL: neither */
	const uint8_t *lows; /* the next one */
	uint32_t bit;        /* the next one of `bits` */
	uint32_t high;
	uint32_t left; /* positions to come */
	bool is_coarse;
} ip4_positions_t;

static inline ip4_positions_t ip4_positions_begin(const ip4_container_t *container)
{
	ip4_positions_t positions = {
		.lows = container->positions,
		.left = container->count,
		.is_coarse = container->kind & IP4_KIND_COARSE,
	};

	if (positions.is_coarse && container->count > IP4_COARSE_BYTES) {
		positions.bits = container->positions;
	} else if (!positions.is_coarse && container->count > IP4_SHORT_MAX) {
		positions.bits = container->positions + ip4_samples_size(container->count);
		positions.lows = positions.bits + ip4_unary_size(container->count);
	}
	return positions;
}

static inline uint32_t ip4_positions_next_coarse(ip4_positions_t *positions)
{
	if (positions->bits == NULL)
		return (uint32_t)*positions->lows++ << 8;
	while (bits_test(positions->bits, positions->bit) == 0)
		positions->bit++;
	return positions->bit++ << 8;
}

/* The next position into `*low`; false when there is none. */
static inline bool ip4_positions_next(ip4_positions_t *positions, uint32_t *low)
{
	if (positions->left == 0)
		return false;
	positions->left--;
	if (positions->is_coarse) {
		*low = ip4_positions_next_coarse(positions);
		return true;
	}
	if (positions->bits == NULL) {
		*low = bits_load_16(positions->lows);
		positions->lows += sizeof(uint16_t);
		return true;
	}
	for (; bits_test(positions->bits, positions->bit) != 0; positions->bit++)
		positions->high++;
	positions->bit++;
	*low = positions->high << 8 | *positions->lows++;
	return true;
}

/* ---- The root ---- */

static inline const ip4_record_t *ip4_records(const ip4_index_t *index)
{
	return (const ip4_record_t *)(const void *)((const uint8_t *)index + index->records_at);
}

static inline const uint8_t *ip4_slots(const ip4_index_t *index)
{
	return (const uint8_t *)(ip4_records(index) + index->record_count);
}

/* Bytes of a slot. */
static inline uint32_t ip4_slot_size(const ip4_record_t *record)
{
	return record->slots & IP4_RECORD_WIDE ? sizeof(uint32_t) : sizeof(uint16_t);
}

/* Where the slot of a page is; `level` is a constant (index/bits.h). */
typedef struct ip4_slot {
	const ip4_record_t *record;
	const uint8_t *at;
} ip4_slot_t;

ATTR_ALWAYS_INLINE ip4_slot_t ip4_find_slot(cpu_level_t level, const ip4_index_t *index,
					    uint32_t page)
{
	uint32_t group = page / IP4_GROUP_PAGES;
	uint64_t up_to_group = index->group_bits[group / 64] << (63 - group % 64);
	uint32_t rank = index->group_ranks[group / 64] + bits_count_at(level, up_to_group) - 1;
	/* A group without a record is as the last page of one before. */
	unsigned bit = up_to_group >> 63 ? page % IP4_GROUP_PAGES : IP4_GROUP_PAGES - 1;
	ip4_slot_t slot = { .record = ip4_records(index) + rank };
	size_t number = bits_count_at(level, slot.record->pages << (IP4_GROUP_PAGES - 1 - bit)) - 1;

	slot.at = ip4_slots(index) +
		  (size_t)(slot.record->slots & ~IP4_RECORD_WIDE) * sizeof(uint16_t) +
		  number * ip4_slot_size(slot.record);
	return slot;
}

/* Where a container is, and how large. */
typedef struct ip4_place {
	const uint8_t *at;
	uint32_t size;
	bool has_header;
} ip4_place_t;

/* Behind each slot is another or, at the end of a group's, one that says where the containers
 * end. */
static inline ip4_place_t ip4_slot_place(const ip4_index_t *index, const ip4_slot_t *slot)
{
	uint32_t size = ip4_slot_size(slot->record);
	uint32_t mask = size == sizeof(uint16_t) ? UINT16_MAX : UINT32_MAX;
	uint32_t begin = bits_load_32(slot->at) & mask;
	uint32_t end = bits_load_32(slot->at + size) & mask;

	return (ip4_place_t){
		.at = (const uint8_t *)index + slot->record->base + (begin >> 1),
		.size = (end >> 1) - (begin >> 1),
		.has_header = begin & 1,
	};
}

static inline ip4_container_t ip4_place_open(const ip4_index_t *index, const ip4_place_t *place)
{
	if (place->has_header)
		return ip4_container_open(place->at);
	return ip4_plain_open(index, place->at, place->size);
}

#endif
