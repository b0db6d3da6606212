/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* Compiled files of all types that are not as they were made: by accident, which the sums have to see, unless it makes
 * no difference; or with all sums right, as somebody makes them who wants spurnd to crash or to hang. None
 * does; what is refused is refused with a reason; and nothing answers otherwise that was damaged by accident. */

#include <sys/mman.h>

#include "compiled_parts.h"
#include "compiled_samples.h"
#include "dataset/value_layout.h"
#include "dataset/generic_data.h"
#include "test.h"

/* Bits that are flipped in all samples together. */
#define FLIPS 10000u

/* All samples as they are compiled: once, as that goes to the disk. */
static struct {
	uint8_t *bytes;
	size_t size;
} made[COUNT_OF(compiled_samples)];

static void make_samples(void)
{
	static const char *const names[] = { "made", NULL };
	const size_t room = 65536;

	for (size_t i = 0; i < COUNT_OF(made); i++) {
		fixture_path_t file_path = fixture_path("made");

		compile_sample(&compiled_samples[i], file_path.text);
		FILE *file = fopen(file_path.text, "rb");
		made[i].bytes = malloc(room);
		fixture_require(file != NULL && made[i].bytes != NULL, "cannot read a sample");
		made[i].size = fread(made[i].bytes, 1, room, file);
		fixture_require(made[i].size < room, "the sample is too large");
		fclose(file);
		fixture_remove(names);
	}
}

/* The sample at hand: its file's bytes, and what it answers. */
static const compiled_sample_t *sample;
static uint8_t *original;
static size_t original_size;
static sample_answers_t answers;
static dataset_t *whole;

/* The damaged file, in memory: there are tens of thousands of them. */
static int damaged = -1;
static char damaged_path[32];

static void begin(size_t which)
{
	dataset_attempt_t attempt;
	fixture_path_t whole_path = fixture_path("whole");

	sample = &compiled_samples[which];
	original_size = made[which].size;
	original = parts_copy(made[which].bytes, original_size);
	fixture_write("whole", original, original_size);
	whole = load_compiled(whole_path.text, &attempt);
	ck_assert_msg(whole != NULL, "%s: %s", sample->type, attempt.why);
	answers = *answers_of(whole);
	damaged = memfd_create("damaged", MFD_CLOEXEC);
	ck_assert_int_ge(damaged, 0);
	(void)snprintf(damaged_path, sizeof(damaged_path), "/proc/self/fd/%d", damaged);
}

static void end(void)
{
	static const char *const names[] = { "whole", NULL };

	close(damaged);
	dataset_free(whole);
	free(original);
	fixture_remove(names);
}

/* Loads bytes as a file. They are refused, or make no difference. Returns whether they are refused. */
static bool is_refused(const void *bytes, size_t size)
{
	dataset_attempt_t attempt;

	MUST(ftruncate(damaged, 0) == 0 && pwrite(damaged, bytes, size, 0) == (ssize_t)size,
	     "no memory for a file");
	dataset_t *dataset = load_compiled(damaged_path, &attempt);
	if (dataset == NULL)
		return true;
	const sample_answers_t *now = answers_of(dataset);
	MUST(now->size == answers.size && memcmp(now->text, answers.text, now->size) == 0,
	     "%s: damaged, and answers something else", sample->type);
	dataset_free(dataset);
	return false;
}

START_TEST(test_flipped_bits)
{
	unsigned refused = 0;

	random_start(1);
	for (size_t i = 0; i < COUNT_OF(compiled_samples); i++) {
		begin(i);
		for (unsigned flip = 0; flip < FLIPS / COUNT_OF(compiled_samples); flip++) {
			size_t at = random_below((unsigned)original_size);
			uint8_t bit = (uint8_t)(1u << random_below(8));

			original[at] ^= bit;
			refused += is_refused(original, original_size);
			original[at] ^= bit;
		}
		end();
	}
	/* What is between the blocks, and entries of cdb's own tables for these, may be anything. */
	ck_assert_uint_gt(refused, FLIPS / 2);
}
END_TEST

