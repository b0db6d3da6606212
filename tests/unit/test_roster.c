/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* Plans that change while they are served: what both have is not read again, what is new comes when it
 * can be loaded, nothing that was served is lost before, and readers notice nothing. */

#include "test.h"

#include <pthread.h>
#include <stdatomic.h>

#include "answer_zones.h"
#include "catalog/status.h"
#include "dns/name.h"

/* What a zone says of an address: the last byte of the A record, or one of these. */
enum {
	SAYS_NXDOMAIN = -DNS_RCODE_NXDOMAIN,
	SAYS_SERVFAIL = -DNS_RCODE_SERVFAIL,
	SAYS_REFUSED = -DNS_RCODE_REFUSED,
	SAYS_NODATA = -100,
};

static fixture_t fixture;

typedef struct asked {
	int says;
	unsigned authority; /* records there */
	uint32_t ttl_s;     /* of the answer */
	uint32_t zone;
} asked_t;

static asked_t ask(answer_context_t *context, const char *name)
{
	uint8_t query[ZONES_QUERY_MAX];
	uint8_t reply[ANSWER_UDP_MAX];
	const answer_time_t now = { 0 };
	answer_packet_t packet = {
		.query = query,
		.query_size = zones_query(query, name, DNS_TYPE_A, DNS_CLASS_IN, 0, 0),
		.client = ip6_from_ip4(0x7f000001),
		.reply = reply,
		.reply_room = sizeof(reply),
	};
	asked_t asked = { .says = SAYS_NODATA };

	answer_batch(context, catalog_read_begin(fixture.catalog), &now, &packet, 1);
	catalog_read_end(fixture.catalog);
	MUST(packet.reply_size >= DNS_HEADER_SIZE, "%s: no reply", name);
	if (packet.rcode != 0)
		asked.says = -packet.rcode;
	else if (reply[7] > 0)
		asked.says = reply[packet.query_size + 15];
	if (reply[7] > 0)
		asked.ttl_s = get_u32(reply + packet.query_size + 6);
	asked.authority = get_u16(reply + 8);
	asked.zone = packet.zone;
	return asked;
}

static asked_t ask_once(const char *name)
{
	catalog_reader_register();
	asked_t asked = ask(fixture.context, name);
	catalog_reader_unregister();
	return asked;
}

static void must_say(const char *name, int expected)
{
	asked_t asked = ask_once(name);

	MUST(asked.says == expected, "%s says %d, not %d", name, asked.says, expected);
}

/* The plan has the zones `specs`, each as "zone:type:file file"; NULL behind the last one. */
static void plan(const char *const *specs)
{
	for (; *specs != NULL; specs++) {
		char zone[60];
		char type[20];
		char file[20];
		ck_assert_int_eq(sscanf(*specs, "%59[^:]:%19[^:]:%19s", zone, type, file), 3);
		fixture_zone(&fixture, strcmp(zone, "-") == 0 ? "" : zone, type, file);
	}
}

#define PLAN(...) plan((const char *const[]){ __VA_ARGS__, NULL })

static catalog_load_report_t change(err_t expected)
{
	catalog_load_report_t report;

	ck_assert_int_eq(fixture_change(&fixture, &report), expected);
	return report;
}

static catalog_load_report_t load(err_t expected)
{
	catalog_load_report_t report;

	ck_assert_int_eq(fixture_load(&fixture, &report), expected);
	return report;
}

static void begin_with(const catalog_options_t *options)
{
	log_set_level(LOG_LEVEL_ERROR);
	fixture_begin(&fixture, options);
}

/* The next plan. */
static void replan(void)
{
	fixture_plan(&fixture, &catalog_default_options);
}

static void end(void)
{
	char name[2] = "";

	for (name[0] = 'a'; name[0] <= 'z'; name[0]++)
		fixture_remove(&fixture, name);
	fixture_end(&fixture);
}

/* Lists 127.0.0.1 as 127.0.0.`value`. */
static void write_list(const char *name, int value)
{
	char text[60];

	(void)snprintf(text, sizeof(text), "127.0.0.1 :%d:\n#%.*s\n", value, value % 30,
		       "##############################");
	fixture_write(&fixture, name, text);
}

