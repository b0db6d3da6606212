/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_TESTS_COMPILED_SAMPLES_H
#define SPURN_TESTS_COMPILED_SAMPLES_H

#include "dataset/ask.h"
#include "dataset/compare.h"
#include "dataset/printer.h"
#include "dataset/several.h"
#include "dataset_fixture.h"

/* A list of each type that can be compiled, with a bit of everything: values, sets of values, templates,
 * conditions, exclusions, nested prefixes, names that are odd. */

typedef struct compiled_sample {
	const char *type;
	const char *text;
} compiled_sample_t;

#define SAMPLE_SOA                                                                                 \
	"$SOA 1h ns1.bl.test hostmaster.bl.test 7 1h 15m 7d 10m\n$NS 1d ns1.bl.test ns2.bl.test\n"

static const compiled_sample_t compiled_samples[] = {
	{ "ip4set", SAMPLE_SOA "$0 zero\n:127.0.0.2:Listed: $ as $0 and once more $\n"
			       "127.0.0.2\n10.0.0.0/8\n!10.1.0.0/16\n10.2.3.4 :4:one\n"
			       "10.2.3.4 :5:two\n10.2.3.4 :6:\n192.0.2.7-192.0.2.99 :7:$=\n"
			       "198.51.100.1\n198.51.100.3\n198.51.100.4\n" },
	{ "ip4trie", "0/0 :9:all of $\n192.0.2.0/25 :3\n!192.0.2.64/26\n10.0.0.0/8 :3:three\n"
		     "10.0.0.0/9 :4:four\n10.128.0.0/24\n2001:db8::/32 :6:six\n::1\n" },
	{ "ip4tset", ":127.0.0.3:all the same\n127.0.0.2\n10.9.8.7\n10.9.8.8\n203.0.113.255\n" },
	{ "ip6trie", ":6:six $\n2001:db8::/32\n!2001:db8:1::/48\n::1\n2002::/16 :7\n"
		     "2001:db8:1:2::/64 :8:eight\n" },
	{ "ip6tset", ":5:five\n1:2:3:4\n1:2:3:5\n!1:2:3:5:0:0:0:6\n" },
	{ "dnset", ":8:name $\nexample.com\n.a.test\n*.b.test :9\n!x.b.test\n!gone.test\n"
		   "*.com :10:$\n\\000\\255.x\n.a.test :11:more\na.test\n*.a.test\n"
		   "hidden.org @ ts=4070908800;delay=1h;\n"
		   "1.under.one.very.long.name.that.many.others.share.example\n"
		   "2.under.one.very.long.name.that.many.others.share.example\n" },
	{ "generic", "@ A 192.0.2.1\nns1 A 192.0.2.53\nns1 50 A 192.0.2.54\na.b.c TXT deep\n"
		     "mx MX 10 mail.bl.test\nmx MX 20 .\nempty TXT \"\"\n" },
	{ "combined", "$DATASET ip4set a @\n0/1\n$DATASET ip6tset b.a\n1:2:3:4\n"
		      "$DATASET dnset a\n*.x @ key=require\n.y :3:$\n$DATASET generic @\n@ A 1\n" },
};

/* Names that are in some of them, or next to what is. */
static const char *const sample_names[] = {
	"",
	"2.0.0.127",
	"1.0.0.127",
	"4.3.2.10",
	"1.1.10",
	"1.1.1.10",
	"7.2.0.192",
	"100.2.0.192",
	"70.2.0.192",
	"1.100.51.198",
	"2.100.51.198",
	"1.0.128.10",
	"7.8.9.10",
	"8.b.d.0.1.0.0.2",
	"1.0.0.0.8.b.d.0.1.0.0.2",
	"5.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0",
	"1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0",
	"6.1.0.0.2.0.0.2",
	"example.com",
	"www.example.com",
	"com",
	"a.test",
	"x.a.test",
	"x.b.test",
	"y.b.test",
	"gone.test",
	"test",
	"hidden.org",
	"org",
	"1.under.one.very.long.name.that.many.others.share.example",
	"3.under.one.very.long.name.that.many.others.share.example",
	"others.share.example",
	"ns1",
	"mx",
	"b.c",
	"a.b.c",
	"empty",
	"a",
	"2.0.0.127.a",
	"z.x.a",
	"y.a",
	"y.y.a",
	"4.3.2.1.b.a",
};

static const zone_settings_t sample_settings = { .ttl_default_s = 2100,
						 .entry_parameters = true,
						 .ip6_in_ip4trie = true };