START_TEST(test_cut_and_mixed)
{
	uint8_t swapped[64];

	random_start(2);
	for (size_t i = 0; i < COUNT_OF(compiled_samples); i++) {
		begin(i);
		for (size_t size = 0; size < original_size; size += 1 + size / 8)
			ck_assert(is_refused(original, size));
		ck_assert(is_refused(original, original_size - 1));
		for (size_t at = 0; at + sizeof(swapped) <= original_size; at += sizeof(swapped)) {
			uint8_t *copy = parts_copy(original, original_size);
			size_t to = random_below((unsigned)(original_size - sizeof(swapped)));

			memset(copy + at, 0, sizeof(swapped));
			(void)is_refused(copy, original_size);
			memcpy(copy, original, original_size);
			memcpy(swapped, copy + at, sizeof(swapped));
			memmove(copy + at, copy + to, sizeof(swapped));
			memcpy(copy + to, swapped, sizeof(swapped));
			(void)is_refused(copy, original_size);
			free(copy);
		}
		end();
	}
}
END_TEST

/* Loads parts, and uses what comes of it. Returns whether they are refused. */
static bool try_parts(compiled_parts_t *parts)
{
	dataset_attempt_t attempt;

	MUST(ftruncate(damaged, 0) == 0 && lseek(damaged, 0, SEEK_SET) == 0, "no memory");
	parts_write(parts, damaged);
	dataset_t *dataset = load_compiled(damaged_path, &attempt);
	if (dataset == NULL)
		return true;
	use_compiled(dataset, whole);
	dataset_free(dataset);
	return false;
}

static compiled_parts_t take_apart(void)
{
	compiled_parts_t parts;

	MUST(parts_read(original, original_size, &parts), "no compiled file");
	return parts;
}

/* Bytes of a block that are others, fewer or more, with the right sum. */
START_TEST(test_hostile_blocks)
{
	random_start(3);
	for (size_t i = 0; i < COUNT_OF(compiled_samples); i++) {
		begin(i);
		compiled_parts_t parts = take_apart();
		ck_assert(!try_parts(&parts));
		for (unsigned round = 0; round < 400; round++) {
			compiled_parts_t other = take_apart();
			compiled_block_t *block;

			if (other.count == 0) {
				parts_free(&other);
				break;
			}
			block = &other.blocks[random_below((unsigned)other.count)];
			for (unsigned times = random_below(3); block->size > 0 && times > 0;
			     times--) {
				size_t at = random_below((unsigned)block->size);
				uint8_t values[] = { 0,
						     1,
						     0x7f,
						     0xff,
						     (uint8_t)random_64(),
						     (uint8_t)(block->bytes[at] + 1) };
				block->bytes[at] = values[random_below(COUNT_OF(values))];
			}
			if (random_below(8) == 0)
				block->size = random_below((unsigned)block->size + 1);
			parts_sum(&other);
			(void)try_parts(&other);
			parts_free(&other);
		}
		parts_free(&parts);
		end();
	}
}
END_TEST

/* Each block as each other one. */
START_TEST(test_swapped_blocks)
{
	for (size_t i = 0; i < COUNT_OF(compiled_samples); i++) {
		begin(i);
		compiled_parts_t parts = take_apart();
		for (size_t a = 0; a < parts.count; a++)
			for (size_t b = 0; b < parts.count; b++) {
				compiled_parts_t other = take_apart();
				parts_set(&other, other.blocks[a].key, parts.blocks[b].bytes,
					  parts.blocks[b].size);
				parts_sum(&other);
				(void)try_parts(&other);
				parts_free(&other);
			}
		parts_free(&parts);
		end();
	}
}
END_TEST

/* ---- The header. ---- */

/* What stands in the place of a value; NULL: nothing. */
static const char *const replacements[] = {
	NULL,         "null",
	"true",       "-1",
	"0",          "1",
	"255",        "2147483648",
	"4294967296", "9223372036854775807",
	"1.5e300",    "\"\"",
	"\"0\"",      "\"combined\"",
	"\"dnset\"",  "\"compiled\"",
	"\"a..b\"",   "[]",
	"[0, 0, 0]",  "[[[[]]]]",
	"{}",         "{\"a\": {\"a\": 0}}",
};

static json_t *replacement(size_t number)
{
	json_t *value = json_loads(replacements[number], JSON_DECODE_ANY, NULL);

	MUST(value != NULL, "replacement %zu is no JSON", number);
	return value;
}

/* Replaces the value number `*left` behind `root`, counted from 0, by replacement `with`. False: there are not
 * so many, and `*left` is how many are missing. */
