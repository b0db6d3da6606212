/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* TXT templates: a table of what rbldnsd makes of each form, and random templates against a model
 * that knows nothing of pieces. SPURN_SEED=n repeats a run. */

#include "test.h"

#include "base/attributes.h"
#include "zonefile/template.h"

static text_t text_of(const char *string)
{
	return (text_t){ string, string + strlen(string) };
}

/* The variables $0, $1 and $2, and $=; NULL: unset. */
typedef struct variables {
	const char *zero;
	const char *one;
	const char *two;
	const char *base;
} variables_t;

static template_variables_t variables_of(const variables_t *given)
{
	template_variables_t variables = { .base = { NULL, NULL } };
	const char *const digits[] = { given->zero, given->one, given->two };

	for (unsigned i = 0; i < COUNT_OF(digits); i++)
		if (digits[i] != NULL)
			variables.digits[i] = text_of(digits[i]);
	if (given->base != NULL)
		variables.base = text_of(given->base);
	return variables;
}

/* What becomes of the template for `subject`; "(none)" when there is no TXT at all. Everything is
 * in memory of just its size. */
static const char *expand(const char *template, const template_variables_t *variables,
			  const char *subject)
{
	static char words[DNS_TEXT_MAX + 1];
	uint8_t compiled[TEMPLATE_COMPILED_MAX];
	size_t size = template_compile(text_of(template), variables, compiled);

	if (size == 0)
		return "(none)";
	ck_assert_uint_le(size, TEMPLATE_COMPILED_MAX);
	uint8_t *copy = malloc(size);
	uint8_t *out = malloc(DNS_TEXT_MAX);
	ck_assert(copy != NULL && out != NULL);
	memcpy(copy, compiled, size);
	size_t written = template_expand(copy, subject, strlen(subject), out);
	ck_assert_uint_le(written, DNS_TEXT_MAX);
	memcpy(words, out, written);
	words[written] = '\0';
	free(copy);
	free(out);
	return words;
}

START_TEST(test_table)
{
	static const struct {
		const char *template;
		variables_t variables;
		const char *text;
	} rows[] = {
		/* The subject, at every place. */
		{ "text", { 0 }, "text" },
		{ "$", { 0 }, "1.2.3.4" },
		{ "$ a", { 0 }, "1.2.3.4 a" },
		{ "a$", { 0 }, "a1.2.3.4" },
		{ "a$b$c", { 0 }, "a1.2.3.4b1.2.3.4c" },
		{ "$a", { 0 }, "1.2.3.4a" },
		{ "", { 0 }, "(none)" },
		/* Dollar signs. */
		{ "$$", { 0 }, "$" },
		{ "$$$", { 0 }, "$1.2.3.4" },
		{ "$$$$", { 0 }, "$$" },
		{ "\\$", { 0 }, "\\1.2.3.4" },
		/* Variables; unset ones stand for themselves. */
		{ "<$0$1$2>", { "z", "o", NULL, NULL }, "<zo$2>" },
		{ "$10", { NULL, "one", NULL, NULL }, "one0" },
		{ "$9", { 0 }, "$9" },
		{ "$1", { NULL, "", NULL, NULL }, "$1" },
		/* What they hold is not looked into. */
		{ "$1", { NULL, "$2 $ $$ $=", "two", NULL }, "$2 $ $$ $=" },
		{ "$$1", { NULL, "one", NULL, NULL }, "$1" },
		{ "$1$", { NULL, "$", NULL, NULL }, "$1.2.3.4" },
		/* The base template. */
		{ "own", { .base = "base" }, "base" },
		{ "own", { .base = "<$=>" }, "<own>" },
		{ "own $", { .base = "<$=|$>" }, "<own $|1.2.3.4>" },
		{ "own $1", { NULL, "one", NULL, "$=$1" }, "own $1one" },
		{ "", { .base = "<$=>" }, "<1.2.3.4>" },
		{ "", { .base = "base" }, "base" },
		{ "own", { .base = "$$=" }, "$=" },
		{ "own", { .base = "=x" }, "=x" },
		/* Around it. */
		{ "=own $", { .base = "<$=>" }, "own 1.2.3.4" },
		{ "==own", { .base = "<$=>" }, "=own" },
		{ " =own", { .base = "<$=>" }, "< =own>" },
		{ "=", { .base = "<$=>" }, "(none)" },
		{ "=own", { 0 }, "own" },
		/* $= without a base template: the entry's own text once more. */
		{ "a$=b", { 0 }, "aa$=bb" },
		{ "=a$=b", { 0 }, "aa$=bb" },
		/* Bytes are bytes. */
		{ "\"q\" \\ \t\xff\x01", { 0 }, "\"q\" \\ \t\xff\x01" },
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		template_variables_t variables = variables_of(&rows[i].variables);
		const char *text = expand(rows[i].template, &variables, "1.2.3.4");
		ck_assert_msg(strcmp(text, rows[i].text) == 0, "\"%s\": \"%s\"", rows[i].template,
			      text);
	}
}
END_TEST

