/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* The list that sorts names for an index: what goes in comes out in order, whatever it is and however
 * much of it, and its memory is given back on the way; whether names come as they are or as keys, and one thread sorts or two
 * (thread_start in index/name_batches.c, so that this is one of the tests for TSan). */

#include "test.h"

#include <sys/mman.h>
#include <unistd.h>

#include "dns/name.h"
#include "index/name_builder.h"
#include "index/name_records.h"

/* More than the first names, which the code is made from, and than some bins hold. */
#define MANY (70u * 1000)

typedef struct name_record {
	size_t size; /* bytes of the path */
	uint32_t value;
	unsigned kinds;                 /* NAME_FOR_* */
	uint8_t path[NAME_SYMBOLS_MAX]; /* see name_layout.h */
} name_record_t;

static name_record_t *new_list(size_t count)
{
	name_record_t *list = calloc(count, sizeof(*list));

	ck_assert_ptr_nonnull(list);
	return list;
}

/* In canonical order; of one name any order will do, so that this one does. */
static int compare_records(const void *a, const void *b)
{
	const name_record_t *x = a;
	const name_record_t *y = b;

	for (size_t i = 0; i < x->size && i < y->size; i += x->path[i] + 1u) {
		unsigned shorter = x->path[i] < y->path[i] ? x->path[i] : y->path[i];
		int order = memcmp(x->path + i + 1, y->path + i + 1, shorter);

		if (order != 0 || x->path[i] != y->path[i])
			return order != 0 ? order : x->path[i] - y->path[i];
	}
	if (x->size != y->size)
		return x->size < y->size ? -1 : 1;
	if (x->value != y->value)
		return x->value < y->value ? -1 : 1;
	return (int)x->kinds - (int)y->kinds;
}

static void add_label(name_record_t *record, size_t size, unsigned letters)
{
	if (record->size + 1 + size > sizeof(record->path))
		return;
	record->path[record->size++] = (uint8_t)size;
	for (; size > 0; size--)
		record->path[record->size++] =
			dns_lower((uint8_t)((letters < 256 ? 'a' : 0) + random_below(letters)));
}

/* Short labels, so that there are duplicates; long ones; any bytes; and names below others. */
static name_record_t random_record(void)
{
	static name_record_t above;
	name_record_t record = { .value = 1, .kinds = 1 };

	if (above.size > 0 && random_below(3) == 0)
		record = above;
	else
		add_label(&record, 2, 2);
	above.size = 0;
	switch (random_below(8)) {
	case 0:
		for (unsigned i = 1 + random_below(3); i > 0; i--)
			add_label(&record, 1 + random_below(2), 3);
		break;
	case 1:
		for (unsigned i = 1 + random_below(20); i > 0; i--)
			add_label(&record, 1 + random_below(63), 2);
		break;
	case 2:
		add_label(&record, 1 + random_below(63), 256);
		break;
	default:
		add_label(&record, 6 + random_below(6), 26);
	}
	above = record;
	return record;
}

/* Writes the record as name_records_add takes it; returns the bytes. */
static size_t write_record(const name_record_t *record, uint8_t *at)
{
	uint8_t *to = at + 1 + record->size;

	at[0] = (uint8_t)record->kinds;
	*to = 0;
	for (const uint8_t *label = record->path; to > at + 1; label += *label + 1) {
		to -= *label + 1;
		memcpy(to, label, *label + 1u);
	}
	return record->size + 2;
}

/* Adds list[0..count), as many at a time as have the same value, up to 40. */
static void add(name_records_t *records, const name_record_t *list, size_t count)
{
	static uint8_t many[40 * (2 + NAME_SYMBOLS_MAX)];

	for (size_t i = 0, end; i < count; i = end) {
		size_t most = 1 + i % 40;
		size_t size = 0;

		for (end = i; end < count && end < i + most && list[end].value == list[i].value;
		     end++)
			size += write_record(&list[end], many + size);
		MUST(name_records_add(records, many, size, list[i].value) == ERR_OK, "cannot add");
	}
}

