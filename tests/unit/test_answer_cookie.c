/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* Replies to queries with DNS cookies: which have one, which it is, whether it counts for a client,
 * and how the secrets of a file come into service. */

#include "test.h"

#include "answer_zones.h"
#include "dns/cookie.h"

#define SECRET_A "e5e973e5a6b2a43f48e7dc849e37bfcf\n"
#define SECRET_B "445536bcd2513298075a5d379663c962\n"

static const ip6_address_t client_4 = { .low = UINT64_C(0xffffc6336464) };
static const ip6_address_t client_6 = { .high = UINT64_C(0x20010db800000000), .low = 7 };
static const uint8_t client_cookie[DNS_CLIENT_COOKIE_SIZE] = { 1, 2, 3, 4, 5, 6, 7, 8 };

static fixture_t fixture;

/* A query, and the cookie of the reply. */
typedef struct asked {
	uint8_t query[ZONES_QUERY_MAX];
	size_t query_size;
	uint8_t reply[ANSWER_UDP_MAX];
	answer_packet_t packet;
	const uint8_t *cookie; /* of the reply; NULL: none */
	size_t cookie_size;
} asked_t;

static void begin(const char *secrets)
{
	zones_begin(&fixture, &catalog_default_options);
	if (secrets != NULL)
		fixture_write(&fixture, "secrets", secrets);
}

static void use_secrets(void)
{
	static fixture_path_t path;

	path = fixture_path(&fixture, "secrets");
	ck_assert_int_eq(catalog_use_cookies(fixture.catalog, path.text, NULL), ERR_OK);
}

static void end(void)
{
	fixture_remove(&fixture, "secrets");
	zones_end(&fixture);
}

/* Puts a cookie of `size` bytes into the query, which ends with an empty OPT record. */
static void add_cookie(asked_t *asked, const uint8_t *cookie, size_t size)
{
	writer_t out = { .data = asked->query,
			 .size = sizeof(asked->query),
			 .position = asked->query_size };

	put_u16(asked->query + asked->query_size - 2, (uint16_t)(DNS_OPTION_HEAD + size));
	writer_u16(&out, DNS_OPTION_COOKIE);
	writer_u16(&out, (uint16_t)size);
	writer_bytes(&out, cookie, size);
	ck_assert(!out.overrun);
	asked->query_size = out.position;
}

/* Finds the cookie in a reply, whose last record is OPT. */
static void find_cookie(asked_t *asked)
{
	const uint8_t *reply = asked->reply;
	size_t size = asked->packet.reply_size;

	asked->cookie = NULL;
	for (size_t at = 12; at + 11 <= size; at++) {
		size_t rdlength = get_u16(reply + at + 9);
		if (memcmp(reply + at, "\0\0\x29\4\xd0", 5) != 0 || at + 11 + rdlength != size)
			continue;
		if (rdlength == 0)
			return;
		ck_assert_uint_eq(get_u16(reply + at + 11), DNS_OPTION_COOKIE);
		asked->cookie_size = get_u16(reply + at + 13);
		/* An extended error may be behind it. */
		size_t left = rdlength - asked->cookie_size - 4;
		ck_assert(left == 0 || left == DNS_OPTION_HEAD + 2);
		asked->cookie = reply + at + 15;
		return;
	}
	ck_abort_msg("no OPT");
}

/* Asks what is in `asked`; returns the rcode. */
static unsigned ask(asked_t *asked, ip6_address_t client, time_t now_s)
{
	const answer_time_t now = { .wall_s = now_s };

	asked->packet = (answer_packet_t){
		.query = asked->query,
		.query_size = asked->query_size,
		.client = client,
		.reply = asked->reply,
		.reply_room = sizeof(asked->reply),
	};
	catalog_reader_register();
	answer_batch(fixture.context, catalog_read_begin(fixture.catalog), &now, &asked->packet, 1);
	catalog_read_end(fixture.catalog);
	catalog_reader_unregister();
	ck_assert_uint_gt(asked->packet.reply_size, 0);
	find_cookie(asked);
	return asked->packet.rcode;
}

