/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* Lists in a cdb: what keys and values mean, what is wrong with them, and what has changed. */

#include "cdb/cdb_search.h"
#include "cdblist_fixture.h"
#include "dataset/cdblist_key.h"
#include "dataset/cdblist_shape.h"
#include "dataset/compare.h"

/* ---- Keys. ---- */

static const struct {
	const char *key;
	const char *right; /* how it is looked up; NULL: it is none */
} keys[] = {
	{ "192.0.2.1", "192.0.2.1" },
	{ "192.0.2.1/32", "192.0.2.1/32" },
	{ "!192.0.2.1", "!192.0.2.1" },
	{ "192.0.2.0/24", "192.0.2.0/24" },
	{ "0.0.0.0/0", "0.0.0.0/0" },
	{ "255.255.255.255", "255.255.255.255" },
	{ "192.0.2.01", "192.0.2.1" },
	{ "192.0.2/24", "192.0.2.0/24" },
	{ "192.0.2", NULL },
	{ "10/8", "10.0.0.0/8" },
	{ "192.0.2.1/24", NULL },
	{ "192.0.2.1/33", NULL },
	{ "192.0.2.256", NULL },
	{ "192.0.2.1-5", NULL },
	{ "192.0.2.1.", NULL },
	{ "192.0.2.1#c", NULL }, /* a name in dnset, too, but nobody can have meant it */
	{ "2001:db8::1", "2001:db8::1" },
	{ "2001:db8::1/128", "2001:db8::1/128" },
	{ "2001:db8::/32", "2001:db8::/32" },
	{ "::/0", "::/0" },
	{ "::", "::" },
	{ "2001:DB8::1", "2001:db8::1" },
	{ "2001:0db8:0:0:0:0:0:1", "2001:db8::1" },
	{ "2001:db8:1", "2001:db8:1::/48" },
	{ "2001:db8::1/64", NULL },
	{ "2001:db8::g", NULL },
	{ "::ffff:102:304", NULL },
	{ "example.com", "example.com" },
	{ "Example.COM", "example.com" },
	{ "example.com.", "example.com" },
	{ "*.example.com", "*.example.com" },
	{ ".example.com", ".example.com" },
	{ "!.example.com", "!.example.com" },
	{ "!*.example.com", "!*.example.com" },
	{ "*", "*" },
	{ "a\\.b.com", "a\\.b.com" },
	{ "a\\046b.com", "a\\.b.com" },
	{ "\xc3\xa4.com", "\\195\\164.com" },
	{ "1.2.3.4.example.com", "1.2.3.4.example.com" },
	{ "123", "123" }, /* a label, as in dnset */
	{ ".", NULL },
	{ "*.", NULL },
	{ "!", NULL },
	{ "", NULL },
	{ "a b", NULL },
};

START_TEST(test_keys)
{
	char right[CDBLIST_KEY_MAX];
	cdblist_key_t key;
	const char *why = NULL;
	uint32_t address;

	for (unsigned i = 0; i < COUNT_OF(keys); i++) {
		const char *text = keys[i].key;
		const text_t words = { text, text + strlen(text) };
		err_t err = cdblist_key_parse(words, &key, &why);
		bool is_bare = err == ERR_OK && key.kind == CDBLIST_IP4 && key.is_bare &&
			       !key.is_exclusion;
		if ((err == ERR_OK) != (keys[i].right != NULL) && strcmp(text, "192.0.2.1#c") != 0)
			ck_abort_msg("%s: %d", text, (int)err);
		if (err != ERR_OK || keys[i].right == NULL)
			continue;
		size_t size = cdblist_key_write(&key, right);
		if (size != strlen(keys[i].right) || memcmp(right, keys[i].right, size) != 0)
			ck_abort_msg("%s: %.*s", text, (int)size, right);
		/* The quick way sees the same ones. */
		bool is_right = strcmp(text, keys[i].right) == 0;
		if (cdblist_key_is_address(words, &address) != (is_bare && is_right))
			ck_abort_msg("%s: the quick way differs", text);
		if (is_bare && is_right)
			ck_assert_uint_eq(address, key.ip4);
	}
}
END_TEST

