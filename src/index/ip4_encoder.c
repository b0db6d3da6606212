/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "index/ip4_encoder.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "index/ip4_layout.h"

struct ip4_encoder {
	uint8_t *block; /* an ip4_index without its slots, zero behind block_size */
	size_t block_size;
	size_t block_capacity;
	uint64_t next; /* first address not told yet; 2^32 at the end */

	/* The runs of the page that `next` is in, and the bounds between them: run i is
	 * starts[i]..starts[i + 1] - 1, the last one's end is the page's. */
	uint32_t run_count;
	uint32_t starts[IP4_PAGE_SIZE + 1];
	uint32_t numbers[IP4_PAGE_SIZE];

	uint32_t slot_count;
	uint32_t slots[IP4_PAGES];
};

/* How to write a page. */
typedef struct plan {
	size_t size; /* of the container, without padding */
	unsigned kind;
	unsigned width;
	uint32_t count;      /* of positions */
	uint32_t background; /* of points */
	uint32_t pair[2];    /* without IP4_KIND_EACH */
} plan_t;

ip4_encoder_t *ip4_encoder_new(void)
{
	ip4_encoder_t *encoder = malloc(sizeof(*encoder));
	void *block = NULL;

	if (encoder == NULL)
		return NULL;
	encoder->block_size = sizeof(struct ip4_index);
	encoder->block_capacity = 0;
	encoder->next = 0;
	encoder->run_count = 0;
	encoder->slot_count = 0;
	if (array_reserve(&block, &encoder->block_capacity, encoder->block_size, 1) != ERR_OK) {
		free(encoder);
		return NULL;
	}
	encoder->block = block;
	memset(block, 0, encoder->block_size);
	return encoder;
}

void ip4_encoder_free(ip4_encoder_t *encoder)
{
	if (encoder == NULL)
		return;
	free(encoder->block);
	free(encoder);
}

/* The number that most addresses of the page have, if one has more than half of them; else any of
 * them. (R. S. Boyer, J S. Moore, "MJRTY: a fast majority vote algorithm", 1991.) Without a
 * majority points are seldom the smallest form, so that this is good enough. */
static uint32_t find_background(const ip4_encoder_t *encoder)
{
	uint32_t candidate = encoder->numbers[0];
	uint32_t lead = 0;

	for (uint32_t i = 0; i < encoder->run_count; i++) {
		uint32_t size = encoder->starts[i + 1] - encoder->starts[i];

		if (encoder->numbers[i] == candidate) {
			lead += size;
		} else if (lead >= size) {
			lead -= size;
		} else {
			lead = size - lead;
			candidate = encoder->numbers[i];
		}
	}
	return candidate;
}

/* Takes the form `kind` with `count` positions for the page when it is smaller than what is
 * planned. */
static void consider(plan_t *plan, unsigned kind, uint32_t count)
{
	size_t size = ip4_container_size(kind, plan->width, count);

	if (size < plan->size) {
		plan->size = size;
		plan->kind = kind;
		plan->count = count;
	}
}

/* The smallest form for the page, which has two runs or more. */
static plan_t plan_page(const ip4_encoder_t *encoder)
{
	plan_t plan = { .size = SIZE_MAX, .width = 1, .background = find_background(encoder) };
	const uint32_t *numbers = encoder->numbers;
	uint32_t points = 0;
	uint32_t largest = 0;
	bool has_pair = true; /* two different numbers in all */

	for (uint32_t i = 0; i < encoder->run_count; i++) {
		if (numbers[i] != numbers[i & 1])
			has_pair = false;
		if (numbers[i] != plan.background)
			points += encoder->starts[i + 1] - encoder->starts[i];
		largest |= numbers[i];
	}
	while (plan.width < sizeof(uint32_t) && largest >> 8 * plan.width != 0)
		plan.width++;
	if (has_pair) {
		consider(&plan, IP4_KIND_RUNS, encoder->run_count - 1);
		consider(&plan, 0, points);
		consider(&plan, IP4_KIND_BITMAP, 0);
		plan.pair[0] = numbers[0];
		plan.pair[1] = numbers[1];
		/* Points and bits: background first. */
		if (plan.kind != IP4_KIND_RUNS && numbers[0] != plan.background) {
			plan.pair[0] = numbers[1];
			plan.pair[1] = numbers[0];
		}
	} else {
		consider(&plan, IP4_KIND_RUNS | IP4_KIND_EACH, encoder->run_count - 1);
		consider(&plan, IP4_KIND_EACH, points);
	}
	return plan;
}

