/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_LOAD_ORACLE_H
#define SPURN_LOAD_ORACLE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/attributes.h"
#include "dns/client.h"
#include "list.h"

/* Asks about a list (list.h) and judges the answers. It is told which generation is in service: from
 * `settled` on, as all older ones are gone, up to `announced`, as newer ones cannot be there yet. */

/* What was wrong with answers; plain data. */
typedef struct oracle_counts {
	uint64_t wrong; /* not as any generation that may be in service has it; the sum of all but
			    * `backward` */
	uint64_t unlisted; /* what is listed was said not to be */
	uint64_t failed;   /* SERVFAIL, REFUSED and the like */
	uint64_t backward; /* right, but of a generation before one that had been seen in an answer
			    * when the question was asked */
} oracle_counts_t;

/* Plain data. */
typedef struct oracle {
	const list_t *list;
	FILE *complaints; /* where the first wrong answers are described */
	uint32_t settled;
	uint32_t announced;
	uint32_t seen; /* the newest generation in an answer */
	uint32_t seen_first;
	uint64_t random;
	oracle_counts_t counts;
} oracle_t;

/* What is known of a question that waits for its answer; plain data. */
typedef struct oracle_question {
	uint32_t number; /* of the entry */
	uint32_t settled;
	uint32_t seen;
	uint16_t type;
	bool is_apex; /* the question is about the zone */
} oracle_question_t;

/* The list, which is kept, serves `generation`. */
void oracle_init(oracle_t *oracle, const list_t *list, uint32_t generation,
		 FILE *complaints) ATTR_NONNULL_ALL;

/* Makes up the next question. */
void oracle_choose(oracle_t *oracle, oracle_question_t *question) ATTR_NONNULL_ALL;

/* Writes the question's packet, with ID 0, and returns its size, at most ORACLE_PACKET_MAX. */
#define ORACLE_PACKET_MAX DNS_CLIENT_QUERY_MAX
size_t oracle_write(const oracle_t *oracle, const oracle_question_t *question,
		    uint8_t packet[ORACLE_PACKET_MAX]) ATTR_NONNULL_ALL;

/* Judges an answer; its ID is somebody else's business. Returns whether it is right, even if it goes
 * backward. */
bool oracle_judge(oracle_t *oracle, const oracle_question_t *question, const uint8_t *answer,
		  size_t size) ATTR_NONNULL_ALL;

#endif
