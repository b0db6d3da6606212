/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* What a reload has changed: small files whose difference is plain, and random ones against a model
 * that keeps all lines. */

#include "test.h"

#include "dataset/compare.h"
#include "dataset_fixture.h"

static dataset_changes_t changes_between(const char *type, const char *old, const char *next,
					 const zone_settings_t *settings)
{
	dataset_t *a = load_texts(type, &old, 1, settings);
	dataset_t *b = load_texts(type, &next, 1, settings);
	dataset_changes_t changes;

	ck_assert_ptr_nonnull(a);
	ck_assert_ptr_nonnull(b);
	ck_assert_int_eq(dataset_compare(a, b, &changes), ERR_OK);
	dataset_free(a);
	dataset_free(b);
	return changes;
}

/* ---- Plain ones. ---- */

typedef struct pair {
	const char *type;
	const char *old;
	const char *next;
	unsigned added, removed, changed;
} pair_t;

static const pair_t pairs[] = {
	/* One address, one prefix, one range: whatever its size, and whatever stands beside it. */
	{ "ip4set", "1.0.0.1\n", "1.0.0.1\n1.0.0.2\n", 1, 0, 0 },
	{ "ip4set", "1.0.0.1\n1.0.0.2\n1.0.0.3\n", "1.0.0.1\n1.0.0.3\n", 0, 1, 0 },
	{ "ip4set", "", "10/8\n", 1, 0, 0 },
	{ "ip4set", "10.0.0.0/24\n", "10.0.0.0/24\n10.0.1.0/24\n", 1, 0, 0 },
	{ "ip4set", "10.0.0.0/23\n", "10.0.0.0/24\n10.0.1.0/24\n", 2, 1, 0 },
	{ "ip4set", "10.0.0.0/24\n10.0.1.0/24\n10.0.2.0/24\n", "10.0.1.0/24\n", 0, 2, 0 },
	{ "ip4set", "10.0.0.5-10.0.0.9\n", "10.0.0.5-10.0.0.9\n10.0.0.7-10.0.0.200\n", 1, 0, 0 },
	{ "ip4set", "10.0.0.5-10.0.0.9\n", "10.0.0.5-10.0.0.10\n", 1, 1, 0 },
	{ "ip4set", "10.0.0.0-10.0.0.255\n", "10.0.0.0/24\n", 0, 0, 0 },
	{ "ip4set", "0-255\n", "128/1\n0/1\n", 2, 1, 0 },
	{ "ip4set", "255.255.255.255\n", "255.255.255.254-255.255.255.255\n", 1, 1, 0 },
	/* Hidden, and hiding. */
	{ "ip4set", "10/8 :2\n", "10/8 :2\n10.1.1.1 :2\n", 1, 0, 0 },
	{ "ip4set", "10/8 :2\n!10.1/16\n", "10/8 :2\n!10.2/16\n", 1, 1, 0 },
	{ "ip4set", "10/8\n", "10/8\n!11/8\n", 1, 0, 0 },
	{ "ip4set", "1.0.0.1\n", "!1.0.0.1\n1.0.0.1\n", 0, 0, 1 },
	/* Values: others for the same, and more of them. */
	{ "ip4set", "1.0.0.1 :2:a\n", "1.0.0.1 :2:b\n", 0, 0, 1 },
	{ "ip4set", "1.0.0.1 :2:a\n", "1.0.0.1 :2:a\n1.0.0.1 :3:a\n", 1, 0, 0 },
	{ "ip4set", "1.0.0.1 :4\n1.0.0.1 :3\n1.0.0.1 :2\n", "1.0.0.1 :2\n1.0.0.1 :5\n", 0, 1, 1 },
	{ "ip4set", "1.0.0.1\n2.0.0.2\n", ":3:\n1.0.0.1\n2.0.0.2 :2:\n", 0, 0, 1 },
	{ "ip4set", "$1 a\n1.0.0.1 :2:$1\n", "$1 b\n1.0.0.1 :2:$1\n", 0, 0, 1 },
	{ "ip4set", ":2:a\n1.0.0.1\n9.0.0.1 :9:\n", "9.0.0.1 :9:\n1.0.0.1 :2:a\n", 0, 0, 0 },
	{ "ip4set", "$TTL 5\n1.0.0.1\n", "$TTL 6\n$SOA 0 a b 0 1 1 1 1\n1.0.0.1\n", 0, 0, 0 },
	/* Prefixes inside of prefixes. */
	{ "ip4trie", "0/0\n10/8\n10.1.0.0/16\n", "0/0\n10.1.0.0/16\n", 0, 1, 0 },
	{ "ip4trie", "10/8 :2\n10.0/9 :3\n10.128/9 :3\n", "10/8 :4\n10.0/9 :3\n10.128/9 :3\n", 0, 0,
	  1 },
	{ "ip4trie", "10.1/16 :2\n10.1/16 :3\n", "10.1/16 :2\n", 0, 0, 0 },
	{ "ip4trie", "10/8\n!10.1/16\n", "10/8\n10.1/16\n", 0, 0, 1 },
	/* A range as prefixes. */
	{ "ip4trie", "1.0.0.1\n1.0.0.2/31\n1.0.0.4/30\n", "1.0.0.1\n1.0.0.2/31\n1.0.0.4/31\n", 1, 1,
	  0 },
	{ "ip4trie",
	  "1.0.0.1\n1.0.0.2/31\n1.0.0.4/30\n2.0.0.0/24\n2.0.1.0/24\n3.0.0.3\n3.0.0.4/30\n",
	  "3.0.0.3\n3.0.0.4/30\n", 0, 5, 0 },
	{ "ip4tset", "1.0.0.1\n1.0.0.2\n", "1.0.0.2\n1.0.0.3\n1.0.0.4\n", 2, 1, 0 },
	{ "ip4tset", "1.0.0.1\n1.0.0.2\n", ":3:\n1.0.0.1\n1.0.0.2\n", 0, 0, 2 },
	{ "ip6trie", "::/0\n2001:db8::/32\n", "::/0\n2001:db8::/32\n2001:db8:1::/48\n", 1, 0, 0 },
	{ "ip6trie", "2001:db8::1/128\n", "2001:db8::1 :3\n", 0, 0, 1 },
	{ "ip6tset", "1:2:3:4\n1:2:3:5\n", "1:2:3:5\n!1:2:3:5:6:7:8:9\n1:2:3:6\n", 2, 1, 0 },
	{ "dnset", "a.b\n", "a.b\n*.a.b\n", 1, 0, 0 },
	{ "dnset", ".a.b\n", "a.b\n*.a.b\n", 2, 1, 0 },
	{ "dnset", "a.b\n*.a.b\n.c.d\n", "a.b\n*.a.b\n.c.d\n.e.f\n", 1, 0, 0 },
	{ "dnset", "a.b\n*.a.b\n.c.d\n", "a.b\n.c.d\n", 0, 1, 0 },
	{ "dnset", ".a.b :4:\na.b :5:\n", ".a.b :4:\n", 0, 1, 0 },
	{ "dnset", "!x.a.b\n", "!x.a.b\n!y.a.b\n.z\n", 2, 0, 0 },
	{ "dnset", "!.x.a.b\n.z\n", "!x.a.b\n!*.x.a.b\n.z\n", 2, 1, 0 },
	{ "dnset", ".z\n!.x.z\n", ".z\n", 0, 1, 0 },
	{ "dnset", "A.b\n", "a.B.\n", 0, 0, 0 },
	{ "dnhash", "a\nb\n", "b\nc\nd\n", 2, 1, 0 },
	{ "generic", "a A 1.2.3.4\n", "a A 1.2.3.4\na TXT x\nb A 1.2.3.4\n", 2, 0, 0 },
	{ "generic", "a A 1.2.3.4\n", "a A 1.2.3.5\n", 0, 0, 1 },
	{ "generic", "a 5 MX 10 b.c\n", "a 6 MX 10 b.c\n", 0, 0, 1 },
	{ "generic", "a A 1.1.1.1\na A 2.2.2.2\na MX 1 b\n", "a A 2.2.2.2\na MX 1 c\n", 0, 1, 1 },
	{ "combined", "$DATASET ip4set @\n1.0.0.1\n$DATASET dnset a b\nx\ny\n",
	  "$DATASET ip4set @\n1.0.0.1\n1.0.0.2\n$DATASET dnset b a\ny\n", 1, 1, 0 },
	{ "combined", "$DATASET ip4set @\n1.0.0.1\n$DATASET dnset a\nx\ny\n",
	  "$DATASET dnset b\nx\n$DATASET ip4set @\n1.0.0.1\n", 1, 2, 0 },
	{ "combined", "$DATASET dnset @\nx\n$DATASET dnset @\ny\n$DATASET dnset\nz\n",
	  "$DATASET dnset @\nx\n$DATASET dnset @\nw\n", 1, 2, 0 },
	{ "acl", "1.0.0.1 :pass\n::/0 :refuse\n", "1.0.0.1 :refuse\n::/0 :refuse\n2::/16\n", 1, 0,
	  1 },
	{ "acl", "1.0.0.0/8 :5\n", "1.0.0.0/8 :pass\n2.0.0.0/8 :5\n", 1, 0, 1 },
	{ "aclkey", "one :pass\ntwo :pass\n", "two :refuse\nthree :pass\nfour :pass\n", 2, 1, 1 },
	{ "aclkey", "one :pass\n", "$QUOTA 5/s\none :pass\n", 0, 0, 1 },
};