/* Asks for a listed name with a cookie (NULL: none). */
static unsigned ask_listed(asked_t *asked, const uint8_t *cookie, size_t size, ip6_address_t client,
			   time_t now_s)
{
	asked->query_size = zones_query(asked->query, "2.0.0.127.bl.test", DNS_TYPE_A, DNS_CLASS_IN,
					DNS_FLAG_RD, 1232);
	if (cookie != NULL)
		add_cookie(asked, cookie, size);
	unsigned rcode = ask(asked, client, now_s);
	/* Whatever the cookie: nobody loses an answer. */
	ck_assert_uint_eq(get_u16(asked->reply + 6), 1);
	return rcode;
}

/* Asks for nothing but a cookie. */
static unsigned ask_nothing(asked_t *asked, const uint8_t *cookie, size_t size,
			    ip6_address_t client, time_t now_s)
{
	memcpy(asked->query, "\x12\x34\0\0\0\0\0\0\0\0\0\1\0\0\x29\4\xd0\0\0\0\0\0\0", 23);
	asked->query_size = 23;
	add_cookie(asked, cookie, size);
	unsigned rcode = ask(asked, client, now_s);
	ck_assert_mem_eq(asked->reply, "\x12\x34\x80", 3);
	ck_assert_mem_eq(asked->reply + 4, "\0\0\0\0\0\0\0\1", 8);
	return rcode;
}

START_TEST(test_replies)
{
	const ip6_address_t clients[] = { client_4, client_6 };
	const time_t now = 1795000000;
	uint8_t first[DNS_COOKIE_SIZE];
	uint8_t wrong[DNS_COOKIE_SIZE_MAX] = { 0 };
	asked_t asked;

	begin(SECRET_A);
	zones_load(&fixture);
	use_secrets();
	for (size_t i = 0; i < COUNT_OF(clients); i++) {
		ip6_address_t client = clients[i];
		ck_assert_uint_eq(ask_listed(&asked, NULL, 0, client, now), DNS_RCODE_NOERROR);
		ck_assert_ptr_null(asked.cookie);
		/* The client's comes back, with ours. */
		ck_assert_uint_eq(
			ask_listed(&asked, client_cookie, sizeof(client_cookie), client, now),
			DNS_RCODE_NOERROR);
		ck_assert_uint_eq(asked.cookie_size, DNS_COOKIE_SIZE);
		ck_assert_mem_eq(asked.cookie, client_cookie, sizeof(client_cookie));
		memcpy(first, asked.cookie, sizeof(first));
		/* It stays the same for half an hour. */
		ask_listed(&asked, first, sizeof(first), client, now + 1799);
		ck_assert_mem_eq(asked.cookie, first, sizeof(first));
		ask_listed(&asked, first, sizeof(first), client, now + 1800);
		ck_assert_mem_eq(asked.cookie, first, 12);
		ck_assert_mem_ne(asked.cookie + 12, first + 12, 12);
		ck_assert_uint_eq(get_u32(asked.cookie + 12), (uint32_t)now + 1800);
		/* Wrong ones of any size are replaced. */
		memcpy(wrong, first, sizeof(first));
		wrong[23] ^= 1;
		for (size_t size = DNS_COOKIE_SIZE_MIN; size <= DNS_COOKIE_SIZE_MAX; size++) {
			ask_listed(&asked, wrong, size, client, now);
			ck_assert_uint_eq(asked.cookie_size, DNS_COOKIE_SIZE);
			ck_assert_mem_eq(asked.cookie, first, sizeof(first));
		}
	}
	end();
}
END_TEST

START_TEST(test_no_question)
{
	const time_t now = 1795000000;
	uint8_t cookie[DNS_COOKIE_SIZE];
	asked_t asked;

	begin(SECRET_A);
	zones_load(&fixture);
	/* Without cookies nobody knows what this is about. */
	ck_assert_uint_eq(ask_nothing(&asked, client_cookie, sizeof(client_cookie), client_4, now),
			  DNS_RCODE_FORMERR);
	ck_assert_ptr_null(asked.cookie);
	use_secrets();
	ck_assert_uint_eq(ask_nothing(&asked, client_cookie, sizeof(client_cookie), client_4, now),
			  DNS_RCODE_NOERROR);
	ck_assert_uint_eq(asked.packet.zone, ANSWER_NO_ZONE);
	memcpy(cookie, asked.cookie, sizeof(cookie));
	ck_assert_uint_eq(ask_nothing(&asked, cookie, sizeof(cookie), client_4, now + 3600),
			  DNS_RCODE_NOERROR);
	/* Too old, another client's: a good one comes with the refusal. */
	ck_assert_uint_eq(ask_nothing(&asked, cookie, sizeof(cookie), client_4, now + 3601),
			  DNS_RCODE_BADCOOKIE);
	ck_assert_uint_eq(ask_nothing(&asked, cookie, sizeof(cookie), client_6, now),
			  DNS_RCODE_BADCOOKIE);
	memcpy(cookie, asked.cookie, sizeof(cookie));
	ck_assert_uint_eq(ask_nothing(&asked, cookie, sizeof(cookie), client_6, now),
			  DNS_RCODE_NOERROR);
	end();
}
END_TEST