/* Where writing a container has come to. */
typedef struct writer {
	const plan_t *plan;
	uint8_t *samples; /* NULL: none */
	uint8_t *unary;   /* NULL: short */
	uint8_t *lows;
	uint8_t *numbers;
	uint32_t rank; /* positions written */
	uint32_t high; /* high bytes ended, each by a one */
} writer_t;

static void write_number(writer_t *writer, uint32_t number)
{
	for (unsigned i = 0; i < writer->plan->width; i++)
		*writer->numbers++ = (uint8_t)(number >> 8 * i);
}

/* Ends the high bytes below `high`. */
static inline void end_high_bytes(writer_t *writer, uint32_t high)
{
	while (writer->high < high) {
		bits_set(writer->unary, writer->high + writer->rank);
		writer->high++;
		if (writer->samples != NULL && writer->high % IP4_SAMPLE_STEP == 0 &&
		    writer->high < IP4_HIGH_BYTES) {
			bits_store_16(writer->samples, (uint16_t)(writer->high + writer->rank));
			writer->samples += sizeof(uint16_t);
		}
	}
}

static inline void write_position(writer_t *writer, uint32_t low, uint32_t number)
{
	if (writer->unary == NULL) {
		bits_store_16(writer->lows, (uint16_t)low);
		writer->lows += sizeof(uint16_t);
	} else {
		end_high_bytes(writer, low >> 8);
		*writer->lows++ = (uint8_t)low;
	}
	writer->rank++;
	if (writer->plan->kind & IP4_KIND_EACH)
		write_number(writer, number);
}

/* The header and the pair, if there is one; the rest of the container is zero. */
static writer_t begin_container(uint8_t *at, const plan_t *plan)
{
	writer_t writer = { .plan = plan, .numbers = at + IP4_CONTAINER_HEADER };
	ip4_container_t container;

	at[0] = (uint8_t)(plan->kind << IP4_KIND_SHIFT | (plan->width - 1));
	bits_store_16(at + 1, (uint16_t)plan->count);
	if (!(plan->kind & IP4_KIND_EACH)) {
		write_number(&writer, plan->pair[0]);
		write_number(&writer, plan->pair[1]);
	}
	container = ip4_container_open(at);
	writer.lows = at + (container.positions - at);
	if (plan->kind & IP4_KIND_EACH)
		writer.numbers = at + (container.numbers - at);
	if (!(plan->kind & IP4_KIND_BITMAP) && plan->count > IP4_SHORT_MAX) {
		if (plan->count >= IP4_SAMPLED_MIN)
			writer.samples = writer.lows;
		writer.unary = writer.lows + ip4_samples_size(plan->count);
		writer.lows = writer.unary + ip4_unary_size(plan->count);
	}
	return writer;
}

static void write_bitmap(const ip4_encoder_t *encoder, writer_t *writer)
{
	for (uint32_t i = 0; i < encoder->run_count; i++)
		if (encoder->numbers[i] != writer->plan->background)
			for (uint32_t low = encoder->starts[i]; low < encoder->starts[i + 1]; low++)
				bits_set(writer->lows, low);
}

/* Makes room for a container of `size` bytes behind the others, all zero, and has its slot say
 * where. */