/* ---- What a list says. ---- */

START_TEST(test_values)
{
	dataset_t *dataset = load("192.0.2.1\n"
				  "192.0.2.2 :7:seven $\n"
				  "192.0.2.3 text of $\n"
				  "192.0.2.4 :8\n"
				  "192.0.2.5 :9:\n"
				  "192.0.2.6 # a comment\n"
				  "192.0.2.7 :1:one\n"
				  "192.0.2.7 :2:two $1\n"
				  "192.0.2.7 :0:three\n"
				  "192.0.2.8 :0:nothing else\n"
				  "192.0.2.9   :5:blanks  \n"
				  "192.0.2.10 :5:cr\r\n"
				  ":127.0.0.3:default $ $1\n"
				  "$1 variable\n"
				  "$TTL 77\n");

	ck_assert_str_eq(ask_ip4(dataset, "192.0.2.1"), "127.0.0.3 'default 192.0.2.1 variable'");
	ck_assert_uint_eq(ask_all(dataset, "1.2.0.192")->ttl_s, 77);
	ck_assert_str_eq(ask_ip4(dataset, "192.0.2.2"), "127.0.0.7 'seven 192.0.2.2'");
	ck_assert_str_eq(ask_ip4(dataset, "192.0.2.3"), "127.0.0.3 'text of 192.0.2.3'");
	ck_assert_str_eq(ask_ip4(dataset, "192.0.2.4"), "127.0.0.8 'default 192.0.2.4 variable'");
	ck_assert_str_eq(ask_ip4(dataset, "192.0.2.5"), "127.0.0.9");
	ck_assert_str_eq(ask_ip4(dataset, "192.0.2.6"), "127.0.0.3 'default 192.0.2.6 variable'");
	ck_assert_str_eq(ask_ip4(dataset, "192.0.2.7"), "127.0.0.1 127.0.0.2 'one' 'two variable'");
	ck_assert_str_eq(ask_ip4(dataset, "192.0.2.8"), "nothing");
	ck_assert_str_eq(ask_ip4(dataset, "192.0.2.9"), "127.0.0.5 'blanks'");
	ck_assert_str_eq(ask_ip4(dataset, "192.0.2.10"), "127.0.0.5 'cr'");
	ck_assert_uint_eq(dataset->entries, 10);
	dataset_free(dataset);
}
END_TEST

START_TEST(test_specials)
{
	dataset_t *dataset = load("$SOA 3000 ns.example hostmaster.example 5 1h 15m 4w 10m\n"
				  "$NS 1d a.example b.example\n"
				  "#$TTL 5m\n"
				  "; a comment\n"
				  ": :127.0.0.4:first\n"
				  ": 127.0.0.5:second\n"
				  "$= see $= at $\n"
				  "example.com own\n");

	ck_assert_uint_eq(dataset->specials.soa->serial, 5);
	ck_assert_uint_eq(dataset->specials.ns->count, 2);
	ck_assert_uint_eq(dataset->specials.ttl_s, 300);
	ck_assert_str_eq(ask(dataset, "example.com"), "127.0.0.4 'see own at example.com'");
	ck_assert_uint_eq(dataset->entries, 1);
	dataset_free(dataset);

	log_begin();
	make_lines("$TIMESTAMP 2999:01:01\n192.0.2.1\n");
	dataset = try_load(&default_settings);
	const char *log = log_end();
	ck_assert_ptr_null(dataset);
	ck_assert_ptr_nonnull(strstr(log, "list.cdb: key '$TIMESTAMP': "));
}
END_TEST

