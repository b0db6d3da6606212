/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* Builds indexes from random entries and compares every answer with a naive model, which looks at
 * each entry for each name. */

#include "name_model.h"

/* Numbers of 1, 2, 3 and 4 bytes. */
static const uint32_t strides[] = { 1, 1000, 400000, 50000000 };

typedef struct built {
	name_index_t *index;
	value_sets_t *sets;
	uint32_t sets_base;
	uint32_t stride;
} built_t;

static built_t build(const model_t *model)
{
	built_t built = { .sets = intern_new(), .stride = model->stride };
	name_builder_t *builder = name_builder_new();
	const char *why = "";

	ck_assert(builder != NULL && built.sets != NULL);
	built.sets_base = 1 + VALUES * model->stride;
	for (size_t i = 0; i < model->count; i++) {
		const entry_t *entry = &model->entries[i];
		uint32_t value = entry->value == EXCLUDED ? NAME_BUILDER_EXCLUDED
							  : 1 + entry->value * model->stride;
		MUST(name_builder_add(builder, entry->name.bytes, entry->kinds, value) == ERR_OK,
		     "cannot add");
	}
	ck_assert_int_eq(name_builder_finish(builder, built.sets, built.sets_base, &built.index),
			 ERR_OK);
	name_builder_free(builder);
	ck_assert_msg(name_index_check(built.index, name_index_size(built.index), &why) == ERR_OK,
		      "%s", why);
	return built;
}

static void built_free(built_t *built)
{
	name_index_free(built->index);
	intern_free(built->sets);
}

static set_t set_of(const built_t *built, uint32_t number)
{
	size_t size = sizeof(number);
	const uint32_t *values = &number;
	set_t set = 0;

	if (number == NAME_INDEX_NONE)
		return 0;
	if (number > built->sets_base)
		values = intern_get(built->sets, number - built->sets_base, &size);
	for (size_t i = 0; i < size / sizeof(*values); i++)
		set |= (set_t)1 << (values[i] - 1) / built->stride;
	return set;
}

/* A question, with labels of its own. */
typedef struct asked {
	name_t name;
	uint8_t labels[DNS_LABELS_MAX];
	name_question_t question;
} asked_t;

static void asked_init(asked_t *asked, const name_t *name)
{
	asked->name = *name;
	asked->question.name = asked->name.bytes;
	asked->question.labels = asked->labels;
	asked->question.depth = dns_name_labels(name->bytes, asked->labels);
}

static void compare_one(const built_t *built, const model_t *model, const asked_t *asked,
			const name_match_t *match)
{
	expected_t expected = model_lookup(model, &asked->name);
	char text[DNS_NAME_TEXT_MAX];
	name_match_t single;

	dns_name_to_text(asked->name.bytes, text);
	MUST(set_of(built, match->number) == expected.set, "%s: number %u is not set %" PRIx64,
	     text, match->number, expected.set);
	if (expected.set != 0)
		MUST(match->kind == expected.kind && match->depth == expected.depth,
		     "%s: matched %u labels, expected %u", text, match->depth, expected.depth);
	MUST(match->has_below == expected.has_below, "%s: has_below is %d", text, match->has_below);
	name_index_lookup(built->index, &asked->question, &single);
	MUST(single.number == match->number && single.kind == match->kind &&
		     single.depth == match->depth && single.has_below == match->has_below,
	     "%s: batch and single differ", text);
}

/* Questions in batches of every size. */
typedef struct batch {
	asked_t asked[NAME_INDEX_BATCH];
	size_t count;
	size_t size;
} batch_t;

static void ask_batch(const built_t *built, const model_t *model, batch_t *batch)
{
	name_question_t questions[NAME_INDEX_BATCH];
	name_match_t matches[NAME_INDEX_BATCH];

	for (size_t i = 0; i < batch->count; i++)
		questions[i] = batch->asked[i].question;
	name_index_lookup_batch(built->index, questions, batch->count, matches);
	for (size_t i = 0; i < batch->count; i++)
		compare_one(built, model, &batch->asked[i], &matches[i]);
	batch->count = 0;
	batch->size = batch->size % NAME_INDEX_BATCH + 1;
}

static void ask(const built_t *built, const model_t *model, batch_t *batch, const name_t *name)
{
	asked_init(&batch->asked[batch->count++], name);
	if (batch->count == batch->size)
		ask_batch(built, model, batch);
}

/* ---- Random names ---- */