START_TEST(test_zones_come_and_go)
{
	begin_with(&catalog_default_options);
	write_list("a", 1);
	write_list("b", 2);
	PLAN("a.test:ip4set:a", "b.test:ip4set:b");
	fixture_open(&fixture);
	catalog_load_report_t report = load(ERR_OK);
	ck_assert(!report.has_new_plan);
	asked_t of_a = ask_once("1.0.0.127.a.test");
	asked_t of_b = ask_once("1.0.0.127.b.test");
	ck_assert_uint_ne(of_a.zone, of_b.zone);

	/* a zone more, with data that are there already, and one with new ones */
	replan();
	PLAN("c.test:ip4set:b", "a.test:ip4set:a", "b.test:ip4set:b", "d.test:ip4set:d");
	write_list("d", 4);
	report = change(ERR_OK);
	ck_assert(report.has_new_plan);
	ck_assert_uint_eq(report.datasets, 3);
	ck_assert_uint_eq(report.loaded, 1);
	ck_assert_uint_eq(report.zones_added, 2);
	ck_assert_uint_eq(report.zones_removed, 0);
	ck_assert_uint_eq(report.datasets_added, 1);
	ck_assert_uint_eq(report.datasets_removed, 0);
	must_say("1.0.0.127.c.test", 2);
	must_say("1.0.0.127.d.test", 4);
	ck_assert_uint_eq(ask_once("1.0.0.127.a.test").zone, of_a.zone);
	ck_assert_uint_eq(ask_once("1.0.0.127.b.test").zone, of_b.zone);
	uint32_t of_c = ask_once("c.test").zone;
	ck_assert_uint_eq(catalog_zone_numbers(fixture.catalog), 4);

	/* gone */
	replan();
	PLAN("b.test:ip4set:b");
	report = change(ERR_OK);
	ck_assert_uint_eq(report.zones_removed, 3);
	ck_assert_uint_eq(report.datasets_removed, 2);
	ck_assert_uint_eq(report.loaded, 0);
	must_say("1.0.0.127.a.test", SAYS_REFUSED);
	must_say("1.0.0.127.b.test", 2);

	/* and back, with the same number */
	replan();
	PLAN("c.test:ip4set:b", "e.test:ip4set:b", "a.test:ip4set:a");
	report = change(ERR_OK);
	ck_assert_uint_eq(report.loaded, 1);
	ck_assert_uint_eq(ask_once("1.0.0.127.a.test").zone, of_a.zone);
	ck_assert_uint_eq(ask_once("1.0.0.127.c.test").zone, of_c);
	must_say("1.0.0.127.b.test", SAYS_REFUSED);
	ck_assert_uint_eq(catalog_zone_numbers(fixture.catalog), 5);

	/* the same once more is no change */
	replan();
	PLAN("c.test:ip4set:b", "e.test:ip4set:b", "a.test:ip4set:a");
	report = change(ERR_OK);
	ck_assert(!report.has_new_plan);
	end();
}
END_TEST

/* A zone that gets a data set that is not there goes on with what it has, which goes on being renewed;
 * and then has it as well. A new zone is not there before it is whole. */
START_TEST(test_one_more_dataset)
{
	begin_with(&catalog_default_options);
	write_list("a", 1);
	PLAN("a.test:ip4set:a");
	fixture_open(&fixture);
	(void)load(ERR_OK);
	replan();
	PLAN("a.test:ip4set:a", "a.test:generic:b", "b.test:ip4set:a", "b.test:generic:b");
	catalog_load_report_t report = change(ERR_LOAD);
	ck_assert(report.has_new_plan);
	ck_assert_uint_eq(report.failed, 1);
	must_say("1.0.0.127.a.test", 1);
	must_say("1.0.0.127.b.test", SAYS_SERVFAIL);
	write_list("a", 2);
	(void)load(ERR_LOAD);
	must_say("1.0.0.127.a.test", 2);
	must_say("www.a.test", SAYS_NXDOMAIN);
	/* a file that is no good is not better than none */
	fixture_write(&fixture, "b", "\x1f\x8b cut short");
	write_list("a", 3);
	(void)load(ERR_LOAD);
	must_say("1.0.0.127.a.test", 3);
	must_say("1.0.0.127.b.test", SAYS_SERVFAIL);
	fixture_write(&fixture, "b", "www A 127.0.0.9\n");
	(void)load(ERR_OK);
	must_say("1.0.0.127.a.test", 3);
	must_say("www.a.test", 9);
	must_say("www.b.test", 9);
	end();
}
END_TEST