START_TEST(test_pairs)
{
	for (size_t i = 0; i < COUNT_OF(pairs); i++) {
		const pair_t *pair = &pairs[i];
		dataset_changes_t forth =
			changes_between(pair->type, pair->old, pair->next, &default_settings);
		dataset_changes_t back =
			changes_between(pair->type, pair->next, pair->old, &default_settings);

		MUST(forth.added == pair->added && forth.removed == pair->removed &&
			     forth.changed == pair->changed,
		     "pair %zu (%s): +%" PRIu64 " -%" PRIu64 " ~%" PRIu64, i, pair->type,
		     forth.added, forth.removed, forth.changed);
		MUST(back.added == pair->removed && back.removed == pair->added &&
			     back.changed == pair->changed,
		     "pair %zu (%s) back: +%" PRIu64 " -%" PRIu64 " ~%" PRIu64, i, pair->type,
		     back.added, back.removed, back.changed);
	}
}
END_TEST

START_TEST(test_settings)
{
	zone_settings_t rspamd = default_settings;

	/* IPv6 prefixes in ip4trie, and conditions, which are a part of the value. */
	rspamd.ip6_in_ip4trie = true;
	rspamd.entry_parameters = true;
	dataset_changes_t changes =
		changes_between("ip4trie", "1.0.0.1\n2001:db8::/32\n",
				"1.0.0.1 @ key=require\n2001:db9::/32\n", &rspamd);
	ck_assert_uint_eq(changes.added, 1);
	ck_assert_uint_eq(changes.removed, 1);
	ck_assert_uint_eq(changes.changed, 1);

	/* Another type: everything is another entry. */
	dataset_t *old = load_text("ip4set", "1.0.0.1\n1.0.0.2\n");
	dataset_t *next = load_text("ip4trie", "1.0.0.1\n");
	ck_assert_int_eq(dataset_compare(old, next, &changes), ERR_OK);
	ck_assert_uint_eq(changes.added, 1);
	ck_assert_uint_eq(changes.removed, 2);
	ck_assert_uint_eq(changes.changed, 0);
	dataset_free(old);
	dataset_free(next);
}
END_TEST

