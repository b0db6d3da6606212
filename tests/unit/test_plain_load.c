/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* Plain lines that are read many at once make the same data set, and the same messages, as lines that are
 * taken one by one: files of all types in which every other kind of line stands between plain ones are
 * loaded with an observer, which has each line taken by itself, and then as the server does it, with and
 * without a thread that reads ahead, as they are and compressed. SPURN_SEED=n repeats a run. */

#include <time.h>
#include <zlib.h>
#include <zstd.h>

#include "test.h"

#include "base/processors.h"
#include "dataset/compare.h"
#include "dataset/observer.h"
#include "dataset_fixture.h"
#include "zonefile/line_block.h"

#define MAX   (1024 * 1024)
#define FILES 2

/* As the first of many problems are logged, and the others counted. */
#define PROBLEMS_SHOWN 5

typedef struct content {
	char bytes[MAX];
	size_t size;
} content_t;

static content_t contents[FILES];
static content_t *content = contents;
static const char *const names[] = { "0", "1", NULL };

static void add(const void *bytes, size_t size)
{
	MUST(content->size + size <= sizeof(content->bytes), "the file is too large");
	memcpy(content->bytes + content->size, bytes, size);
	content->size += size;
}

static void add_text(const char *text)
{
	add(text, strlen(text));
}

static void add_filler(char filler, size_t size)
{
	MUST(content->size + size <= sizeof(content->bytes), "the file is too large");
	memset(content->bytes + content->size, filler, size);
	content->size += size;
}

/* ---- Loading, and what came of it. ---- */

typedef struct outcome {
	err_t err;
	dataset_t *dataset; /* NULL: it could not be loaded */
	char said[8000];    /* what was logged */
	unsigned problems;
	uint64_t nodes; /* a sum over all that a walk tells */
} outcome_t;

static err_t sum_node(void *context, const dataset_node_t *node)
{
	outcome_t *outcome = context;
	uint64_t sum = node->has_below * 7u + node->below_depth * 31u + node->has_subject;

	for (size_t i = 0; i < node->key_size; i++)
		sum = (sum ^ node->key[i]) * 0x100000001b3u;
	outcome->nodes += sum; /* the order is the type's own, if it has one */
	return ERR_OK;
}

static void sum_nodes(outcome_t *outcome, const dataset_t *dataset)
{
	const dataset_visitor_t visitor = { sum_node, outcome, false };
	dataset_part_t part;

	if (dataset->type->part == NULL) {
		if (dataset->type->walk == NULL) /* an ACL */
			return;
		MUST(dataset->type->walk(dataset, &visitor) == ERR_OK, "the walk fails");
		return;
	}
	for (size_t i = 0; dataset->type->part(dataset, i, &part); i++)
		sum_nodes(outcome, part.dataset);
}

static void say(outcome_t *outcome, const char *text)
{
	MUST(strlen(outcome->said) + strlen(text) < sizeof(outcome->said), "too many problems");
	strcat(outcome->said, text);
}

/* Says what the log would. */
static void on_problem(void *context, const dataset_loader_t *loader, const char *reason,
		       dataset_effect_t effect)
{
	outcome_t *outcome = context;
	char line[500];

	if (effect == DATASET_NOT_LOADED) {
		(void)snprintf(line, sizeof(line), "%s:%u: %s\n", loader->file,
			       line_reader_number(loader->reader), reason);
		say(outcome, line);
	} else if (++outcome->problems <= PROBLEMS_SHOWN) {
		(void)snprintf(line, sizeof(line), "test: %s:%u: %s%s\n", loader->file,
			       line_reader_number(loader->reader), reason,
			       effect == DATASET_LINE_SKIPPED ? "; line skipped" : "");
		say(outcome, line);
	}
}

/* The settings: -e, and what else makes other lines good. */
static const zone_settings_t settings = {
	.ttl_default_s = 2100,
	.allow_host_bits = true,
	.ip6_in_ip4trie = false,
};
static const zone_settings_t settings_of_fork = {
	.ttl_default_s = 2100,
	.ip6_in_ip4trie = true,
	.entry_parameters = true,
};