/* Bad records are told, each with its key, and skipped. */
START_TEST(test_bad_records)
{
	log_begin();
	dataset_t *dataset = load("192.0.2.1/24\nExample.com\n192.0.2.1 :0:\n$SOA x\n192.0.2.9\n");
	const char *log = log_end();

	ck_assert_ptr_nonnull(strstr(log, "list.cdb: key '192.0.2.1/24': bits are set"));
	ck_assert_ptr_nonnull(strstr(log, "key 'Example.com': it is looked up as 'example.com': "
					  "write it like that; record skipped"));
	ck_assert_ptr_nonnull(strstr(log, "key '192.0.2.1': the A value must not be 0.0.0.0"));
	ck_assert_ptr_nonnull(strstr(log, "key '$SOA': expected"));
	ck_assert_uint_eq(dataset->entries, 1);
	ck_assert_str_eq(ask_ip4(dataset, "192.0.2.9"), "127.0.0.2");
	ck_assert_str_eq(ask_ip4(dataset, "192.0.2.1"), "nothing");
	dataset_free(dataset);
}
END_TEST

/* A record that the cdb tool has replaced (-0) is none. */
START_TEST(test_replaced_records)
{
	make_begin();
	make_add("192.0.2.1", 9, ":5:", 3);
	ck_assert_int_eq(cdb_make_put(&maker, "192.0.2.1", 9, ":6:", 3, CDB_PUT_REPLACE0), 1);
	make_add("192.0.2.2", 9, "", 0);
	make_end();
	log_begin();
	dataset_t *dataset = try_load(&default_settings);
	ck_assert_str_eq(log_end(), "");
	ck_assert_uint_eq(dataset->entries, 2);
	ck_assert_str_eq(ask_ip4(dataset, "192.0.2.1"), "127.0.0.6");
	dataset_free(dataset);
}
END_TEST

START_TEST(test_conditions)
{
	const zone_settings_t settings = { .ttl_default_s = 2100, .entry_parameters = true };

	make_lines("192.0.2.1 :5:later @ ts=1000000000;delay=1d\n"
		   "192.0.2.2 :5:later @ key=require;ts=1;delay=5\n"
		   "192.0.2.3 @ key=require\n"
		   "a.example @ key=require\n");
	dataset_t *dataset = try_load(&settings);
	/* The asker's time is 0, and it has no key. */
	ck_assert_str_eq(ask_ip4(dataset, "192.0.2.1"), "nothing");
	ck_assert_str_eq(ask_ip4(dataset, "192.0.2.2"), "nothing");
	ck_assert_str_eq(ask_ip4(dataset, "192.0.2.3"), "nothing");
	ck_assert_str_eq(ask(dataset, "a.example"), "below");
	dataset_free(dataset);
}
END_TEST

/* ---- Which entry counts. ---- */

