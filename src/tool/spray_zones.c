/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "tool/spray_zones.h"

#include <netinet/in.h>
#include <time.h>

#include "base/clock.h"
#include "base/cursor.h"
#include "base/log.h"
#include "catalog/answer.h"
#include "dns/client.h"
#include "dns/name.h"
#include "tool/spray_entries.h"

/* The server's own code, which is asked what is right. */
typedef struct judge {
	catalog_t *catalog;
	answer_context_t *context;
	const spray_wish_t *wish;
	answer_time_t now;
} judge_t;

/* Asks for one name and type. Returns the rcode. */
static unsigned ask(const judge_t *judge, const uint8_t *wire, dns_type_t type, bool *has_records)
{
	uint8_t query[DNS_CLIENT_QUERY_MAX];
	uint8_t reply[ANSWER_UDP_MAX];
	answer_packet_t packet = {
		.query = query,
		.query_size = dns_client_write_query(query, 0, wire, type),
		.client = ip6_from_ip4(INADDR_LOOPBACK),
		.transport = ANSWER_UDP,
		.reply = reply,
		.reply_room = sizeof(reply),
	};

	answer_batch(judge->context, catalog_read_begin(judge->catalog), &judge->now, &packet, 1);
	catalog_read_end(judge->catalog);
	*has_records = get_u16(reply + 6) > 0;
	return packet.rcode;
}

static spray_right_t right_of(const judge_t *judge, const uint8_t *wire)
{
	spray_right_t right = { .is_known = true };

	for (unsigned i = 0; i < judge->wish->type_count; i++) {
		bool has_records;
		right.rcode = (uint8_t)ask(judge, wire, judge->wish->types[i], &has_records);
		right.with_records |= (uint8_t)((unsigned)has_records << i);
		right.without_records |= (uint8_t)((unsigned)!has_records << i);
	}
	return right;
}

static err_t look_up(void *context, const uint8_t *wire, spray_right_t *right)
{
	*right = right_of(context, wire);
	return right->rcode == DNS_RCODE_NXDOMAIN ? ERR_OK : ERR_RANGE;
}

/* Of an entry for many addresses, names that are tried: some may be excluded. */
#define TRIES_MAX 1000

/* Adds a name for an entry, if it is really listed. */
static err_t add_name(const judge_t *judge, spray_entries_t *entries, size_t number,
		      spray_names_t *names)
{
	uint8_t wire[DNS_NAME_MAX];

	if (!spray_entries_name(entries, number, wire))
		return ERR_OK;
	spray_right_t right = right_of(judge, wire);
	if (right.rcode == DNS_RCODE_SERVFAIL) {
		log_error("the zone cannot be served: it has expired");
		return ERR_LOAD;
	}
	if (right.rcode != DNS_RCODE_NOERROR)
		return ERR_OK;
	return spray_names_add_listed(names, wire, entries->entries[number].apex, right);
}

/* Adds names for the entries that were chosen, for each as many as there is room for, and as it has. */
static err_t add_listed(const judge_t *judge, spray_entries_t *entries, spray_names_t *names)
{
	size_t room = entries->count > 0 ? judge->wish->listed / entries->count : 0;
	err_t err = ERR_OK;

	if (room > TRIES_MAX)
		room = TRIES_MAX;
	for (size_t i = 0; i < entries->count; i++) {
		uint64_t tries = spray_entry_size(&entries->entries[i]);
		if (tries > room)
			tries = room;
		for (uint64_t n = 0; n < tries && err == ERR_OK; n++)
			err = add_name(judge, entries, i, names);
	}
	return err;
}

/* Chooses from the entries of all data sets, as many from each zone as its share is. */
static err_t choose(const plan_t *plan, spray_entries_t *entries)
{
	err_t err = ERR_OK;

	if (plan->acl != PLAN_NONE) {
		log_error("an access list: what is answered depends on who asks; leave it out");
		return ERR_INVAL;
	}
	for (size_t i = 0; i < plan->zone_count && err == ERR_OK; i++) {
		const plan_zone_t *zone = &plan->zones[i];
		if (zone->acl != PLAN_NONE || zone->aclkey != PLAN_NONE) {
			log_error("an access list: what is answered depends on who asks; leave it "
				  "out");
			return ERR_INVAL;
		}
		for (size_t j = 0; j < zone->dataset_count && err == ERR_OK; j++)
			err = spray_entries_read(entries, zone->apex,
						 &plan->datasets[zone->datasets[j]]);
	}
	return err;
}

static err_t make_names(judge_t *judge, spray_entries_t *entries, spray_names_t *names)
{
	err_t err = add_listed(judge, entries, names);

	if (err == ERR_OK && names->listed_count == 0) {
		log_error("nothing is listed in these zone files, so there is nothing to ask for; "
			  "--list FILE "
			  "asks for what you like");
		return ERR_RANGE;
	}
	if (err == ERR_OK && judge->wish->missing > 0) {
		err = spray_names_make_up(names, judge->wish->missing, look_up, judge);
		if (err == ERR_RANGE)
			log_error("all that was made up to be not listed is listed; --hit-ratio 1 "
				  "asks for what is listed only");
	}
	return err;
}

static err_t judge_names(judge_t *judge, spray_entries_t *entries, spray_names_t *names)
{
	catalog_load_report_t report;

	judge->context = answer_context_new();
	if (judge->context == NULL)
		return ERR_NOMEM;
	err_t err = catalog_load(judge->catalog, &catalog_request_all, &report);
	if (err == ERR_OK) {
		catalog_reader_register();
		err = make_names(judge, entries, names);
		catalog_reader_unregister();
	}
	answer_context_free(judge->context);
	return err;
}

err_t spray_zones_read(plan_t *plan, const spray_wish_t *wish, spray_names_t *names)
{
	judge_t judge = {
		.wish = wish,
		.now = { .wall_s = time(NULL), .steady_ms = clock_coarse_ms() },
	};
	spray_entries_t entries = { .max = wish->listed };
	err_t err = choose(plan, &entries);

	if (err == ERR_OK)
		err = catalog_new(plan, &judge.catalog);
	if (judge.catalog == NULL)
		plan_free(plan);
	else
		err = judge_names(&judge, &entries, names);
	catalog_free(judge.catalog);
	spray_entries_clear(&entries);
	if (err == ERR_NOMEM)
		log_error("%s", err_text(err));
	return err;
}