static err_t begin_slot(ip4_encoder_t *encoder, size_t size, uint8_t **at, uint32_t *slot)
{
	void *block = encoder->block;
	err_t error;

	size = (size + IP4_UNIT - 1) / IP4_UNIT * IP4_UNIT;
	if (encoder->block_size / IP4_UNIT >= IP4_SLOT_UNIFORM)
		return ERR_RANGE;
	error = array_reserve(&block, &encoder->block_capacity, encoder->block_size + size, 1);
	encoder->block = block;
	if (error != ERR_OK)
		return error;
	*at = encoder->block + encoder->block_size;
	memset(*at, 0, size);
	*slot = (uint32_t)(encoder->block_size / IP4_UNIT);
	encoder->block_size += size;
	return ERR_OK;
}

static void write_container(const ip4_encoder_t *encoder, uint8_t *at, const plan_t *plan)
{
	writer_t writer = begin_container(at, plan);
	const uint32_t *starts = encoder->starts;
	const uint32_t *numbers = encoder->numbers;

	if (plan->kind & IP4_KIND_BITMAP) {
		write_bitmap(encoder, &writer);
		return;
	}
	if (plan->kind & IP4_KIND_EACH)
		write_number(&writer, plan->kind & IP4_KIND_RUNS ? numbers[0] : plan->background);
	for (uint32_t i = 0; i < encoder->run_count; i++) {
		if (plan->kind & IP4_KIND_RUNS) {
			if (i > 0)
				write_position(&writer, starts[i], numbers[i]);
		} else if (numbers[i] != plan->background) {
			for (uint32_t low = starts[i]; low < starts[i + 1]; low++)
				write_position(&writer, low, numbers[i]);
		}
	}
	if (writer.unary != NULL)
		end_high_bytes(&writer, IP4_HIGH_BYTES);
	assert(writer.rank == plan->count);
}

/* Writes a container for the page, and its slot to `*slot`. */
static err_t add_container(ip4_encoder_t *encoder, uint32_t *slot)
{
	plan_t plan = plan_page(encoder);
	uint8_t *at;
	err_t error = begin_slot(encoder, plan.size, &at, slot);

	if (error == ERR_OK)
		write_container(encoder, at, &plan);
	return error;
}

/* The page has this slot. */
static void add_slot(ip4_encoder_t *encoder, uint32_t page, uint32_t slot)
{
	struct ip4_index *index = (struct ip4_index *)(void *)encoder->block;

	if (encoder->slot_count > 0 && encoder->slots[encoder->slot_count - 1] == slot)
		return;
	encoder->slots[encoder->slot_count++] = slot;
	index->page_bits[page / 64] |= (uint64_t)1 << page % 64;
}

/* Ends the page, all of whose runs are known. */
static err_t end_page(ip4_encoder_t *encoder, uint32_t page)
{
	uint32_t slot = encoder->numbers[0] | IP4_SLOT_UNIFORM;
	err_t error = ERR_OK;

	encoder->starts[encoder->run_count] = IP4_PAGE_SIZE;
	if (encoder->run_count > 1)
		error = add_container(encoder, &slot);
	encoder->run_count = 0;
	if (error == ERR_OK)
		add_slot(encoder, page, slot);
	return error;
}

err_t ip4_encoder_put(ip4_encoder_t *encoder, uint32_t last, uint32_t number)
{
	while (encoder->next <= last) {
		uint32_t page = (uint32_t)(encoder->next >> 16);
		uint32_t page_last = page << 16 | 0xffff;
		uint32_t run = encoder->run_count;
		err_t error;

		if (run == 0 || encoder->numbers[run - 1] != number) {
			encoder->starts[run] = (uint32_t)encoder->next & 0xffff;
			encoder->numbers[run] = number;
			encoder->run_count++;
		}
		if (last < page_last) {
			encoder->next = (uint64_t)last + 1;
			return ERR_OK;
		}
		encoder->next = (uint64_t)page_last + 1;
		error = end_page(encoder, page);
		if (error != ERR_OK)
			return error;
	}
	return ERR_OK;
}