START_TEST(test_prefixes)
{
	dataset_t *dataset = load("10.0.0.0/8 :8:\n10.1.0.0/16 :16:\n10.1.1.1 :32:\n"
				  "10.1.1.1/32 :33:\n!10.2.0.0/16\n10.2.3.4 :4:\n"
				  "2001:db8::/32 :6:\n!2001:db8:1::/48\n2001:db8:1::1 :7:$\n"
				  "192.0.2.128/25 :25:\n0.0.0.0/0 :100:\n!192.0.2.0/24\n");

	ck_assert_str_eq(ask_ip4(dataset, "10.9.9.9"), "127.0.0.8");
	ck_assert_str_eq(ask_ip4(dataset, "10.1.9.9"), "127.0.0.16");
	ck_assert_str_eq(ask_ip4(dataset, "10.1.1.1"), "127.0.0.32 127.0.0.33");
	ck_assert_str_eq(ask_ip4(dataset, "10.2.0.1"), "nothing");
	ck_assert_str_eq(ask_ip4(dataset, "10.2.3.4"), "127.0.0.4");
	ck_assert_str_eq(ask_ip4(dataset, "192.0.2.129"), "127.0.0.25");
	ck_assert_str_eq(ask_ip4(dataset, "192.0.2.127"), "nothing");
	ck_assert_str_eq(ask_ip4(dataset, "203.0.113.1"), "127.0.0.100");
	ck_assert_str_eq(ask_ip6(dataset, "2001:db8::1", 32), "127.0.0.6");
	ck_assert_str_eq(ask_ip6(dataset, "2001:db8:1::2", 32), "nothing");
	ck_assert_str_eq(ask_ip6(dataset, "2001:db8:1::1", 32), "127.0.0.7 '2001:db8:1::1'");
	ck_assert_str_eq(ask_ip6(dataset, "2001:db9::1", 32), "nothing");
	/* IPv4 addresses as IPv6 has them. */
	ck_assert_str_eq(ask_ip6(dataset, "::ffff:10.1.1.1", 32), "127.0.0.32 127.0.0.33");
	ck_assert_str_eq(ask_ip6(dataset, "2002:a01:101::1", 32), "127.0.0.32 127.0.0.33");
	ck_assert_str_eq(ask_ip6(dataset, "2002:a01:101::", 16), "below");
	/* Names in between. */
	ck_assert_str_eq(ask(dataset, "10"), "below");
	ck_assert_str_eq(ask(dataset, "2.0.192"), "below");
	ck_assert_str_eq(ask(dataset, "7.2.10"), "nothing");
	ck_assert_str_eq(ask(dataset, "3.2.10"), "below");
	ck_assert_str_eq(ask_ip6(dataset, "2001:db8::", 5), "below");
	ck_assert_str_eq(ask_ip6(dataset, "2001:db8::", 20), "below");
	ck_assert_str_eq(ask_ip6(dataset, "2001:db9::", 8), "nothing");
	dataset_free(dataset);
}
END_TEST

START_TEST(test_names)
{
	dataset_t *dataset = load("plain.example :1:$\n.both.example :2:$\n*.below.example :3:$\n"
				  "!no.both.example\n!.never.both.example\n"
				  "yes.never.both.example :4:\nsub.plain.example :5:\n"
				  "both.example :6:\n");

	ck_assert_str_eq(ask(dataset, "plain.example"), "127.0.0.1 'plain.example'");
	ck_assert_str_eq(ask(dataset, "x.plain.example"), "nothing");
	ck_assert_str_eq(ask(dataset, "both.example"), "127.0.0.6 127.0.0.2 'both.example'");
	ck_assert_str_eq(ask(dataset, "x.both.example"), "127.0.0.2 'both.example'");
	ck_assert_str_eq(ask(dataset, "a.b.both.example"), "127.0.0.2 'both.example'");
	ck_assert_str_eq(ask(dataset, "below.example"), "below");
	ck_assert_str_eq(ask(dataset, "x.below.example"), "127.0.0.3 'below.example'");
	ck_assert_str_eq(ask(dataset, "no.both.example"), "below"); /* as x.no.both.example is */
	ck_assert_str_eq(ask(dataset, "x.no.both.example"), "127.0.0.2 'both.example'");
	ck_assert_str_eq(ask(dataset, "never.both.example"), "below"); /* yes. */
	ck_assert_str_eq(ask(dataset, "x.never.both.example"), "nothing");
	ck_assert_str_eq(ask(dataset, "yes.never.both.example"), "127.0.0.4");
	ck_assert_str_eq(ask(dataset, "example"), "below");
	ck_assert_str_eq(ask(dataset, "other"), "nothing");
	ck_assert_str_eq(ask(dataset, ""), "nothing");
	dataset_free(dataset);
}
END_TEST

/* ---- rbldns. ---- */

static void make_djb(uint32_t address, unsigned length)
{
	uint8_t key[CDBLIST_DJB_SIZE];

	cdblist_key_write_djb(address, length, key);
	make_add(key, sizeof(key), "", 0);
}

