/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* Builds indexes from random entries and compares every answer with a naive model, which looks at
 * each entry for each name. */

#include "base/processors.h"
#include "name_model.h"
#include "name_rebuild.h"

/* Numbers of 1, 2, 3 and 4 bytes. */
static const uint32_t strides[] = { 1, 1000, 400000, 50000000 };

typedef struct built {
	name_index_t *index;
	value_sets_t *sets;
	uint32_t sets_base;
	uint32_t stride;
} built_t;

static uint32_t value_of(const model_t *model, const entry_t *entry)
{
	return entry->value == EXCLUDED ? NAME_BUILDER_EXCLUDED : 1 + entry->value * model->stride;
}

/* Adds the entry, or that and those behind it with the same value in one go. Returns how many. */
static size_t add_entries(name_builder_t *builder, const model_t *model, size_t first)
{
	static uint8_t many[16 * (1 + DNS_NAME_MAX)];
	const entry_t *entry = &model->entries[first];
	uint32_t value = value_of(model, entry);
	size_t end = first;
	size_t size = 0;

	/* Which way, the name decides, so that the random numbers stay as they are. */
	if (entry->name.bytes[1] % 3 == 0) {
		MUST(name_builder_add(builder, entry->name.bytes, entry->kinds, value) == ERR_OK,
		     "cannot add");
		return 1;
	}
	for (; end < model->count && end < first + 16; end++) {
		entry = &model->entries[end];
		if (value_of(model, entry) != value)
			break;
		many[size++] = (uint8_t)entry->kinds;
		memcpy(many + size, entry->name.bytes, entry->name.size);
		size += entry->name.size;
	}
	MUST(name_builder_add_many(builder, many, size, value) == ERR_OK, "cannot add many");
	return end - first;
}

static built_t build(const model_t *model)
{
	built_t built = { .sets = intern_new(), .stride = model->stride };
	name_builder_t *builder = name_builder_new();
	const char *why = "";

	ck_assert(builder != NULL && built.sets != NULL);
	built.sets_base = 1 + VALUES * model->stride;
	for (size_t i = 0; i < model->count;)
		i += add_entries(builder, model, i);
	ck_assert_int_eq(name_builder_finish(builder, built.sets, built.sets_base, &built.index),
			 ERR_OK);
	name_builder_free(builder);
	ck_assert_msg(name_index_check(built.index, name_index_size(built.index), NAME_INDEX_MAX,
				       &why) == ERR_OK,
		      "%s", why);
	MUST(name_index_is_as_encoded(built.index), "names make another index");
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
	static const size_t counts[] = { 0, 1, 2, 3, 10, 16, 17, 50, 100, 400 };

	random_start(1);
	for (unsigned round = 0; round < 12 * FLAVOURS * COUNT_OF(counts); round++) {
		flavour_t flavour = round % FLAVOURS;
		size_t count = counts[round / FLAVOURS % COUNT_OF(counts)];

		compare_flavour(flavour, count, random_below(2) == 0 ? 1 : VALUES,
				strides[round % COUNT_OF(strides)]);
	}
}
END_TEST

/* ---- Walking and checking ---- */

/* In canonical order: labels from the top, bytes as numbers, what is above first. */
static int compare_names(const uint8_t *a, const uint8_t *b)
{
	uint8_t a_labels[DNS_LABELS_MAX];
	uint8_t b_labels[DNS_LABELS_MAX];
	unsigned a_count = dns_name_labels(a, a_labels);
	unsigned b_count = dns_name_labels(b, b_labels);

	while (a_count > 0 && b_count > 0) {
		const uint8_t *x = a + a_labels[--a_count];
		const uint8_t *y = b + b_labels[--b_count];
		int order = memcmp(x + 1, y + 1, *x < *y ? *x : *y);

		if (order != 0 || *x != *y)
			return order != 0 ? order : *x - *y;
	}
	return (a_count > 0) - (b_count > 0);
}

