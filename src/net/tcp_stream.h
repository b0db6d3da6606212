/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_NET_TCP_STREAM_H
#define SPURN_NET_TCP_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/error.h"
#include "catalog/answer.h"
#include "net/query_records.h"

/* The bytes of a TCP connection: queries in, replies out, each behind two bytes with its length
 * (RFC 1035 section 4.2.2, RFC 7766 section 8). No sockets and no clock, so that every way in which a
 * stream can be cut into pieces can be tried.
 *
 *     received --> input --> answer_batch --> tcp_answers_t --> sent
 *                                                  `--> unsent, if the client does not read
 *
 * What a connection holds is bounded: at most one query that is not complete, or a full input that
 * waits for the client to read, and the replies of one round. While there are replies that the client
 * has not taken nothing more is answered, and nothing read. So a client that does not read stops
 * itself, and costs a tcp_stream_t and TCP_ROUND_MAX bytes at most. */

/* Longest query, in bytes. Those that one asks a list are below 300; the rest is for padding and
 * options yet unknown. Over UDP nobody can send us more than 1472. */
#define TCP_QUERY_MAX 4096

/* Bytes of the length before a message. */
#define TCP_PREFIX 2

/* A round ends with the reply that makes its replies this long, in bytes, or longer. So many go into
 * one call, some hundred replies of the usual size; more would keep other connections waiting. */
#define TCP_ROUND_ENOUGH (32 << 10)

/* Most bytes of the replies of one round. */
#define TCP_ROUND_MAX (TCP_ROUND_ENOUGH + TCP_PREFIX + ANSWER_TCP_MAX)

/* What a thread needs to answer streams, and the replies of the present round. One per thread. */
typedef struct tcp_answers tcp_answers_t;

/* New ones, for answers from `catalog`. In `records`, the thread's own, is
 * written down what becomes of queries. Clients that ask are told that a connection may idle for
 * `keepalive_ds` tenths of a second (RFC 7828). The caller frees them; what is given must outlive
 * them. NULL for want of memory. */
tcp_answers_t *tcp_answers_new(catalog_t *catalog, query_records_t *records,
			       uint16_t keepalive_ds) ATTR_NONNULL_ALL;

/* NULL is fine. */
void tcp_answers_free(tcp_answers_t *answers);

/* Replies, or what is left of them: whole ones, but of the first one sent[0..) may be gone already.
 * data[sent..size) is to be sent. */
typedef struct tcp_output {
	uint8_t *data;
	size_t size;
	size_t sent;
} tcp_output_t;

/* One connection; plain data. Ready for use when all before `input` is zero. */
typedef struct tcp_stream {
	tcp_output_t unsent; /* allocated; `data` is NULL when there are none */
	size_t input_size;
	/* Its client has sent what no client sends: a message that is too long, or one that gets no
	 * reply and is about no zone. Nothing more will be answered. */
	bool is_bad;
	/* Queries that are answered in one go; 0: as many as may be. Fewer while replies are long:
	 * then more than a round takes would be made for nothing. */
	uint8_t batch;
	uint8_t input[TCP_PREFIX + TCP_QUERY_MAX];
} tcp_stream_t;

/* Where the next bytes that are received go, and for how many, in `*room`, there is room: at least
 * one, unless tcp_stream_has_query. The caller adds what it put there to `input_size`. */
uint8_t *tcp_stream_input(tcp_stream_t *stream, size_t *room) ATTR_NONNULL_ALL;

/* Is there something to answer, or to find bad? */
bool tcp_stream_has_query(const tcp_stream_t *stream) ATTR_NONNULL_ALL;

/* Answers what is complete, in the order in which it came, until that is TCP_ROUND_ENOUGH; there must
 * be nothing unsent. The calling thread must be a registered reader of the catalog. Returns the
 * replies, which stand in `answers` until the next call. They have been written down in the records,
 * but not flushed to the log, nor counted as answered. */
tcp_output_t tcp_stream_answer(tcp_stream_t *stream, tcp_answers_t *answers,
			       const net_address_t *client,
			       const answer_time_t *now) ATTR_NONNULL_ALL;

/* Keeps of `output`, as tcp_stream_answer returned it, what was not sent. Returns ERR_OK or
 * ERR_NOMEM. */
err_t tcp_stream_keep(tcp_stream_t *stream,
		      const tcp_output_t *output) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* How many replies of `output` have been sent to their end, and, in `*rest`, how many have not. */
unsigned tcp_output_replies(const tcp_output_t *output, unsigned *rest) ATTR_NONNULL_ALL;

/* Frees the unsent replies. */
void tcp_stream_clear(tcp_stream_t *stream) ATTR_NONNULL_ALL;

#endif