/* The same, as keys that the list's own coder makes, once there is one. */
static void add_keys(name_records_t *records, const name_record_t *list, size_t count)
{
	static uint8_t keys[40 * NAME_RECORD_ROOM];
	size_t first = 0;

	while (name_records_coder(records) == NULL && first < count)
		add(records, &list[first++], 1);
	for (size_t i = first, end; i < count; i = end) {
		name_coder_t *coder = name_records_coder(records);
		uint8_t *out = keys;

		for (end = i;
		     end < count && end < i + 1 + i % 40 && list[end].value == list[i].value;
		     end++) {
			uint8_t name[2 + NAME_SYMBOLS_MAX];
			size_t size = write_record(&list[end], name);

			ck_assert_ptr_eq(name_coder_put(coder, name + 1, name[0], &out),
					 name + size);
		}
		MUST(name_records_add_keys(records, keys, (size_t)(out - keys), list[i].value) ==
			     ERR_OK,
		     "cannot add");
	}
}

/* The same, each with its value, as names or as keys, up to 70 at a time. */
static void add_each(name_records_t *records, const name_record_t *list, size_t count)
{
	enum { MOST = 70 };
	static uint8_t room[MOST * NAME_RECORD_ROOM];
	const uint8_t *entries[MOST];
	uint32_t values[MOST];

	for (size_t i = 0, more; i < count; i += more) {
		name_coder_t *coder = i % 3 > 0 ? name_records_coder(records) : NULL;
		uint8_t *out = room;

		more = i % MOST + 1 < count - i ? i % MOST + 1 : count - i;
		for (size_t j = 0; j < more; j++) {
			uint8_t name[2 + NAME_SYMBOLS_MAX];
			size_t size = write_record(&list[i + j], name);

			entries[j] = out;
			values[j] = list[i + j].value;
			if (coder != NULL)
				(void)name_coder_put(coder, name + 1, name[0], &out);
			else
				out = (uint8_t *)memcpy(out, name, size) + size;
		}
		if (coder != NULL)
			MUST(name_records_add_each_key(records, entries, values, more) == ERR_OK,
			     "cannot add");
		else
			MUST(name_records_add_each(records, entries, values, more) == ERR_OK,
			     "cannot add");
	}
}

/* Takes up to `count` out; returns how many there were. */
static size_t take(name_records_t *records, name_record_t *taken, size_t count)
{
	const name_batch_t *batch;
	const uint8_t *prefix;
	name_key_t key;
	size_t n = 0;

	while (n < count) {
		ck_assert_int_eq(name_records_take(records, &batch, &prefix), ERR_OK);
		if (batch == NULL)
			break;
		for (size_t i = 0; i < batch->count; i++, n++) {
			const name_place_t *place = &batch->places[i];

			MUST(n < count, "more than %zu", count);
			name_batch_key(batch, prefix, place, &key);
			taken[n] = (name_record_t){ .value = place->value,
						    .kinds = place->about & NAME_PLACE_KINDS };
			taken[n].size = name_key_to_path(name_records_decoder(records), &key,
							 taken[n].path);
			memset(taken[n].path + taken[n].size, 0,
			       sizeof(taken[n].path) - taken[n].size);
			MUST(i == 0 || name_batch_is_same(batch, place - 1, place) ==
					       (taken[n].size == taken[n - 1].size &&
						memcmp(taken[n].path, taken[n - 1].path,
						       taken[n].size) == 0),
			     "record %zu", n);
		}
	}
	return n;
}

/* Sorts and drops all but one of the same. */
static size_t distinct(name_record_t *list, size_t count)
{
	size_t kept = 0;

	qsort(list, count, sizeof(*list), compare_records);
	for (size_t i = 0; i < count; i++)
		if (i == 0 || compare_records(&list[i], &list[kept - 1]) != 0)
			list[kept++] = list[i];
	return kept;
}

/* Takes all out and compares with `list`, which is sorted here. Records that are the same may have become
 * one. */
