/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* aclkey: what a file says of a query's key. */

#include "test.h"

#include "acl_fixture.h"

#define KEY_63 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

/* What is said of a key (at most 63 bytes, in lower case), with a `?` in front if it is not one. */
static const char *verdict_of(const dataset_t *aclkey, const char *key, size_t size)
{
	static char words[300];
	const acl_quota_t *quota;
	/* of just its size, to see what reads on behind it */
	uint8_t *label = malloc(1 + size);

	ck_assert_ptr_nonnull(label);
	label[0] = (uint8_t)size;
	memcpy(label + 1, key, size);
	acl_verdict_t verdict = aclkey_lookup(aclkey, label, &quota);
	free(label);
	(void)snprintf(words, sizeof(words), "%s%s", quota != NULL ? "" : "?",
		       acl_text(verdict, "192.0.2.1"));
	return words;
}

static void must_say(const dataset_t *aclkey, const char *key, const char *verdict)
{
	const char *got = verdict_of(aclkey, key, strlen(key));

	MUST(strcmp(got, verdict) == 0, "%s: %s instead of %s", key, got, verdict);
}

START_TEST(test_keys)
{
	dataset_t *aclkey = load_text("aclkey", ":refuse\n"
						"plain\n"
						"good :pass\n"
						"SHOUTED\t:pass\n"
						"empty :empty\n"
						"glued:pass\n"
						"glued2=pass\n"
						"listed :9:key of $\n"
						"other text\n"
						"#comment :pass\n"
						"12:pass\n"
						"a\xff :pass\n" KEY_63 " :pass\n"
						"  blank  :pass  \n"
						"hash#tag :pass\n");

	must_say(aclkey, "plain", "refuse");
	must_say(aclkey, "good", "pass");
	must_say(aclkey, "shouted", "pass");
	must_say(aclkey, "empty", "empty");
	must_say(aclkey, "glued", "pass");
	must_say(aclkey, "glued2", "pass");
	must_say(aclkey, "listed", "127.0.0.9 'key of 192.0.2.1' ttl 2100");
	must_say(aclkey, "other", "127.0.0.2 'text' ttl 2100");
	must_say(aclkey, "12", "pass");
	must_say(aclkey, "a\xff", "pass");
	must_say(aclkey, KEY_63, "pass");
	must_say(aclkey, "blank", "pass");
	must_say(aclkey, "hash#tag", "pass");
	/* and what only looks like one of them */
	must_say(aclkey, "", "?refuse");
	must_say(aclkey, "goo", "?refuse");
	must_say(aclkey, "goods", "?refuse");
	must_say(aclkey, "comment", "?refuse");
	must_say(aclkey, "#comment", "?refuse");
	must_say(aclkey, "hash", "?refuse");
	must_say(aclkey, "a", "?refuse");
	ck_assert_str_eq(verdict_of(aclkey, "good\0", 5), "?refuse");
	ck_assert_str_eq(verdict_of(aclkey, KEY_63, 62), "?refuse");
	ck_assert_str_eq(verdict_of(aclkey, "\0", 1), "?refuse");
	dataset_free(aclkey);
}
END_TEST

START_TEST(test_bad_lines)
{
	static const char *const lines[] = {
		"x" KEY_63 " :pass", "a.b :pass", ":::pass", "::pass", "key :bogus", "key =bogus",
		"key :0:",           "=bogus",    ":bogus",  ".",      "key =",      "key :",
	};
	char text[300];

	log_set_level(LOG_LEVEL_ERROR);
	for (size_t i = 0; i < COUNT_OF(lines); i++) {
		(void)snprintf(text, sizeof(text), ":refuse\na :pass\n%s\nb :pass\n", lines[i]);
		dataset_t *aclkey = load_text("aclkey", text);
		must_say(aclkey, "a", "pass");
		must_say(aclkey, "b", "pass");
		must_say(aclkey, "key", "?refuse");
		dataset_free(aclkey);
	}
}
END_TEST

START_TEST(test_default)
{
	static const struct {
		const char *text;
		const char *key;   /* what is said of the key "k" */
		const char *other; /* and of others */
	} rows[] = {
		{ "", "?ignore", "?ignore" },
		{ "k\n", "ignore", "?ignore" },
		{ ":pass\n", "?pass", "?pass" },
		{ ":pass\nk :refuse\n", "refuse", "?pass" },
		/* the last default line is that of strangers, the one before it that of a key */
		{ ":pass\nk\n:refuse\n", "pass", "?refuse" },
		{ "k\n:refuse\n", "ignore", "?refuse" },
		{ ":7:seven\nk\n:refuse\n", "127.0.0.7 'seven' ttl 2100", "?refuse" },
		{ ":refuse\nk :8\n:7:seven\n", "127.0.0.8 ttl 2100",
		  "?127.0.0.7 'seven' ttl 2100" },
		/* the last of several */
		{ "k :refuse\nk :empty\nK :pass\n", "pass", "?ignore" },
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		dataset_t *aclkey = load_text("aclkey", rows[i].text);
		must_say(aclkey, "k", rows[i].key);
		must_say(aclkey, "kk", rows[i].other);
		must_say(aclkey, "", rows[i].other);
		dataset_free(aclkey);
	}
}
END_TEST

START_TEST(test_files)
{
	static const char *const texts[] = { ":empty\na\nsame :refuse\n",
					     ":refuse\nb\nsame :pass\n", "c\n" };
	dataset_t *aclkey = load_texts("aclkey", texts, 2, &default_settings);

	must_say(aclkey, "a", "empty");
	must_say(aclkey, "b", "refuse");
	must_say(aclkey, "same", "pass");
	must_say(aclkey, "x", "?refuse");
	dataset_free(aclkey);
	/* A last file without a default line: strangers are ignored. */
	aclkey = load_texts("aclkey", texts, 3, &default_settings);
	must_say(aclkey, "c", "ignore");
	must_say(aclkey, "x", "?ignore");
	dataset_free(aclkey);
}
END_TEST

