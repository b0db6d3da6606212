/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "index/ip4_index.h"

#include <assert.h>
#include <stdlib.h>

#include "index/ip4_layout.h"

/* Looking up; index/ip4_layout.h tells how a block is laid out.
 *
 * A lookup goes through up to five places that may each be a cache miss: the slot, the container's
 * header with the unary part behind it, the low bytes, the numbers. Each step below ends where the
 * next place is known, so that a batch can take every address one step further and ask for the
 * memory of the next step meanwhile. */

/* Addresses taken through the steps together. More do not help once the memory has as many misses
 * under way as the processor allows; and their state should stay in the first-level cache. */
#define IP4_GROUP 32

/* Distance of the second cache line that is asked for with a container: header and unary part of a
 * page with up to 700 positions lie in two lines more often than not. */
#define IP4_CACHE_LINE 64

/* The positions that a low has to be compared with. */
typedef struct candidates {
	/* Low bytes; in a short container whole lows, in a bitmap the byte. */
	const uint8_t *at;
	uint32_t count;
	uint32_t before; /* positions before the first of them */
} candidates_t;

/* One address of a group on its way through a container. */
typedef struct probe {
	const uint8_t *at; /* the container, later the number */
	ip4_container_t container;
	candidates_t candidates;
	uint32_t low;
	uint32_t index; /* in the caller's arrays */
} probe_t;

/* Bit offset in the unary part at which the positions with high byte `high` begin: behind the
 * `high`th one. This finds it from the last sample before. */
static uint32_t begin_from_sample(const uint8_t *samples, const uint8_t *unary, uint32_t high)
{
	uint32_t skip = high % IP4_SAMPLE_STEP; /* ones still to pass */
	uint32_t bit = 0;
	uint64_t word;
	unsigned ones;

	if (high >= IP4_SAMPLE_STEP)
		bit = bits_load_16(samples + (high / IP4_SAMPLE_STEP - 1) * sizeof(uint16_t));
	if (skip == 0)
		return bit;
	unary += bit / 8;
	word = bits_load_64(unary) & ~(uint64_t)0 << bit % 8;
	bit -= bit % 8;
	while ((ones = bits_count(word)) < skip) {
		skip -= ones;
		bit += 64;
		unary += 8;
		word = bits_load_64(unary);
	}
	return bit + bits_select(word, skip - 1) + 1;
}

/* The same without samples. It looks at all words, up to 12, as counting is cheaper than a branch
 * that nobody can predict. */
static uint32_t begin_from_start(const uint8_t *unary, uint32_t count, uint32_t high)
{
	uint32_t words = (IP4_HIGH_BYTES + count) / 64; /* the last one is not before any begin */
	uint32_t ones = 0;
	uint32_t passed_words = 0;
	uint32_t passed_ones = 0;

	if (high == 0)
		return 0;
	for (uint32_t i = 0; i < words; i++) {
		bool is_passed;

		ones += bits_count(bits_load_64(unary + 8 * i));
		is_passed = ones < high;
		passed_words += is_passed;
		passed_ones = is_passed ? ones : passed_ones;
	}
	return 64 * passed_words +
	       bits_select(bits_load_64(unary + 8 * passed_words), high - passed_ones - 1) + 1;
}

/* Number of zeros from bit offset `bit` to the next one. */
static uint32_t unary_length(const uint8_t *unary, uint32_t bit)
{
	uint32_t length = 64 - bit % 8;
	uint64_t word = bits_load_64(unary + bit / 8) >> bit % 8;

	if (LIKELY(word != 0))
		return (uint32_t)__builtin_ctzll(word);
	for (unary += bit / 8 + 8; (word = bits_load_64(unary)) == 0; unary += 8)
		length += 64;
	return length + (uint32_t)__builtin_ctzll(word);
}

/* Step: which positions of the container to compare `low` with. */
static inline candidates_t find_candidates(const ip4_container_t *container, uint32_t low)
{
	const uint8_t *unary = container->positions + ip4_samples_size(container->count);
	candidates_t candidates;
	uint32_t begin;

	if (container->kind & IP4_KIND_BITMAP)
		return (candidates_t){ .at = container->positions + low / 8 };
	if (container->count <= IP4_SHORT_MAX)
		return (candidates_t){ .at = container->positions, .count = container->count };
	if (container->count >= IP4_SAMPLED_MIN)
		begin = begin_from_sample(container->positions, unary, low >> 8);
	else
		begin = begin_from_start(unary, container->count, low >> 8);
	candidates.count = unary_length(unary, begin);
	candidates.before = begin - (low >> 8);
	candidates.at = unary + ip4_unary_size(container->count) + candidates.before;
	return candidates;
}

