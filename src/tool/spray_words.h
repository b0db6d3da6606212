/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_TOOL_SPRAY_WORDS_H
#define SPURN_TOOL_SPRAY_WORDS_H

#include <stdint.h>

#include "base/attributes.h"
#include "spray/spray_result.h"
#include "tool/spray_spread.h"

/* What the reports of `spurn spray`, on the terminal and in the picture, say in the same words. All of
 * it is printable ASCII if the setup's strings are. Pure; any thread. */

/* Bytes for any of them. */
#define SPRAY_WORDS_MAX 320

/* The option that chooses a policy, without its dashes: "pool-grow". */
const char *spray_policy_name(spray_policy_t policy);

/* What queries leave from: "a pool of 2,500 random source ports". */
const char *spray_words_policy(const spray_setup_t *setup,
			       char text[SPRAY_WORDS_MAX]) ATTR_NONNULL_ALL;

/* Part of a whole: "12.5 %"; "" if the whole is 0. What is not all is never "100 %", and what is not
 * nothing never "0 %". */
const char *spray_words_share(uint64_t part, uint64_t whole,
			      char text[SPRAY_WORDS_MAX]) ATTR_NONNULL_ALL;

/* How far off the mean: "+3.1 %". */
const char *spray_words_deviation(double deviation, char text[SPRAY_WORDS_MAX]) ATTR_NONNULL_ALL;

/* Microseconds: "0.214 ms", "41.2 ms", "1,203 ms". */
const char *spray_words_latency(uint64_t time_us, char text[SPRAY_WORDS_MAX]) ATTR_NONNULL_ALL;

/* Who a server is: its identifier, `""` if that is empty, "(no NSID)" if it does not say. */
const char *spray_words_server(const spray_server_t *server) ATTR_NONNULL_ALL;

/* What to think of the spread: "even", "uneven", "pinned to 1 of 8 seen" (or "of 8", if it was
 * said how many there are), "not known". */
const char *spray_words_verdict(const spray_spread_t *spread,
				char text[SPRAY_WORDS_MAX]) ATTR_NONNULL_ALL;

#endif
