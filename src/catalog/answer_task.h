/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_CATALOG_ANSWER_TASK_H
#define SPURN_CATALOG_ANSWER_TASK_H

#include "catalog/answer.h"
#include "catalog/zone.h"
#include "dataset/acl.h"
#include "dns/cookie.h"
#include "dns/query.h"
#include "dns/reply.h"

/* What answer.c, which decides what is to be done with packets and looks up what that takes, and
 * answer_reply.c, which then writes the replies, have in common. Nothing for others. */

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
	bool is_mapped;       /* a data set that the batch is about is mapped */
	task_t tasks[ANSWER_BATCH_MAX];
	/* What each data set of the zone found for each packet. */
	dataset_match_t matches[ZONE_DATASETS_MAX][ANSWER_BATCH_MAX];
	/* Packets for one zone, side by side. */
	unsigned group[ANSWER_BATCH_MAX];
	const dataset_question_t *questions[ANSWER_BATCH_MAX];
	dataset_match_t found[ANSWER_BATCH_MAX];
	dns_reply_t reply; /* the one being written: not on the stack, for it is large */
};

/* Writes the reply to packets[i], of which context->tasks[i] and the matches tell what it shall be.
 * Sets its `reply_size` and `rcode`. */
void answer_write_reply(answer_context_t *context, const generation_t *generation,
			const answer_time_t *now, answer_packet_t *packets,
			size_t i) ATTR_NONNULL_ALL;

#endif