/* Loads the files as they stand there, observed or as the server does it. */
static void load(const char *type, size_t file_count, const zone_settings_t *how, bool is_observed,
		 outcome_t *outcome)
{
	const dataset_type_t *found = dataset_type_find(type, strlen(type));
	const dataset_observer_t observer = { .context = outcome, .problem = on_problem };
	dataset_attempt_t attempt = { .is_quiet = false };
	fixture_path_t paths[FILES];
	const char *files[FILES];
	const dataset_request_t request = {
		.type = found,
		.spec = "spec",
		.files = files,
		.file_count = file_count,
		.settings = how,
	};
	char line[600];

	*outcome = (outcome_t){ .dataset = NULL };
	for (size_t i = 0; i < file_count; i++) {
		paths[i] = fixture_path(names[i]);
		files[i] = paths[i].text;
	}
	if (is_observed) {
		outcome->err = dataset_load_observed(&request, &observer, &outcome->dataset);
		if (outcome->problems > PROBLEMS_SHOWN) {
			unsigned more = outcome->problems - PROBLEMS_SHOWN;
			(void)snprintf(line, sizeof(line),
				       "test: spec: %u more problem%s not shown\n", more,
				       more == 1 ? "" : "s");
			say(outcome, line);
		}
	} else {
		log_begin();
		outcome->err = dataset_load(&request, &attempt, &outcome->dataset);
		say(outcome, log_end());
		if (outcome->dataset == NULL) {
			(void)snprintf(line, sizeof(line), "%s\n", attempt.why);
			say(outcome, line);
		}
	}
	if (outcome->dataset != NULL)
		sum_nodes(outcome, outcome->dataset);
}

static void compare_datasets(const char *what, const dataset_t *slow, const dataset_t *fast)
{
	dataset_changes_t changes = { 0 };

	MUST(fast->entries == slow->entries, "%s: %" PRIu64 " entries instead of %" PRIu64, what,
	     fast->entries, slow->entries);
	MUST(dataset_compare(slow, fast, &changes) == ERR_OK, "no memory");
	MUST(changes.added == 0 && changes.removed == 0 && changes.changed == 0,
	     "%s: +%" PRIu64 " -%" PRIu64 " =%" PRIu64, what, changes.added, changes.removed,
	     changes.changed);
	ck_assert_uint_eq(fast->memory, slow->memory);
	ck_assert_uint_eq(fast->specials.ttl_s, slow->specials.ttl_s);
	ck_assert_uint_eq(fast->specials.max_range4, slow->specials.max_range4);
	ck_assert_uint_eq(fast->specials.broken, slow->specials.broken);
}

typedef enum form {
	FORM_PLAIN,
	FORM_GZIP,
	FORM_ZSTD,
	FORMS,
} form_t;

static void write_file(const char *name, const content_t *of, form_t form)
{
	static char packed[2 * MAX];
	fixture_path_t path = fixture_path(name);

	if (form == FORM_GZIP) {
		gzFile file = gzopen(path.text, "wb1");
		MUST(file != NULL &&
			     gzwrite(file, of->bytes, (unsigned)of->size) == (int)of->size &&
			     gzclose(file) == Z_OK,
		     "cannot write a file");
	} else if (form == FORM_ZSTD) {
		size_t size = ZSTD_compress(packed, sizeof(packed), of->bytes, of->size, 1);
		MUST(ZSTD_isError(size) == 0, "cannot compress");
		fixture_write(name, packed, size);
	} else {
		fixture_write(name, of->bytes, of->size);
	}
}

/* Loads contents[0..file_count) in all ways, and empties them. */
static void check_contents(const char *type, size_t file_count, const zone_settings_t *how,
			   form_t form)
{
	static outcome_t slow;
	static outcome_t fast;

	for (size_t i = 0; i < file_count; i++)
		write_file(names[i], &contents[i], FORM_PLAIN);
	load(type, file_count, how, true, &slow);
	for (size_t i = 0; form != FORM_PLAIN && i < file_count; i++)
		write_file(names[i], &contents[i], form);
	for (unsigned processors = 1; processors <= 2; processors++) {
		char what[100];
		(void)snprintf(what, sizeof(what), "%s, form %d, %u processors", type, (int)form,
			       processors);
		processors_pretend(processors);
		load(type, file_count, how, false, &fast);
		MUST(strcmp(fast.said, slow.said) == 0, "%s: said\n%s\ninstead of\n%s", what,
		     fast.said, slow.said);
		ck_assert_int_eq(fast.err, slow.err);
		MUST(fast.nodes == slow.nodes, "%s: the walks differ", what);
		if (slow.dataset != NULL)
			compare_datasets(what, slow.dataset, fast.dataset);
		dataset_free(fast.dataset);
	}
	processors_pretend(0);
	dataset_free(slow.dataset);
	fixture_remove(names);
	for (size_t i = 0; i < COUNT_OF(contents); i++)
		contents[i].size = 0;
	content = contents;
}

