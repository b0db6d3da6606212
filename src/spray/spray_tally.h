/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_SPRAY_SPRAY_TALLY_H
#define SPURN_SPRAY_SPRAY_TALLY_H

#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/error.h"
#include "spray/spray_mix.h"
#include "spray/spray_result.h"

/* What one thread counts of the answers that it gets: how they were judged, how long they took, and who
 * gave them. Pure; one writer. */

/* Servers that are told apart: a farm has some dozens. Those behind count as one, without a name. */
#define SPRAY_SERVERS_MAX 4096

/* All zero is empty. */
typedef struct spray_tally {
	uint64_t wrong_rcode;
	uint64_t wrong_answer;
	uint64_t truncated;
	uint64_t rcodes[SPRAY_RCODES];
	histogram_t latency;
	size_t last; /* server that answered last */
	size_t server_count;
	spray_server_t *servers; /* owned; capacity SPRAY_SERVERS_MAX from spray_tally_new on */
} spray_tally_t;

/* An empty one; NULL for want of memory. The caller frees it. */
spray_tally_t *spray_tally_new(void);
/* NULL is fine. */
void spray_tally_free(spray_tally_t *tally);

/* Counts an answer. */
void spray_tally_add(spray_tally_t *tally, spray_verdict_t verdict, const uint8_t *packet,
		     size_t size, uint64_t took_us) ATTR_NONNULL_ALL;

/* Adds what is counted to `result`, with texts for the servers. Returns ERR_OK or ERR_NOMEM. */
err_t spray_tally_merge(const spray_tally_t *tally,
			spray_result_t *result) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Puts the servers of `result` into the order that it promises. */
void spray_tally_sort(spray_result_t *result) ATTR_NONNULL_ALL;

#endif