static void check(name_records_t *records, name_record_t *list, size_t count, bool has_thread)
{
	name_record_t *taken = new_list(count + 1);
	const name_batch_t *batch;
	const uint8_t *prefix;

	ck_assert_int_eq(name_records_sort(records, has_thread), ERR_OK);
	size_t found = take(records, taken, count + 1);
	ck_assert_int_eq(name_records_take(records, &batch, &prefix), ERR_OK);
	ck_assert_ptr_null(batch);
	name_records_clear(records);
	/* Names were in order, as a sort that is told of values too, finds no other order of them. */
	for (size_t i = 1; i < found; i++) {
		name_record_t before = taken[i - 1];
		before.value = taken[i].value;
		before.kinds = taken[i].kinds;
		MUST(compare_records(&before, &taken[i]) <= 0, "name %zu is out of order", i);
	}
	found = distinct(taken, found);
	count = distinct(list, count);
	MUST(found == count, "%zu records of %zu", found, count);
	for (size_t i = 0; i < count; i++)
		MUST(compare_records(&taken[i], &list[i]) == 0, "record %zu is another one", i);
	free(taken);
}

/* All the same value, all others, and rows of the same one; a list of nothing, of one, of many. */
START_TEST(test_random)
{
	static const size_t counts[] = { 0, 1, 2, 1000, MANY, MANY, 1000, 1, MANY };
	name_records_t *records = calloc(1, sizeof(*records));

	random_start(1);
	ck_assert_ptr_nonnull(records);
	for (unsigned round = 0; round < 3 * COUNT_OF(counts); round++) {
		size_t count = counts[round / 3];
		name_record_t *list = new_list(count + 1);

		for (size_t i = 0; i < count; i++) {
			list[i] = random_record();
			if (round % 3 == 1)
				list[i].value = random_below(UINT32_C(0x80000000));
			if (round % 3 == 2)
				list[i].value = (uint32_t)i / 1000;
			if (round % 3 > 0)
				list[i].kinds = 1 + random_below(3);
		}
		if (round / 3 % 3 == 2)
			add_each(records, list, count);
		else if (round % 2 == 0)
			add(records, list, count);
		else
			add_keys(records, list, count);
		check(records, list, count, round % 4 < 2);
		free(list);
	}
	free(records);
}
END_TEST

/* Symbols are counted about as often as they occur, and the same by whatever way names come; not those of top
 * labels, unless there are no others. */
START_TEST(test_counts)
{
	name_records_t *by_name = calloc(1, sizeof(*by_name));
	name_records_t *by_key = calloc(1, sizeof(*by_key));
	name_record_t *list = new_list(MANY);

	ck_assert_ptr_nonnull(by_name);
	ck_assert_ptr_nonnull(by_key);
	for (unsigned labels = 1; labels <= 3; labels += 2) {
		for (unsigned i = 0; i < MANY; i++) {
			list[i] = (name_record_t){ .value = 1, .kinds = 1 };
			list[i].size = (size_t)snprintf((char *)list[i].path, 32,
							labels == 1 ? "\6n%05u" : "\3top\6n%05u\1a",
							i * 7 % MANY);
		}
		add(by_name, list, MANY);
		add_keys(by_key, list, MANY);
		const uint64_t *symbols = by_name->symbols;
		ck_assert_int_eq(name_records_sort(by_name, false), ERR_OK);
		ck_assert_int_eq(name_records_sort(by_key, false), ERR_OK);
		MUST(memcmp(symbols, by_key->symbols, sizeof(by_key->symbols)) == 0,
		     "other symbols by another way");
		MUST(symbols[1 + 'n'] > MANY / 2 && symbols[1 + 'n'] < 2 * MANY, "%u",
		     (unsigned)symbols[1 + 'n']);
		ck_assert_uint_eq(symbols[1 + 'a'], labels == 1 ? 0 : symbols[1 + 'n']);
		ck_assert_uint_eq(symbols[NAME_SYMBOL_END],
				  (labels == 1 ? 1 : 2) * symbols[1 + 'n']);
		ck_assert_uint_eq(symbols[1 + 't'], 0);
		name_records_clear(by_name);
		name_records_clear(by_key);
	}
	free(by_name);
	free(by_key);
	free(list);
}
END_TEST

/* Has the coder that is lent make keys that nobody adds: what is read ahead of another list. */
static void waste_keys(name_records_t *records, const name_record_t *list, size_t count)
{
	name_coder_t *coder = name_records_coder(records);

	for (size_t i = 0; i < count && coder != NULL; i++) {
		uint8_t name[2 + NAME_SYMBOLS_MAX];
		uint8_t key[NAME_RECORD_ROOM];
		uint8_t *out = key;

		(void)write_record(&list[i], name);
		(void)name_coder_put(coder, name + 1, name[0], &out);
	}
}