static bool replace(json_t *root, unsigned *left, size_t with)
{
	void *next;
	const char *key;
	json_t *value;
	size_t i;

	json_object_foreach_safe(root, next, key, value)
	{
		if ((*left)-- == 0) {
			(void)(replacements[with] != NULL
				       ? json_object_set_new(root, key, replacement(with))
				       : json_object_del(root, key));
			return true;
		}
		if (replace(value, left, with))
			return true;
	}
	json_array_foreach(root, i, value)
	{
		if ((*left)-- == 0) {
			(void)(replacements[with] != NULL
				       ? json_array_set_new(root, i, replacement(with))
				       : json_array_remove(root, i));
			return true;
		}
		if (replace(value, left, with))
			return true;
	}
	return false;
}

/* Each value of the header is each of the replacements, for one type after the other. */
START_TEST(test_hostile_headers)
{
	begin((size_t)_i);
	for (size_t with = 0; with < COUNT_OF(replacements); with++) {
		bool is_replaced = true;

		for (unsigned number = 0; is_replaced; number++) {
			compiled_parts_t parts = take_apart();
			unsigned left = number;

			is_replaced = replace(parts.header, &left, with);
			if (is_replaced)
				(void)try_parts(&parts);
			parts_free(&parts);
		}
	}
	end();
}
END_TEST

/* Changes one thing in a header that has otherwise been right; `path` leads there. */
typedef struct edit {
	const char *type; /* of the sample */
	const char *change;
	void (*make)(compiled_parts_t *parts);
} edit_t;

static json_t *dataset_of(compiled_parts_t *parts, size_t number)
{
	return json_array_get(json_object_get(parts->header, "datasets"), number);
}

static void drop_index(compiled_parts_t *parts)
{
	json_t *blocks = json_object_get(dataset_of(parts, 0), "blocks");

	for (size_t i = json_array_size(blocks); i-- > 0;)
		if (strcmp(json_string_value(json_object_get(json_array_get(blocks, i), "name")),
			   "index") == 0)
			(void)json_array_remove(blocks, i);
}

static void other_type(compiled_parts_t *parts)
{
	(void)json_object_set_new(dataset_of(parts, 0), "type", json_string("ip6tset"));
}

static void no_such_number(compiled_parts_t *parts)
{
	(void)json_object_set_new(parts->header, "zones", json_pack("{s:[i]}", "bl.test", 1000));
}

static void inner_as_outer(compiled_parts_t *parts)
{
	(void)json_object_set_new(parts->header, "zones", json_pack("{s:[i]}", "bl.test", 1));
}

static void inside_itself(compiled_parts_t *parts)
{
	(void)json_object_set_new(dataset_of(parts, 0), "sets", json_pack("[i,i]", 0, 1));
}

static void inside_each_other(compiled_parts_t *parts)
{
	json_t *copy = json_deep_copy(dataset_of(parts, 0));

	(void)json_object_set_new(copy, "inside", json_integer(0));
	(void)json_array_set_new(json_object_get(parts->header, "datasets"), 1, copy);
}

/* One more level: the first one inside has inside what had been beside it. */
static void nested(compiled_parts_t *parts)
{
	json_t *outer = dataset_of(parts, 0);
	json_t *inner = json_deep_copy(outer);

	MUST(json_array_size(json_object_get(outer, "sets")) > 1, "not several");
	(void)json_object_set_new(inner, "inside", json_integer(0));
	(void)json_array_remove(json_object_get(inner, "sets"), 0);
	(void)json_object_set_new(inner, "subzones", json_pack("{s:[i]}", "@", 2));
	(void)json_object_set_new(inner, "blocks", json_array());
	(void)json_object_set_new(outer, "sets", json_pack("[i]", 1));
	(void)json_object_set_new(outer, "subzones", json_pack("{s:[i]}", "@", 1));
	(void)json_array_set_new(json_object_get(parts->header, "datasets"), 1, inner);
}

static void other_format(compiled_parts_t *parts)
{
	(void)json_object_set_new(parts->header, "format", json_integer(COMPILED_FORMAT + 1));
}

static void future(compiled_parts_t *parts)
{
	(void)json_object_set_new(dataset_of(parts, 0), "written",
				  json_integer(INT64_C(4102444800)));
}

static void odd_soa(compiled_parts_t *parts)
{
	json_t *soa = json_object_get(dataset_of(parts, 0), "soa");

	(void)json_object_set_new(soa, "mname", json_string("\\256.test"));
}

static void wrong_size(compiled_parts_t *parts)
{
	json_t *blocks = json_object_get(dataset_of(parts, 0), "blocks");

	(void)json_object_set_new(json_array_get(blocks, 0), "size", json_integer(8));
}