/* ---- Random files. ---- */

/* What their lines are of. */
typedef enum keys { KEYS_IP4, KEYS_IP6, KEYS_NAMES, KEYS_KINDS, KEYS_IP } keys_t;

static void add_address(const char *ending)
{
	char text[64];

	(void)snprintf(text, sizeof(text), "%u.%u.%u.%u%s", 60 + random_below(3), random_below(4),
		       random_below(256), random_below(256), ending);
	add_text(text);
}

static void add_ip6_address(const char *ending)
{
	static unsigned form; /* long lists have one, or a few */
	unsigned a = random_below(4), b = random_below(256);
	char text[100];

	if (random_below(20) == 0)
		form = random_below(5);
	if (form == 0)
		(void)snprintf(text, sizeof(text), "2001:db8:%x:%x", a, b);
	else if (form == 1)
		(void)snprintf(text, sizeof(text), "2001:DB8:%X:%04X", a, b);
	else if (form == 2)
		(void)snprintf(text, sizeof(text), "2001:db8:%x:%x::", a, b);
	else if (form == 3)
		(void)snprintf(text, sizeof(text), "2001:db8::%x:%x", a, b);
	else
		(void)snprintf(text, sizeof(text), "2001:0db8:0000:%04x:0000:0000:0000:%04x", a, b);
	add_text(text);
	add_text(ending);
}

static void add_name(const char *ending)
{
	static const char letters[] = "abcdefgh-0123456789xyzABC_";
	static const char *const tops[] = { "com", "co.uk", "example.org", "net" };
	char text[64];
	unsigned size = 1 + random_below(3);

	for (unsigned i = 0; i < size; i++)
		text[i] = letters[random_below(sizeof(letters) - 1)];
	(void)snprintf(text + size, sizeof(text) - size, ".%s%s", tops[random_below(4)], ending);
	if (random_below(8) == 0)
		add_text(random_below(2) == 0 ? "." : "*.");
	add_text(text);
}

static void add_key(keys_t keys, const char *ending)
{
	static keys_t family = KEYS_IP4;

	/* Both families stand in rows in one file, short and long ones. */
	if (keys == KEYS_IP && random_below(random_below(2) == 0 ? 2 : 50) == 0)
		family = family == KEYS_IP4 ? KEYS_IP6 : KEYS_IP4;
	if (keys == KEYS_NAMES)
		add_name(ending);
	else if (keys == KEYS_IP6 || (keys == KEYS_IP && family == KEYS_IP6))
		add_ip6_address(ending);
	else
		add_address(ending);
}