/* Nor is anything lost to a plan in which all data are others, and none of them there; it comes when
 * the last one does. */
START_TEST(test_all_others)
{
	begin_with(&catalog_default_options);
	write_list("a", 1);
	write_list("b", 2);
	PLAN("a.test:ip4set:a", "b.test:ip4set:b");
	fixture_open(&fixture);
	(void)load(ERR_OK);
	replan();
	PLAN("a.test:ip4set:c", "a.test:ip4trie:d", "b.test:ip4set:d");
	(void)change(ERR_LOAD);
	must_say("1.0.0.127.a.test", 1);
	must_say("1.0.0.127.b.test", 2);
	/* what is in no plan any more is as it was */
	write_list("a", 11);
	(void)load(ERR_LOAD);
	must_say("1.0.0.127.a.test", 1);
	/* one plan more, as bad, one behind which it is as before, and the first one again */
	replan();
	PLAN("a.test:ip4set:e", "b.test:ip4set:e");
	(void)change(ERR_LOAD);
	must_say("1.0.0.127.a.test", 1);
	must_say("1.0.0.127.b.test", 2);
	replan();
	PLAN("b.test:ip4set:b", "a.test:ip4set:c", "a.test:ip4trie:d");
	catalog_load_report_t report = change(ERR_LOAD);
	ck_assert_uint_eq(report.loaded, 0); /* b was left over */
	must_say("1.0.0.127.a.test", 1);
	must_say("1.0.0.127.b.test", 2);
	write_list("c", 5);
	(void)load(ERR_LOAD);
	must_say("1.0.0.127.a.test", 1);
	write_list("d", 5);
	(void)load(ERR_OK);
	must_say("1.0.0.127.a.test", 5);
	end();
}
END_TEST

/* An ACL that is not there: what was served goes on as open as it was; what was not stays closed. */
START_TEST(test_acls)
{
	static const char *const zones[] = { "a.test", "a.test", "-" };
	static const char *const types[] = { "acl", "aclkey", "acl" };

	for (size_t i = 0; i < COUNT_OF(zones); i++) {
		const char *refuse = i == 1 ? ":refuse\n" : "127.0.0.1 :refuse\n";
		bool is_all = i == 2;
		char spec[60];
		begin_with(&catalog_default_options);
		write_list("a", 1);
		PLAN("a.test:ip4set:a", "b.test:ip4set:a");
		fixture_open(&fixture);
		(void)load(ERR_OK);
		(void)snprintf(spec, sizeof(spec), "%s:%s:x", zones[i], types[i]);
		replan();
		PLAN("a.test:ip4set:a", "b.test:ip4set:a", "c.test:ip4set:a", spec);
		(void)change(ERR_LOAD);
		must_say("1.0.0.127.a.test", 1);
		must_say("1.0.0.127.b.test", 1);
		must_say("1.0.0.127.c.test", is_all ? SAYS_SERVFAIL : 1);
		fixture_write(&fixture, "x", refuse);
		(void)load(ERR_OK);
		must_say("1.0.0.127.a.test", SAYS_REFUSED);
		must_say("1.0.0.127.b.test", is_all ? SAYS_REFUSED : 1);
		must_say("1.0.0.127.c.test", is_all ? SAYS_REFUSED : 1);
		/* another one that is not there: the one before holds on */
		(void)snprintf(spec, sizeof(spec), "%s:%s:y", zones[i], types[i]);
		replan();
		PLAN("a.test:ip4set:a", "b.test:ip4set:a", "d.test:ip4set:a", spec);
		(void)change(ERR_LOAD);
		must_say("1.0.0.127.a.test", SAYS_REFUSED);
		must_say("1.0.0.127.b.test", is_all ? SAYS_REFUSED : 1);
		must_say("1.0.0.127.d.test", is_all ? SAYS_SERVFAIL : 1);
		/* and none at all */
		replan();
		PLAN("a.test:ip4set:a", "b.test:ip4set:a");
		(void)change(ERR_OK);
		must_say("1.0.0.127.a.test", 1);
		must_say("1.0.0.127.b.test", 1);
		end();
	}
}
END_TEST

/* ---- settings ---- */

static void set_zone(const char *zone, bool minimal_answers, bool ent_is_nxdomain)
{
	const plan_zone_settings_t settings = { minimal_answers, ent_is_nxdomain };
	char why[100];

	ck_assert_int_eq(plan_set_zone(fixture.plan, zone, &settings, why, sizeof(why)), ERR_OK);
}

