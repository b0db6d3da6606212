/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "catalog/answer.h"

#include <stdlib.h>
#include <string.h>

#include "catalog/generation.h"
#include "catalog/identity.h"
#include "catalog/limits.h"
#include "dataset/acl.h"
#include "dataset/ask.h"
#include "dns/cookie.h"
#include "dns/query.h"
#include "dns/reply.h"

/* What is to be done with a packet, once it has been parsed. */
typedef enum task_kind {
	TASK_DROP,
	TASK_RCODE,     /* header and question with an rcode, nothing else */
	TASK_TRUNCATED, /* header and question with TC, for want of more replies */
	TASK_IDENTITY,  /* tell `identity` */
	TASK_LOOKUP,    /* ask the zone's data sets */
} task_kind_t;

typedef struct task {
	task_kind_t kind;
	dns_rcode_t rcode;      /* of TASK_RCODE */
	dns_error_t error;      /* likewise */
	const char *error_text; /* likewise; NULL: none */
	const char *identity;   /* of TASK_IDENTITY */
	size_t identity_size;
	bool is_matched;   /* TASK_LOOKUP: the data sets have been asked */
	bool is_exempt;    /* from ACLs and expiry */
	bool is_key_alone; /* the name is the zone's with a key before it, and nothing else */
	bool is_hidden;    /* and whether there is something of that name is not to be told */
	const zone_t *zone;
	dns_query_t query;
	dns_cookie_check_t cookie; /* what that of the query is worth */
	acl_verdict_t verdict;
	const acl_quota_t *quota; /* of the key; NULL: none */
	dataset_asker_t asker;
	dataset_question_t question;
} task_t;

struct answer_context {
	unsigned ns_rotation; /* counts on with every use of an NS RRset */
	unsigned rotation;    /* counts on with every RRset of data */
	unsigned over;        /* replies that were over the limit of a prefix */
	task_t tasks[ANSWER_BATCH_MAX];
	/* What each data set of the zone found for each packet. */
	dataset_match_t matches[ZONE_DATASETS_MAX][ANSWER_BATCH_MAX];
	/* Packets for one zone, side by side. */
	unsigned group[ANSWER_BATCH_MAX];
	const dataset_question_t *questions[ANSWER_BATCH_MAX];
	dataset_match_t found[ANSWER_BATCH_MAX];
};

answer_context_t *answer_context_new(void)
{
	return calloc(1, sizeof(answer_context_t));
}

void answer_context_free(answer_context_t *context)
{
	free(context);
}

/* Has the reply `rcode` and nothing else; to clients with EDNS also `error`. */
static void set_rcode(task_t *task, dns_rcode_t rcode, dns_error_t error)
{
	task->kind = TASK_RCODE;
	task->rcode = rcode;
	task->error = error;
	task->error_text = NULL;
}

/* Lets `verdict` have its effect, unless the one before weighs at least as much. */
static void add_verdict(task_t *task, acl_verdict_t verdict)
{
	if (verdict.action > task->verdict.action)
		task->verdict = verdict;
}

/* What is done for a client of whom the ACLs say `verdict`. */
static void obey_verdict(task_t *task)
{
	static const dataset_override_t overrides[] = {
		[ACL_PASS] = DATASET_AS_IT_IS,
		[ACL_LIST] = DATASET_ALWAYS_LISTED,
		[ACL_EMPTY] = DATASET_EMPTY,
	};
	const acl_verdict_t *verdict = &task->verdict;

	if (verdict->action == ACL_REFUSE) {
		set_rcode(task, DNS_RCODE_REFUSED, DNS_ERROR_PROHIBITED);
		return;
	}
	task->asker.override = overrides[verdict->action];
	task->asker.listed_by = verdict->listed_by;
	task->asker.listed_entry = verdict->listed_entry;
	task->asker.listed_ttl_s = verdict->listed_ttl_s;
}

/* No key. */
static const uint8_t no_label[1];

/* Asks the zone's aclkey, of a name with `*depth` labels, at least one, in front of the apex; takes
 * off `label`, the last of these, if it is a key.
 *
 * A key without a name before it asks for nothing: it is the name of somebody without a key. But if
 * there are answers below it, it is an empty non-terminal (RFC 8020), so that who asks label by label
 * gets past it, strangers too; those learn no more. */
