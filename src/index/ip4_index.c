/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "index/ip4_index.h"

#include <assert.h>
#include <stdlib.h>

#include "base/cpu.h"
#include "index/ip4_layout.h"

/* Looking up; index/ip4_layout.h tells how a block is laid out.
 *
 * A lookup goes through up to five places that may each be a cache miss: the slot, the container's
 * header with the unary part behind it, the low bytes, the number or code, the dictionary. Each step
 * below ends where the next place is known, so that a batch can take every address one step further
 * and ask for the memory of the next step meanwhile. Of a plain container, as most are in a list of
 * addresses, the size is known with the slot; then it also is, but for a few bytes, where the low bytes
 * will be, and all is asked for at once.
 *
 * All of it is compiled for each cpu_level_t: counting and selecting bits is most of the work. */

/* Addresses taken through the steps together. More do not help once the memory has as many misses
 * under way as the processor allows; and their state should stay in the first-level cache. */
#define IP4_GROUP 32

#define IP4_CACHE_LINE 64

/* The positions that a low has to be compared with. */
typedef struct candidates {
	/* Low bytes; in a short container whole lows, in a bitmap the byte, of coarse ones all. */
	const uint8_t *at;
	uint32_t count;
	uint32_t before; /* positions before the first of them */
} candidates_t;

/* One address of a group on its way through a container, which each step takes apart again: that
 * costs less than to keep the parts. */
typedef struct probe {
	ip4_place_t place;
	candidates_t candidates;
	uint32_t low;
	uint32_t index;  /* in the caller's arrays */
	uint32_t number; /* which one of the container's */
	bool is_usual;
} probe_t;

/* Bit offset in the unary part at which the positions with high byte `high` begin: behind the
 * `high`th one. This finds it from the last sample before. */
ATTR_ALWAYS_INLINE uint32_t begin_from_sample(cpu_level_t level, const uint8_t *samples,
					      const uint8_t *unary, uint32_t high)
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
	while ((ones = bits_count_at(level, word)) < skip) {
		skip -= ones;
		bit += 64;
		unary += 8;
		word = bits_load_64(unary);
	}
	return bit + bits_select_at(level, word, skip - 1) + 1;
}

/* The same without samples. It looks at all words, up to 12, as counting is cheaper than a branch
 * that nobody can predict. */