START_TEST(test_zone_settings)
{
	begin_with(&catalog_default_options);
	fixture_write(&fixture, "a", "$SOA 1 a b 1 1 1 1 1\n$NS 1 ns.test\n127.0.0.1 :1:\n");
	PLAN("a.test:ip4set:a", "b.test:ip4set:a");
	set_zone("b.test", true, true);
	fixture_open(&fixture);
	(void)load(ERR_OK);
	for (int round = 0; round < 2; round++) {
		const char *plain = round == 0 ? "1.0.0.127.a.test" : "1.0.0.127.b.test";
		const char *own = round == 0 ? "1.0.0.127.b.test" : "1.0.0.127.a.test";
		ck_assert_uint_eq(ask_once(plain).authority, 1);
		ck_assert_uint_eq(ask_once(own).authority, 0);
		must_say(strchr(plain, '.') + 1, SAYS_NODATA);
		must_say(strchr(own, '.') + 1, SAYS_NXDOMAIN);
		/* the other way round, without reading anything */
		replan();
		PLAN("a.test:ip4set:a", "b.test:ip4set:a");
		set_zone("a.test", true, true);
		ck_assert_uint_eq(change(ERR_OK).loaded, 0);
	}
	end();
}
END_TEST

static void add_with(const char *zone, const char *name, const plan_settings_t *settings)
{
	char spec[300];
	char why[100];

	(void)snprintf(spec, sizeof(spec), "%s:ip4set:%s/%s", zone, fixture.directory, name);
	ck_assert_int_eq(plan_add(fixture.plan, spec, settings, why, sizeof(why)), ERR_OK);
}

START_TEST(test_dataset_settings)
{
	plan_settings_t own = plan_settings_of(&catalog_default_options);

	own.zone.ttl_default_s = 7;
	begin_with(&catalog_default_options);
	fixture_write(&fixture, "a", "127.0.0.1 :1:\n");
	PLAN("a.test:ip4set:a");
	add_with("b.test", "a", &own);
	add_with("c.test", "a", &own);
	fixture_open(&fixture);
	ck_assert_uint_eq(load(ERR_OK).loaded, 2);
	ck_assert_uint_eq(ask_once("1.0.0.127.a.test").ttl_s, 2100);
	ck_assert_uint_eq(ask_once("1.0.0.127.b.test").ttl_s, 7);
	ck_assert_uint_eq(ask_once("1.0.0.127.c.test").ttl_s, 7);
	/* a change of settings reads anew; and if the file has gone meanwhile, all is as before */
	own.zone.ttl_default_s = 8;
	for (int round = 0; round < 2; round++) {
		replan();
		PLAN("a.test:ip4set:a");
		add_with("b.test", "a", &own);
		catalog_load_report_t report = change(round == 0 ? ERR_OK : ERR_LOAD);
		ck_assert_uint_eq(report.loaded, round == 0 ? 1 : 0);
		ck_assert_uint_eq(ask_once("1.0.0.127.b.test").ttl_s, 8);
		own.zone.ttl_default_s = 9;
		fixture_remove(&fixture, "a");
	}
	end();
}
END_TEST

/* Lists `count` addresses. */
static void write_many(const char *name, unsigned count)
{
	static char text[40000];
	size_t size = 0;

	for (unsigned i = 0; i < count; i++)
		size += (size_t)snprintf(text + size, sizeof(text) - size, "10.0.%u.%u :1:\n",
					 i >> 8, i & 255);
	(void)snprintf(text + size, sizeof(text) - size, "127.0.0.1 :%u:\n", count % 200 + 1);
	fixture_write(&fixture, name, text);
}

/* Data that are allowed to shrink more are the same data: what was held back comes by a plan that lets
 * it, and a plan alone does not get round it. */
START_TEST(test_shrinking)
{
	plan_settings_t own = plan_settings_of(&catalog_default_options);

	begin_with(&catalog_default_options);
	write_many("a", 1200);
	add_with("a.test", "a", &own);
	fixture_open(&fixture);
	(void)load(ERR_OK);
	write_many("a", 300);
	(void)load(ERR_LOAD);
	must_say("1.0.0.127.a.test", 1);
	/* more zones, another order: it is no news */
	replan();
	PLAN("z.test:ip4set:b");
	write_list("b", 2);
	add_with("a.test", "a", &own);
	(void)change(ERR_LOAD);
	must_say("1.0.0.127.a.test", 1);
	own.max_shrink_percent = 80;
	replan();
	add_with("a.test", "a", &own);
	catalog_load_report_t report = change(ERR_OK);
	ck_assert_uint_eq(report.loaded, 1);
	must_say("1.0.0.127.a.test", 101);
	end();
}
END_TEST