/* How labels are made. */
typedef enum flavour {
	FEW_LABELS,  /* of an alphabet of two bytes: many meet */
	ANY_BYTES,   /* any length and bytes */
	EDGE_BYTES,  /* 0, 1, dots, 8-bit: codes of every length */
	LONG_LABELS, /* 63 bytes that differ at the end */
	HOSTS,       /* of one domain with a long name */
	DEEP,        /* one byte each, up to 127 of them */
	FLAVOURS
} flavour_t;

static size_t random_label(flavour_t flavour, uint8_t *label)
{
	static const uint8_t edges[] = { 0, 1, '.', '-', '0', 'z', '{', 0x7f, 0x80, 0xff };
	size_t size = 1 + random_below(3);

	if (flavour == ANY_BYTES)
		size = 1 + random_below(random_below(4) == 0 ? 63 : 12);
	if (flavour == LONG_LABELS)
		size = 63 - random_below(2);
	if (flavour == DEEP)
		size = 1;
	if (flavour == HOSTS)
		size = 1 + random_below(9);
	for (size_t i = 0; i < size; i++) {
		switch (flavour) {
		case ANY_BYTES:
			label[i] = dns_lower((uint8_t)random_below(256));
			break;
		case EDGE_BYTES:
			label[i] = edges[random_below(COUNT_OF(edges))];
			break;
		case LONG_LABELS:
			label[i] = i < 60 ? 'x' : (uint8_t)('a' + random_below(3));
			break;
		case HOSTS:
			label[i] = (uint8_t)('0' + random_below(10));
			break;
		default:
			label[i] = (uint8_t)('a' + random_below(2));
		}
	}
	return size;
}

static name_t random_name(flavour_t flavour)
{
	name_t name = { .size = 1 };
	unsigned depth = 1 + random_below(flavour == DEEP ? 127 : 4);
	uint8_t label[63];

	if (flavour == HOSTS && random_below(8) != 0)
		name = name_of("a-provider-with-a-really-long-name.dynamic.example.com");
	for (unsigned i = 0; i < depth; i++) {
		name_t child;

		if (!child_of(&name, label, random_label(flavour, label), &child))
			break;
		name = child;
	}
	return name;
}

static void fill(model_t *model, flavour_t flavour, size_t count, unsigned values)
{
	while (model->count < count) {
		name_t name = random_name(flavour);
		unsigned kinds = 1 + random_below(3);
		unsigned value = random_below(4) == 0 ? EXCLUDED : random_below(values);

		model_add(model, &name, kinds, value);
		/* Something above it, at times. */
		while (depth_of(&name) > 1 && random_below(4) == 0) {
			name = parent_of(&name);
			if (model->count < count)
				model_add(model, &name, 1 + random_below(3),
					  random_below(3) == 0 ? EXCLUDED : random_below(values));
		}
	}
}

static void ask_around(const built_t *built, const model_t *model, batch_t *batch,
		       const name_t *name, flavour_t flavour)
{
	name_t other;
	uint8_t label[63];

	ask(built, model, batch, name);
	if (child_of(name, label, random_label(flavour, label), &other))
		ask(built, model, batch, &other);
	other = *name;
	other.bytes[other.bytes[0]] ^= 1;
	ask(built, model, batch, &other);
	for (other = *name; other.size > 1 && random_below(8) != 0;) {
		other = parent_of(&other);
		ask(built, model, batch, &other);
	}
	other = random_name(flavour);
	ask(built, model, batch, &other);
}

static void compare_flavour(flavour_t flavour, size_t count, unsigned values, uint32_t stride)
{
	model_t model = model_new(count + 1, stride);
	batch_t *batch = calloc(1, sizeof(*batch));

	ck_assert_ptr_nonnull(batch);
	batch->size = 1;
	fill(&model, flavour, count, values);
	built_t built = build(&model);
	for (size_t i = 0; i < 150; i++) {
		name_t name = model.count > 0
				      ? model.entries[random_below((unsigned)model.count)].name
				      : name_of("example.com");
		ask_around(&built, &model, batch, &name, flavour);
	}
	ask_batch(&built, &model, batch);
	built_free(&built);
	free(model.entries);
	free(batch);
}

START_TEST(test_random)
{
	static const size_t counts[] = { 0, 1, 2, 3, 10, 24, 25, 50, 100, 400 };

	random_start(1);
	for (unsigned round = 0; round < 12 * FLAVOURS * COUNT_OF(counts); round++) {
		flavour_t flavour = round % FLAVOURS;
		size_t count = counts[round / FLAVOURS % COUNT_OF(counts)];

		compare_flavour(flavour, count, random_below(2) == 0 ? 1 : VALUES,
				strides[round % COUNT_OF(strides)]);
	}
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { test_random };

	return run_tests("name_index", tests, COUNT_OF(tests));
}