/* A line that is not plain, or maybe not. */
static void add_other(keys_t keys)
{
	static const char *const whole[] = {
		"\n",
		" \n",
		"# a comment\n",
		"; another one\r\n",
		":5:default $\n",
		":127.0.0.6:\n",
		":7\n",
		":0.0.0.0:bad\n",
		"$TTL 77\n",
		"$TTL soon\n",
		"$1 variable\n",
		"$= base $=\n",
		"$MAXRANGE4 /12\n",
		"$MAXRANGE4 /30\n",
		"$UNKNOWN what\n",
		"$SOA 1 a b 1 1 1 1 1\n",
		"#$2 in a comment\n",
		"60.1/16\n",
		"60.1.7.0/24 :9:own\n",
		"!60.2\n",
		"60.0.3.4-60.0.3.90\n",
		"60.0.3.4-90 text\n",
		"61.2.3.77/28\n",
		"0060.001.02.3\n",
		"61.1.1.1.1\n",
		"61.1.1\n",
		"61.1.1.256\n",
		"61.1.1.999999999999\n",
		"2001:db8::/32\n",
		"2001:db8:::5\n",
		"2001:db8:1:2:3:4:5:6:7\n",
		"!2001:db8:1:2:3:4:5:6\n",
		"2001:db8/33 :0.0.0.0:bad\n",
		"::1 :3:own\n",
		"*\n",
		".\n",
		"*.\n",
		"..a..b.\n",
		"a\\.b.com\n",
		"a\\046b.com\n",
		"\\\n",
		"x.com.\n",
		"!*.net\n",
		"!.co.uk\n",
		"what is this\n",
		"e\xe4.com\n",
	};

	switch (random_below(10)) {
	case 0: /* an entry with something around it */
		add_key(keys, " \n");
		add_text("\t");
		add_key(keys, " # remark\n");
		return;
	case 1:
		add_key(keys, " :9:own $ $1\n");
		return;
	case 2:
		add_key(keys, ":10\r\n");
		return;
	case 3:
		add_text("! ");
		add_key(keys, "\n");
		return;
	case 4:
		add_key(keys, "\r\r\n");
		return;
	case 5:
		add_key(keys, "");
		add("\0hidden\n", 8);
		return;
	case 6:
		add_key(keys, " text @ ts=5;delay=3;key=require\n");
		return;
	case 7: /* parameters are parameters behind a comment, too */
		add_key(keys, random_below(2) == 0 ? " # remark @ ts=5;delay=3\n"
						   : "#\t@ key=require;what\n");
		return;
	default:
		add_text(whole[random_below(COUNT_OF(whole))]);
		return;
	}
}

/* Long lines with what looks like a plain one at their end. */
static void add_long(keys_t keys)
{
	static const size_t sizes[] = { 300,
					LINE_MAX_SIZE - 9,
					LINE_MAX_SIZE + 1,
					LINE_BLOCK_SIZE - 8,
					LINE_BLOCK_SIZE,
					LINE_BLOCK_SIZE + 5,
					2 * LINE_BLOCK_SIZE };

	add_filler(random_below(2) == 0 ? '#' : ' ', sizes[random_below(COUNT_OF(sizes))]);
	add_key(keys, "\n");
}

/* Some hundred KiB of lines; with `is_combined`, of changing types. */
static void add_lines(keys_t keys, bool is_combined)
{
	static const unsigned runs[] = { 1, 1, 2, 3, 17, 300, 300, 4000, 12000 };
	static const char *const sections[] = {
		"$DATASET ip4set:one @ a\n", "$DATASET ip4trie a b # x\n", "$DATASET ip4tset @\n",
		"$DATASET dnset names\n",    "$DATASET dnhash @\n",        "$DATASET generic g\n",
		"$DATASET ip6trie six\n",    "$DATASET ip6tset sixes @\n",
	};
	size_t target = random_below(5) == 0 ? 100 : random_below(3 * LINE_BLOCK_SIZE);

	while (content->size < target) {
		if (is_combined && (content->size == 0 || random_below(4) == 0)) {
			unsigned section = random_below(COUNT_OF(sections));
			add_text(sections[section]);
			keys = section == 3 || section == 4 ? KEYS_NAMES
			       : section >= 6               ? KEYS_IP6
							    : KEYS_IP4;
		}
		unsigned count = runs[random_below(COUNT_OF(runs))];
		static const char *const endings[] = {
			"\n",           "\n",       "\r\n",     " :9:own $ $1\n", ":10\r\n",
			" # remark\n",  " text \n", "/32\n",    "/32\t:7\n",      "/31\n",
			" :0.0.0.0:\n", "/64\n",    "/128:8\n", " :6\n",          " :11:\r\n",
		};
		const char *ending =
			random_below(2) == 0 ? "\n" : endings[random_below(COUNT_OF(endings))];
		bool is_mixed = random_below(4) == 0;
		for (unsigned i = 0; i < count && content->size < target; i++)
			add_key(keys, is_mixed ? endings[random_below(COUNT_OF(endings))] : ending);
		count = random_below(3) == 0 ? random_below(30) : 1;
		for (unsigned i = 0; i < count; i++)
			add_other(random_below(20) == 0 ? (keys_t)random_below(KEYS_KINDS) : keys);
		if (random_below(12) == 0 && content->size < MAX - 3 * LINE_BLOCK_SIZE)
			add_long(keys);
	}
	if (random_below(3) == 0)
		add_key(keys, random_below(2) == 0 ? "" : "\r");
}