static acl_verdict_t ask_keys(task_t *task, const uint8_t *label, unsigned *depth)
{
	const dataset_t *aclkey = task->zone->aclkey;
	acl_verdict_t verdict = aclkey_lookup(aclkey, label, &task->quota);

	if (*depth == 1 && task->quota != NULL) {
		acl_verdict_t keyless = aclkey_lookup(aclkey, no_label, &task->quota);
		task->is_key_alone = verdict.action < ACL_REFUSE;
		task->is_hidden = task->is_key_alone && keyless.action >= ACL_REFUSE;
		return task->is_hidden ? verdict : keyless;
	}
	task->asker.has_key = task->quota != NULL;
	*depth -= task->asker.has_key;
	return verdict;
}

/* Asks the ACLs of the zone. Returns how many labels in front of the apex the data are about: one
 * less than there are if that next to the apex is a key. */
static unsigned ask_acls(task_t *task)
{
	const zone_t *zone = task->zone;
	const dns_query_t *query = &task->query;
	unsigned depth = query->label_count - (unsigned)zone->label_count;

	if (task->is_exempt)
		return depth;
	if (zone->acl != NULL)
		add_verdict(task, acl_lookup(zone->acl, task->asker.client));
	if (zone->aclkey != NULL && depth > 0)
		add_verdict(task, ask_keys(task, query->qname + query->labels[depth - 1], &depth));
	else if (zone->aclkey != NULL)
		add_verdict(task, aclkey_lookup(zone->aclkey, no_label, &task->quota));
	return depth;
}

/* Is the query what health checkers ask: for the SOA of the apex? */
static bool is_health_check(const task_t *task)
{
	return task->query.qtype == DNS_TYPE_SOA &&
	       task->query.label_count == task->zone->label_count;
}

/* Decides what to do with a query for the task's zone. */
static void ask_zone(task_t *task, bool is_draining)
{
	const zone_t *zone = task->zone;
	unsigned depth = ask_acls(task);

	task->kind = TASK_LOOKUP;
	task->is_matched = false;
	if (task->verdict.action == ACL_IGNORE)
		task->kind = TASK_DROP;
	else if (!zone->is_loaded)
		set_rcode(task, DNS_RCODE_SERVFAIL, DNS_ERROR_NOT_READY);
	else if (zone_has_expired(zone, task->asker.now) && !task->is_exempt)
		set_rcode(task, DNS_RCODE_SERVFAIL, DNS_ERROR_INVALID_DATA);
	else
		obey_verdict(task);
	if (task->kind == TASK_LOOKUP && is_draining && is_health_check(task)) {
		set_rcode(task, DNS_RCODE_SERVFAIL, DNS_ERROR_NOT_READY);
		task->error_text = "draining";
	}
	if (task->kind == TASK_LOOKUP)
		dataset_question_init(&task->question, &task->query, &task->asker, depth,
				      zone->has_ip4_data);
}

/* Decides on everything but the data. The order is rbldnsd's. */
static void classify(const generation_t *generation, bool is_draining, task_t *task)
{
	dns_query_t *query = &task->query;

	if (query->has_edns && query->edns_version > 0) {
		set_rcode(task, DNS_RCODE_BADVERS, DNS_ERROR_NONE);
	} else if (query->qclass == DNS_CLASS_CH) {
		task->kind = TASK_IDENTITY;
		task->identity = identity_text(&generation->options, query, &task->identity_size);
		if (task->identity == NULL)
			set_rcode(task, DNS_RCODE_REFUSED, DNS_ERROR_NOT_SUPPORTED);
	} else if (query->qclass != DNS_CLASS_IN && query->qclass != DNS_CLASS_ANY) {
		set_rcode(task, DNS_RCODE_REFUSED, DNS_ERROR_NOT_SUPPORTED);
	} else if (query->qtype >= DNS_TYPE_META_FIRST && query->qtype <= DNS_TYPE_META_LAST) {
		set_rcode(task, DNS_RCODE_NOTIMP, DNS_ERROR_NOT_SUPPORTED);
	} else if ((task->zone = generation_find_zone(generation, query)) == NULL) {
		set_rcode(task, DNS_RCODE_REFUSED, DNS_ERROR_NOT_AUTHORITATIVE);
	} else {
		ask_zone(task, is_draining);
	}
}

static uint32_t zone_number(const zone_t *zone)
{
	return zone != NULL ? zone->number : ANSWER_NO_ZONE;
}

