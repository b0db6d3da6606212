/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "catalog/answer_task.h"

#include <string.h>

#include "catalog/generation.h"
#include "catalog/identity.h"
#include "dataset/ask.h"

/* What the zone as a whole has for the name of a packet: the most of its data sets. */
static dataset_found_t find_most(const answer_context_t *context, size_t packet)
{
	const task_t *task = &context->tasks[packet];
	dataset_found_t most = DATASET_NOTHING;

	for (size_t d = 0; d < task->zone->dataset_count; d++)
		if (context->matches[d][packet].found > most)
			most = context->matches[d][packet].found;
	if (task->is_hidden && most != DATASET_BROKEN)
		return DATASET_BELOW;
	if (most == DATASET_NOTHING &&
	    (task->is_key_alone ||
	     zone_is_ent(task->zone, task->query.qname, task->query.qname_size)))
		most = DATASET_BELOW;
	return most;
}

/* Where the zone apex stands in the reply, for pointers to it. */
static size_t apex_offset(const task_t *task)
{
	return DNS_HEADER_SIZE +
	       (size_t)task->query.labels[task->query.label_count - task->zone->label_count];
}

static const zone_ns_set_t *rotate_ns(answer_context_t *context, const zone_t *zone)
{
	return &zone->ns_sets[context->ns_rotation++ % zone->ns_count];
}

/* Does the answer want the RRset of `type`? ANY is content with the first that there is (RFC 8482
 * section 4.1). */
static bool is_wanted(const task_t *task, dns_type_t type, const dns_reply_t *reply)
{
	if (task->query.qtype != DNS_TYPE_ANY)
		return task->query.qtype == type;
	return reply->counts[DNS_ANSWER] == 0 && (reply->flags & DNS_FLAG_TC) == 0;
}

static void answer_fragment(const task_t *task, const dns_fragment_t *fragment, dns_reply_t *reply)
{
	if (!dns_reply_fragment(reply, DNS_ANSWER, fragment, apex_offset(task),
				reply->out.position))
		reply->flags |= DNS_FLAG_TC;
}

/* SOA and NS, which only the apex has. */
static void answer_apex(answer_context_t *context, const task_t *task, dns_reply_t *reply)
{
	const zone_t *zone = task->zone;

	if (zone->soa_in_answer != NULL && is_wanted(task, DNS_TYPE_SOA, reply))
		answer_fragment(task, zone->soa_in_answer, reply);
	if (zone->ns_count > 0 && is_wanted(task, DNS_TYPE_NS, reply))
		answer_fragment(task, rotate_ns(context, zone)->ns, reply);
}

/* The RRset of one type, from all data sets that have an entry. */
static void answer_type(answer_context_t *context, size_t packet, dns_type_t type,
			dns_reply_t *reply)
{
	const task_t *task = &context->tasks[packet];
	unsigned rotation = context->rotation++;

	dns_reply_rrset(reply);
	for (size_t d = 0; d < task->zone->dataset_count; d++) {
		const dataset_t *dataset = task->zone->datasets[d];
		const dataset_match_t *match = &context->matches[d][packet];
		if (match->found == DATASET_ENTRY)
			dataset_write(dataset, match->entry, &task->question, type, rotation,
				      reply);
	}
	dns_reply_rrset_end(reply);
}

/* What the data sets have for the name, of what the query is for. */
static void answer_data(answer_context_t *context, size_t packet, dns_reply_t *reply)
{
	static const dns_type_t types[] = { DNS_TYPE_A, DNS_TYPE_TXT, DNS_TYPE_MX };
	const task_t *task = &context->tasks[packet];

	switch (task->query.qtype) {
	case DNS_TYPE_A:
	case DNS_TYPE_TXT:
	case DNS_TYPE_MX:
		answer_type(context, packet, task->query.qtype, reply);
		break;
	case DNS_TYPE_ANY:
		for (unsigned i = 0; i < COUNT_OF(types); i++)
			if (is_wanted(task, types[i], reply))
				answer_type(context, packet, types[i], reply);
		break;
	default:
		break;
	}
}

/* NS and, behind it, glue for it. Extra information: what does not fit is left out without TC
 * (RFC 2181 section 9). */
static void add_authority_ns(answer_context_t *context, const task_t *task, dns_reply_t *reply)
{
	const zone_t *zone = task->zone;
	size_t base = reply->out.position;

	if (zone->ns_count == 0)
		return;
	const zone_ns_set_t *set = rotate_ns(context, zone);
	if (dns_reply_fragment(reply, DNS_AUTHORITY, set->ns, apex_offset(task), base) &&
	    set->glue != NULL)
		(void)dns_reply_fragment(reply, DNS_ADDITIONAL, set->glue, apex_offset(task), base);
}

static void add_authority_soa(const task_t *task, dns_reply_t *reply)
{
	const dns_fragment_t *soa = task->zone->soa_in_authority;

	if (soa != NULL)
		(void)dns_reply_fragment(reply, DNS_AUTHORITY, soa, apex_offset(task),
					 reply->out.position);
}

/* What is special about the answer, for those who wonder. Of the zone itself all clients see the
 * same. */