START_TEST(test_random)
{
	static const struct {
		const char *type;
		keys_t keys;
		bool is_combined;
		const zone_settings_t *settings;
	} kinds[] = {
		{ "ip4set", KEYS_IP4, false, &settings },
		{ "ip4trie", KEYS_IP4, false, &settings },
		{ "ip4trie", KEYS_IP, false, &settings_of_fork },
		{ "ip4tset", KEYS_IP4, false, &settings_of_fork },
		{ "dnset", KEYS_NAMES, false, &settings },
		{ "dnhash", KEYS_NAMES, false, &settings_of_fork },
		{ "combined", KEYS_IP4, true, &settings },
		{ "acl", KEYS_IP4, false, &settings },
		{ "ip6trie", KEYS_IP6, false, &settings },
		{ "ip6trie", KEYS_IP6, false, &settings_of_fork },
		{ "ip6tset", KEYS_IP6, false, &settings },
	};

	random_start(0);
	for (unsigned round = 0; round < 2 * COUNT_OF(kinds); round++) {
		unsigned kind = round % COUNT_OF(kinds);
		size_t file_count = 1 + random_below(FILES);
		for (size_t i = 0; i < file_count; i++) {
			content = &contents[i];
			add_lines(kinds[kind].keys, kinds[kind].is_combined);
		}
		check_contents(kinds[kind].type, file_count, kinds[kind].settings,
			       (form_t)random_below(FORMS));
	}
}
END_TEST

/* ---- What must not depend on where a block ends. ---- */

/* Adds comments and then addresses, until the next line starts `before` bytes in front of the end of the
 * block. */
static void add_until(size_t before)
{
	while (content->size + 4000 < LINE_BLOCK_SIZE) {
		add_filler('#', 999);
		add_text("\n");
	}
	while (content->size + before + 64 < LINE_BLOCK_SIZE)
		add_address("\n");
	if (content->size + before < LINE_BLOCK_SIZE) {
		add_filler('#', LINE_BLOCK_SIZE - before - content->size - 1);
		add_text("\n");
	}
}

START_TEST(test_borders)
{
	static const char *const lines[] = {
		"60.1.2.3\n",   "60.1.2.3\r\n",       "60.1.2.3 :5:x\n", "$TTL 60\n",
		":7:default\n", "60.1.2.3/333 bad\n", "bad\n\n",
	};

	for (size_t i = 0; i < COUNT_OF(lines); i++)
		for (size_t before = 0; before <= strlen(lines[i]) + 1; before++) {
			add_until(before);
			add_text(lines[i]);
			add_text("60.1.2.4\n60.1.2.5");
			check_contents("ip4set", 1, &settings, FORM_PLAIN);
		}
	/* The rest of a line that is cut is a block's beginning, and no line. */
	for (unsigned blocks = 1; blocks <= 3; blocks++) {
		add_text("60.1.2.1\n");
		add_filler('#', blocks * LINE_BLOCK_SIZE);
		add_text("60.1.2.2\n60.1.2.3\n60.1.2.4\n");
		check_contents("ip4set", 1, &settings, FORM_PLAIN);
	}
}
END_TEST

/* More runs, and more of what lines say, than a block has room for. */
START_TEST(test_room)
{
	for (unsigned i = 0; i < 12000; i++) {
		add_address("\n");
		add_text(i % 3 == 0 ? "61.0/16\n" : "#\n");
	}
	check_contents("ip4set", 1, &settings, FORM_PLAIN);
	for (unsigned i = 0; content->size < MAX / 2; i++) {
		const char text[] = { "abcdefghijklmnopqrstuvwxyz"[i % 26],
				      "0123456789abcdef"[i / 26 % 16], '\n' };
		add(text, sizeof(text));
	}
	check_contents("dnset", 1, &settings, FORM_ZSTD);
	for (unsigned i = 0; content->size < MAX / 2; i++) {
		char text[20];
		add(text, (size_t)sprintf(text, "%x%s\n", i, i % 9 == 0 ? " x" : ""));
	}
	check_contents("dnset", 1, &settings, FORM_PLAIN);
}
END_TEST