START_TEST(test_refusals_have_cookies)
{
	static const struct {
		const char *name;
		unsigned type;
		unsigned class;
		unsigned flags;
		unsigned rcode;
	} rows[] = {
		{ "example.com", DNS_TYPE_A, DNS_CLASS_IN, 0, DNS_RCODE_REFUSED },
		{ "2.0.0.127.absent.test", DNS_TYPE_A, DNS_CLASS_IN, 0, DNS_RCODE_SERVFAIL },
		{ "3.0.0.127.bl.test", DNS_TYPE_A, DNS_CLASS_IN, 0, DNS_RCODE_NXDOMAIN },
		{ "bl.test", 252, DNS_CLASS_IN, 0, DNS_RCODE_NOTIMP },
		{ "bl.test", DNS_TYPE_A, DNS_CLASS_IN, 0x2000, DNS_RCODE_NOTIMP },
		{ "bl.test", DNS_TYPE_A, DNS_CLASS_IN, DNS_FLAG_AA, DNS_RCODE_NOTIMP },
	};
	asked_t asked;

	begin(SECRET_A);
	zones_load(&fixture);
	use_secrets();
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		asked.query_size = zones_query(asked.query, rows[i].name, rows[i].type,
					       rows[i].class, rows[i].flags, 1232);
		add_cookie(&asked, client_cookie, sizeof(client_cookie));
		ck_assert_uint_eq(ask(&asked, client_4, 1795000000), rows[i].rcode);
		ck_assert_ptr_nonnull(asked.cookie);
		ck_assert_uint_eq(asked.cookie_size, DNS_COOKIE_SIZE);
	}
	end();
}
END_TEST

START_TEST(test_bad_size)
{
	const uint8_t zeros[100] = { 0 };
	asked_t asked;

	begin(SECRET_A);
	zones_load(&fixture);
	use_secrets();
	for (size_t size = 0; size <= 50; size++) {
		bool is_good = size == 8 || (size >= 16 && size <= 40);
		asked.query_size = zones_query(asked.query, "2.0.0.127.bl.test", DNS_TYPE_A,
					       DNS_CLASS_IN, DNS_FLAG_RD, 1232);
		add_cookie(&asked, zeros, size);
		ck_assert_uint_eq(ask(&asked, client_4, 1795000000),
				  is_good ? DNS_RCODE_NOERROR : DNS_RCODE_FORMERR);
		ck_assert((asked.cookie != NULL) == is_good);
	}
	end();
}
END_TEST

/* A full reply has its cookie, and the room that this takes is not taken for records. */
START_TEST(test_room)
{
	bool was_cut = false;
	bool was_whole = false;
	asked_t asked;

	begin(SECRET_A);
	zones_load(&fixture);
	use_secrets();
	for (int count = 1; count <= ZONES_MANY; count++) {
		char name[32];
		snprintf(name, sizeof(name), "c%02d.bl.test", count);
		asked.query_size = zones_query(asked.query, name, DNS_TYPE_A, DNS_CLASS_IN,
					       DNS_FLAG_RD, 512 + 10 * (unsigned)count);
		add_cookie(&asked, client_cookie, sizeof(client_cookie));
		ck_assert_uint_eq(ask(&asked, client_4, 1795000000), DNS_RCODE_NOERROR);
		ck_assert_ptr_nonnull(asked.cookie);
		ck_assert_uint_le(asked.packet.reply_size, 512 + 10 * (size_t)count);
		bool is_cut = (get_u16(asked.reply + 2) & DNS_FLAG_TC) != 0;
		ck_assert_uint_eq(get_u16(asked.reply + 6), is_cut ? 0 : (unsigned)count);
		was_cut |= is_cut;
		was_whole |= !is_cut;
	}
	ck_assert(was_cut && was_whole);
	end();
}
END_TEST