ATTR_ALWAYS_INLINE uint32_t begin_from_start(cpu_level_t level, const uint8_t *unary,
					     uint32_t count, uint32_t high)
{
	uint32_t words = (IP4_HIGH_BYTES + count) / 64; /* the last one is not before any begin */
	uint32_t ones = 0;
	uint32_t passed_words = 0;
	uint32_t passed_ones = 0;

	if (high == 0)
		return 0;
	for (uint32_t i = 0; i < words; i++) {
		bool is_passed;

		ones += bits_count_at(level, bits_load_64(unary + 8 * i));
		is_passed = ones < high;
		passed_words += is_passed;
		passed_ones = is_passed ? ones : passed_ones;
	}
	return 64 * passed_words +
	       bits_select_at(level, bits_load_64(unary + 8 * passed_words),
			      high - passed_ones - 1) +
	       1;
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

/* Step: which positions of the container, which is not uniform, to compare `low` with. */
ATTR_ALWAYS_INLINE candidates_t find_candidates(cpu_level_t level, const ip4_container_t *container,
						uint32_t low)
{
	const uint8_t *unary = container->positions + ip4_samples_size(container->count);
	candidates_t candidates;
	uint32_t begin;

	if (UNLIKELY(container->kind & (IP4_KIND_BITMAP | IP4_KIND_COARSE))) {
		uint32_t byte = container->kind & IP4_KIND_BITMAP ? low / 8 : 0;

		return (candidates_t){ .at = container->positions + byte };
	}
	if (container->count <= IP4_SHORT_MAX)
		return (candidates_t){ .at = container->positions, .count = container->count };
	if (container->count >= IP4_SAMPLED_MIN)
		begin = begin_from_sample(level, container->positions, unary, low >> 8);
	else
		begin = begin_from_start(level, unary, container->count, low >> 8);
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

/* The same for coarse positions: how many high bytes are not above that of `low`. */
ATTR_ALWAYS_INLINE uint32_t rank_coarse(cpu_level_t level, const ip4_container_t *container,
					uint32_t low)
{
	const uint8_t *at = container->positions;
	uint32_t high = low >> 8;
	uint32_t rank = 0;

	if (container->count <= IP4_COARSE_BYTES) {
		for (uint32_t left = container->count; left > 0; at += 8) {
			uint32_t bytes = left < 8 ? left : 8;
			uint64_t not_above =
				bits_bytes_not_above(bits_load_64(at), high * BITS_ONES_STEP_8);

			rank += bits_count_at(level, not_above << (64 - 8 * bytes));
			left -= bytes;
		}
		return rank;
	}
	for (; high >= 64; high -= 64, at += 8)
		rank += bits_count_at(level, bits_load_64(at));
	return rank + bits_count_at(level, bits_load_64(at) << (63 - high));
}

/* The rank of `low` among the positions of a container that has some. */
ATTR_ALWAYS_INLINE uint32_t find_rank(cpu_level_t level, const ip4_container_t *container,
				      const candidates_t *candidates, uint32_t low,
				      bool *is_position)
{
	if (container->kind & IP4_KIND_COARSE) {
		*is_position = false; /* nobody asks, as they are runs */
		return rank_coarse(level, container, low);
	}
	if (container->count <= IP4_SHORT_MAX)
		return rank_short(candidates, low, is_position);
	return rank_long(candidates, low, is_position);
}

/* Step: which of the container's numbers counts. */
ATTR_ALWAYS_INLINE size_t find_number(cpu_level_t level, const ip4_container_t *container,
				      const candidates_t *candidates, uint32_t low)
{
	uint32_t rank;
	bool is_position;

	if (UNLIKELY(container->kind & IP4_KIND_BITMAP))
		return bits_test(candidates->at, low % 8);
	rank = find_rank(level, container, candidates, low, &is_position);
	return ip4_number_index(container->kind, rank, is_position);
}

ATTR_ALWAYS_INLINE uint32_t lookup_at(cpu_level_t level, const ip4_index_t *index, uint32_t address)
{
	ip4_slot_t slot = ip4_find_slot(level, index, address >> 16);
	ip4_place_t place = ip4_slot_place(index, &slot);
	ip4_container_t container = ip4_place_open(index, &place);
	uint32_t low = address & 0xffff;
	candidates_t candidates;
	size_t number;

	if (container.kind & IP4_KIND_UNIFORM)
		return ip4_container_number(&container, 0);
	candidates = find_candidates(level, &container, low);
	number = find_number(level, &container, &candidates, low);
	return ip4_container_number(&container, number);
}

/* Asks for what a lookup is going to read of a container. Has to be inlined: gcc 12 takes a function
 * that only prefetches for one without effect, and leaves out its calls. */
ATTR_ALWAYS_INLINE void prefetch_place(const ip4_place_t *place, uint32_t low)
{
	const uint8_t *at = place->at;

	__builtin_prefetch(at);
	__builtin_prefetch(at + IP4_CACHE_LINE);
	/* Where the low bytes are, if the positions are spread evenly. */
	if (!place->has_header && place->size > 2 * IP4_CACHE_LINE)
		__builtin_prefetch(at + place->size -
				   (((0x10000 - low) * ip4_plain_count(place->size)) >> 16));
}

/* The first two steps for up to IP4_GROUP addresses: answers those of pages that have nothing, and
 * makes `probes` of the others. Returns how many. */
ATTR_ALWAYS_INLINE size_t begin_group(cpu_level_t level, const ip4_index_t *index,
				      const uint32_t *addresses, size_t count, uint32_t *numbers,
				      probe_t *probes)
{
	ip4_slot_t slots[IP4_GROUP];
	size_t probe_count = 0;

	for (size_t i = 0; i < count; i++) {
		slots[i] = ip4_find_slot(level, index, addresses[i] >> 16);
		__builtin_prefetch(slots[i].at);
	}
	for (size_t i = 0; i < count; i++) {
		probe_t *probe = &probes[probe_count];

		probe->place = ip4_slot_place(index, &slots[i]);
		probe->low = addresses[i] & 0xffff;
		probe->index = (uint32_t)i;
		numbers[i] = IP4_INDEX_NONE;
		prefetch_place(&probe->place, probe->low);
		probe_count += probe->place.size > 0;
	}
	return probe_count;
}

/* Most containers of a large list are plain, and neither short nor sampled: what is to be done with
 * these, all the time the same, takes half as many instructions as where all has to be asked. */
static inline bool is_usual(const ip4_place_t *place)
{
	return !place->has_header && place->size > IP4_SHORT_MAX * sizeof(uint16_t) &&
	       place->size < ip4_fine_size(IP4_SAMPLED_MIN);
}

/* The second step, for a usual container. */
ATTR_ALWAYS_INLINE void find_usual_candidates(cpu_level_t level, probe_t *probe)
{
	const uint8_t *unary = probe->place.at;
	uint32_t count = ip4_plain_count(probe->place.size);
	uint32_t high = probe->low >> 8;
	uint32_t begin = begin_from_start(level, unary, count, high);

	probe->candidates.count = unary_length(unary, begin);
	probe->candidates.at = unary + ip4_unary_size(count) + (begin - high);
}

/* The last step, for a usual container: is the low one of the candidates? */
static inline bool is_candidate(const probe_t *probe)
{
	const candidates_t *candidates = &probe->candidates;
	uint32_t low_byte = probe->low & 0xff;

	if (LIKELY(candidates->count < 8)) {
		uint64_t bytes = ((uint64_t)1 << 8 * candidates->count) - 1;
		uint64_t differ = bits_load_64(candidates->at) ^ (low_byte * BITS_ONES_STEP_8);
		/* The lowest byte that is zero has its highest bit set here, and none below it. */
		uint64_t zeros = (differ - BITS_ONES_STEP_8) & ~differ & BITS_MSBS_STEP_8;

		return (zeros & bytes) != 0;
	}
	return memchr(candidates->at, (int)low_byte, candidates->count) != NULL;
}

/* The second step. Returns whether all containers are usual. */
ATTR_ALWAYS_INLINE bool find_group_candidates(cpu_level_t level, const ip4_index_t *index,
					      probe_t *probes, size_t count)
{
	bool are_usual = true;

	for (size_t i = 0; i < count; i++) {
		probe_t *probe = &probes[i];

		probe->is_usual = is_usual(&probe->place);
		if (LIKELY(probe->is_usual)) {
			find_usual_candidates(level, probe);
		} else {
			ip4_container_t container = ip4_place_open(index, &probe->place);

			are_usual = false;
			if (container.kind & IP4_KIND_UNIFORM)
				continue;
			probe->candidates = find_candidates(level, &container, probe->low);
		}
		__builtin_prefetch(probe->candidates.at);
	}
	return are_usual;
}

ATTR_ALWAYS_INLINE void lookup_group(cpu_level_t level, const ip4_index_t *index,
				     const uint32_t *addresses, size_t count, uint32_t *numbers)
{
	probe_t probes[IP4_GROUP];
	size_t probe_count = begin_group(level, index, addresses, count, numbers, probes);
	bool are_usual = find_group_candidates(level, index, probes, probe_count);
	uint32_t plain_number = bits_get_number(index->plain, 1, IP4_PLAIN_WIDTH);

	for (size_t i = 0; i < probe_count; i++) {
		probe_t *probe = &probes[i];

		if (LIKELY(probe->is_usual)) {
			numbers[probe->index] = is_candidate(probe) ? plain_number : IP4_INDEX_NONE;
			continue;
		}
		ip4_container_t container = ip4_place_open(index, &probe->place);

		probe->number = 0;
		if (container.kind & IP4_KIND_UNIFORM)
			continue;
		probe->number =
			(uint32_t)find_number(level, &container, &probe->candidates, probe->low);
		if (container.kind & IP4_KIND_EACH)
			__builtin_prefetch(container.each +
					   probe->number * container.each_width / 8);
	}
	for (size_t i = 0; i < probe_count && !are_usual; i++) {
		if (probes[i].is_usual)
			continue;
		ip4_container_t container = ip4_place_open(index, &probes[i].place);

		numbers[probes[i].index] = ip4_container_number(&container, probes[i].number);
	}
}

ATTR_ALWAYS_INLINE void lookup_batch_at(cpu_level_t level, const ip4_index_t *index,
					const uint32_t *addresses, size_t count, uint32_t *numbers)
{
	while (count > 0) {
		size_t now = count < IP4_GROUP ? count : IP4_GROUP;

		lookup_group(level, index, addresses, now, numbers);
		addresses += now;
		numbers += now;
		count -= now;
	}
}

/* The variants. */
#if CPU_HAS_VARIANTS
CPU_TARGET_SSE41 static uint32_t lookup_sse41(const ip4_index_t *index, uint32_t address)
{
	return lookup_at(CPU_SSE41, index, address);
}

CPU_TARGET_AVX2 static uint32_t lookup_avx2(const ip4_index_t *index, uint32_t address)
{
	return lookup_at(CPU_AVX2, index, address);
}

CPU_TARGET_SSE41 static void lookup_batch_sse41(const ip4_index_t *index, const uint32_t *addresses,
						size_t count, uint32_t *numbers)
{
	lookup_batch_at(CPU_SSE41, index, addresses, count, numbers);
}

CPU_TARGET_AVX2 static void lookup_batch_avx2(const ip4_index_t *index, const uint32_t *addresses,
					      size_t count, uint32_t *numbers)
{
	lookup_batch_at(CPU_AVX2, index, addresses, count, numbers);
}
#endif

uint32_t ip4_index_lookup(const ip4_index_t *index, uint32_t address)
{
#if CPU_HAS_VARIANTS
	if (cpu_level() >= CPU_AVX2)
		return lookup_avx2(index, address);
	if (cpu_level() >= CPU_SSE41)
		return lookup_sse41(index, address);
#endif
	return lookup_at(CPU_PLAIN, index, address);
}

void ip4_index_lookup_batch(const ip4_index_t *index, const uint32_t *addresses, size_t count,
			    uint32_t *numbers)
{
#if CPU_HAS_VARIANTS
	if (cpu_level() >= CPU_AVX2) {
		lookup_batch_avx2(index, addresses, count, numbers);
		return;
	}
	if (cpu_level() >= CPU_SSE41) {
		lookup_batch_sse41(index, addresses, count, numbers);
		return;
	}
#endif
	lookup_batch_at(CPU_PLAIN, index, addresses, count, numbers);
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
	candidates = find_candidates(CPU_PLAIN, container, last);
	end = find_rank(CPU_PLAIN, container, &candidates, last, &is_position);
	candidates = find_candidates(CPU_PLAIN, container, first);
	begin = find_rank(CPU_PLAIN, container, &candidates, first, &is_position);
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
	ip4_slot_t begin = ip4_find_slot(CPU_PLAIN, index, first >> 16);
	ip4_slot_t end = ip4_find_slot(CPU_PLAIN, index, last >> 16);
	ip4_container_t container;
	ip4_place_t place;

	if (first == last)
		return ip4_index_lookup(index, first) != IP4_INDEX_NONE;
	/* Two slots next to each other differ, and no container holds only nothing; nor does a group
	 * with a record, together with the page before it. */
	if (begin.at != end.at)
		return true;
	place = ip4_slot_place(index, &begin);
	container = ip4_place_open(index, &place);
	if (container.kind & IP4_KIND_UNIFORM)
		return ip4_container_number(&container, 0) != IP4_INDEX_NONE;
	if (last - first >= IP4_PAGE_SIZE - 1)
		return true;
	assert(first % 16 == 0 && last % 16 == 15);
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