typedef struct walked {
	const built_t *built;
	const model_t *model;
	name_t last;
	name_kind_t last_kind;
	size_t count;
	size_t names;
} walked_t;

static void visit(void *context, const uint8_t *bytes, name_kind_t kind, uint32_t number)
{
	walked_t *walked = context;
	name_t name = { .size = (uint8_t)dns_name_size(bytes) };
	set_t set;

	memcpy(name.bytes, bytes, name.size);
	MUST(model_level(walked->model, &name, kind, &set), "walked to an entry that is none");
	MUST(set_of(walked->built, number) == set, "walked to another set");
	if (walked->count > 0) {
		int order = compare_names(walked->last.bytes, name.bytes);

		MUST(order < 0 || (order == 0 && walked->last_kind < kind), "not in order");
	}
	walked->names += walked->count == 0 || !is_same(&walked->last, &name);
	walked->count++;
	walked->last = name;
	walked->last_kind = kind;
}

/* Every entry that is not an exclusion that hides nothing is met once: the order is strict, and there
 * are as many. */
START_TEST(test_walk)
{
	random_start(2);
	for (unsigned round = 0; round < 20 * FLAVOURS; round++) {
		model_t model = model_new(201, strides[round % COUNT_OF(strides)]);
		size_t expected = 0;

		fill(&model, round % FLAVOURS, round % 200, VALUES);
		built_t built = build(&model);
		walked_t walked = { .built = &built, .model = &model };
		name_index_walk(built.index, visit, &walked);
		for (size_t i = 0; i < 2 * model.count; i++) {
			const name_t *name = &model.entries[i / 2].name;
			name_t parent = parent_of(name);
			bool is_first = true;
			set_t set;

			for (size_t j = 0; j < i / 2 && is_first; j++)
				is_first = !is_same(&model.entries[j].name, name);
			if (is_first && model_level(&model, name, i % 2, &set))
				expected += set != 0 || model_cover(&model, &parent).set != 0;
		}
		ck_assert_uint_eq(walked.count, expected);
		ck_assert_uint_eq(name_index_count(built.index), walked.names);
		built_free(&built);
		free(model.entries);
	}
}
END_TEST

static void ignore(void *context ATTR_UNUSED, const uint8_t *name, name_kind_t kind ATTR_UNUSED,
		   uint32_t number ATTR_UNUSED)
{
	ck_assert_uint_ne(*name, 0);
}

/* What passes the check can be used, whatever it says. */
static void use(const name_index_t *index, const model_t *model)
{
	for (size_t i = 0; i < model->count; i++) {
		asked_t asked;
		name_match_t match;

		asked_init(&asked, &model->entries[i].name);
		name_index_lookup(index, &asked.question, &match);
	}
	name_index_walk(index, ignore, NULL);
}

/* Bytes that were changed, lost or added are seen, or make another sound index. */
START_TEST(test_corrupt)
{
	random_start(3);
	for (unsigned round = 0; round < 6 * FLAVOURS; round++) {
		model_t model = model_new(101, 1);
		const char *why = NULL;

		fill(&model, round % FLAVOURS, 1 + random_below(100), VALUES);
		built_t built = build(&model);
		size_t size = name_index_size(built.index);
		uint8_t *block = malloc(size);
		ck_assert_ptr_nonnull(block);
		for (unsigned change = 0; change < 300; change++) {
			size_t at = random_below(4) == 0
					    ? random_below((unsigned)size)
					    : size - 1 - random_below((unsigned)size / 3);
			memcpy(block, built.index, size);
			block[at] ^= (uint8_t)(1u << random_below(8));
			if (random_below(2) == 0)
				block[random_below((unsigned)size)] = (uint8_t)random_below(256);
			why = NULL;
			if (name_index_check(block, size, NAME_INDEX_MAX, &why) == ERR_OK)
				use((const name_index_t *)(const void *)block, &model);
			else
				MUST(why != NULL, "no reason");
		}
		memcpy(block, built.index, size);
		for (size_t cut = 1; cut < size; cut += 1 + random_below(60)) {
			uint8_t *shorter = malloc(cut);
			ck_assert_ptr_nonnull(shorter);
			memcpy(shorter, block, cut);
			ck_assert_int_eq(name_index_check(shorter, cut, NAME_INDEX_MAX, &why),
					 ERR_INVAL);
			free(shorter);
		}
		ck_assert_int_eq(name_index_check(block, size, NAME_INDEX_MAX, &why), ERR_OK);
		free(block);
		built_free(&built);
		free(model.entries);
	}
}
END_TEST

