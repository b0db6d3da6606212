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
 *   slot        what the root says about a page: one number for all of it, or where its container
 *               is.
 *   container   the addresses of a page that does not have one number throughout.
 *   position    a low that a container names; positions are ascending and distinct.
 *   rank        of a low: how many positions are not above it.
 *   background  the number of those addresses of a container that are not named one by one.
 *
 * Picture
 *   block:      header | page_bits | page_ranks | containers ... | slots | padding
 *
 *   10.0/16  nothing            page_bits  1  0  0  1  1 ...   a one where a page's slot differs
 *   10.1/16  nothing                       |        |  |       from that of the page before
 *   10.2/16  nothing            slots      nothing  |  |
 *   10.3/16  some addresses                         |  -> container
 *   10.4/16  others                                 -> container
 *
 *   The slot of a page is the one whose number is the count of ones up to the page's bit, less 1.
 *   The ones before each 64 pages are in page_ranks. So a list of ten lines takes 10 KB.
 *
 *   container:  kind and width (1 byte) | count (2 bytes) | pair | positions | numbers
 *
 *   A container is the smallest of these:
 *     points    addresses over a background: rank finds the address, or the background answers.
 *     runs      positions at which the number changes: rank is the number of the run.
 *     bitmap    8 KB, for two numbers.
 *   Points and runs have two numbers in all, the pair (as most lists do, where an address is listed
 *   or not), or a number for each, all of the width that the largest needs.
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
 * Invariant
 *   No two equal neighbours: slots next to each other differ, and so do the numbers of runs next to
 *   each other; a point never has the background's number; so no container has one number only.
 *   Containers stand in the order of the slots that point to them, one slot to each, without gaps
 *   but for the padding to IP4_UNIT. ip4_index_check proves all this for bytes from anywhere, and
 *   everything else relies on it.
 *
 * Refused
 *   - A poptrie or another multi-bit trie: 36 bytes for a random address. Its nodes are made for
 *     forwarding tables, which have few prefixes longer than /24; blocklists have little else.
 *   - Hashing: 5 bytes and more for an address, no prefixes, no ranges.
 *   - A flat root: 256 KB, which a list of ten lines would pay as well.
 *   - Buckets of about 2^14 addresses that are cut where it suits: a little faster, but their
 *     bounds have to be searched, and "is there anything in this /16" is no longer one step. */

#define IP4_PAGES        65536u
#define IP4_PAGE_SIZE    65536u /* addresses */
#define IP4_HIGH_BYTES   256u
#define IP4_BITMAP_BYTES (IP4_PAGE_SIZE / 8)

/* First word of a block; changes with the layout, and with the byte order it looks different. */
#define IP4_FORMAT 0x49503401u

/* Containers start at multiples of this many bytes. Slots count in it, so it limits a block to 2^31
 * times as much; each container wastes half of it. Nothing in a container needs alignment. */
#define IP4_UNIT 2u

/* A slot with this bit is the number of all addresses of its pages, else an offset from the start
 * of the block in units of IP4_UNIT. */
#define IP4_SLOT_UNIFORM 0x80000000u

/* Up to here 2 bytes for each position take less room than unary high bytes: 2n <= n + (256+n)/8.
 */
#define IP4_SHORT_MAX 36u

/* From here on positions start with samples: 14 bytes to save looking at half of the unary part,
 * which then is 96 bytes or more. Far above the 150 of a page when 10 million addresses are spread
 * evenly, where samples would cost 7 % in size. */
#define IP4_SAMPLED_MIN 512u
#define IP4_SAMPLE_STEP 32u /* high bytes; the first needs no sample */
#define IP4_SAMPLES     (IP4_HIGH_BYTES / IP4_SAMPLE_STEP - 1)

/* Bytes behind everything, so that 8 bytes can be loaded wherever one byte of a container is. */
#define IP4_PADDING 8u

/* Kind of a container: the first byte's bits 2..4; its bits 0..1 are the width of a number less 1.
 */
#define IP4_KIND_EACH   1u /* a number for each position, not a pair */
#define IP4_KIND_RUNS   2u /* positions begin runs; otherwise they are points */
#define IP4_KIND_BITMAP 4u /* alone */
#define IP4_KIND_SHIFT  2u
#define IP4_WIDTH_MASK  3u

#define IP4_CONTAINER_HEADER 3u