/* ---- Random ones. ---- */

#define LINES_MAX 120
#define KEY_MAX   100
#define VALUES    5 /* the last one is no value, but an exclusion */

enum { FIRST, LAST, ALL };

typedef struct line {
	char key[KEY_MAX]; /* the same for the same entry */
	unsigned value;
} line_t;

typedef struct list {
	line_t lines[LINES_MAX];
	size_t count;
	char text[LINES_MAX * (KEY_MAX + 20)];
} list_t;

/* What a type's lines look like. */
typedef struct kind {
	const char *type;
	int rule;
	bool has_exclusions;
	/* Makes up an entry: how it is written, and its key. */
	void (*make)(char written[KEY_MAX], char key[KEY_MAX]);
} kind_t;

/* Near each other, so that they nest and meet. */
static uint32_t near_ip4(void)
{
	return (random_below(8) == 0 ? 0x0affff00 : 0x0a000000) + random_below(64);
}

static void make_host(char written[KEY_MAX], char key[KEY_MAX])
{
	uint32_t at = near_ip4();

	(void)snprintf(written, KEY_MAX, "%u.%u.%u.%u", at >> 24, at >> 16 & 255, at >> 8 & 255,
		       at & 255);
	(void)snprintf(key, KEY_MAX, "%08x-%08x", at, at);
}