/* Compiles the text for bl.test to the file `path`. */
FIXTURE_FUNCTION void compile_sample(const compiled_sample_t *sample, const char *path)
{
	const zone_settings_t to_save = dataset_settings_to_save(&sample_settings);
	fixture_path_t text = fixture_path("text");
	const char *file = text.text;
	dataset_request_t request = request_of(sample->type, "ip4set:list", &file, 1, &to_save);
	compiled_writer_t *writer;
	json_t *datasets = json_array();
	dataset_t *dataset = NULL;
	unsigned number;

	fixture_write("text", sample->text, strlen(sample->text));
	fixture_require(dataset_load(&request, NULL, &dataset) == ERR_OK, "the sample is wrong");
	fixture_require(compiled_writer_begin(path, &writer) == ERR_OK, "no writer");
	fixture_require(dataset_save(dataset, &request, writer, datasets, &number) == ERR_OK,
			"the sample cannot be saved");
	fixture_require(
		compiled_writer_end(writer, json_pack("{s:{s:[i]}, s:o}", "zones", "bl.test",
						      number, "datasets", datasets)) == ERR_OK,
		"the sample cannot be written");
	dataset_free(dataset);
	fixture_require(remove(file) == 0, "the text has gone");
}

/* Loads a compiled file; NULL when it is refused, which `why` then has to say. */
FIXTURE_FUNCTION dataset_t *load_compiled(const char *path, dataset_attempt_t *attempt)
{
	dataset_request_t request =
		request_of("compiled", "compiled:it", &path, 1, &sample_settings);
	dataset_t *dataset = NULL;

	request.apex = (const uint8_t *)FIXTURE_APEX;
	*attempt = (dataset_attempt_t){ .is_quiet = true };
	if (dataset_load(&request, attempt, &dataset) == ERR_OK)
		return dataset;
	fixture_require(attempt->why[0] != '\0', "refused without a reason");
	return NULL;
}

/* Hands every part of a data set to `use`: those of a combined one, and those of several. */
FIXTURE_FUNCTION void for_each_part(const dataset_t *dataset,
				    void (*use)(void *context, const dataset_t *part),
				    void *context)
{
	size_t count;
	const dataset_t *const *parts = several_parts(&dataset, &count);
	dataset_part_t inner;

	for (size_t i = 0; i < count; i++) {
		if (parts[i]->type->find != NULL)
			use(context, parts[i]);
		for (size_t j = 0;
		     parts[i]->type->part != NULL && parts[i]->type->part(parts[i], j, &inner); j++)
			use(context, inner.dataset);
	}
}

/* Appends what a part answers to all sample names to a text. */
typedef struct sample_answers {
	char text[65536];
	size_t size;
} sample_answers_t;

FIXTURE_FUNCTION void add_answers(void *context, const dataset_t *part)
{
	sample_answers_t *answers = context;

	for (size_t i = 0; i < COUNT_OF(sample_names); i++) {
		const fixture_text_t *text = ask_all(part, sample_names[i]);
		if (text->size + 1 > sizeof(answers->text) - answers->size)
			return;
		memcpy(answers->text + answers->size, text->text, text->size + 1);
		answers->size += text->size + 1;
	}
}

/* All that a data set answers to the sample names. Valid until the next call. */
FIXTURE_FUNCTION const sample_answers_t *answers_of(const dataset_t *dataset)
{
	static sample_answers_t answers;

	answers.size = 0;
	for_each_part(dataset, add_answers, &answers);
	return &answers;
}

FIXTURE_FUNCTION err_t visit_node(void *context, const dataset_node_t *node)
{
	unsigned *left = context;
	size_t at = 0;

	while (at < node->key_size)
		at += 1u + node->key[at];
	fixture_require(at == node->key_size, "a walk shows what is no name");
	return --*left > 0 ? ERR_OK : ERR_RANGE;
}

FIXTURE_FUNCTION void walk_part(void *context, const dataset_t *part)
{
	unsigned left = 10000;
	const dataset_visitor_t visitor = { .visit = visit_node, .context = &left };

	(void)context;
	if (part->type->walk != NULL)
		(void)!part->type->walk(part, &visitor);
}

/* Does all that can be done with a data set that has been loaded, whatever it is. */
FIXTURE_FUNCTION void use_compiled(const dataset_t *dataset, const dataset_t *other)
{
	dataset_printer_t printer = { .out = fopen("/dev/null", "w") };
	dataset_changes_t changes;

	(void)answers_of(dataset);
	for_each_part(dataset, walk_part, NULL);
	/* ERR_CHANGED would be a fault that was caught. */
	fixture_require(dataset_compare(dataset, dataset, &changes) != ERR_CHANGED, "a fault");
	fixture_require(dataset_compare(dataset, other, &changes) != ERR_CHANGED, "a fault");
	fixture_require(dataset_compare(other, dataset, &changes) != ERR_CHANGED, "a fault");
	fixture_require(printer.out != NULL, "there is no /dev/null");
	fixture_require(dataset_print(dataset, &printer) != ERR_CHANGED, "a fault");
	fclose(printer.out);
	fixture_require(!dataset_is_broken(dataset), "a fault");
}

#endif
