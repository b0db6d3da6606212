/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* Two lists of names are compared line by line: what is told of each name is what the lines said, in
 * indexes with the same codes, whose keys are compared, and in those with others, whose names are. */

#include "test.h"

#include "index/name_builder.h"
#include "index/name_layout.h"

/* Names in front are the same in both lists: so many that the codes are made of nothing else. The others
 * are in the one list, in the other, or in both, and so few that no codes are made anew for them. */
#define SAME  (33u * 1024)
#define OTHER 3000u
#define NAMES (SAME + OTHER)

/* What the lines of a name say: nothing; or a value (0: an exclusion) for the name, what is below it, both by
 * one line, or both by two. */
#define STATES 13u
enum { PLAIN, WILDCARD, BOTH, SPLIT };

static unsigned state_of(unsigned kind, uint32_t value)
{
	return 1 + kind + 4 * value;
}

typedef struct list {
	name_index_t *index;
	name_lines_t lines;
} list_t;

static uint8_t names[NAMES][64]; /* on the wire */
static unsigned old_states[NAMES];
static unsigned next_states[NAMES];

static size_t size_of(const uint8_t *name)
{
	size_t size = 0;

	while (name[size] != 0)
		size += name[size] + 1u;
	return size + 1;
}

/* Names of two labels, or below others; all different by their numbers. Those in front have other letters than
 * those behind, in codes of which they are longer. */
static void make_names(void)
{
	static const uint8_t tops[2][5] = { "\3com", "\3net" };

	for (unsigned i = 0; i < NAMES; i++) {
		const uint8_t *above = tops[i % 2];
		char label[24];
		int size = snprintf(label, sizeof(label), i < SAME ? "%x%.*s" : "%o%.*s", i,
				    (int)random_below(9), i < SAME ? "longlong" : "zyxwvuts");

		if (i > 0 && random_below(3) == 0)
			above = names[random_below(i)];
		if (size_of(above) + (size_t)size + 1 > sizeof(names[i]))
			above = tops[i % 2];
		names[i][0] = (uint8_t)size;
		memcpy(names[i] + 1, label, (size_t)size);
		memcpy(names[i] + 1 + size, above, size_of(above));
	}
}

static void add(name_builder_t *builder, const uint8_t *name, unsigned kinds, uint32_t value)
{
	MUST(name_builder_add(builder, name, kinds, value) == ERR_OK, "cannot add");
}

/* `is_turned`: from the last name on, so that codes are made of other names. */
static list_t build(const unsigned *states, bool is_turned, value_sets_t *sets)
{
	name_builder_t *builder = name_builder_new();
	list_t list;

	ck_assert_ptr_nonnull(builder);
	for (unsigned n = 0; n < NAMES; n++) {
		unsigned i = is_turned ? NAMES - 1 - n : n;
		uint32_t value = (states[i] - 1) / 4;
		if (states[i] == 0)
			continue;
		switch ((states[i] - 1) % 4) {
		case PLAIN:
			add(builder, names[i], NAME_FOR_PLAIN, value);
			break;
		case WILDCARD:
			add(builder, names[i], NAME_FOR_WILDCARD, value);
			break;
		case BOTH:
			add(builder, names[i], NAME_FOR_PLAIN | NAME_FOR_WILDCARD, value);
			break;
		default:
			add(builder, names[i], NAME_FOR_WILDCARD, value);
			add(builder, names[i], NAME_FOR_PLAIN, value);
		}
	}
	ck_assert_int_eq(name_builder_finish(builder, sets, 2, &list.index), ERR_OK);
	name_builder_take_lines(builder, &list.lines);
	name_builder_free(builder);
	return list;
}

static void free_list(list_t *list)
{
	name_index_free(list->index);
	name_lines_clear(&list->lines);
}

typedef struct matrix {
	uint64_t names[STATES][STATES];
} matrix_t;

static unsigned told_state(const name_line_t *line)
{
	if (line == NULL)
		return 0;
	if (!line->has_wildcard)
		return state_of(PLAIN, line->plain);
	if (!line->has_plain)
		return state_of(WILDCARD, line->wildcard);
	MUST(line->plain == line->wildcard, "numbers %u and %u", line->plain, line->wildcard);
	return state_of(line->is_split ? SPLIT : BOTH, line->plain);
}

static void visit(void *context, const name_line_t *old, const name_line_t *next, uint64_t count)
{
	matrix_t *matrix = context;

	MUST(count > 0 && (old != NULL || next != NULL), "told of nothing");
	matrix->names[told_state(old)][told_state(next)] += count;
}