/* How many of the candidates are not above `low`, and whether the last of these is `low` itself. */
static inline uint32_t rank_short(const candidates_t *candidates, uint32_t low, bool *is_position)
{
	const uint8_t *at = candidates->at;
	uint32_t rank;

	for (uint32_t left = candidates->count, half; left > 1; left -= half) {
		half = left / 2;
		at += bits_load_16(at + (size_t)half * 2 - 2) <= low ? (size_t)half * 2 : 0;
	}
	at += bits_load_16(at) <= low ? 2 : 0; /* a container has at least one position */
	rank = (uint32_t)(at - candidates->at) / 2;
	*is_position = rank > 0 && bits_load_16(at - 2) == low;
	return rank;
}

/* The same for up to 8 low bytes at once. */
static inline uint32_t rank_in_word(const candidates_t *candidates, uint32_t low_byte,
				    bool *is_position)
{
	uint64_t not_above =
		bits_bytes_not_above(bits_load_64(candidates->at), low_byte * BITS_ONES_STEP_8);
	uint64_t bytes = candidates->count == 0 ? 0 : ~(uint64_t)0 >> (64 - 8 * candidates->count);
	uint32_t rank = (uint32_t)(((not_above & bytes) >> 7) * BITS_ONES_STEP_8 >> 56);

	/* Without a rank this looks at a byte before, which belongs to the container too. */
	*is_position = (rank > 0) & (candidates->at[(ptrdiff_t)rank - 1] == low_byte);
	return rank;
}

static inline uint32_t rank_long(const candidates_t *candidates, uint32_t low, bool *is_position)
{
	const uint8_t *at = candidates->at;
	uint32_t low_byte = low & 0xff;
	uint32_t rank;

	/* Nearly always there are a few at most, whose number no branch can predict. */
	if (LIKELY(candidates->count <= 8))
		return candidates->before + rank_in_word(candidates, low_byte, is_position);
	for (uint32_t left = candidates->count, half; left > 1; left -= half) {
		half = left / 2;
		at += at[half - 1] <= low_byte ? half : 0;
	}
	at += *at <= low_byte ? 1 : 0;
	rank = (uint32_t)(at - candidates->at);
	*is_position = rank > 0 && at[-1] == low_byte;
	return candidates->before + rank;
}

/* The rank of `low` among the positions of a container that is not a bitmap. */
static inline uint32_t find_rank(const ip4_container_t *container, const candidates_t *candidates,
				 uint32_t low, bool *is_position)
{
	if (container->count <= IP4_SHORT_MAX)
		return rank_short(candidates, low, is_position);
	return rank_long(candidates, low, is_position);
}

/* Step: which of the container's numbers counts. */
static inline size_t find_number(const ip4_container_t *container, const candidates_t *candidates,
				 uint32_t low)
{
	uint32_t rank;
	bool is_position;

	if (container->kind & IP4_KIND_BITMAP)
		return bits_test(candidates->at, low % 8);
	rank = find_rank(container, candidates, low, &is_position);
	return ip4_number_index(container->kind, rank, is_position);
}

uint32_t ip4_index_lookup(const ip4_index_t *index, uint32_t address)
{
	uint32_t slot = ip4_slots(index)[ip4_slot_rank(index, address >> 16)];
	uint32_t low = address & 0xffff;
	ip4_container_t container;
	candidates_t candidates;

	if (slot & IP4_SLOT_UNIFORM)
		return slot & ~IP4_SLOT_UNIFORM;
	container = ip4_container_open(ip4_slot_container(index, slot));
	candidates = find_candidates(&container, low);
	return ip4_container_number(&container, find_number(&container, &candidates, low));
}

/* The first two steps for up to IP4_GROUP addresses: answers those of uniform pages, and makes
 * `probes` of the others. Returns how many. */
static size_t begin_group(const ip4_index_t *index, const uint32_t *addresses, size_t count,
			  uint32_t *numbers, probe_t *probes)
{
	const uint32_t *slots[IP4_GROUP];
	size_t probe_count = 0;

	for (size_t i = 0; i < count; i++) {
		slots[i] = ip4_slots(index) + ip4_slot_rank(index, addresses[i] >> 16);
		__builtin_prefetch(slots[i]);
	}
	for (size_t i = 0; i < count; i++) {
		uint32_t slot = *slots[i];
		probe_t *probe = &probes[probe_count];

		if (slot & IP4_SLOT_UNIFORM) {
			numbers[i] = slot & ~IP4_SLOT_UNIFORM;
			continue;
		}
		probe->at = ip4_slot_container(index, slot);
		probe->low = addresses[i] & 0xffff;
		probe->index = (uint32_t)i;
		__builtin_prefetch(probe->at);
		__builtin_prefetch(probe->at + IP4_CACHE_LINE);
		probe_count++;
	}
	return probe_count;
}