static dns_error_t lookup_error(const task_t *task, const dns_reply_t *reply)
{
	bool is_listed = reply->counts[DNS_ANSWER] > 0;

	if (task->question.depth > 0 && task->verdict.action == ACL_EMPTY && !is_listed)
		return DNS_ERROR_FILTERED;
	if (task->question.depth > 0 && task->verdict.action == ACL_LIST && is_listed)
		return DNS_ERROR_FORGED_ANSWER;
	if (!task->zone->is_stale)
		return DNS_ERROR_NONE;
	return reply->rcode == DNS_RCODE_NXDOMAIN ? DNS_ERROR_STALE_NXDOMAIN
						  : DNS_ERROR_STALE_ANSWER;
}

static void answer_lookup(answer_context_t *context, size_t packet, dns_reply_t *reply)
{
	const task_t *task = &context->tasks[packet];
	dataset_found_t found = find_most(context, packet);

	if (found == DATASET_BROKEN) {
		reply->rcode = DNS_RCODE_SERVFAIL;
		reply->error = DNS_ERROR_INVALID_DATA;
		return;
	}
	if (task->query.qclass == DNS_CLASS_IN)
		reply->flags |= DNS_FLAG_AA;
	if (task->question.depth == 0)
		answer_apex(context, task, reply);
	else if (found == DATASET_NOTHING ||
		 (found == DATASET_BELOW && task->zone->ent_is_nxdomain))
		reply->rcode = DNS_RCODE_NXDOMAIN;
	if (found == DATASET_ENTRY)
		answer_data(context, packet, reply);

	reply->error = lookup_error(task, reply);
	if ((reply->flags & DNS_FLAG_TC) != 0)
		return; /* the client asks again over TCP; anything more is for nothing */
	if (reply->counts[DNS_ANSWER] == 0)
		add_authority_soa(task, reply);
	else if (!task->zone->minimal_answers)
		add_authority_ns(context, task, reply);
}

static void answer_identity(const task_t *task, dns_reply_t *reply)
{
	uint8_t rdata[1 + IDENTITY_MAX];

	rdata[0] = (uint8_t)task->identity_size;
	memcpy(rdata + 1, task->identity, task->identity_size);
	dns_reply_rrset(reply);
	dns_reply_add(reply, DNS_TYPE_TXT, DNS_CLASS_CH, 0, rdata, 1 + task->identity_size);
	dns_reply_rrset_end(reply);
}

/* How long the reply may be, in bytes. */
static size_t reply_limit(const generation_t *generation, const dns_query_t *query,
			  const answer_packet_t *packet)
{
	if (packet->transport == ANSWER_TCP)
		return packet->reply_room;
	return dns_reply_udp_limit(query, generation->options.udp_size);
}

/* Lets the reply carry a cookie, if the query does: a new one, made in `made`, or its own as long as
 * that is young (RFC 9018 section 4.3). */
static void set_cookie(const generation_t *generation, const answer_time_t *now, const task_t *task,
		       uint8_t made[DNS_COOKIE_SIZE], dns_reply_options_t *options)
{
	if (task->cookie == DNS_COOKIE_NONE)
		return;
	options->cookie_size = DNS_COOKIE_SIZE;
	options->cookie = task->query.cookie;
	if (task->cookie == DNS_COOKIE_FRESH)
		return;
	dns_cookie_make(&generation->cookies, task->query.cookie, task->asker.client,
			(uint32_t)now->wall_s, made);
	options->cookie = made;
}

/* Lets the reply say who it is from, if the query asks for that. */
static void set_nsid(const generation_t *generation, const task_t *task,
		     dns_reply_options_t *options)
{
	const char *nsid = generation->options.nsid;

	if (!task->query.has_nsid || nsid[0] == '\0')
		return;
	options->nsid = (const uint8_t *)nsid;
	options->nsid_size = strlen(nsid);
}

void answer_write_reply(answer_context_t *context, const generation_t *generation,
			const answer_time_t *now, answer_packet_t *packets, size_t i)
{
	const task_t *task = &context->tasks[i];
	answer_packet_t *packet = &packets[i];
	dns_reply_options_t options = { 0 };
	uint8_t cookie[DNS_COOKIE_SIZE];
	dns_reply_t *reply = &context->reply;

	packet->reply_size = 0;
	if (task->kind == TASK_DROP)
		return;
	/* RFC 7828 section 3.2.1: over UDP the option has no meaning. */
	options.has_keepalive = task->query.has_keepalive && packet->transport == ANSWER_TCP;
	options.keepalive_ds = packet->keepalive_ds;
	set_cookie(generation, now, task, cookie, &options);
	if (task->kind != TASK_TRUNCATED) /* the least that there can be */
		set_nsid(generation, task, &options);
	dns_reply_begin(reply, &task->query, packet->query, &options, packet->reply,
			reply_limit(generation, &task->query, packet));
	switch (task->kind) {
	case TASK_LOOKUP:
		answer_lookup(context, i, reply);
		break;
	case TASK_IDENTITY:
		answer_identity(task, reply);
		break;
	case TASK_TRUNCATED:
		reply->flags |= DNS_FLAG_TC;
		break;
	case TASK_RCODE:
	case TASK_DROP:
		reply->rcode = (uint8_t)task->rcode;
		reply->error = task->error;
		reply->error_text = task->error_text;
		break;
	}
	packet->reply_size = dns_reply_finish(reply);
	packet->rcode = reply->rcode;
}