/* ---- wishes ---- */

static catalog_load_report_t wish(const char *zone, bool is_forced, err_t expected)
{
	uint8_t apex[DNS_NAME_MAX];
	size_t size;
	const catalog_wish_t wishes[] = { { .zone = zone != NULL ? apex : NULL,
					    .is_forced = is_forced } };
	const catalog_request_t request = { .wishes = wishes, .wish_count = 1 };
	catalog_load_report_t report;

	if (zone != NULL)
		ck_assert_int_eq(dns_name_from_text(zone, strlen(zone), apex, &size), ERR_OK);
	ck_assert_int_eq(catalog_load(fixture.catalog, &request, &report), expected);
	return report;
}

START_TEST(test_wishes)
{
	begin_with(&catalog_default_options);
	write_list("a", 1);
	write_list("b", 1);
	fixture_write(&fixture, "k", ":pass\n");
	fixture_write(&fixture, "x", "10.0.0.1 :pass\n");
	PLAN("a.test:ip4set:a", "b.test:ip4set:a", "b.test:ip4trie:b", "b.test:aclkey:k",
	     "-:acl:x");
	fixture_open(&fixture);
	/* what nobody has looked at is looked at in any case */
	ck_assert_uint_eq(wish("b.test", false, ERR_OK).loaded, 4);
	write_list("a", 2);
	write_list("b", 2);
	fixture_write(&fixture, "k", ":pass\n#\n");
	fixture_write(&fixture, "x", "10.0.0.1 :pass\n#\n");
	catalog_load_report_t report = wish("a.test", false, ERR_OK);
	ck_assert_uint_eq(report.datasets, 1);
	ck_assert_uint_eq(report.loaded, 1);
	must_say("1.0.0.127.a.test", 2);
	report = wish("b.test", false, ERR_OK);
	ck_assert_uint_eq(report.datasets, 3);
	ck_assert_uint_eq(report.loaded, 2);
	report = wish("c.test", false, ERR_OK);
	ck_assert_uint_eq(report.datasets, 0);
	report = wish(NULL, false, ERR_OK);
	ck_assert_uint_eq(report.datasets, 4);
	ck_assert_uint_eq(report.loaded, 1);
	end();
}
END_TEST

START_TEST(test_force)
{
	begin_with(&catalog_default_options);
	write_many("a", 1200);
	write_many("b", 1200);
	PLAN("a.test:ip4set:a", "b.test:ip4set:b");
	fixture_open(&fixture);
	(void)load(ERR_OK);
	write_many("a", 10);
	write_many("b", 20);
	(void)load(ERR_LOAD);
	/* for one zone */
	catalog_load_report_t report = wish("a.test", true, ERR_OK);
	ck_assert_uint_eq(report.loaded, 1);
	must_say("1.0.0.127.a.test", 11);
	must_say("1.0.0.127.b.test", 1);
	(void)load(ERR_LOAD);
	must_say("1.0.0.127.b.test", 1);
	/* for all; what is served already is not read again */
	report = wish(NULL, true, ERR_OK);
	ck_assert_uint_eq(report.loaded, 1);
	must_say("1.0.0.127.b.test", 21);
	/* never what cannot be read */
	fixture_write(&fixture, "a", "\x1f\x8b cut short");
	fixture_remove(&fixture, "b");
	report = wish(NULL, true, ERR_LOAD);
	ck_assert_uint_eq(report.failed, 2);
	must_say("1.0.0.127.a.test", 11);
	must_say("1.0.0.127.b.test", 21);
	/* two wishes for one zone: the stronger one counts */
	write_many("a", 1200);
	write_many("b", 1200);
	(void)load(ERR_OK);
	write_many("a", 30);
	const uint8_t apex[] = "\1a\4test";
	const catalog_wish_t wishes[] = { { .zone = apex, .is_forced = true }, { .zone = NULL } };
	const catalog_request_t request = { .wishes = wishes, .wish_count = 2 };
	ck_assert_int_eq(catalog_load(fixture.catalog, &request, &report), ERR_OK);
	must_say("1.0.0.127.a.test", 31);
	end();
}
END_TEST

