/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_DATASET_ACL_H
#define SPURN_DATASET_ACL_H

#include "base/rate.h"
#include "dataset/dataset.h"

/* Access control: data sets of types acl and aclkey, which say what becomes of a client's queries. */

/* What is done with a query; of several ACLs the greatest decides. */
typedef enum acl_action {
	ACL_PASS,   /* the data as they are */
	ACL_LIST,   /* everything is listed, as the ACL's entry says */
	ACL_EMPTY,  /* nothing is listed */
	ACL_REFUSE, /* REFUSED */
	ACL_IGNORE, /* no reply */
} acl_action_t;

typedef struct acl_verdict {
	acl_action_t action;
	const struct entry_values *listed_by; /* of ACL_LIST, what is seen: */
	uint32_t listed_entry;                /* its number there, */
	uint32_t listed_ttl_s;                /* and for how long it holds */
} acl_verdict_t;

/* What `acl`, a data set of type acl, says of `client` (IPv4 v4-mapped): the longest prefix decides;
 * none is ACL_PASS. Any thread. */
acl_verdict_t acl_lookup(const dataset_t *acl, ip6_address_t client) ATTR_NONNULL_ALL;

/* How many queries a key may have. */
typedef struct acl_quota {
	bool is_own; /* the file says so with $QUOTA; else the key has what all have */
	rate_t rate; /* then; no limit is one, too */
	/* Stands for key and data set, so that a key has one quota for all zones with the same files,
	 * and keeps it when they are read anew. A secret hash. */
	uint64_t hash;
	const uint8_t *label; /* length byte and text, in lower case */
} acl_quota_t;

/* What `aclkey`, a data set of that type, says of a query with `label` (length byte and text, in
 * lower case) next to the zone. `*quota` is that of the key, valid as long as the data set, or NULL:
 * it is none of its keys. Then the last default line of its last file decides; without one, the client
 * is ignored. Any thread. */
acl_verdict_t aclkey_lookup(const dataset_t *aclkey, const uint8_t *label,
			    const acl_quota_t **quota) ATTR_NONNULL_ALL;

/* Adds the A or TXT record that a client sees for whom everything is listed to the reply's RRset:
 * that of entry asker->listed_entry, `$` being the client's address. */
void acl_write(const dataset_asker_t *asker, dns_type_t type, dns_reply_t *reply) ATTR_NONNULL_ALL;

#endif
