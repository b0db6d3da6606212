/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_SPRAY_SPRAY_MIX_H
#define SPURN_SPRAY_SPRAY_MIX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/error.h"
#include "dns/client.h"
#include "spray/spray_names.h"

/* Queries, written beforehand, and the order in which they are asked: names in a random order that begins
 * again at its end, their types by turns, and of each n queries in a row as many for listed names as the
 * ratio says. Immutable, for all threads; pure. */
typedef struct spray_mix spray_mix_t;

/* Where a thread is in the order; plain data. */
typedef struct spray_cursor {
	uint64_t asked;  /* queries of this thread so far */
	uint64_t listed; /* of those, for names that are listed */
	uint64_t missing;
	double phase; /* 0 to 1, another one for each thread: what they round adds up */
	uint32_t
		start_listed; /* names with which this thread begins, so that not all ask the same */
	uint32_t start_missing;
} spray_cursor_t;

/* A query that has been asked; plain data. */
typedef struct spray_asked {
	uint32_t template;
	uint8_t type; /* the number of the type */
} spray_asked_t;

/* Makes the queries for `names`, which are used no more afterwards, and for the types of `wish`. `ratio` (0
 * to 1) is the share of listed names; there must be names of both kinds, unless it is 1 or 0. The caller
 * frees it. NULL for want of memory, or if they come to more than 4 GiB. */
spray_mix_t *spray_mix_new(const spray_names_t *names, const spray_wish_t *wish, double ratio,
			   dns_client_edns_t edns) ATTR_NONNULL_ALL;
/* NULL is fine. */
void spray_mix_free(spray_mix_t *mix);

/* Where thread `number` of `threads` begins. */
spray_cursor_t spray_mix_start(const spray_mix_t *mix, unsigned number,
			       unsigned threads) ATTR_NONNULL_ALL;

/* Writes the next query, all but the ID, says in `*asked` which one that is, and returns its size. */
size_t spray_mix_write(const spray_mix_t *mix, spray_cursor_t *cursor, spray_asked_t *asked,
		       uint8_t packet[DNS_CLIENT_QUERY_MAX]) ATTR_NONNULL_ALL;

/* Is it an answer to the query, whose ID it has? As in dns_client_is_reply. */
bool spray_mix_is_answer(const spray_mix_t *mix, spray_asked_t asked, const uint8_t *packet,
			 size_t size) ATTR_NONNULL_ALL;

/* What an answer is. */
typedef enum spray_verdict {
	SPRAY_RIGHT,
	SPRAY_WRONG_RCODE,
	SPRAY_WRONG_RECORDS, /* none where there are some, or some where there is none */
} spray_verdict_t;

/* Judges an answer to the query. Where it is not known what is right NOERROR and NXDOMAIN are; of one that
 * was cut (TC) the rcode alone counts. */
spray_verdict_t spray_mix_judge(const spray_mix_t *mix, spray_asked_t asked,
				const uint8_t *packet) ATTR_NONNULL_ALL;

#endif