static void half_a_pool(compiled_parts_t *parts)
{
	compiled_block_t *pool = parts_find(parts, "0/pool");

	MUST(pool != NULL, "no pool");
	pool->size /= 2;
	parts_sum(parts);
}

static void far_away(compiled_parts_t *parts)
{
	compiled_block_t *values = parts_find(parts, "0/values");

	MUST(values != NULL, "no values");
	value_head_t head;
	memcpy(&head, values->bytes, sizeof(head));
	/* Where the first value's text is. */
	memset(values->bytes + value_records_at(head.texts_size) + offsetof(value_record_t, txt),
	       0xff, 4);
	parts_sum(parts);
}

static void records_in_disorder(compiled_parts_t *parts)
{
	compiled_block_t *records = parts_find(parts, "0/records");

	MUST(records != NULL && records->size > 2 * sizeof(record_t), "no records");
	record_t *all = (void *)records->bytes;
	record_t *last = all + records->size / sizeof(record_t) - 1;
	record_t swapped = *all;
	*all = *last;
	*last = swapped;
	parts_sum(parts);
}

static void odd_bool(compiled_parts_t *parts)
{
	unsigned changed = 0;

	for (size_t i = 0; i < parts->count; i++) {
		const compiled_block_t *block = &parts->blocks[i];
		value_head_t head;

		if (strstr(block->key, "/values") == NULL)
			continue;
		memcpy(&head, block->bytes, sizeof(head));
		if (head.has_conditions == 0)
			continue;
		block->bytes[value_records_at(head.texts_size) +
			     head.count * sizeof(value_record_t) +
			     offsetof(zone_conditions_t, needs_key)] = 2;
		changed++;
	}
	MUST(changed > 0, "no conditions");
	parts_sum(parts);
}

/* The block is how many sets there are, where each begins and the last one ends, and their values. */
static void same_value_twice(compiled_parts_t *parts)
{
	compiled_block_t *sets = parts_find(parts, "0/sets");
	uint32_t count;

	MUST(sets != NULL, "no sets");
	memcpy(&count, sets->bytes, sizeof(count));
	uint8_t *first = sets->bytes + (2 + count) * sizeof(count);
	memcpy(first + sizeof(count), first, sizeof(count));
	parts_sum(parts);
}

START_TEST(test_refused)
{
	static const edit_t edits[] = {
		{ "ip4set", "no index", drop_index },
		{ "ip4set", "another type", other_type },
		{ "dnset", "another type", other_type },
		{ "ip4set", "a number that there is not", no_such_number },
		{ "combined", "what is inside of another", inner_as_outer },
		{ "combined", "inside itself", inside_itself },
		{ "combined", "inside each other", inside_each_other },
		{ "combined", "one inside one inside of one", nested },
		{ "ip4set", "a value twice in a set", same_value_twice },
		{ "generic", "records in disorder", records_in_disorder },
		{ "combined", "a condition that is neither true nor false", odd_bool },
		{ "dnset", "another format", other_format },
		{ "ip4set", "from the future", future },
		{ "ip4set", "a SOA with an odd name", odd_soa },
		{ "ip6trie", "a wrong size", wrong_size },
		{ "generic", "half a pool", half_a_pool },
		{ "ip4set", "a text far away", far_away },
	};

	for (size_t i = 0; i < COUNT_OF(edits); i++) {
		size_t which = 0;

		while (strcmp(compiled_samples[which].type, edits[i].type) != 0)
			which++;
		begin(which);
		compiled_parts_t parts = take_apart();
		edits[i].make(&parts);
		ck_assert_msg(try_parts(&parts), "%s with %s", edits[i].type, edits[i].change);
		parts_free(&parts);
		end();
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("compiled_damage");
	TCase *tcase = tcase_create("all");
	SRunner *runner = srunner_create(suite);

	log_set_level(LOG_LEVEL_ERROR);
	make_samples();
	tcase_set_timeout(tcase, 300); /* see run_tests */
	tcase_add_test(tcase, test_flipped_bits);
	tcase_add_test(tcase, test_cut_and_mixed);
	tcase_add_test(tcase, test_hostile_blocks);
	tcase_add_test(tcase, test_swapped_blocks);
	tcase_add_loop_test(tcase, test_hostile_headers, 0, COUNT_OF(compiled_samples));
	tcase_add_test(tcase, test_refused);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	for (size_t i = 0; i < COUNT_OF(made); i++)
		free(made[i].bytes);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
