/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "catalog/answer.h"

#include <stdlib.h>

#include "catalog/answer_task.h"
#include "catalog/generation.h"
#include "catalog/identity.h"
#include "catalog/limits.h"
#include "dataset/ask.h"

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

/* The zone that a query is for. Mostly `likely` is: that of the query before it. */
static const zone_t *find_zone(const generation_t *generation, const dns_query_t *query,
			       const zone_t *likely)
{
	if (likely != NULL && zone_is_of_query(likely, query))
		return likely;
	return generation_find_zone(generation, query);
}

/* Decides on everything but the data. The order is rbldnsd's. */
static void classify(const generation_t *generation, bool is_draining, const zone_t *likely,
		     task_t *task)
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
	} else if ((task->zone = find_zone(generation, query, likely)) == NULL) {
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
		  const answer_packet_t *packet, const zone_t *likely, task_t *task)
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
		classify(generation, is_draining, likely, task);
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
		context->is_mapped |= dataset->guard != NULL;
		dataset_find(dataset, context->questions, size, context->found);
		for (size_t i = 0; i < size; i++)
			context->matches[d][context->group[i]] = context->found[i];
	}
}

/* Are all data sound that the replies were written from? */
static bool is_sound(const answer_context_t *context, size_t count)
{
	const zone_t *last = NULL;
	bool is_sound = true;

	for (size_t i = 0; i < count; i++) {
		const task_t *task = &context->tasks[i];
		if (task->kind != TASK_LOOKUP || task->zone == last)
			continue;
		last = task->zone;
		for (size_t d = 0; d < last->dataset_count; d++)
			is_sound = dataset_is_sound(last->datasets[d]) && is_sound;
	}
	return is_sound;
}

/* Writes the replies anew that come from data which are not, before anybody sees them. */
static void mend_replies(answer_context_t *context, const generation_t *generation,
			 const answer_time_t *now, answer_packet_t *packets, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const task_t *task = &context->tasks[i];
		bool is_wrong = false;
		for (size_t d = 0; task->kind == TASK_LOOKUP && d < task->zone->dataset_count;
		     d++) {
			if (dataset_is_sound(task->zone->datasets[d]))
				continue;
			context->matches[d][i].found = DATASET_BROKEN;
			is_wrong = true;
		}
		if (is_wrong)
			answer_write_reply(context, generation, now, packets, i);
	}
}

void answer_batch(answer_context_t *context, const generation_t *generation,
		  const answer_time_t *now, answer_packet_t *packets, size_t count)
{
	bool is_draining = generation->is_draining != NULL &&
			   atomic_load_explicit(generation->is_draining, memory_order_relaxed);

	context->is_mapped = false;
	/* Where there is but one zone, every query is for the first. */
	const zone_t *likely = generation->zone_count > 0 ? &generation->zones[0] : NULL;
	for (size_t i = 0; i < count; i++) {
		parse(generation, is_draining, now, &packets[i], likely, &context->tasks[i]);
		if (context->tasks[i].zone != NULL)
			likely = context->tasks[i].zone;
		packets[i].zone = zone_number(context->tasks[i].zone);
		obey_limits(context, generation->options.limits, now->steady_ms, &packets[i],
			    &context->tasks[i]);
	}
	for (size_t i = 0; i < count; i++)
		if (context->tasks[i].kind == TASK_LOOKUP && !context->tasks[i].is_matched)
			match_zone(context, i, count);
	for (size_t i = 0; i < count; i++)
		answer_write_reply(context, generation, now, packets, i);
	if (UNLIKELY(context->is_mapped) && !is_sound(context, count))
		mend_replies(context, generation, now, packets, count);
}