/* Names that are nothing like the first ones, which the code was made from. The code that suits them all is the
 * same whichever of them come as keys, and what else was read ahead, as that depends on how fast two threads
 * are. */
START_TEST(test_other_names)
{
	name_records_t *records = calloc(1, sizeof(*records));
	name_record_t *list = new_list(MANY);

	random_start(2);
	ck_assert_ptr_nonnull(records);
	for (size_t i = 0; i < MANY; i++) {
		list[i].value = list[i].kinds = 1;
		add_label(&list[i], 3, i < MANY / 2 ? 1 : 256);
		add_label(&list[i], 12, i < MANY / 2 ? 2 : 256);
		if (i > MANY / 2 && i % 2 == 0)
			for (size_t j = 5; j < list[i].size; j++)
				list[i].path[j] = (uint8_t)('q' + random_below(9));
	}
	name_code_t codes[NAME_SYMBOLS];
	name_code_t others[NAME_SYMBOLS];
	bool is_better = false;
	add(records, list, MANY);
	ck_assert_int_eq(name_records_sort(records, false), ERR_OK);
	ck_assert_int_eq(name_records_better_codes(records, codes, &is_better), ERR_OK);
	MUST(is_better && name_code_is_sound(codes), "the code suits what it was not made from");
	name_records_clear(records);
	for (unsigned way = 0; way < 3; way++) {
		size_t as_names = way == 1 ? MANY * 3 / 4 : 0;
		add(records, list, as_names);
		(way == 2 ? add_each : add_keys)(records, list + as_names, MANY - as_names);
		waste_keys(records, list, MANY / 4);
		ck_assert_int_eq(name_records_sort(records, false), ERR_OK);
		ck_assert_int_eq(name_records_better_codes(records, others, &is_better), ERR_OK);
		MUST(is_better && memcmp(codes, others, sizeof(codes)) == 0,
		     "another code where %zu come as names", as_names);
		name_records_clear(records);
	}
	add(records, list, MANY);
	check(records, list, MANY, true);
	free(records);
	free(list);
}
END_TEST

/* Bins burst in all the ways that there are. */
START_TEST(test_bursts)
{
	static const char *const hosts =
		"a-provider-with-a-name-that-takes-many-nibbles-of-its-own";
	name_records_t *records = calloc(1, sizeof(*records));
	name_record_t *list = new_list(MANY);

	random_start(4);
	ck_assert_ptr_nonnull(records);
	for (unsigned round = 0; round < 5; round++) {
		memset(list, 0, MANY * sizeof(*list));
		for (size_t i = 0; i < MANY; i++) {
			name_record_t *record = &list[i];

			record->value = record->kinds = 1;
			add_label(record, 3, 1);
			/* Of one name, again and again; with other values; in between others. */
			if (round == 0 || (round == 1 && i % 4 != 0)) {
				record->value = round == 0 ? 1 + (uint32_t)i % 2 : (uint32_t)i;
				add_label(record, 9, 1);
				continue;
			}
			/* Hosts of one domain, and then, late, something else in its middle. */
			if (round >= 2) {
				size_t size = i > MANY - 20 ? 10 + i % 40 : strlen(hosts);

				record->path[record->size++] = (uint8_t)size;
				memcpy(record->path + record->size, hosts, size);
				record->size += size;
			}
			if (round == 3) /* in order */
				record->size += (size_t)snprintf(
					(char *)record->path + record->size, 20, "%c%08zu", 8, i);
			else
				add_label(record, 1 + random_below(round == 4 ? 63 : 9), 26);
		}
		name_records_expect(records, (uint64_t)round << 24);
		add(records, list, MANY);
		check(records, list, MANY, round % 2 == 0);
	}
	free(records);
	free(list);
}
END_TEST