static bool is_never_complete(void *context, const char *path, const file_state_t *state)
{
	(void)context;
	(void)path;
	(void)state;
	return false;
}

/* What somebody asks for goes through the gate, and nothing else with it. */
START_TEST(test_asking)
{
	const source_gate_t gate = { is_never_complete, NULL };
	const uint8_t apex[] = "\1a\4test";
	const catalog_wish_t wishes[] = { { .zone = NULL }, { .zone = apex, .is_asked = true } };
	const catalog_request_t request = { .wishes = wishes, .wish_count = 2, .gate = &gate };
	catalog_load_report_t report;

	begin_with(&catalog_default_options);
	write_list("a", 1);
	write_list("b", 1);
	PLAN("a.test:ip4set:a", "b.test:ip4set:b");
	fixture_open(&fixture);
	(void)load(ERR_OK);
	write_list("a", 22);
	write_list("b", 22);
	ck_assert_int_eq(catalog_load(fixture.catalog, &request, &report), ERR_OK);
	ck_assert_uint_eq(report.loaded, 1);
	ck_assert_uint_eq(report.deferred, 1);
	end();
}
END_TEST

/* ---- against a model ---- */

#define FILES 5
#define ZONES 4

/* What there should be. Data set number n of a zone lists 127.0.0.n with the version as value. */
typedef struct model {
	int on_disk[FILES];      /* version; 0: no file */
	int loaded[FILES];       /* version of the source; 0: none, or there is no source */
	unsigned planned[ZONES]; /* bits of files; 0: no such zone */
	unsigned served[ZONES];  /* likewise; 0: SERVFAIL */
} model_t;

static void model_write(model_t *model, unsigned file, int version)
{
	char name[2] = { (char)('a' + file), '\0' };
	char text[100];

	model->on_disk[file] = version;
	if (version == 0) {
		fixture_remove(&fixture, name);
		return;
	}
	(void)snprintf(text, sizeof(text), "127.0.0.%u :%d:\n", file + 1, version);
	fixture_write(&fixture, name, text);
}

static void model_load(model_t *model)
{
	unsigned planned = 0;
	unsigned used = 0;

	for (unsigned z = 0; z < ZONES; z++)
		planned |= model->planned[z];
	for (unsigned f = 0; f < FILES; f++)
		if ((planned >> f & 1) != 0 && model->on_disk[f] != 0)
			model->loaded[f] = model->on_disk[f];
	for (unsigned z = 0; z < ZONES; z++) {
		bool is_whole = true;
		for (unsigned f = 0; f < FILES; f++)
			is_whole &= (model->planned[z] >> f & 1) == 0 || model->loaded[f] != 0;
		if (model->planned[z] == 0)
			model->served[z] = 0;
		else if (is_whole)
			model->served[z] = model->planned[z];
		used |= model->served[z] | model->planned[z];
	}
	for (unsigned f = 0; f < FILES; f++)
		if ((used >> f & 1) == 0)
			model->loaded[f] = 0;
}

static void model_check(const model_t *model)
{
	char name[40];

	catalog_reader_register();
	for (unsigned z = 0; z < ZONES; z++) {
		for (unsigned f = 0; f < FILES; f++) {
			(void)snprintf(name, sizeof(name), "%u.0.0.127.z%u.test", f + 1, z);
			asked_t asked = ask(fixture.context, name);
			int expected = model->planned[z] == 0             ? SAYS_REFUSED
				       : model->served[z] == 0            ? SAYS_SERVFAIL
				       : (model->served[z] >> f & 1) == 0 ? SAYS_NXDOMAIN
									  : model->loaded[f];
			MUST(asked.says == expected, "%s says %d, not %d", name, asked.says,
			     expected);
		}
	}
	catalog_reader_unregister();
}