/* A string of `count` times `unit`, then `tail`. Valid until the next but three. */
static const char *repeat(const char *unit, unsigned count, const char *tail)
{
	static char strings[4][5 * DNS_TEXT_MAX];
	static unsigned next;
	char *string = strings[next++ % 4];

	ck_assert_uint_lt(count * strlen(unit) + strlen(tail), sizeof(strings[0]));
	string[0] = '\0';
	for (unsigned i = 0; i < count; i++)
		strcat(string, unit);
	strcat(string, tail);
	return string;
}

/* Around the most that a text may have, and where a piece gets a head of two bytes. */
START_TEST(test_limits)
{
	enum { MOST = DNS_TEXT_MAX };
	template_variables_t none = variables_of(&(variables_t){ 0 });
	char full[MOST + 1];

	memcpy(full, repeat("x", MOST, ""), sizeof(full));

	for (unsigned size = 60; size < 70; size++) {
		ck_assert_str_eq(expand(repeat("x", size, ""), &none, "S"), repeat("x", size, ""));
		ck_assert_str_eq(expand(repeat("x", size, "$y"), &none, "S"),
				 repeat("x", size, "Sy"));
	}
	ck_assert_str_eq(expand(repeat("x", 255, ""), &none, "S"), repeat("x", 255, ""));
	ck_assert_str_eq(expand(repeat("x", 256, "$"), &none, "S"), repeat("x", 256, "S"));
	ck_assert_str_eq(expand(repeat("x", MOST - 1, ""), &none, "S"), repeat("x", MOST - 1, ""));
	ck_assert_str_eq(expand(repeat("x", MOST, ""), &none, "S"), full);
	ck_assert_str_eq(expand(repeat("x", MOST + 1, ""), &none, "S"), full);
	ck_assert_str_eq(expand(repeat("x", 3 * MOST, "$"), &none, "S"), full);
	/* The subject is cut, too. */
	ck_assert_str_eq(expand(repeat("x", MOST - 1, "$"), &none, "S"),
			 repeat("x", MOST - 1, "S"));
	ck_assert_str_eq(expand(repeat("x", MOST - 1, "$y"), &none, "Subject"),
			 repeat("x", MOST - 1, "S"));
	ck_assert_str_eq(expand(repeat("x", MOST, "$"), &none, "S"), full);
	ck_assert_str_eq(expand(repeat("x", MOST - 4, "$yz"), &none, "S"),
			 repeat("x", MOST - 4, "Syz"));
	ck_assert_str_eq(expand(repeat("x", MOST - 1, "$$"), &none, "S"),
			 repeat("x", MOST - 1, "$"));
	ck_assert_str_eq(expand(repeat("x", MOST - 1, "$1"), &none, "S"),
			 repeat("x", MOST - 1, "$"));
	/* Nothing but subjects. */
	ck_assert_str_eq(expand(repeat("$ ", MOST, ""), &none, "S"), repeat("S ", MOST / 2, ""));
	ck_assert_str_eq(expand(repeat("$x", MOST / 2 - 1, "$$$"), &none, "S"),
			 repeat("Sx", MOST / 2 - 1, "$S"));
	ck_assert_str_eq(expand("$", &none, full), full);
	ck_assert_str_eq(expand("$ $", &none, repeat("y", MOST + 1, "")), repeat("y", MOST, ""));
	ck_assert_str_eq(expand("$", &none, ""), "");
	/* The most bytes that a compiled template can have: as many pieces with long heads. */
	ck_assert_str_eq(expand(repeat(repeat("x", 64, "$"), MOST / 65, "x"), &none, "S"),
			 repeat(repeat("x", 64, "S"), MOST / 65, "x"));

	/* Long variables and bases. */
	variables_t given = { NULL, repeat("1", MOST + 50, ""), NULL, NULL };
	template_variables_t longs = variables_of(&given);
	ck_assert_str_eq(expand("1$1>", &longs, "S"), repeat("1", MOST, ""));
	given = (variables_t){ .base = repeat("$=", 2 * MOST, "") };
	longs = variables_of(&given);
	ck_assert_str_eq(expand("ab", &longs, "S"), repeat("ab", MOST / 2, ""));
	/* As many subjects as there is room for and not one more: the most that a template can have. */
	ck_assert_str_eq(expand("", &longs, "S"), repeat("S", MOST, ""));
	ck_assert_str_eq(expand("", &longs, "12"), repeat("12", MOST / 2, ""));
}
END_TEST