/* Of all ranges. */
static size_t resident_bytes(const name_records_t *records)
{
	size_t unit = (size_t)sysconf(_SC_PAGESIZE);
	unsigned char *is_resident = malloc(NAME_RANGES_SLAB / unit);
	size_t bytes = 0;

	ck_assert_ptr_nonnull(is_resident);
	for (size_t i = 0; i < records->bins.ranges.slab_count; i++) {
		ck_assert_int_eq(
			mincore(records->bins.ranges.slabs[i], NAME_RANGES_SLAB, is_resident), 0);
		for (size_t j = 0; j < NAME_RANGES_SLAB / unit; j++)
			bytes += (is_resident[j] & 1) != 0 ? unit : 0;
	}
	free(is_resident);
	return bytes;
}

/* That bins have. */
static size_t used_bytes(const name_records_t *records)
{
	size_t bytes = 0;

	for (size_t i = 0; i < records->bins.bin_count; i++)
		if (records->bins.bins[i].records != NULL)
			bytes += (size_t)(records->bins.bins[i].at - records->bins.bins[i].records);
	return bytes;
}

/* What has been taken holds no memory: at the half of it, about half is left. */
START_TEST(test_memory)
{
	name_records_t *records = calloc(1, sizeof(*records));
	const name_batch_t *batch;
	const uint8_t *prefix;
	const size_t many = 150000; /* of many bins */
	size_t count = 0;

	random_start(3);
	ck_assert_ptr_nonnull(records);
	for (size_t i = 0; i < 2 * many; i++) {
		name_record_t record = { .value = 1, .kinds = 1 };

		add_label(&record, 3, 1);
		add_label(&record, 40, 26);
		add(records, &record, 1);
	}
	ck_assert_int_eq(name_records_sort(records, false), ERR_OK);
	size_t all = resident_bytes(records);
	for (; count < many; count += batch->count) {
		ck_assert_int_eq(name_records_take(records, &batch, &prefix), ERR_OK);
		ck_assert_ptr_nonnull(batch);
	}
	size_t half = resident_bytes(records);
	name_records_clear(records);
	MUST(all < 2 * many * 30, "%zu bytes for a name", all / 2 / many);
	MUST(half < all * 2 / 3, "%zu of %zu bytes are left", half, all);
	free(records);
}
END_TEST

/* One name again and again, with a few values, takes no more memory than a bin that is full. */
START_TEST(test_one_name)
{
	static const uint8_t entry[] = { NAME_FOR_PLAIN, 3, 'w', 'w', 'w', 2, 'a', 'b', 0 };
	name_records_t *records = calloc(1, sizeof(*records));

	ck_assert_ptr_nonnull(records);
	for (uint32_t i = 0; i < NAME_RANGE_SIZE; i++)
		MUST(name_records_add(records, entry, sizeof(entry), 1 + i % 3) == ERR_OK,
		     "cannot add");
	ck_assert_int_eq(name_records_sort(records, false), ERR_OK);
	size_t bytes = used_bytes(records);
	MUST(bytes > 3 * 4 && bytes <= NAME_RANGE_SIZE, "%zu bytes for three records", bytes);
	name_records_clear(records);
	free(records);
}
END_TEST

/* So many values of one name that they fill a bin many times, and in the end names that part it. */
START_TEST(test_large_bin)
{
	static const char *const labels[] = { "ab", "w", "w", "w", "w", "w", "w", "w", "w" };
	const size_t count = 5 * NAME_RANGE_SIZE / 4;
	name_records_t *records = calloc(1, sizeof(*records));
	name_record_t *list = new_list(count);

	random_start(6);
	ck_assert_ptr_nonnull(records);
	for (size_t i = 0; i < count; i++) {
		size_t part = i < count / 2 ? 3 : 3 + random_below(6);

		list[i].kinds = 1 + i % 2;
		list[i].value = (uint32_t)i;
		for (size_t j = 0; j < part; j++) {
			size_t size = strlen(labels[j]);

			list[i].path[list[i].size++] = (uint8_t)size;
			memcpy(list[i].path + list[i].size, labels[j], size);
			list[i].size += size;
		}
	}
	add(records, list, count);
	check(records, list, count, true);
	free(records);
	free(list);
}
END_TEST

/* Names that part from one long name anywhere in it make a tree as deep as that, of many bins with few records
 * each: it has not much more memory than they need, nor addresses. */