/* Are single points the smallest form of a page that has these and nothing else? Gives the plan. */
static bool plan_points(const uint16_t *lows, size_t count, uint32_t number, plan_t *plan)
{
	uint32_t joined = 0; /* points right behind another */
	uint32_t bounds;     /* positions, if they were runs */

	if (count > IP4_BITMAP_BYTES)
		return false;
	for (size_t i = 1; i < count; i++)
		joined += lows[i] - lows[i - 1] == 1;
	bounds = 2 * ((uint32_t)count - joined) - (lows[0] == 0) - (lows[count - 1] == 0xffff);
	if (bounds <= count)
		return false;
	*plan = (plan_t){ .size = SIZE_MAX, .width = 1, .pair = { IP4_INDEX_NONE, number } };
	while (plan->width < sizeof(uint32_t) && number >> 8 * plan->width != 0)
		plan->width++;
	consider(plan, 0, (uint32_t)count);
	consider(plan, IP4_KIND_BITMAP, 0);
	return !(plan->kind & IP4_KIND_BITMAP);
}

/* Tells the page run by run. */
static err_t put_runs(ip4_encoder_t *encoder, uint32_t page_first, const uint16_t *lows,
		      size_t count, uint32_t number)
{
	err_t error = ERR_OK;

	for (size_t i = 0; i < count && error == ERR_OK; i++) {
		if (i == 0 || lows[i] - lows[i - 1] != 1)
			error = lows[i] == 0 ? ERR_OK
					     : ip4_encoder_put(encoder, page_first + lows[i] - 1,
							       IP4_INDEX_NONE);
		if (error == ERR_OK && (i + 1 == count || lows[i + 1] - lows[i] != 1))
			error = ip4_encoder_put(encoder, page_first + lows[i], number);
	}
	return error == ERR_OK ? ip4_encoder_put(encoder, page_first | 0xffff, IP4_INDEX_NONE)
			       : error;
}

err_t ip4_encoder_put_points(ip4_encoder_t *encoder, uint32_t page, const uint16_t *lows,
			     size_t count, uint32_t number)
{
	uint32_t page_first = page << 16;
	err_t error = ERR_OK;
	writer_t writer;
	plan_t plan;
	uint32_t slot;
	uint8_t *at;

	assert(encoder->next <= page_first && count > 0 && number != IP4_INDEX_NONE);
	if (page > 0)
		error = ip4_encoder_put(encoder, page_first - 1, IP4_INDEX_NONE);
	if (error != ERR_OK)
		return error;
	if (!plan_points(lows, count, number, &plan))
		return put_runs(encoder, page_first, lows, count, number);
	error = begin_slot(encoder, plan.size, &at, &slot);
	if (error != ERR_OK)
		return error;
	writer = begin_container(at, &plan);
	for (size_t i = 0; i < count; i++)
		write_position(&writer, lows[i], number);
	if (writer.unary != NULL)
		end_high_bytes(&writer, IP4_HIGH_BYTES);
	add_slot(encoder, page, slot);
	encoder->next = (uint64_t)page_first + IP4_PAGE_SIZE;
	return ERR_OK;
}

err_t ip4_encoder_finish(ip4_encoder_t *encoder, ip4_index_t **result)
{
	size_t slots_size = encoder->slot_count * sizeof(*encoder->slots);
	size_t slots_at = (encoder->block_size + 7) / 8 * 8;
	size_t size = slots_at + slots_size + IP4_PADDING;
	struct ip4_index *index = realloc(encoder->block, size);
	uint16_t rank = 0;

	assert(encoder->next == (uint64_t)UINT32_MAX + 1);
	if (index == NULL)
		return ERR_NOMEM;
	encoder->block = NULL;
	memset((uint8_t *)index + encoder->block_size, 0, size - encoder->block_size);
	memcpy((uint8_t *)index + slots_at, encoder->slots, slots_size);
	index->format = IP4_FORMAT;
	index->slot_count = encoder->slot_count;
	index->slots_at = slots_at;
	index->size = size;
	for (size_t i = 0; i < COUNT_OF(index->page_bits); i++) {
		index->page_ranks[i] = rank;
		rank = (uint16_t)(rank + bits_count(index->page_bits[i]));
	}
	*result = index;
	return ERR_OK;
}