/* ---- Many names ---- */

/* The `number`th of many names: some have 64 bits and more in common with a hundred thousand others. With
 * `is_changing` they become names of another kind behind those that their code is made from. */
static name_t numbered(uint32_t number, bool is_changing)
{
	static const char *const tops[] = { "com", "blogs-of-a-large-provider.example.org", "net",
					    "deep.er.and.deep.er.example" };
	char text[200];
	char *at = text;

	if (is_changing && number >= 40000)
		for (uint32_t rest = number; rest > 0; rest /= 19)
			at += snprintf(at, 20, "\\%03u", 'h' + rest % 19);
	snprintf(at, 100, "%s%x.%s", number % 3 == 0 ? "host-" : "", number * 2654435761u >> 4,
		 tops[number % COUNT_OF(tops)]);
	return name_of(text);
}

#define MANY 150000u

/* Some singly, some many at once, some twice; a name's two kinds from one line or from two. */
static void add_numbered(name_builder_t *builder, uint32_t from, uint32_t end, bool is_changing)
{
	static uint8_t many[64 * (1 + DNS_NAME_MAX)];

	for (uint32_t i = from; i < end; i += 64) {
		size_t size = 0;

		for (uint32_t j = i; j < end && j < i + 64; j++) {
			name_t name = numbered(j, is_changing);
			unsigned kinds = 1 + j % 3;

			if (j % 50 == 7 || kinds == 3) {
				MUST(name_builder_add(builder, name.bytes, kinds == 3 ? 1 : kinds,
						      1 + i / 64) == ERR_OK,
				     "no memory");
				if (kinds != 3)
					continue;
				kinds = j % 50 == 7 ? 2 : 3;
			}
			many[size++] = (uint8_t)kinds;
			memcpy(many + size, name.bytes, name.size);
			size += name.size;
		}
		MUST(name_builder_add_many(builder, many, size, 1 + i / 64) == ERR_OK, "no memory");
	}
}

static name_index_t *build_numbered(bool is_changing, unsigned processors)
{
	name_builder_t *builder = name_builder_new();
	value_sets_t *sets = intern_new();
	name_index_t *index = NULL;

	ck_assert(builder != NULL && sets != NULL);
	processors_pretend(processors);
	add_numbered(builder, 0, MANY, is_changing);
	ck_assert_int_eq(name_builder_finish(builder, sets, MANY, &index), ERR_OK);
	processors_pretend(0);
	name_builder_free(builder);
	intern_free(sets);
	return index;
}

static void ask_numbered(const name_index_t *index, bool is_changing)
{
	for (uint32_t i = 0; i < MANY + 1000; i++) {
		name_t name = numbered(i, is_changing);
		name_t child;
		asked_t asked;
		name_match_t match;
		bool is_plain = i < MANY && (1 + i % 3) & NAME_FOR_PLAIN;
		bool is_wildcard = i < MANY && (1 + i % 3) & NAME_FOR_WILDCARD;

		asked_init(&asked, &name);
		name_index_lookup(index, &asked.question, &match);
		MUST(match.number == (is_plain ? 1 + i / 64 : 0), "name %u maps to %u", i,
		     match.number);
		MUST(match.has_below == (!is_plain && is_wildcard), "name %u has_below", i);
		MUST(child_of(&name, (const uint8_t *)"x", 1, &child), "too long");
		asked_init(&asked, &child);
		name_index_lookup(index, &asked.question, &match);
		MUST(match.number == (is_wildcard ? 1 + i / 64 : 0), "below %u maps to %u", i,
		     match.number);
	}
}