/* ---- The model: character by character, cut at the end. ---- */

typedef struct model {
	char text[100000];
	size_t size;
} model_t;

static void model_add(model_t *model, const char *from, size_t size)
{
	memcpy(model->text + model->size, from, size);
	model->size += size;
}

static void model_expand(model_t *model, const char *own, const variables_t *given,
			 const char *subject)
{
	const char *digits[10] = { given->zero, given->one, given->two };
	const char *at = own;

	if (own[0] == '=')
		at = ++own;
	else if (given->base != NULL && given->base[0] != '\0')
		at = given->base;
	model->size = 0;
	for (; *at != '\0'; at++) {
		const char *value = subject;
		if (*at != '$') {
			model_add(model, at, 1);
			continue;
		}
		if (at[1] == '$')
			value = "$";
		else if (at[1] == '=' && own[0] != '\0')
			value = own;
		else if (at[1] >= '0' && at[1] <= '9')
			value = digits[at[1] - '0'];
		if (value == NULL || value[0] == '\0')
			model_add(model, at, 2);
		else
			model_add(model, value, strlen(value));
		if (at[1] == '$' || at[1] == '=' || (at[1] >= '0' && at[1] <= '9'))
			at++;
	}
	if (model->size > DNS_TEXT_MAX)
		model->size = DNS_TEXT_MAX;
	model->text[model->size] = '\0';
}

static const char *random_text(char *text, unsigned max)
{
	static const char alphabet[] = "$$$$=0123 ab\\";
	unsigned size = random_below(2) == 0 ? random_below(8) : random_below(max + 1);

	for (unsigned i = 0; i < size; i++)
		text[i] = alphabet[random_below(sizeof(alphabet) - 1)];
	text[size] = '\0';
	return text;
}

START_TEST(test_random)
{
	static model_t model;
	char own[301], zero[31], one[301], base[301], subject[41];

	random_start(0);
	for (unsigned i = 0; i < 30000; i++) {
		variables_t given = { .zero = NULL };
		random_text(own, 300);
		if (random_below(2) == 0)
			given.zero = random_text(zero, 30);
		if (random_below(2) == 0)
			given.one = random_text(one, 300);
		if (random_below(2) == 0)
			given.base = random_text(base, 300);
		unsigned size = 1 + random_below(sizeof(subject) - 1);
		memset(subject, 'S', size);
		subject[size] = '\0';

		template_variables_t variables = variables_of(&given);
		model_expand(&model, own, &given, subject);
		if (strcmp(expand(own, &variables, subject),
			   model.size == 0 ? "(none)" : model.text) != 0)
			ck_abort_msg("own \"%s\" base \"%s\": \"%s\" instead of \"%s\"", own,
				     given.base == NULL ? "" : given.base,
				     expand(own, &variables, subject), model.text);
	}
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		test_table,
		test_limits,
		test_random,
	};

	return run_tests("template", tests, COUNT_OF(tests));
}
