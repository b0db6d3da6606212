/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* An index is the same bytes whether its names are put one by one, by what follows the last one's, or in
 * runs; and each reason for which a run ends comes up. */

#include "index/name_builder.h"
#include "index/name_encoder.h"
#include "index/name_index.h"
#include "index/name_records.h"
#include "test.h"

/* More than some bins hold. */
#define MANY 40000u

/* Why a run ended where it did. */
typedef enum end {
	END_BUCKET,   /* it is full */
	END_BATCH,    /* the next record is the last one */
	END_VALUE,    /* it has another value or other kinds */
	END_SAME,     /* its head is that of the one behind it, or before it */
	END_WILDCARD, /* it is below the last name, or no longer below one that is above that */
	ENDS
} end_t;

/* What a test has met with. */
typedef struct met {
	size_t ends[ENDS];
	size_t in_runs;
	size_t long_in_runs;
	size_t singles;
} met_t;

/* ---- Names ---- */

typedef struct list {
	const char *what;
	unsigned labels;  /* in front of those that all share, at most */
	unsigned letters; /* in a label, at most */
	unsigned kinds;   /* NAME_FOR_*; 0: any */
	unsigned values;
	unsigned names_below; /* one in so many names has another one in front; 0: none */
	const char *shared;   /* labels that half of the names end in, on the wire */
} list_t;

static const list_t lists[] = {
	{ "usual", 1, 14, NAME_FOR_PLAIN, 1, 0, "\3com" },
	{ "usual, and what is below", 1, 14, 3, 1, 0, "\3com" },
	{ "short", 2, 4, NAME_FOR_PLAIN, 1, 3, "\2ru" },
	{ "long", 3, 40, NAME_FOR_PLAIN, 1, 0, "\3net" },
	{ "below each other", 2, 12, 3, 1, 2, "\3org" },
	{ "below each other, any kinds", 2, 6, 0, 3, 2, "\3org" },
	{ "two values", 1, 12, NAME_FOR_PLAIN, 2, 9, "\3com" },
	{ "many values", 1, 12, 0, 100000, 9, "\3com" },
	{ "long in common", 2, 5, 0, 1, 4, "\15host-of-a-big\10provider\7example" },
};

static size_t add_label(uint8_t *name, const list_t *list)
{
	unsigned size = 1 + random_below(list->letters);

	name[0] = (uint8_t)size;
	for (unsigned i = 1; i <= size; i++)
		name[i] = random_below(40) == 0 ? (uint8_t)random_below(256)
						: (uint8_t)('a' + random_below(26));
	return 1 + size;
}

/* Puts the name and its root label behind what there is. */
static size_t add_name(uint8_t *name, const list_t *list)
{
	size_t size = 0;

	for (unsigned i = 1 + random_below(list->labels); i > 0; i--)
		size += add_label(name + size, list);
	if (random_below(2) == 0) {
		memcpy(name + size, list->shared, strlen(list->shared));
		size += strlen(list->shared);
	}
	name[size++] = 0;
	return size;
}

static void add_entry(name_records_t *records, const list_t *list, const uint8_t *name, size_t size)
{
	uint8_t entry[1 + 255];
	unsigned kinds = list->kinds != 0 ? list->kinds : 1 + random_below(3);

	entry[0] = (uint8_t)kinds;
	memcpy(entry + 1, name, size);
	MUST(name_records_add(records, entry, 1 + size, 1 + random_below(list->values)) == ERR_OK,
	     "no memory");
}

static void add_names(name_records_t *records, const list_t *list, size_t count)
{
	uint8_t name[300];

	for (size_t i = 0; i < count; i++) {
		size_t below = add_label(name, list);
		size_t size = add_name(name + below, list);

		add_entry(records, list, name + below, size);
		if (list->names_below > 0 && random_below(list->names_below) == 0)
			add_entry(records, list, name, below + size);
	}
}

/* ---- Encoding ---- */

static name_entries_t entries_of(const name_place_t *place)
{
	unsigned kinds = place->about & NAME_PLACE_KINDS;

	return (name_entries_t){ (kinds & NAME_FOR_PLAIN) != 0, (kinds & NAME_FOR_WILDCARD) != 0,
				 place->value, place->value };
}

static void put_singly(name_encoder_t *encoder, const name_batch_t *batch, const uint8_t *prefix,
		       const name_place_t *place)
{
	const name_entries_t entries = entries_of(place);
	name_key_t key;

	name_batch_key(batch, prefix, place, &key);
	MUST(name_encoder_put(encoder, &key, &entries) == ERR_OK, "no memory");
}

/* Of records of one name the first is taken. */
static bool is_taken(const name_batch_t *batch, size_t i)
{
	return i == 0 || !name_batch_is_same(batch, &batch->places[i - 1], &batch->places[i]);
}

/* A run has ended before record `i`, `count` names having been put in all. */
static end_t why_ended(const name_batch_t *batch, size_t i, size_t count)
{
	const name_place_t *place = &batch->places[i];

	if (count % NAME_BUCKET == 0)
		return END_BUCKET;
	if (i + 1 == batch->count)
		return END_BATCH;
	if (place->head == place[1].head || place->head == place[-1].head)
		return END_SAME;
	if (place->value != place[-1].value ||
	    ((place->about ^ place[-1].about) & NAME_PLACE_KINDS) != 0)
		return END_VALUE;
	return END_WILDCARD;
}