/* Judges the query's cookie, if it has one and we do cookies. */
static void check_cookie(const generation_t *generation, const answer_time_t *now, task_t *task)
{
	const dns_query_t *query = &task->query;

	if (query->cookie_size > 0 && generation->cookies.count > 0)
		task->cookie =
			dns_cookie_check(&generation->cookies, query->cookie, query->cookie_size,
					 task->asker.client, (uint32_t)now->wall_s);
}

/* A query for nothing but a cookie: is the one that came good? (RFC 7873 section 5.4) */
static void classify_cookie(task_t *task)
{
	if (task->cookie == DNS_COOKIE_NONE)
		set_rcode(task, DNS_RCODE_FORMERR, DNS_ERROR_NONE);
	else if (task->cookie == DNS_COOKIE_INVALID)
		set_rcode(task, DNS_RCODE_BADCOOKIE, DNS_ERROR_NONE);
	else
		set_rcode(task, DNS_RCODE_NOERROR, DNS_ERROR_NONE);
}

static void parse(const generation_t *generation, bool is_draining, const answer_time_t *now,
		  const answer_packet_t *packet, task_t *task)
{
	task->asker = (dataset_asker_t){ .now = now->wall_s, .client = packet->client };
	task->verdict = (acl_verdict_t){ .action = ACL_PASS };
	task->is_exempt = packet->is_exempt;
	if (generation->acl != NULL && !task->is_exempt)
		task->verdict = acl_lookup(generation->acl, packet->client);
	task->zone = NULL;
	task->cookie = DNS_COOKIE_NONE;
	task->quota = NULL;
	task->is_key_alone = false;
	task->is_hidden = false;
	if (task->verdict.action == ACL_IGNORE) {
		/* Whatever it asks: not even which zone it is about is looked at. */
		task->kind = TASK_DROP;
		return;
	}
	dns_parse_t parsed = dns_query_parse(packet->query, packet->query_size, &task->query);
	if (parsed != DNS_PARSE_DROP)
		check_cookie(generation, now, task);
	switch (parsed) {
	case DNS_PARSE_DROP:
		task->kind = TASK_DROP;
		break;
	case DNS_PARSE_FORMERR:
		set_rcode(task, DNS_RCODE_FORMERR, DNS_ERROR_NONE);
		break;
	case DNS_PARSE_NOTIMP:
		set_rcode(task, DNS_RCODE_NOTIMP, DNS_ERROR_NOT_SUPPORTED);
		break;
	case DNS_PARSE_COOKIE:
		classify_cookie(task);
		break;
	case DNS_PARSE_OK:
		classify(generation, is_draining, task);
		break;
	}
}

/* Is the client who he says he is, or one that needs no limit? */
static bool is_trusted(const answer_packet_t *packet, const task_t *task)
{
	return packet->transport == ANSWER_TCP || task->is_exempt ||
	       task->cookie >= DNS_COOKIE_VALID;
}

/* Lets limits have their say about a query that has been parsed. The one for prefixes comes first:
 * what a forger asks with somebody's key, and gets no reply to, does not count for the key. */
static void obey_limits(answer_context_t *context, limits_t *limits, uint64_t now_ms,
			answer_packet_t *packet, task_t *task)
{
	packet->limited = ANSWER_NOT_LIMITED;
	if (limits == NULL || task->kind == TASK_DROP)
		return;
	if (limits_have_rate(limits) && !is_trusted(packet, task)) {
		switch (limits_ask_reply(limits, packet->client, &context->over, now_ms)) {
		case LIMITS_SEND:
			break;
		case LIMITS_TRUNCATE:
			/* An error has no data to begin with. */
			if (task->kind != TASK_RCODE)
				task->kind = TASK_TRUNCATED;
			packet->limited = ANSWER_TRUNCATED;
			return;
		case LIMITS_DROP:
			task->kind = TASK_DROP;
			packet->limited = ANSWER_DROPPED;
			return;
		}
	}
	if (task->kind == TASK_LOOKUP && task->quota != NULL && !task->is_exempt &&
	    !limits_ask_key(limits, task->quota, now_ms)) {
		set_rcode(task, DNS_RCODE_REFUSED, DNS_ERROR_PROHIBITED);
		task->error_text = "over quota";
		packet->limited = ANSWER_OVER_QUOTA;
	}
}