static void make_prefix(char written[KEY_MAX], char key[KEY_MAX])
{
	unsigned length = random_below(3) == 0 ? 8 + random_below(25) : 26 + random_below(7);
	uint32_t at = near_ip4() & (uint32_t)(~UINT64_C(0) << (32 - length));

	(void)snprintf(written, KEY_MAX, "%u.%u.%u.%u/%u", at >> 24, at >> 16 & 255, at >> 8 & 255,
		       at & 255, length);
	(void)snprintf(key, KEY_MAX, "%08x-%08x", at,
		       at | (uint32_t)(UINT64_C(0xffffffff) >> length));
}

static void make_range(char written[KEY_MAX], char key[KEY_MAX])
{
	uint32_t at = near_ip4();
	uint32_t end = at + random_below(random_below(4) == 0 ? 1000000 : 20);

	if (random_below(2) == 0) {
		make_prefix(written, key);
		return;
	}
	(void)snprintf(written, KEY_MAX, "%u.%u.%u.%u-%u.%u.%u.%u", at >> 24, at >> 16 & 255,
		       at >> 8 & 255, at & 255, end >> 24, end >> 16 & 255, end >> 8 & 255,
		       end & 255);
	(void)snprintf(key, KEY_MAX, "%08x-%08x", at, end);
}

static void make_ip6(char written[KEY_MAX], char key[KEY_MAX])
{
	unsigned words = 4 + random_below(5);

	if (words == 8)
		(void)snprintf(written, KEY_MAX, "2001:db8:0:%u:0:0:0:%u", random_below(3),
			       random_below(6));
	else
		(void)snprintf(written, KEY_MAX, "2001:db8:0:%x::/%u", random_below(3) * 16,
			       words * 15);
	(void)snprintf(key, KEY_MAX, "%s", written);
}

static void make_words(char written[KEY_MAX], char key[KEY_MAX])
{
	(void)snprintf(written, KEY_MAX, "2001:db8:%u:%u", random_below(3), random_below(20));
	(void)snprintf(key, KEY_MAX, "%s", written);
}

static void make_client(char written[KEY_MAX], char key[KEY_MAX])
{
	if (random_below(2) == 0)
		make_prefix(written, key);
	else
		make_ip6(written, key);
}

static void make_key(char written[KEY_MAX], char key[KEY_MAX])
{
	(void)snprintf(written, KEY_MAX, "key%u", random_below(40));
	(void)snprintf(key, KEY_MAX, "%s", written);
}