START_TEST(test_rbldns)
{
	make_begin();
	make_djb(0x01020300, 24);
	make_djb(0x05060708, 32);
	make_djb(0x0a000000, 8);
	make_add("", 0, "\x7f\0\0\5a$b $", 9);
	make_add("", 0, "\x7f\0\0\6other", 9);
	make_end();
	log_begin();
	dataset_t *dataset = try_load(&default_settings);
	ck_assert_ptr_nonnull(strstr(log_end(), "of several values the first one counts"));
	ck_assert_uint_eq(dataset->entries, 3);
	ck_assert_str_eq(ask_ip4(dataset, "1.2.3.4"), "127.0.0.5 'a$b 1.2.3.4'");
	ck_assert_uint_eq(ask_all(dataset, "4.3.2.1")->ttl_s, 2048);
	ck_assert_str_eq(ask_ip4(dataset, "5.6.7.8"), "127.0.0.5 'a$b 5.6.7.8'");
	ck_assert_str_eq(ask_ip4(dataset, "5.6.7.9"), "nothing");
	ck_assert_str_eq(ask_ip4(dataset, "10.255.255.255"), "127.0.0.5 'a$b 10.255.255.255'");
	ck_assert_str_eq(ask(dataset, "5"), "below");
	ck_assert_str_eq(ask(dataset, "x"), "nothing");
	dataset_free(dataset);
}
END_TEST

START_TEST(test_rbldns_values)
{
	static const struct {
		const char *value;
		size_t size;
		const char *answer;
	} values[] = {
		{ "", 0, "127.0.0.2 'Listed 1.2.3.4'" },
		{ "abc", 3, "127.0.0.2 'Listed 1.2.3.4'" },
		{ "\x7f\0\0\5", 4, "127.0.0.5 ''" },
		{ "\0\0\0\0x", 5, "0.0.0.0 'x'" },
		{ "\x7f\0\0\5$$", 6, "127.0.0.5 '$1.2.3.4'" },
	};
	char text[200];

	for (unsigned i = 0; i < COUNT_OF(values); i++) {
		make_begin();
		make_djb(0x01020304, 32);
		make_add("", 0, values[i].value, values[i].size);
		make_end();
		dataset_t *dataset = try_load(&default_settings);
		ck_assert_str_eq(ask_ip4(dataset, "1.2.3.4"), values[i].answer);
		dataset_free(dataset);
	}
	/* No value at all, prefixes that rbldns does not find, and a text that is too long. */
	make_begin();
	make_djb(0x01020304, 32);
	make_djb(0x02000000, 7);
	make_djb(0x05060708, 24);
	make_add("rest", 4, "", 0);
	make_end();
	dataset_t *dataset = try_load(&default_settings);
	ck_assert_uint_eq(dataset->entries, 1);
	ck_assert_str_eq(ask_ip4(dataset, "1.2.3.4"), "127.0.0.2 'Listed 1.2.3.4'");
	ck_assert_str_eq(ask_ip4(dataset, "2.0.0.1"), "nothing");
	ck_assert_str_eq(ask_ip4(dataset, "5.6.7.8"), "nothing");
	dataset_free(dataset);
	make_begin();
	make_djb(0x01020304, 32);
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '$';
	make_add("", 0, text, sizeof(text));
	make_end();
	dataset = try_load(&default_settings);
	ck_assert_uint_eq(strlen(ask_ip4(dataset, "1.2.3.4")), strlen("120.120.120.120 ''") + 96);
	dataset_free(dataset);
}
END_TEST

/* ---- Damage. ---- */

static const char *why_not(const char *bytes, size_t size)
{
	fixture_write(FILE_NAME, bytes, size);
	log_begin();
	dataset_t *dataset = try_load(&default_settings);
	const char *log = log_end();
	ck_assert_ptr_null(dataset);
	return log;
}