/* What has been scanned ahead for one type is scanned anew for another. */
START_TEST(test_sections)
{
	static const char *const types[] = { "ip4set", "dnset", "ip4trie", "generic" };

	/* Often. */
	for (unsigned i = 0; i < 9000; i++) {
		char text[100];
		(void)snprintf(text, sizeof(text), "$DATASET %s s%u\n",
			       types[i / 90 % COUNT_OF(types)], i % 7);
		if (i % 90 == 0)
			add_text(text);
		add_address("\n");
		add_address(" A 127.0.0.9\n");
	}
	check_contents("combined", 1, &settings, FORM_GZIP);
	/* Behind much that is read ahead. */
	for (unsigned section = 0; section < 3; section++) {
		add_text(section == 1 ? "$DATASET dnset @\n" : "$DATASET ip4set @\n");
		size_t end = content->size + 2 * LINE_BLOCK_SIZE;
		while (content->size < end)
			add_address("\n");
	}
	check_contents("combined", 1, &settings, FORM_PLAIN);
}
END_TEST

/* What follows the name of line number `line` in a list of which many lines have a value. */
static const char *pick_rest(unsigned line)
{
	static const char *const rests[] = {
		"",
		"",
		"",
		" :127.0.1.4:phish",
		" :127.0.1.5:spam $, $1",
		" :5",
		"\ttext $",
		"  :3:",
		" :127.0.1.4:phish",
		" another text of a few words",
		" #",
		" # note",
		" :5\r",
		"\r",
	};

	if (line % 700 == 5)
		return " :0.0.0.0:bad";
	if (line % 700 == 6) /* the same words mean something else from here on */
		return line % 1400 < 700 ? "\n:7:default $" : "\n:8";
	return line / 300 % 3 == 0 ? "" : rests[random_below(COUNT_OF(rests))];
}

/* Long lists of names, with values and without: their keys are made ahead once the first ones have told the
 * code, and those that were made for one section are of no use to another one. */
static void check_many_names(bool is_combined, bool has_values)
{
	for (size_t i = 0; i < FILES; i++) {
		content = &contents[i];
		for (unsigned line = 0; content->size < MAX - 200; line++) {
			char text[128];
			if (is_combined && line % 41000 == 0)
				add_text((line / 41000 + i) % 2 == 0 ? "$DATASET dnset a b\n"
								     : "$DATASET dnhash c\n");
			(void)snprintf(text, sizeof(text), "%s%X%c%x.%s%s\n",
				       line % 50 == 7 ? "*." : "", random_below(1u << 20),
				       "-.xyz"[random_below(5)], random_below(1u << 20),
				       line % 3 == 0 ? "com" : "Example.ORG",
				       has_values ? pick_rest(line) : "");
			add_text(text);
			if (line % 9000 == 99)
				add_other(true);
		}
	}
	check_contents(is_combined ? "combined" : "dnset", FILES, &settings, FORM_PLAIN);
}

START_TEST(test_many_names)
{
	random_start(2);
	check_many_names(false, false);
	check_many_names(true, false);
	check_many_names(false, true);
	check_many_names(true, true);
}
END_TEST

/* Values that lists write again and again: of a text, what it leaves out is the default's of its line. */
START_TEST(test_values)
{
	static const struct {
		const char *type;
		keys_t keys;
	} types[] = {
		{ "ip4set", KEYS_IP4 }, { "ip4trie", KEYS_IP4 }, { "dnset", KEYS_NAMES },
		{ "acl", KEYS_IP4 },    { "ip6trie", KEYS_IP6 },
	};

	random_start(1);
	for (size_t i = 0; i < COUNT_OF(types); i++) {
		for (unsigned line = 0; line < 9000; line++) {
			static const char *const forms[] = {
				" :",
				" :127.0.1.",
				" text ",
				":0.",
				"  :1.2.3.",
				" :7: $ text ",
				" :8:a text of sixty bytes or so, too long to be remembered ",
			};
			static const char *const ends[] = { "", ":", ":text $",
							    " : text # no comment" };
			char text[200];
			unsigned number = random_below(random_below(2) == 0 ? 250 : 5);
			add_key(types[i].keys, "");
			(void)snprintf(text, sizeof(text), "%s%u%s",
				       forms[random_below(COUNT_OF(forms))], number,
				       ends[random_below(COUNT_OF(ends))]);
			add_text(text);
			add_text("\n");
			if (random_below(200) == 0) {
				(void)snprintf(text, sizeof(text), ":%u:default %u\n",
					       1 + random_below(4), random_below(4));
				add_text(text);
			}
		}
		check_contents(types[i].type, 1, &settings, FORM_PLAIN);
	}
}
END_TEST