/* Itself, below, or both; see is_told_together. */
static void make_name(char written[KEY_MAX], char key[KEY_MAX])
{
	static const char *const dots[] = { "", "*.", "." };
	unsigned labels = 1 + random_below(3);
	char *to = key;

	for (unsigned i = 0; i < labels; i++)
		to += snprintf(to, 10, "%s%c", i == 0 ? "" : ".", "abc"[random_below(3)]);
	(void)snprintf(written, KEY_MAX, "%s%s", dots[random_below(3)], key);
	(void)snprintf(key, KEY_MAX, "%s", written);
}

static void make_record(char written[KEY_MAX], char key[KEY_MAX])
{
	(void)snprintf(written, KEY_MAX, "w%u TXT", random_below(40));
	(void)snprintf(key, KEY_MAX, "%s", written);
}

static const kind_t kinds[] = {
	{ "ip4set", ALL, true, make_range },     { "ip4set", ALL, true, make_host },
	{ "ip4trie", FIRST, true, make_prefix }, { "ip4trie", FIRST, false, make_host },
	{ "ip6trie", FIRST, true, make_ip6 },    { "ip6tset", FIRST, false, make_words },
	{ "dnset", ALL, true, make_name },       { "generic", ALL, false, make_record },
	{ "acl", FIRST, false, make_client },    { "aclkey", LAST, false, make_key },
};

static bool has_one_value(const kind_t *kind)
{
	return kind->make == make_words;
}

/* Writes the lines of a list, the values as texts. */
static void write_list(const kind_t *kind, list_t *list, const char (*written)[KEY_MAX])
{
	char *to = list->text;

	for (size_t i = 0; i < list->count; i++) {
		unsigned value = list->lines[i].value;

		if (value == VALUES - 1)
			to += sprintf(to, "!%s\n", written[i]);
		else if (has_one_value(kind))
			to += sprintf(to, "%s\n", written[i]);
		else
			to += sprintf(to, "%s %s%u\n", written[i],
				      kind->make == make_record ? "" : ":2:", value);
	}
	*to = '\0';
}

/* A new list, or, of many lines of `from`, another one in another order. */
static void make_list(const kind_t *kind, const list_t *from, const char (*from_written)[KEY_MAX],
		      list_t *list, char (*written)[KEY_MAX])
{
	list->count = 0;
	if (from != NULL) {
		for (size_t i = 0; i < from->count; i++) {
			if (random_below(5) == 0)
				continue;
			list->lines[list->count] = from->lines[i];
			memcpy(written[list->count++], from_written[i], KEY_MAX);
		}
	}
	size_t most = list->count + 1 + random_below(LINES_MAX / 4);
	for (; list->count < most && list->count < LINES_MAX; list->count++) {
		line_t *line = &list->lines[list->count];

		kind->make(written[list->count], line->key);
		line->value = has_one_value(kind) ? 0 : random_below(VALUES - 1);
		if (kind->has_exclusions && random_below(6) == 0)
			line->value = VALUES - 1;
	}
	write_list(kind, list, (const char(*)[KEY_MAX])written);
}

/* The values of a key, a bit for each. */
static unsigned values_of(const kind_t *kind, const list_t *list, const char *key)
{
	unsigned values = 0;

	for (size_t i = 0; i < list->count; i++) {
		unsigned bit = 1u << list->lines[i].value;

		if (strcmp(list->lines[i].key, key) != 0 || (kind->rule == FIRST && values != 0))
			continue;
		values = kind->rule == LAST ? bit : values | bit;
	}
	return values >> (VALUES - 1) != 0 ? 1u << (VALUES - 1) : values;
}