struct ip4_index {
	uint32_t format;
	uint32_t slot_count; /* 1..IP4_PAGES */
	uint64_t slots_at;   /* bytes from the start of the block */
	uint64_t size;       /* bytes of the block */
	uint64_t page_bits[IP4_PAGES / 64];
	uint16_t page_ranks[IP4_PAGES / 64]; /* ones in page_bits[] before this word */
	uint8_t containers[];
};

_Static_assert(offsetof(struct ip4_index, containers) % 8 == 0, "no hidden padding");
_Static_assert(IP4_PAGES - 64 <= UINT16_MAX, "page_ranks count all ones before the last word");

/* A container taken apart; points into the block. */
typedef struct ip4_container {
	const uint8_t *positions; /* of a bitmap: the bits */
	const uint8_t *numbers;   /* a pair, or with IP4_KIND_EACH count + 1 of them */
	uint32_t count;           /* of positions */
	uint32_t number_mask;     /* as many ones as a number has bits */
	unsigned width;           /* bytes of a number */
	unsigned kind;
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

/* Bytes that the positions of a container take, `count` of them. */
static inline size_t ip4_positions_size(uint32_t count)
{
	if (count <= IP4_SHORT_MAX)
		return count * sizeof(uint16_t);
	return ip4_samples_size(count) + ip4_unary_size(count) + count;
}

/* Bytes of a whole container, without padding. */
static inline size_t ip4_container_size(unsigned kind, unsigned width, uint32_t count)
{
	size_t numbers = kind & IP4_KIND_EACH ? count + 1 : 2;
	size_t positions = kind & IP4_KIND_BITMAP ? IP4_BITMAP_BYTES : ip4_positions_size(count);

	return IP4_CONTAINER_HEADER + positions + numbers * width;
}

/* Takes the container at `at` apart. Reads only its header. */
static inline ip4_container_t ip4_container_open(const uint8_t *at)
{
	ip4_container_t container;

	container.kind = at[0] >> IP4_KIND_SHIFT;
	container.width = (at[0] & IP4_WIDTH_MASK) + 1u;
	container.number_mask = 0xffffffffu >> (32 - 8 * container.width);
	container.count = bits_load_16(at + 1);
	container.positions = at + IP4_CONTAINER_HEADER;
	if (container.kind & IP4_KIND_EACH) {
		container.numbers = container.positions + ip4_positions_size(container.count);
	} else {
		container.numbers = container.positions;
		container.positions += 2 * container.width;
	}
	return container;
}

/* Number `index` of those that a container has. */
static inline uint32_t ip4_container_number(const ip4_container_t *container, size_t index)
{
	return bits_load_32(container->numbers + index * container->width) & container->number_mask;
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
	const uint8_t *unary; /* NULL: short */
	const uint8_t *lows;  /* the next one */
	uint32_t bit;         /* the next one of `unary` */
	uint32_t high;
	uint32_t left; /* positions to come */
} ip4_positions_t;

static inline ip4_positions_t ip4_positions_begin(const ip4_container_t *container)
{
	ip4_positions_t positions = { .lows = container->positions, .left = container->count };

	if (container->count > IP4_SHORT_MAX) {
		positions.unary = container->positions + ip4_samples_size(container->count);
		positions.lows = positions.unary + ip4_unary_size(container->count);
	}
	return positions;
}

/* The next position into `*low`; false when there is none. */
static inline bool ip4_positions_next(ip4_positions_t *positions, uint32_t *low)
{
	if (positions->left == 0)
		return false;
	positions->left--;
	if (positions->unary == NULL) {
		*low = bits_load_16(positions->lows);
		positions->lows += sizeof(uint16_t);
		return true;
	}
	for (; bits_test(positions->unary, positions->bit) != 0; positions->bit++)
		positions->high++;
	positions->bit++;
	*low = positions->high << 8 | *positions->lows++;
	return true;
}

/* The slots of the root, and of them that of a page. */
static inline const uint32_t *ip4_slots(const ip4_index_t *index)
{
	return (const uint32_t *)(const void *)((const uint8_t *)index + index->slots_at);
}

static inline uint32_t ip4_slot_rank(const ip4_index_t *index, uint32_t page)
{
	uint64_t up_to_page = index->page_bits[page / 64] << (63 - page % 64);

	return index->page_ranks[page / 64] + bits_count(up_to_page) - 1;
}

static inline const uint8_t *ip4_slot_container(const ip4_index_t *index, uint32_t slot)
{
	return (const uint8_t *)index + (size_t)slot * IP4_UNIT;
}

#endif