/* Puts a random plan into fixture.plan. */
static void model_plan(model_t *model)
{
	unsigned first = random_below(ZONES);
	char zone[20];
	char file[2] = "";
	bool is_empty = true;

	for (unsigned i = 0; i < ZONES; i++) {
		unsigned z = (first + i) % ZONES;
		model->planned[z] = random_below(4) == 0 ? 0 : random_below(1u << FILES);
		if (is_empty && i == ZONES - 1 && model->planned[z] == 0)
			model->planned[z] = 1;
		is_empty &= model->planned[z] == 0;
		(void)snprintf(zone, sizeof(zone), "z%u.test", z);
		for (unsigned f = 0; f < FILES; f++) {
			file[0] = (char)('a' + f);
			if ((model->planned[z] >> f & 1) != 0)
				fixture_zone(&fixture, zone, "ip4set", file);
		}
	}
}

START_TEST(test_model)
{
	random_start(0);
	for (int run = 0; run < 10; run++) {
		model_t model = { 0 };
		int version = 0;
		begin_with(&catalog_default_options);
		model_plan(&model);
		fixture_open(&fixture);
		for (int step = 0; step < 60; step++) {
			catalog_load_report_t report;
			for (unsigned i = random_below(4); i > 0; i--)
				model_write(&model, random_below(FILES),
					    random_below(3) == 0 ? 0 : ++version % 250 + 1);
			if (random_below(3) != 0) {
				(void)!fixture_load(&fixture, &report);
			} else {
				replan();
				model_plan(&model);
				(void)!fixture_change(&fixture, &report);
			}
			model_load(&model);
			model_check(&model);
		}
		end();
	}
}
END_TEST

/* ---- readers ---- */

#define READERS 2
#define CHANGES 150

static _Atomic(bool) is_over;

/* Asks on. a.test is in all plans, with whatever data are there: it must always answer from them. */
static void *read_on(void *argument)
{
	answer_context_t *context = answer_context_new();
	unsigned *replies = argument;

	catalog_reader_register();
	while (!atomic_load(&is_over) || *replies < 10) {
		asked_t of_a = ask(context, "1.0.0.127.a.test");
		asked_t of_b = ask(context, "1.0.0.127.b.test");

		MUST(of_a.says == 1 || of_a.says == 2, "a.test says %d", of_a.says);
		MUST(of_b.says == SAYS_REFUSED || of_b.says == SAYS_SERVFAIL || of_b.says > 0,
		     "b.test says %d", of_b.says);
		MUST(of_a.zone == 0 && (of_b.zone == 1 || of_b.zone == ANSWER_NO_ZONE),
		     "zones %u and %u", of_a.zone, of_b.zone);
		(*replies)++;
	}
	catalog_reader_unregister();
	answer_context_free(context);
	return NULL;
}

START_TEST(test_readers)
{
	pthread_t threads[READERS];
	unsigned replies[READERS] = { 0 };

	atomic_store(&is_over, false);
	begin_with(&catalog_default_options);
	write_list("a", 1);
	write_list("b", 2);
	PLAN("a.test:ip4set:a", "b.test:ip4set:b");
	fixture_open(&fixture);
	(void)load(ERR_OK);
	for (int i = 0; i < READERS; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, read_on, &replies[i]), 0);
	random_start(0);
	for (int i = 0; i < CHANGES; i++) {
		catalog_load_report_t report;
		replan();
		/* with one of the two, both, or something that is never there */
		fixture_zone(&fixture, "a.test", "ip4set", random_below(2) == 0 ? "a" : "b");
		if (random_below(3) == 0)
			fixture_zone(&fixture, "a.test", "ip4trie", "absent");
		if (random_below(2) == 0)
			fixture_zone(&fixture, "b.test", "ip4set",
				     random_below(3) == 0 ? "c" : "b");
		if (random_below(4) == 0)
			fixture_zone(&fixture, "c.a.test", "ip4set", "b");
		if (random_below(3) == 0)
			write_list("c", 1 + (int)random_below(100));
		else if (random_below(3) == 0)
			fixture_remove(&fixture, "c");
		(void)!fixture_change(&fixture, &report);
		catalog_drain(fixture.catalog, random_below(2) == 0);
	}
	atomic_store(&is_over, true);
	for (int i = 0; i < READERS; i++) {
		pthread_join(threads[i], NULL);
		ck_assert_uint_gt(replies[i], 0);
	}
	end();
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		test_zones_come_and_go,
		test_one_more_dataset,
		test_all_others,
		test_acls,
		test_zone_settings,
		test_dataset_settings,
		test_shrinking,
		test_wishes,
		test_force,
		test_asking,
		test_model,
		test_readers,
	};

	return run_tests("roster", tests, COUNT_OF(tests));
}