/* The quota of a key in words: "default", "none", or interval and burst in ticks. */
static const char *quota_of(const dataset_t *aclkey, const char *key)
{
	static char words[100];
	uint8_t label[64] = { (uint8_t)strlen(key) };
	const acl_quota_t *quota;

	memcpy(label + 1, key, label[0]);
	(void)aclkey_lookup(aclkey, label, &quota);
	if (quota == NULL)
		return "unknown";
	MUST(memcmp(quota->label, label, 1u + label[0]) == 0, "%s has another label", key);
	if (!quota->is_own)
		return "default";
	if (!rate_is_limit(&quota->rate))
		return "none";
	(void)snprintf(words, sizeof(words), "%g s, %u",
		       (double)quota->rate.interval / (double)RATE_TICKS_PER_S,
		       (unsigned)(quota->rate.span / quota->rate.interval));
	return words;
}

START_TEST(test_quotas)
{
	static const char *const texts[] = {
		"a\n$QUOTA 2\nb :pass\nB2\n#$quota 6/m:9 # comment\nc\n"
		"$QUOTA none;comment\nd\n$QUOTA\tNone ; comment\ne\n$QUOTA default\nf\n"
		"$QUOTA 1/d\ng\n"
		/* not quotas: the last one goes on */
		"$QUOTA\n$QUOTA 0\n$QUOTA 5 6\n$QUOTA x\n$QUOTA 1/w\nh\n$QUOTA 4\ntwice\n",
		"i\n$QUOTA 8\ntwice\n",
	};
	static const struct {
		const char *key;
		const char *quota;
	} rows[] = {
		{ "a", "default" },
		{ "b", "0.5 s, 2" },
		{ "b2", "0.5 s, 2" },
		{ "c", "10 s, 9" },
		{ "d", "10 s, 9" },
		{ "e", "none" },
		{ "f", "default" },
		{ "g", "86400 s, 1" },
		{ "h", "86400 s, 1" },
		{ "i", "default" },
		/* another file */ { "twice", "0.125 s, 8" },
		{ "j", "unknown" },
	};

	log_set_level(LOG_LEVEL_ERROR);
	dataset_t *aclkey = load_texts("aclkey", texts, COUNT_OF(texts), &default_settings);
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		ck_assert_msg(strcmp(quota_of(aclkey, rows[i].key), rows[i].quota) == 0, "%s: %s",
			      rows[i].key, quota_of(aclkey, rows[i].key));
	ck_assert_uint_eq(aclkey->specials.broken, SPECIALS_BROKEN_QUOTA);
	ck_assert_str_eq(specials_broken_keyword(aclkey->specials.broken), "$QUOTA");
	dataset_free(aclkey);
}
END_TEST

/* A quota that is lost is noted, so that a reload can tell; what is none of aclkey is as ever. */
START_TEST(test_broken_quotas)
{
	static const struct {
		const char *type;
		const char *text;
		unsigned broken;
	} rows[] = {
		{ "aclkey", "$QUOTA 1/d\n;$quota none # :$QUOTA\na :pass\n", 0 },
		{ "aclkey", "$QUOTAS 1/w\n$ QUOTA\n# $QUOTA 1/w\na :pass\n",
		  SPECIALS_BROKEN_OTHER },
		{ "aclkey", "$QUOTA\na :pass\n", SPECIALS_BROKEN_QUOTA },
		{ "aclkey", "#$quota 1/w\na :pass\n$QUOTA 1/h\n", SPECIALS_BROKEN_QUOTA },
		{ "acl", "$QUOTA 1/w\n127.0.0.1 :pass\n", SPECIALS_BROKEN_OTHER },
		{ "ip4set", "$QUOTA 1/w\n127.0.0.1\n", SPECIALS_BROKEN_OTHER },
	};

	log_set_level(LOG_LEVEL_ERROR);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		dataset_t *dataset = load_texts(rows[i].type, &rows[i].text, 1, &default_settings);
		ck_assert_msg(dataset->specials.broken == rows[i].broken, "%s", rows[i].text);
		dataset_free(dataset);
	}
}
END_TEST

START_TEST(test_many)
{
	enum { KEYS = 100000, LINE = 20 };
	char *text = malloc((size_t)KEYS * LINE + 1);
	char key[LINE];
	size_t size = 0;

	ck_assert_ptr_nonnull(text);
	for (unsigned i = 0; i < KEYS; i++)
		size += (size_t)snprintf(text + size, LINE, "key%u :%s\n", i * 7919 % KEYS,
					 i % 2 == 0 ? "pass" : "empty");
	dataset_t *aclkey = load_text("aclkey", text);
	free(text);
	ck_assert_uint_eq(aclkey->entries, KEYS);
	ck_assert_uint_lt(aclkey->memory, (size_t)KEYS * 200);
	for (unsigned i = 0; i < KEYS; i++) {
		(void)snprintf(key, sizeof(key), "key%u", i * 7919 % KEYS);
		must_say(aclkey, key, i % 2 == 0 ? "pass" : "empty");
	}
	must_say(aclkey, "key100000", "?ignore");
	dataset_free(aclkey);
}
END_TEST

int main(void)
{
	const TTest *tests[] = { test_keys,   test_bad_lines,     test_default, test_files,
				 test_quotas, test_broken_quotas, test_many };

	return run_tests("aclkey", tests, COUNT_OF(tests));
}