/* Loads again, and asks whether `cookie` is good, and which one there is now. */
static unsigned reload(uint8_t cookie[DNS_COOKIE_SIZE], const char *secrets, bool is_new,
		       bool is_bad)
{
	catalog_load_report_t report;
	asked_t asked;

	fixture_write(&fixture, "secrets", secrets);
	(void)!fixture_load(&fixture, &report);
	ck_assert(report.has_new_cookies == is_new);
	ck_assert(report.has_bad_cookies == is_bad);
	ck_assert_uint_eq(report.loaded, 0);
	unsigned rcode = ask_nothing(&asked, cookie, DNS_COOKIE_SIZE, client_4, 1795000000);
	memcpy(cookie, asked.cookie, DNS_COOKIE_SIZE);
	return rcode;
}

START_TEST(test_reload)
{
	uint8_t cookie[DNS_COOKIE_SIZE];
	uint8_t before[DNS_COOKIE_SIZE];
	asked_t asked;

	begin(SECRET_A);
	zones_load(&fixture);
	use_secrets();
	ask_nothing(&asked, client_cookie, sizeof(client_cookie), client_4, 1795000000);
	memcpy(cookie, asked.cookie, sizeof(cookie));
	/* The same in other words, and files that are no good: all as before. */
	ck_assert_uint_eq(reload(cookie, SECRET_A, false, false), DNS_RCODE_NOERROR);
	ck_assert_uint_eq(reload(cookie, "\n#\n" SECRET_A, false, false), DNS_RCODE_NOERROR);
	ck_assert_uint_eq(reload(cookie, "", false, true), DNS_RCODE_NOERROR);
	ck_assert_uint_eq(reload(cookie, SECRET_B "x", false, true), DNS_RCODE_NOERROR);
	ck_assert_mem_eq(cookie, asked.cookie, sizeof(cookie));
	/* The steps of a roll-over: whoever has asked in the step before has a good cookie. */
	memcpy(before, cookie, sizeof(before));
	ck_assert_uint_eq(reload(cookie, SECRET_A SECRET_B, true, false), DNS_RCODE_NOERROR);
	ck_assert_mem_eq(cookie, before, sizeof(cookie));
	ck_assert_uint_eq(reload(cookie, SECRET_B SECRET_A, true, false), DNS_RCODE_NOERROR);
	ck_assert_mem_ne(cookie, before, sizeof(cookie));
	ck_assert_uint_eq(reload(cookie, SECRET_B, true, false), DNS_RCODE_NOERROR);
	ck_assert_uint_eq(reload(before, SECRET_B, false, false), DNS_RCODE_BADCOOKIE);
	end();
}
END_TEST

START_TEST(test_no_file)
{
	uint8_t cookie[DNS_COOKIE_SIZE];
	catalog_load_report_t report;
	asked_t asked;

	begin(NULL);
	fixture_path_t path = fixture_path(&fixture, "secrets");
	ck_assert_int_eq(catalog_use_cookies(fixture.catalog, path.text, NULL), (err_t)-ENOENT);
	ck_assert_int_eq(catalog_use_cookies(fixture.catalog, NULL, NULL), ERR_OK);
	/* The one secret lasts. */
	ask_nothing(&asked, client_cookie, sizeof(client_cookie), client_4, 1795000000);
	memcpy(cookie, asked.cookie, sizeof(cookie));
	ck_assert_int_eq(fixture_load(&fixture, &report), ERR_LOAD);
	ck_assert(!report.has_new_cookies && !report.has_bad_cookies);
	ck_assert_uint_eq(ask_nothing(&asked, cookie, sizeof(cookie), client_4, 1795000000),
			  DNS_RCODE_NOERROR);
	end();
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { test_replies,  test_no_question, test_refusals_have_cookies,
				       test_bad_size, test_room,        test_reload,
				       test_no_file };

	return run_tests("answer_cookie", tests, COUNT_OF(tests));
}