/* With one thread and with two it is the same index. */
START_TEST(test_many)
{
	for (unsigned round = 0; round < 2; round++) {
		name_index_t *index = build_numbered(round != 0, 1);
		name_index_t *again = build_numbered(round != 0, 2);
		const char *why = "";

		ck_assert_msg(name_index_check(index, name_index_size(index), NAME_INDEX_MAX,
					       &why) == ERR_OK,
			      "%s", why);
		ck_assert(name_index_is_as_encoded(index));
		ck_assert_uint_eq(name_index_count(index), MANY);
		ck_assert_uint_eq(name_index_size(index), name_index_size(again));
		ck_assert_int_eq(memcmp(index, again, name_index_size(index)), 0);
		ask_numbered(index, round != 0);
		name_index_free(index);
		name_index_free(again);
	}
}
END_TEST

/* ---- Cases one would write by hand ---- */

typedef struct entry_case {
	const char *name;
	unsigned kinds;
	uint32_t value;
} entry_case_t;

static const entry_case_t entry_cases[] = {
	{ "com", NAME_FOR_WILDCARD, 1 },
	{ "foo.com", NAME_FOR_PLAIN | NAME_FOR_WILDCARD, 4 },
	{ "foo.com", NAME_FOR_PLAIN, 5 },
	{ "bad.foo.com", NAME_FOR_PLAIN, 0 },
	{ "x.foo.com", NAME_FOR_WILDCARD, 0 },
	{ "ok.x.foo.com", NAME_FOR_PLAIN, 6 },
	{ "gone.org", NAME_FOR_PLAIN, 7 },
	{ "gone.org", NAME_FOR_PLAIN, 0 },
	{ "nothing.net", NAME_FOR_PLAIN | NAME_FOR_WILDCARD, 0 },
	{ "a.b.c.info", NAME_FOR_PLAIN, 8 },
	{ "*", NAME_FOR_PLAIN, 9 },
};

static const struct {
	const char *name;
	uint32_t number; /* 100: the set of foo.com */
	name_kind_t kind;
	unsigned depth;
	bool has_below;
} lookup_cases[] = {
	{ "com", 0, NAME_PLAIN, 0, true },
	{ "a.com", 1, NAME_WILDCARD, 1, false },
	{ "a.b.com", 1, NAME_WILDCARD, 1, false },
	{ "foo.com", 100, NAME_PLAIN, 2, false },
	{ "y.foo.com", 4, NAME_WILDCARD, 2, false },
	/* Excludes itself only: below it *.foo.com goes on. */
	{ "bad.foo.com", 0, NAME_PLAIN, 0, true },
	{ "z.bad.foo.com", 4, NAME_WILDCARD, 2, false },
	{ "x.foo.com", 4, NAME_WILDCARD, 2, false },
	{ "y.x.foo.com", 0, NAME_PLAIN, 0, false },
	{ "ok.x.foo.com", 6, NAME_PLAIN, 4, false },
	{ "ok.y.x.foo.com", 0, NAME_PLAIN, 0, false },
	{ "gone.org", 0, NAME_PLAIN, 0, false },
	/* What is excluded where nothing is listed does not count as something below. */
	{ "org", 0, NAME_PLAIN, 0, false },
	{ "net", 0, NAME_PLAIN, 0, false },
	{ "nothing.net", 0, NAME_PLAIN, 0, false },
	{ "info", 0, NAME_PLAIN, 0, true },
	{ "c.info", 0, NAME_PLAIN, 0, true },
	{ "b.c.info", 0, NAME_PLAIN, 0, true },
	{ "a.b.c.info", 8, NAME_PLAIN, 4, false },
	{ "z.a.b.c.info", 0, NAME_PLAIN, 0, false },
	{ "*", 9, NAME_PLAIN, 1, false },
	{ "y", 0, NAME_PLAIN, 0, false },
};