START_TEST(test_deep_tree)
{
	name_records_t *records = calloc(1, sizeof(*records));
	name_record_t *list = new_list(MANY);
	name_record_t spine = { .size = 0 };
	size_t text = 0;

	random_start(7);
	ck_assert_ptr_nonnull(records);
	for (unsigned i = 0; i < 3; i++)
		add_label(&spine, 63, 26);
	for (size_t i = 0; i < MANY; i++) {
		size_t shared = 1 + random_below(190);
		size_t label = shared & ~(size_t)63;

		memcpy(list[i].path, spine.path, sizeof(spine.path));
		list[i].value = list[i].kinds = 1;
		list[i].size = shared;
		for (unsigned j = 0; j < 4; j++)
			list[i].path[list[i].size++] = (uint8_t)('a' + random_below(26));
		list[i].path[label] = (uint8_t)(list[i].size - label - 1);
		if (label == shared) { /* a label begins there */
			list[i].size = shared;
			add_label(&list[i], 4, 26);
		} else if (list[i].path[label] > 63) {
			list[i].size = label + 64;
			list[i].path[label] = 63;
		}
		text += list[i].size;
	}
	add(records, list, MANY);
	size_t used = used_bytes(records);
	size_t resident = resident_bytes(records);
	size_t mapped = records->bins.ranges.slab_count * NAME_RANGES_SLAB;
	MUST(records->bins.bin_count > 500, "%zu bins", records->bins.bin_count);
	MUST(resident < 2 * used + NAME_RANGE_SIZE, "%zu bytes for %zu", resident, used);
	MUST(mapped < 32 * used + NAME_RANGES_SLAB, "%zu bytes mapped for %zu", mapped, used);
	ck_assert_uint_gt(text, used);
	check(records, list, MANY, false);
	free(records);
	free(list);
}
END_TEST

/* Names under more top labels than have hints, of which some share a place in the table, and some are too
 * long for one; in any order, in order, and one top label after the other: whether they come as names or
 * keys, and also where one comes that changes the tree above the bins that hints lead to. */
START_TEST(test_top_labels)
{
#ifdef __SANITIZE_THREAD__ /* slow, and there to see threads */
	const unsigned first = 3;
#else
	const unsigned first = 0;
#endif
	const size_t count = 2 * MANY;
	name_records_t *records = calloc(1, sizeof(*records));
	name_record_t *list = new_list(count);

	random_start(5);
	ck_assert_ptr_nonnull(records);
	for (unsigned round = first; round < 4; round++) {
		memset(list, 0, count * sizeof(*list));
		for (size_t i = 0; i < count; i++) {
			name_record_t *record = &list[i];
			size_t group = i / 1000;
			char top[16];

			record->kinds = 1 + random_below(3);
			record->value = round == 1 ? (uint32_t)i : 1;
			/* Few of them have most names, as everywhere. */
			unsigned number = random_below(1 + random_below(1 + random_below(300)));
			if (round >= 2)
				number = (unsigned)(i * 200 / count);
			int size = snprintf(top, sizeof(top), "%c%.*u", 'a' + (int)(number % 3),
					    number % 7 == 0 ? 6 : 1, number);
			record->path[record->size++] = (uint8_t)size;
			memcpy(record->path + record->size, top, (size_t)size);
			record->size += (size_t)size;
			/* What all share is left out by a node, until late one differs. */
			if (round == 3 && group % 16 != 15)
				add_label(record, 2 + random_below(9), 1);
			add_label(record, 1 + random_below(12), 26);
		}
		if (round == 1)
			qsort(list, count, sizeof(*list), compare_records);
		/* Too few are expected, or far too many. */
		name_records_expect(records, round < 2 ? count : (uint64_t)1 << (20 + 8 * round));
		if (round % 2 == 0)
			add(records, list, count);
		else
			add_keys(records, list, count);
		check(records, list, count, round % 2 == 0);
	}
	free(records);
	free(list);
}
END_TEST

int main(void)
{
	const TTest *tests[] = { test_random,    test_counts,   test_other_names,
				 test_bursts,    test_one_name, test_large_bin,
				 test_deep_tree, test_memory,   test_top_labels };

	return run_tests("name_records", tests, COUNT_OF(tests));
}
