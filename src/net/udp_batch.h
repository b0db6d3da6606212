/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_NET_UDP_BATCH_H
#define SPURN_NET_UDP_BATCH_H

#include "base/attributes.h"
#include "base/error.h"
#include "catalog/catalog.h"
#include "net/query_records.h"

/* The buffers with which one thread receives, answers and sends up to ANSWER_BATCH_MAX datagrams at
 * a time. Belongs to one thread at a time; nothing is allocated after udp_batch_new. */
typedef struct udp_batch udp_batch_t;

/* Longest query that is read, in bytes; a longer one is dropped. It is what comes in one Ethernet
 * frame over IPv4, so nothing is lost but queries in fragments. Longer than the 1,232 bytes that
 * our own OPT record allows clients to send, and a name, a question and an OPT record with a padded
 * cookie need some 400. Also an odd number of cache lines, so that the heads of the queries of a
 * batch do not fall on the same few lines of the cache. */
#define UDP_QUERY_MAX 1472

/* New buffers for answers from `catalog`, which has been opened; `records`, the using thread's own,
 * are where it is written down what becomes of queries. Both must outlive them. The caller frees
 * them. NULL for want of memory. */
udp_batch_t *udp_batch_new(catalog_t *catalog, query_records_t *records) ATTR_NONNULL_ALL;

/* NULL is fine. */
void udp_batch_free(udp_batch_t *batch);

/* Receives what is there at the socket `fd`, answers it and sends the replies. `flags` are those of
 * recvmmsg: MSG_WAITFORONE waits for the first datagram, MSG_DONTWAIT does not. `*received` tells how
 * many datagrams were there. The calling thread must be a registered reader of the catalog.
 *
 * Not answered, and counted as dropped: a datagram that is empty, longer than UDP_QUERY_MAX, from
 * port 0 (nobody can be there) or that of a service that answers everything, to a multicast or
 * broadcast address, or that answer_batch has no reply for. Counted as send errors: replies for which
 * the kernel had no room (nobody waits for room, the client will ask again), or whose destination it
 * refused; the other replies of the batch go out. Queries count for the zone that they are about, but
 * for empty datagrams, which are none; each reply gets a line in the log.
 *
 * Returns ERR_OK also when a signal came or nothing was there; else the errno of receiving. */
err_t udp_batch_serve(udp_batch_t *batch, int fd, int flags,
		      unsigned *received) ATTR_NONNULL_ALL ATTR_NODISCARD;

#endif