/* Asks the data sets of one zone, each for all of the batch's questions about it. */
static void match_zone(answer_context_t *context, size_t first, size_t count)
{
	const zone_t *zone = context->tasks[first].zone;
	size_t size = 0;

	for (size_t i = first; i < count; i++) {
		task_t *task = &context->tasks[i];
		if (task->kind != TASK_LOOKUP || task->zone != zone)
			continue;
		task->is_matched = true;
		context->questions[size] = &task->question;
		context->group[size++] = (unsigned)i;
	}
	for (size_t d = 0; d < zone->dataset_count; d++) {
		const dataset_t *dataset = zone->datasets[d];
		dataset_find(dataset, context->questions, size, context->found);
		for (size_t i = 0; i < size; i++)
			context->matches[d][context->group[i]] = context->found[i];
	}
}

/* What the zone as a whole has for the name of a packet: the most of its data sets. */
static dataset_found_t find_most(const answer_context_t *context, size_t packet)
{
	const task_t *task = &context->tasks[packet];
	dataset_found_t most = DATASET_NOTHING;

	if (task->is_hidden)
		return DATASET_BELOW;
	for (size_t d = 0; d < task->zone->dataset_count; d++)
		if (context->matches[d][packet].found > most)
			most = context->matches[d][packet].found;
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
	static const dns_type_t types[] = { DNS_TYPE_A, DNS_TYPE_TXT, DNS_TYPE_MX };
	const task_t *task = &context->tasks[packet];
	dataset_found_t found = find_most(context, packet);

	if (task->query.qclass == DNS_CLASS_IN)
		reply->flags |= DNS_FLAG_AA;
	if (task->question.depth == 0)
		answer_apex(context, task, reply);
	else if (found == DATASET_NOTHING ||
		 (found == DATASET_BELOW && task->zone->ent_is_nxdomain))
		reply->rcode = DNS_RCODE_NXDOMAIN;
	for (unsigned i = 0; i < COUNT_OF(types) && found == DATASET_ENTRY; i++)
		if (is_wanted(task, types[i], reply))
			answer_type(context, packet, types[i], reply);

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

static void write_reply(answer_context_t *context, const generation_t *generation,
			const answer_time_t *now, answer_packet_t *packets, size_t i)
{
	const task_t *task = &context->tasks[i];
	answer_packet_t *packet = &packets[i];
	dns_reply_options_t options = { 0 };
	uint8_t cookie[DNS_COOKIE_SIZE];
	dns_reply_t reply;

	packet->reply_size = 0;
	if (task->kind == TASK_DROP)
		return;
	/* RFC 7828 section 3.2.1: over UDP the option has no meaning. */
	options.has_keepalive = task->query.has_keepalive && packet->transport == ANSWER_TCP;
	options.keepalive_ds = packet->keepalive_ds;
	set_cookie(generation, now, task, cookie, &options);
	if (task->kind != TASK_TRUNCATED) /* the least that there can be */
		set_nsid(generation, task, &options);
	dns_reply_begin(&reply, &task->query, packet->query, &options, packet->reply,
			reply_limit(generation, &task->query, packet));
	switch (task->kind) {
	case TASK_LOOKUP:
		answer_lookup(context, i, &reply);
		break;
	case TASK_IDENTITY:
		answer_identity(task, &reply);
		break;
	case TASK_TRUNCATED:
		reply.flags |= DNS_FLAG_TC;
		break;
	case TASK_RCODE:
	case TASK_DROP:
		reply.rcode = (uint8_t)task->rcode;
		reply.error = task->error;
		reply.error_text = task->error_text;
		break;
	}
	packet->reply_size = dns_reply_finish(&reply);
	packet->rcode = reply.rcode;
}

void answer_batch(answer_context_t *context, const generation_t *generation,
		  const answer_time_t *now, answer_packet_t *packets, size_t count)
{
	bool is_draining = generation->is_draining != NULL &&
			   atomic_load_explicit(generation->is_draining, memory_order_relaxed);

	for (size_t i = 0; i < count; i++) {
		parse(generation, is_draining, now, &packets[i], &context->tasks[i]);
		packets[i].zone = zone_number(context->tasks[i].zone);
		obey_limits(context, generation->options.limits, now->steady_ms, &packets[i],
			    &context->tasks[i]);
	}
	for (size_t i = 0; i < count; i++)
		if (context->tasks[i].kind == TASK_LOOKUP && !context->tasks[i].is_matched)
			match_zone(context, i, count);
	for (size_t i = 0; i < count; i++)
		write_reply(context, generation, now, packets, i);
}