/* Of a name: what it has by itself and below, however it is written, and from lines of one sort. */
static void name_values(const list_t *list, const char *name, unsigned *plain, unsigned *below,
			unsigned *both)
{
	bool has_line_for_both = false;
	unsigned excluded = 1u << (VALUES - 1);

	*plain = *below = *both = 0;
	for (size_t i = 0; i < list->count; i++) {
		const char *key = list->lines[i].key;
		unsigned bit = 1u << list->lines[i].value;
		bool is_below = *key == '*';
		bool is_both = *key == '.';

		if (strcmp(key + 2 * is_below + is_both, name) != 0)
			continue;
		has_line_for_both |= is_both;
		*plain |= is_below ? 0 : bit;
		*below |= is_below || is_both ? bit : 0;
	}
	*plain = (*plain & excluded) != 0 ? excluded : *plain;
	*below = (*below & excluded) != 0 ? excluded : *below;
	if (*plain == *below && !has_line_for_both)
		return;
	*both = *plain & *below;
	*plain &= ~*both;
	*below &= ~*both;
}

static void count_values(unsigned old, unsigned next, dataset_changes_t *changes)
{
	dataset_changes_add(changes, (uint64_t)__builtin_popcount(old & ~next),
			    (uint64_t)__builtin_popcount(next & ~old));
}

/* Is this the first line of its key, or name, in `list`, and not in `other`? */
static bool is_first(const list_t *list, size_t line, const list_t *other)
{
	const char *key = list->lines[line].key;

	for (size_t i = 0; i < line; i++)
		if (strcmp(list->lines[i].key, key) == 0)
			return false;
	for (size_t i = 0; other != NULL && i < other->count; i++)
		if (strcmp(other->lines[i].key, key) == 0)
			return false;
	return true;
}

/* All keys of `list` that are not in `but`; of names the key is without the dots. */
static void count_list(const kind_t *kind, const list_t *list, const list_t *but, const list_t *old,
		       const list_t *next, dataset_changes_t *changes)
{
	unsigned a, b, c, x, y, z;

	for (size_t i = 0; i < list->count; i++) {
		const char *key = list->lines[i].key;

		if (!is_first(list, i, but))
			continue;
		if (kind->make != make_name) {
			count_values(values_of(kind, old, key), values_of(kind, next, key),
				     changes);
			continue;
		}
		name_values(old, key, &a, &b, &c);
		name_values(next, key, &x, &y, &z);
		count_values(a, x, changes);
		count_values(b, y, changes);
		count_values(c, z, changes);
	}
}

/* A list whose keys are the names of another one. */
static const list_t *names_of(const list_t *list)
{
	static list_t names[2];
	static unsigned turn;
	list_t *made = &names[turn++ % 2];

	made->count = list->count;
	for (size_t i = 0; i < list->count; i++) {
		const char *key = list->lines[i].key;
		(void)snprintf(made->lines[i].key, KEY_MAX, "%s",
			       key + (*key == '*' ? 2 : *key == '.'));
	}
	return made;
}

static dataset_changes_t expect(const kind_t *kind, const list_t *old, const list_t *next)
{
	dataset_changes_t changes = { .added = 0 };
	bool is_name = kind->make == make_name;
	const list_t *old_keys = is_name ? names_of(old) : old;
	const list_t *next_keys = is_name ? names_of(next) : next;

	count_list(kind, old_keys, NULL, old, next, &changes);
	count_list(kind, next_keys, old_keys, old, next, &changes);
	return changes;
}

START_TEST(test_random)
{
	static list_t lists[2];
	static char written[2][LINES_MAX][KEY_MAX];

	random_start(1);
	for (unsigned round = 0; round < 60 * COUNT_OF(kinds); round++) {
		const kind_t *kind = &kinds[round % COUNT_OF(kinds)];

		make_list(kind, NULL, NULL, &lists[0], written[0]);
		make_list(kind, &lists[0], (const char(*)[KEY_MAX])written[0], &lists[1],
			  written[1]);
		dataset_changes_t found = changes_between(kind->type, lists[0].text, lists[1].text,
							  &default_settings);
		dataset_changes_t expected = expect(kind, &lists[0], &lists[1]);
		MUST(memcmp(&found, &expected, sizeof(found)) == 0,
		     "round %u, %s: +%" PRIu64 " -%" PRIu64 " ~%" PRIu64 " and not +%" PRIu64
		     " -%" PRIu64 " ~%" PRIu64 "\n%s--\n%s",
		     round, kind->type, found.added, found.removed, found.changed, expected.added,
		     expected.removed, expected.changed, lists[0].text, lists[1].text);
	}
}
END_TEST