static void check_pair(bool is_turned, value_sets_t *sets)
{
	list_t old = build(old_states, false, sets);
	list_t next = build(next_states, is_turned, sets);
	matrix_t told = { .names = { { 0 } } };
	matrix_t expected = { .names = { { 0 } } };
	bool is_same = memcmp(old.index->codes, next.index->codes, sizeof(old.index->codes)) == 0;

	MUST(is_same == !is_turned, "codes are %s", is_same ? "the same" : "others");
	name_lines_compare(old.index, &old.lines, next.index, &next.lines, visit, &told);
	for (unsigned i = 0; i < NAMES; i++)
		expected.names[old_states[i]][next_states[i]]++;
	expected.names[0][0] = 0;
	for (unsigned i = 0; i < STATES; i++)
		for (unsigned j = 0; j < STATES; j++)
			MUST(told.names[i][j] == expected.names[i][j],
			     "%llu names from %u to %u, not %llu",
			     (unsigned long long)told.names[i][j], i, j,
			     (unsigned long long)expected.names[i][j]);
	free_list(&old);
	free_list(&next);
}

START_TEST(test_compare)
{
	value_sets_t *sets = intern_new();

	ck_assert_ptr_nonnull(sets);
	random_start(1);
	make_names();
	for (unsigned round = 0; round < 4; round++) {
		/* All of one kind, with exclusions that hide nothing, or with all there is. */
		for (unsigned i = 0; i < NAMES; i++) {
			unsigned most = round < 2 ? 1 : STATES;
			unsigned same = round < 2 ? state_of(round == 0 ? PLAIN : BOTH, 1)
						  : 1 + random_below(STATES - 1);

			old_states[i] = i < SAME    ? same
					: most == 1 ? random_below(2) * same
						    : random_below(most);
			next_states[i] = i < SAME    ? same
					 : most == 1 ? random_below(2) * same
						     : random_below(most);
		}
		check_pair(round % 2 == 1, sets);
		check_pair(round % 2 == 0, sets);
	}
	intern_free(sets);
}
END_TEST

/* Notes from anywhere: what has the form of notes, and what has not. */
START_TEST(test_check)
{
	static const char no_rows[] = "rows of names are no numbers";
	static const char no_names[] = "exclusions are no names in order";
	static const struct {
		const char *kinds;
		size_t kinds_size;
		const char *dropped;
		size_t dropped_size;
		const char *why; /* NULL: it is good */
	} cases[] = {
		{ NULL, 0, NULL, 0, NULL },
		{ "\0\5\x85\1", 4, NULL, 0, NULL },
		{ "\xff\xff\xff\xff\xff\xff\xff\xff\xff\1", 10, NULL, 0, NULL },
		{ "\x85", 1, NULL, 0, no_rows },
		{ "\xff\xff\xff\xff\xff\xff\xff\xff\xff\2", 10, NULL, 0, no_rows },
		{ "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\1", 11, NULL, 0, no_rows },
		{ NULL, 0, "\0\4\3com\1", 7, NULL },
		{ NULL, 0, "\0\4\3com\1\4\2\1a\3", 12, NULL },
		{ NULL, 0, "\0\4\3com\1\1\3net\2\4\2\1a\7", 18, NULL },
		{ NULL, 0, "\0\4\3co", 5, no_names },                /* ends in the middle */
		{ NULL, 0, "\0\4\3com", 6, no_names },               /* before the kinds */
		{ NULL, 0, "\0\4\3com\1\0", 8, no_names },           /* of the next one */
		{ NULL, 0, "\1\3com\1", 6, no_names },               /* shares what is not there */
		{ NULL, 0, "\0\4\3com\0", 7, no_names },             /* nothing is excluded */
		{ NULL, 0, "\0\4\3com\4", 7, no_names },             /* split, but nothing */
		{ NULL, 0, "\0\4\3com\11", 7, no_names },            /* unknown kinds */
		{ NULL, 0, "\0\0\1", 3, no_names },                  /* no name */
		{ NULL, 0, "\0\4\4com\1", 7, no_names },             /* label behind the end */
		{ NULL, 0, "\0\5\3com\0\1", 8, no_names },           /* an empty label */
		{ NULL, 0, "\0\4\3com\1\0\4\3com\1", 14, no_names }, /* the same twice */
		{ NULL, 0, "\0\4\3com\1\0\4\3biz\1", 14, no_names }, /* not in order */
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const char *why = "";
		err_t error = name_lines_check(cases[i].kinds, cases[i].kinds_size,
					       cases[i].dropped, cases[i].dropped_size, &why);

		ck_assert_msg(error == (cases[i].why == NULL ? ERR_OK : ERR_INVAL), "case %zu: %s",
			      i, why);
		ck_assert_msg(cases[i].why == NULL || cases[i].why == why ||
				      strcmp(why, cases[i].why) == 0,
			      "case %zu: %s", i, why);
	}
}
END_TEST

int main(void)
{
	const TTest *tests[] = { test_compare, test_check };

	return run_tests("name_lines", tests, COUNT_OF(tests));
}