/* Adds 8,000 default lines, with an entry each; of the values that are remembered none is theirs. */
static void add_defaults(void)
{
	for (unsigned i = 0; i < 8000; i++) {
		add_text(i % 2 == 0 ? ":2:\n" : ":3:a\n");
		add_text("1.1.1.1 a\n");
	}
}

/* Texts that come again when they have lost their places. */
static void add_different(void)
{
	char text[20];

	for (unsigned i = 0; i < 60000; i++) {
		(void)snprintf(text, sizeof(text), "1.1.1.1 %u\n", i % 30000);
		add_text(text);
	}
}

/* CPU time that loading the file takes, which is as long as the file is there. */
static double seconds_to_load(void)
{
	static outcome_t outcome;
	clock_t start = clock();

	write_file(names[0], content, FORM_PLAIN);
	load("ip4trie", 1, &settings, false, &outcome);
	ck_assert_ptr_nonnull(outcome.dataset);
	dataset_free(outcome.dataset);
	fixture_remove(names);
	content->size = 0;
	return (double)(clock() - start) / CLOCKS_PER_SEC;
}

/* That a default line changes what texts mean costs no more where many texts are remembered. */
START_TEST(test_many_defaults)
{
	add_defaults();
	add_different();
	double before = seconds_to_load();
	add_different();
	add_defaults();
	double behind = seconds_to_load();
	MUST(behind < 3 * before, "%.3f s instead of %.3f s", behind, before);
}
END_TEST

/* A line that ends loading is named by its number, while the thread is far ahead. */
START_TEST(test_failure)
{
	static const char *const lines[] = { "$DATASET nothing @\n", "$DATASET acl @\n",
					     "$TIMESTAMP 2999:01:01\n" };

	for (size_t i = 0; i < COUNT_OF(lines); i++)
		for (unsigned first = 0; first < 20000; first += 9000) {
			add_text("$DATASET ip4set @\n");
			for (unsigned k = 0; k < first; k++)
				add_address("\n");
			add_text(lines[i]);
			while (content->size < 5 * LINE_BLOCK_SIZE)
				add_address("\n");
			check_contents("combined", 1, &settings, (form_t)(i % FORMS));
		}
	/* A second file begins outside of any section. */
	add_text("$DATASET ip4set @\n60.1.1.1\n60.1.1.2\n");
	content = &contents[1];
	add_text("60.1.1.3\n60.1.1.4\n");
	check_contents("combined", 2, &settings, FORM_PLAIN);
}
END_TEST

/* Compressed data that break off: how far it was read does not depend on the thread. */
START_TEST(test_damaged)
{
	static outcome_t outcome;
	static char packed[2 * MAX];

	while (content->size < 6 * LINE_BLOCK_SIZE)
		add_address("\n");
	size_t size = ZSTD_compress(packed, sizeof(packed), content->bytes, content->size, 1);
	MUST(ZSTD_isError(size) == 0, "cannot compress");
	for (size_t left = 10; left < size; left += size / 5) {
		fixture_write(names[0], packed, left);
		for (unsigned processors = 1; processors <= 2; processors++) {
			processors_pretend(processors);
			load("ip4set", 1, &settings, false, &outcome);
			ck_assert_ptr_null(outcome.dataset);
			ck_assert_ptr_nonnull(strstr(outcome.said, "its end is missing"));
		}
	}
	processors_pretend(0);
	fixture_remove(names);
	content->size = 0;
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		test_random, test_borders,       test_room,    test_sections, test_many_names,
		test_values, test_many_defaults, test_failure, test_damaged,
	};

	return run_tests("plain_load", tests, COUNT_OF(tests));
}