START_TEST(test_cases)
{
	static const uint32_t both[] = { 4, 5 };
	name_builder_t *builder = name_builder_new();
	value_sets_t *sets = intern_new();
	name_index_t *index = NULL;
	uint32_t id;

	ck_assert(builder != NULL && sets != NULL);
	for (size_t i = 0; i < COUNT_OF(entry_cases); i++) {
		name_t name = name_of(entry_cases[i].name);
		ck_assert_int_eq(name_builder_add(builder, name.bytes, entry_cases[i].kinds,
						  entry_cases[i].value),
				 ERR_OK);
	}
	ck_assert_int_eq(name_builder_finish(builder, sets, 99, &index), ERR_OK);
	ck_assert_uint_eq(intern_count(sets), 1);
	ck_assert_int_eq(intern_add(sets, both, sizeof(both), &id), ERR_OK);
	ck_assert_uint_eq(id, 1);
	for (size_t i = 0; i < COUNT_OF(lookup_cases); i++) {
		name_t name = name_of(lookup_cases[i].name);
		asked_t asked;
		name_match_t match;

		asked_init(&asked, &name);
		name_index_lookup(index, &asked.question, &match);
		ck_assert_msg(match.number == lookup_cases[i].number &&
				      match.has_below == lookup_cases[i].has_below,
			      "%s: %u, has_below %d", lookup_cases[i].name, match.number,
			      match.has_below);
		if (match.number != NAME_INDEX_NONE) {
			ck_assert_int_eq(match.kind, lookup_cases[i].kind);
			ck_assert_uint_eq(match.depth, lookup_cases[i].depth);
		}
	}
	/* The apex is never listed, and there is something below it. */
	name_match_t apex = { .number = 1 };
	name_index_lookup(index, &(name_question_t){ NULL, NULL, 0 }, &apex);
	ck_assert(apex.number == NAME_INDEX_NONE && apex.has_below);
	name_index_free(index);
	name_builder_free(builder);
	intern_free(sets);
}
END_TEST

/* What does not fit the numbers of an index is refused, and the builder can be used again. */
START_TEST(test_limits)
{
	name_builder_t *builder = name_builder_new();
	value_sets_t *sets = intern_new();
	name_index_t *index = NULL;
	name_t name = name_of("a");
	name_match_t match;
	asked_t asked;

	ck_assert(builder != NULL && sets != NULL);
	for (uint32_t value = NAME_INDEX_MAX - 1; value <= NAME_INDEX_MAX; value++)
		ck_assert_int_eq(name_builder_add(builder, name.bytes, NAME_FOR_PLAIN, value),
				 ERR_OK);
	ck_assert_int_eq(name_builder_finish(builder, sets, NAME_INDEX_MAX, &index), ERR_RANGE);
	ck_assert_ptr_null(index);
	ck_assert_int_eq(name_builder_finish(builder, sets, NAME_INDEX_MAX, &index), ERR_OK);
	asked_init(&asked, &name);
	name_index_lookup(index, &asked.question, &match);
	ck_assert(match.number == NAME_INDEX_NONE && !match.has_below);
	name_index_free(index);
	ck_assert_int_eq(name_builder_add(builder, name.bytes, NAME_FOR_PLAIN, NAME_INDEX_MAX),
			 ERR_OK);
	ck_assert_int_eq(name_builder_finish(builder, sets, NAME_INDEX_MAX, &index), ERR_OK);
	name_index_lookup(index, &asked.question, &match);
	ck_assert_uint_eq(match.number, NAME_INDEX_MAX);
	name_index_free(index);
	name_builder_free(builder);
	name_builder_free(NULL);
	name_index_free(NULL);
	intern_free(sets);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		test_cases, test_limits, test_random, test_walk, test_corrupt, test_many,
	};

	return run_tests("name_index", tests, COUNT_OF(tests));
}