/* ---- Many in one. ---- */

#define PARTS_MAX 4000

/* What a file of many data sets says: those for subzones s0, s1, ..., or the other way round; each of them twice
 * for s7, s17 and so on, the second one with another address. `*entries` is how many lines that are. */
static char *make_parts(unsigned first, unsigned end, bool is_backwards, unsigned more_in_each,
			unsigned *entries)
{
	size_t room = (size_t)(end - first) * 300;
	char *text = malloc(room);
	size_t at = 0;

	ck_assert_ptr_nonnull(text);
	*entries = 0;
	for (unsigned i = first; i < end; i++) {
		unsigned part = is_backwards ? first + end - 1 - i : i;
		for (unsigned twice = 0; twice <= (part % 10 == 7); twice++) {
			at += (size_t)snprintf(text + at, room - at, "$DATASET ip6trie s%u x.s%u\n",
					       part, part);
			for (unsigned j = 0; j <= more_in_each; j++, (*entries)++)
				at += (size_t)snprintf(text + at, room - at, "2001:db8:%x:%x::%x\n",
						       twice, part, j);
		}
	}
	return text;
}

/* Each data set inside, by its number as a member of the first subzone that comes, and so on. */
static void check_parts(const dataset_t *dataset, size_t count)
{
	dataset_part_t before = { .key_size = 0 }, part;

	for (size_t i = 0; i < count; i++) {
		ck_assert(dataset->type->part(dataset, i, &part));
		size_t shorter = part.key_size < before.key_size ? part.key_size : before.key_size;
		int order = shorter > 0 ? memcmp(before.key, part.key, shorter) : 0;
		MUST(order < 0 || (order == 0 && before.key_size <= part.key_size),
		     "part %zu is not behind the one before", i);
		MUST(i == 0 || order != 0 || before.key_size != part.key_size ||
			     before.dataset != part.dataset,
		     "part %zu is the one before", i);
		before = part;
	}
	ck_assert(!dataset->type->part(dataset, count, &part));
}

/* Thousands of data sets inside of one are found again wherever they stand. */
START_TEST(test_many_parts)
{
	unsigned old_entries, next_entries;
	char *old_text = make_parts(0, PARTS_MAX, false, 0, &old_entries);
	char *next_text = make_parts(100, PARTS_MAX + 10, true, 1, &next_entries);
	dataset_t *old = load_text("combined", old_text);
	dataset_t *next = load_text("combined", next_text);
	dataset_changes_t changes;

	ck_assert_ptr_nonnull(old);
	ck_assert_ptr_nonnull(next);
	ck_assert_uint_eq(old_entries, PARTS_MAX + PARTS_MAX / 10);
	/* Each one that stays has one more; of two for one subzone the first is the first. */
	ck_assert_int_eq(dataset_compare(old, next, &changes), ERR_OK);
	ck_assert_uint_eq(changes.changed, 0);
	ck_assert_uint_eq(changes.removed, 110);
	ck_assert_uint_eq(changes.added, next_entries - (old_entries - 110));
	ck_assert_int_eq(dataset_compare(next, old, &changes), ERR_OK);
	ck_assert_uint_eq(changes.changed, 0);
	ck_assert_uint_eq(changes.removed, next_entries - (old_entries - 110));
	ck_assert_uint_eq(changes.added, 110);
	check_parts(old, 2 * (size_t)old_entries);
	check_parts(next, next_entries);
	dataset_free(old);
	dataset_free(next);
	free(old_text);
	free(next_text);
}
END_TEST

int main(void)
{
	const TTest *tests[] = { test_pairs, test_settings, test_random, test_many_parts };

	log_set_level(LOG_LEVEL_ERROR);
	return run_tests("compare", tests, COUNT_OF(tests));
}