static void lookup_group(const ip4_index_t *index, const uint32_t *addresses, size_t count,
			 uint32_t *numbers)
{
	probe_t probes[IP4_GROUP];
	size_t probe_count = begin_group(index, addresses, count, numbers, probes);

	for (size_t i = 0; i < probe_count; i++) {
		probe_t *probe = &probes[i];

		probe->container = ip4_container_open(probe->at);
		probe->candidates = find_candidates(&probe->container, probe->low);
		__builtin_prefetch(probe->candidates.at);
	}
	for (size_t i = 0; i < probe_count; i++) {
		probe_t *probe = &probes[i];
		size_t number = find_number(&probe->container, &probe->candidates, probe->low);

		probe->at = probe->container.numbers + number * probe->container.width;
		__builtin_prefetch(probe->at);
	}
	for (size_t i = 0; i < probe_count; i++)
		numbers[probes[i].index] =
			bits_load_32(probes[i].at) & probes[i].container.number_mask;
}

void ip4_index_lookup_batch(const ip4_index_t *index, const uint32_t *addresses, size_t count,
			    uint32_t *numbers)
{
	for (; count > IP4_GROUP; count -= IP4_GROUP) {
		lookup_group(index, addresses, IP4_GROUP, numbers);
		addresses += IP4_GROUP;
		numbers += IP4_GROUP;
	}
	lookup_group(index, addresses, count, numbers);
}

/* Is any of the lows `first`..`last` mapped to something? They are a multiple of 8, as `first` is. */
static bool bitmap_has_any(const ip4_container_t *container, uint32_t first, uint32_t last)
{
	uint8_t all = 0xff;
	uint8_t any = 0;

	for (uint32_t i = first / 8; i <= last / 8; i++) {
		all &= container->positions[i];
		any |= container->positions[i];
	}
	return (ip4_container_number(container, 0) != IP4_INDEX_NONE && all != 0xff) ||
	       (ip4_container_number(container, 1) != IP4_INDEX_NONE && any != 0);
}

static bool container_has_any(const ip4_container_t *container, uint32_t first, uint32_t last)
{
	candidates_t candidates;
	uint32_t begin, end; /* ranks of first and last */
	bool is_position;

	if (container->kind & IP4_KIND_BITMAP)
		return bitmap_has_any(container, first, last);
	candidates = find_candidates(container, last);
	end = find_rank(container, &candidates, last, &is_position);
	candidates = find_candidates(container, first);
	begin = find_rank(container, &candidates, first, &is_position);
	/* Two runs next to each other differ, so they are not both nothing. */
	if (container->kind & IP4_KIND_RUNS)
		return end > begin ||
		       ip4_container_number(container, ip4_number_index(container->kind, end,
									false)) != IP4_INDEX_NONE;
	if (is_position)
		begin--;
	/* A point is not what its background is. */
	if (ip4_container_number(container, 0) == IP4_INDEX_NONE)
		return end > begin;
	if (end - begin < last - first + 1)
		return true;
	for (; begin < end; begin++)
		if (ip4_container_number(container, ip4_number_index(container->kind, begin + 1,
								     true)) != IP4_INDEX_NONE)
			return true;
	return false;
}

bool ip4_index_has_any(const ip4_index_t *index, uint32_t first, uint32_t last)
{
	uint32_t begin = ip4_slot_rank(index, first >> 16);
	uint32_t end = ip4_slot_rank(index, last >> 16);
	uint32_t slot = ip4_slots(index)[begin];
	ip4_container_t container;

	if (first == last)
		return ip4_index_lookup(index, first) != IP4_INDEX_NONE;
	/* Two slots next to each other differ, and no container holds only nothing. */
	if (end > begin)
		return true;
	if (slot & IP4_SLOT_UNIFORM)
		return slot != (IP4_SLOT_UNIFORM | IP4_INDEX_NONE);
	if (last - first >= IP4_PAGE_SIZE - 1)
		return true;
	assert(first % 16 == 0 && last % 16 == 15);
	container = ip4_container_open(ip4_slot_container(index, slot));
	return container_has_any(&container, first & 0xffff, last & 0xffff);
}

size_t ip4_index_size(const ip4_index_t *index)
{
	return index->size;
}

void ip4_index_free(ip4_index_t *index)
{
	free(index);
}
