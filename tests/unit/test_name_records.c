/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* The list that sorts names for an index: what goes in comes out in order, whatever it is and however
 * much of it, and its memory is given back on the way. */

#include "test.h"

#include <unistd.h>

#include "index/name_records.h"

/* More than one run holds; also of the records that are random in everything. */
#define MANY (150u * 1000)

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
			(uint8_t)((letters < 256 ? 'a' : 0) + random_below(letters));
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

/* Takes all out and compares with `list`, which is sorted here. */
static void check(name_records_t *records, name_record_t *list, size_t count)
{
	name_record_t *taken = new_list(count);
	name_record_t record;

	ck_assert_int_eq(name_records_sort(records), ERR_OK);
	for (size_t i = 0; i < count; i++) {
		MUST(name_records_take(records, &taken[i]), "only %zu of %zu", i, count);
		/* Behind the path is whatever was there. */
		memset(taken[i].path + taken[i].size, 0, sizeof(taken[i].path) - taken[i].size);
	}
	ck_assert(!name_records_take(records, &record));
	name_records_clear(records);
	/* Names were in order, as a sort that is told of values too, finds no other order of them. */
	for (size_t i = 1; i < count; i++) {
		name_record_t before = taken[i - 1];
		before.value = taken[i].value;
		before.kinds = taken[i].kinds;
		MUST(compare_records(&before, &taken[i]) <= 0, "name %zu is out of order", i);
	}
	qsort(taken, count, sizeof(*taken), compare_records);
	qsort(list, count, sizeof(*list), compare_records);
	for (size_t i = 0; i < count; i++)
		MUST(compare_records(&taken[i], &list[i]) == 0, "record %zu is another one", i);
	free(taken);
}

/* All the same value, all others, and rows of the same one; a list of nothing, of one, of a run. */
START_TEST(test_random)
{
	static const size_t counts[] = { 0, 1, 2, 1000, MANY };
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
			ck_assert_int_eq(name_records_append(records, &list[i]), ERR_OK);
		}
		check(records, list, count);
		free(list);
	}
	free(records);
}
END_TEST

/* Runs whose names are nothing like those of the first one, which the code was made from. */
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
		ck_assert_int_eq(name_records_append(records, &list[i]), ERR_OK);
	}
	check(records, list, MANY);
	free(records);
	free(list);
}
END_TEST

static size_t mapped_bytes(void)
{
	size_t pages = 0;
	FILE *file = fopen("/proc/self/statm", "r");

	ck_assert_ptr_nonnull(file);
	ck_assert_int_eq(fscanf(file, "%zu", &pages), 1);
	fclose(file);
	return pages * (size_t)sysconf(_SC_PAGESIZE);
}

/* What has been taken holds no memory: at the half of it, about half is left. */
START_TEST(test_memory)
{
	name_records_t *records = calloc(1, sizeof(*records));
	name_record_t record;

	random_start(3);
	ck_assert_ptr_nonnull(records);
	for (size_t i = 0; i < 2 * MANY; i++) {
		record = (name_record_t){ .value = 1, .kinds = 1 };
		add_label(&record, 3, 1);
		add_label(&record, 40, 26);
		ck_assert_int_eq(name_records_append(records, &record), ERR_OK);
	}
	ck_assert_int_eq(name_records_sort(records), ERR_OK);
	size_t all = mapped_bytes();
	for (size_t i = 0; i < MANY; i++)
		ck_assert(name_records_take(records, &record));
	size_t half = mapped_bytes();
	name_records_clear(records);
	size_t none = mapped_bytes();
	MUST(all - none < (size_t)2 * MANY * 30, "%zu bytes for a name", (all - none) / 2 / MANY);
	MUST(half - none < (all - none) * 6 / 10, "%zu of %zu bytes are left", half - none,
	     all - none);
	free(records);
}
END_TEST

int main(void)
{
	const TTest *tests[] = { test_random, test_other_names, test_memory };

	return run_tests("name_records", tests, COUNT_OF(tests));
}