START_TEST(test_damage)
{
	static char bytes[1 << 16];

	make_lines("192.0.2.1 :5:text\n192.0.2.2\nexample.com\n");
	FILE *file = fopen(fixture_path(FILE_NAME).text, "rb");
	ck_assert_ptr_nonnull(file);
	size_t size = fread(bytes, 1, sizeof(bytes), file);
	fclose(file);
	ck_assert_ptr_nonnull(strstr(why_not("192.0.2.1\n", 10), "not a cdb"));
	ck_assert_ptr_nonnull(strstr(why_not("", 0), "not a cdb"));
	for (size_t cut = size - 1; cut > size - 48; cut--)
		ck_assert_ptr_nonnull(strstr(why_not(bytes, cut), "list.cdb: "));
	/* A slot that is lost: one address would not be found. */
	char kept[8];
	memcpy(kept, bytes + size - 8, 8);
	size_t slot = size - 8;
	while (memcmp(bytes + slot + 4, "\0\0\0", 4) == 0)
		slot -= 8;
	memset(bytes + slot, 0, 8);
	ck_assert_ptr_nonnull(strstr(why_not(bytes, size), "its hash tables are not those of"));
}
END_TEST

/* One key tens of thousands of times is a file that cannot be searched. */
START_TEST(test_crowded)
{
	make_begin();
	for (unsigned i = 0; i < CDB_SEARCH_SLOTS_MAX / 2; i++)
		make_add("192.0.2.1", 9, "", 0);
	make_end();
	dataset_t *dataset = try_load(&default_settings);
	ck_assert_str_eq(ask_ip4(dataset, "192.0.2.1"), "127.0.0.2");
	ck_assert_str_eq(ask_ip4(dataset, "192.0.2.2"), "nothing");
	dataset_free(dataset);
	make_begin();
	for (unsigned i = 0; i <= CDB_SEARCH_SLOTS_MAX; i++)
		make_add("192.0.2.1", 9, "", 0);
	make_end();
	log_begin();
	dataset = try_load(&default_settings);
	ck_assert_ptr_nonnull(strstr(log_end(), "too crowded"));
	ck_assert_ptr_null(dataset);
}
END_TEST

/* ---- Changes. ---- */

static const struct {
	const char *old;
	const char *next;
	uint64_t added, removed, changed;
} changes[] = {
	{ "", "", 0, 0, 0 },
	{ "a.b\nc.d\n", "a.b\nc.d\n", 0, 0, 0 },
	{ "a.b\nc.d\n", "c.d\na.b\n", 0, 0, 0 },
	{ "a.b\n", "a.b\nc.d\n", 1, 0, 0 },
	{ "a.b\nc.d\ne.f\n", "a.b\ne.f\n", 0, 1, 0 },
	{ "a.b :1:\nc.d\n", "a.b :2:\nc.d\n", 0, 0, 1 },
	{ "a.b :1:\na.b :2:\n", "a.b :1:\n", 0, 1, 0 },
	{ "a.b :1:\n", "a.b :3:\na.b :2:\n", 1, 0, 1 },
	{ "a.b :1:\na.b :2:\n", "a.b :3:\na.b :4:\n", 0, 0, 2 },
	{ "a.b :1:\na.b :2:\n", "a.b :2:\na.b :3:\na.b :3:\n", 0, 0, 1 },
	{ "a.b :1:\n", "!a.b\n", 1, 1, 0 },
	{ "$TTL 5\na.b\n", "$TTL 6\na.b\n", 0, 0, 0 },
};

START_TEST(test_changes)
{
	dataset_changes_t got;

	for (unsigned i = 0; i < COUNT_OF(changes); i++) {
		dataset_t *old = load(changes[i].old);
		dataset_t *next = load(changes[i].next);
		ck_assert_int_eq(dataset_compare(old, next, &got), ERR_OK);
		if (got.added != changes[i].added || got.removed != changes[i].removed ||
		    got.changed != changes[i].changed)
			ck_abort_msg("%s -> %s: %u %u %u", changes[i].old, changes[i].next,
				     (unsigned)got.added, (unsigned)got.removed,
				     (unsigned)got.changed);
		dataset_free(old);
		dataset_free(next);
	}
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		test_keys,    test_values,           test_specials,   test_bad_records,
		test_names,   test_replaced_records, test_conditions, test_prefixes,
		test_rbldns,  test_rbldns_values,    test_damage,     test_crowded,
		test_changes,
	};

	return run_tests("cdblist", tests, COUNT_OF(tests));
}