static void check_run(const name_batch_t *batch, size_t first, size_t count, met_t *met)
{
	const name_place_t *places = batch->places + first;

	MUST(first + count < batch->count, "the last one of a batch");
	for (size_t i = 0; i < count; i++) {
		MUST(places[i].head != places[i + 1].head && places[i].head != places[-1].head,
		     "maybe several records of a name");
		MUST(places[i].value == places->value &&
			     ((places[i].about ^ places->about) & NAME_PLACE_KINDS) == 0,
		     "other entries");
		met->long_in_runs += (places[i].about & NAME_PLACE_LONG) != 0;
	}
	met->in_runs += count;
}

/* Puts a batch as fast as can be; `*count` names are there already. */
static void put_fast(name_encoder_t *encoder, const name_batch_t *batch, const uint8_t *prefix,
		     size_t *count, met_t *met)
{
	for (size_t i = 0; i < batch->count; i++) {
		const name_place_t *place = &batch->places[i];
		name_tail_t tail = { .byte = batch->byte };
		size_t in_run = i > 0 ? name_encoder_put_run(encoder, batch, i) : 0;

		check_run(batch, i, in_run, met);
		*count += in_run;
		i += in_run;
		place += in_run;
		if (i > 0 && *count > 0)
			met->ends[why_ended(batch, i, *count)]++;
		if (!is_taken(batch, i))
			continue;
		if (i == 0 || place[-1].head == place->head) {
			put_singly(encoder, batch, prefix, place);
		} else {
			tail.head = place->head;
			if ((place->about & NAME_PLACE_LONG) != 0)
				tail.rest = name_batch_rest(batch, place, &tail.size);
			MUST(name_encoder_put_tail(encoder, &tail, place->about & NAME_PLACE_KINDS,
						   place->value) == ERR_OK,
			     "no memory");
		}
		met->singles++;
		(*count)++;
	}
}

static void compare(name_encoder_t *one, name_encoder_t *other, size_t count)
{
	name_index_t *expected = NULL;
	name_index_t *index = NULL;
	const char *why = "";

	ck_assert_int_eq(name_encoder_finish(one, &expected), ERR_OK);
	ck_assert_int_eq(name_encoder_finish(other, &index), ERR_OK);
	ck_assert_uint_eq(name_index_count(index), count);
	ck_assert_uint_eq(name_index_size(index), name_index_size(expected));
	ck_assert(memcmp(index, expected, name_index_size(index)) == 0);
	ck_assert_msg(name_index_check(index, name_index_size(index), NAME_INDEX_MAX, &why) ==
			      ERR_OK,
		      "%s", why);
	name_index_free(expected);
	name_index_free(index);
	name_encoder_free(one);
	name_encoder_free(other);
}

static met_t encode(const list_t *list, size_t names)
{
	name_records_t records = { .sample = NULL };
	const name_batch_t *batch;
	const uint8_t *prefix;
	met_t met = { .in_runs = 0 };
	size_t count = 0;

	add_names(&records, list, names);
	ck_assert_int_eq(name_records_sort(&records, false), ERR_OK);
	const name_code_t *codes = name_records_decoder(&records)->codes;
	name_encoder_t *one = name_encoder_new(codes);
	name_encoder_t *other = name_encoder_new(codes);
	ck_assert(one != NULL && other != NULL);
	for (;;) {
		ck_assert_int_eq(name_records_take(&records, &batch, &prefix), ERR_OK);
		if (batch == NULL)
			break;
		for (size_t i = 0; i < batch->count; i++)
			if (is_taken(batch, i))
				put_singly(one, batch, prefix, &batch->places[i]);
		put_fast(other, batch, prefix, &count, &met);
	}
	name_records_clear(&records);
	compare(one, other, count);
	return met;
}

/* ---- Tests ---- */

START_TEST(test_few)
{
	random_start(1);
	for (size_t count = 1; count <= 3 * NAME_BUCKET + 2; count++)
		for (size_t i = 0; i < COUNT_OF(lists); i++)
			(void)encode(&lists[i], count);
}
END_TEST

START_TEST(test_many)
{
	met_t all = { .in_runs = 0 };

	random_start(2);
	for (size_t i = 0; i < COUNT_OF(lists); i++) {
		met_t met = encode(&lists[i], MANY);

		/* Runs are what nearly all names of a usual list go by. */
		if (i <= 1)
			MUST(met.in_runs > 4 * met.singles, "%s: %zu in runs, %zu not",
			     lists[i].what, met.in_runs, met.singles);
		for (unsigned end = 0; end < ENDS; end++)
			all.ends[end] += met.ends[end];
		all.long_in_runs += met.long_in_runs;
	}
	for (unsigned end = 0; end < ENDS; end++)
		MUST(all.ends[end] > 100, "no run ends so: %u", end);
	ck_assert_uint_gt(all.long_in_runs, 1000);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { test_few, test_many };

	return run_tests("name_encoder", tests, COUNT_OF(tests));
}
