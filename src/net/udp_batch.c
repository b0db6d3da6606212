/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "net/udp_batch.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "base/clock.h"
#include "catalog/answer.h"
#include "net/address.h"
#include "net/reply_address.h"
#include "net/udp_replies.h"

#define CACHE_LINE 64

/* Room for a reply: an odd number of cache lines, as for queries. */
#define REPLY_ROOM 1344

_Static_assert(REPLY_ROOM >= ANSWER_UDP_MAX && REPLY_ROOM / CACHE_LINE % 2 == 1 &&
		       UDP_QUERY_MAX / CACHE_LINE % 2 == 1 && REPLY_ROOM % CACHE_LINE == 0 &&
		       UDP_QUERY_MAX % CACHE_LINE == 0,
	       "odd numbers of whole cache lines");

/* received[i] has its parts in peers[i], controls[i], query_parts[i] and queries[i]. A reply reuses
 * peer and control of its query in place; replies are numbered on their own, without gaps:
 * packets[k] is the query of received[origins[k]], its reply is in replies[k], and `sent` has those
 * of them that are not empty. */
struct udp_batch {
	_Alignas(CACHE_LINE) uint8_t queries[ANSWER_BATCH_MAX][UDP_QUERY_MAX];
	_Alignas(CACHE_LINE) uint8_t replies[ANSWER_BATCH_MAX][REPLY_ROOM];
	struct mmsghdr received[ANSWER_BATCH_MAX];
	struct iovec query_parts[ANSWER_BATCH_MAX];
	net_address_t peers[ANSWER_BATCH_MAX];
	reply_control_t controls[ANSWER_BATCH_MAX];
	answer_packet_t packets[ANSWER_BATCH_MAX];
	unsigned origins[ANSWER_BATCH_MAX];
	unsigned used; /* received[0..used) have been written to since they were last made ready */
	udp_replies_t *sent;
	catalog_t *catalog;
	answer_context_t *context;
	query_records_t *records;
};

udp_batch_t *udp_batch_new(catalog_t *catalog, query_records_t *records)
{
	/* Fresh pages are left untouched until the load needs them: a small server never fills
	 * more than a few slots. */
	udp_batch_t *batch = aligned_alloc(CACHE_LINE, sizeof(*batch));

	if (batch == NULL)
		return NULL;
	memset(batch->received, 0, sizeof(batch->received));
	for (unsigned i = 0; i < ANSWER_BATCH_MAX; i++) {
		batch->query_parts[i].iov_base = batch->queries[i];
		batch->query_parts[i].iov_len = UDP_QUERY_MAX;
		batch->received[i].msg_hdr.msg_iov = &batch->query_parts[i];
		batch->received[i].msg_hdr.msg_iovlen = 1;
		batch->received[i].msg_hdr.msg_name = &batch->peers[i];
		batch->received[i].msg_hdr.msg_control = &batch->controls[i];
	}
	batch->used = ANSWER_BATCH_MAX;
	batch->catalog = catalog;
	batch->records = records;
	batch->context = answer_context_new();
	batch->sent = udp_replies_new();
	if (batch->context == NULL || batch->sent == NULL) {
		udp_batch_free(batch);
		return NULL;
	}
	return batch;
}

void udp_batch_free(udp_batch_t *batch)
{
	if (batch == NULL)
		return;
	answer_context_free(batch->context);
	udp_replies_free(batch->sent);
	free(batch);
}

/* Gives the slots that the last batch used back their full lengths. */
static void make_ready(udp_batch_t *batch)
{
	for (unsigned i = 0; i < batch->used; i++) {
		struct msghdr *message = &batch->received[i].msg_hdr;

		message->msg_namelen = sizeof(batch->peers[i]);
		message->msg_controllen = sizeof(batch->controls[i]);
		message->msg_flags = 0;
	}
	batch->used = 0;
}

/* Can somebody who asks be at this port? A reply to port 0 cannot be sent, and only a forger claims to
 * be there. At the others are services that answer whatever they get: a reply of ours would be answered
 * with garbage, that with FORMERR, and so on for ever between two hosts that never meant to talk
 * (CVE-2024-2169). Resolvers do not ask from ports below 1024. */
static bool is_port_of_client(uint16_t port)
{
	switch (port) {
	case 0:
	case 7:   /* echo */
	case 13:  /* daytime */
	case 17:  /* quote of the day */
	case 19:  /* character generator */
	case 37:  /* time */
	case 69:  /* TFTP */
	case 123: /* NTP */
	case 464: /* kpasswd */
		return false;
	default:
		return true;
	}
}

/* Shall answer_batch see this datagram? If so, `message` is ready to carry the reply. */
static bool is_answerable(struct mmsghdr *received, const net_address_t *peer)
{
	/* UDP carries empty datagrams; this is not the end of anything. */
	if (received->msg_len == 0)
		return false;
	if ((received->msg_hdr.msg_flags & MSG_TRUNC) != 0)
		return false;
	if (!is_port_of_client(net_address_port(peer)))
		return false;
	return reply_address_turn(&received->msg_hdr);
}

/* Puts the answerable ones of received[0..batch->used) into packets[]; returns how many. */
static unsigned choose(udp_batch_t *batch)
{
	unsigned count = 0;

	for (unsigned i = 0; i < batch->used; i++) {
		if (!is_answerable(&batch->received[i], &batch->peers[i])) {
			if (batch->received[i].msg_len > 0)
				query_records_drop(batch->records, batch->received[i].msg_len);
			continue;
		}
		batch->packets[count] = (answer_packet_t){
			.query = batch->queries[i],
			.query_size = batch->received[i].msg_len,
			.client = net_address_ip6(&batch->peers[i]),
			.reply = batch->replies[count],
			.reply_room = REPLY_ROOM,
		};
		batch->origins[count++] = i;
	}
	return count;
}

/* Hands those of packets[0..count) that have a reply over to be sent. */
static void collect_replies(udp_batch_t *batch, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		if (batch->packets[i].reply_size > 0)
			udp_replies_add(batch->sent, &batch->received[batch->origins[i]].msg_hdr,
					batch->replies[i], batch->packets[i].reply_size);
}

/* Writes down what became of packets[0..count), after the replies have left. */
static void record(udp_batch_t *batch, time_t now, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		query_records_add(batch->records, now, &batch->peers[batch->origins[i]],
				  &batch->packets[i]);
	query_records_flush(batch->records);
}

err_t udp_batch_serve(udp_batch_t *batch, int fd, int flags, unsigned *received)
{
	message_counters_t *counters = &batch->records->messages;
	answer_time_t now;
	unsigned count;
	unsigned replies;
	unsigned taken;
	int taken_in;

	*received = 0;
	make_ready(batch);
	taken_in = recvmmsg(fd, batch->received, ANSWER_BATCH_MAX, flags, NULL);
	if (taken_in < 0) {
		/* Nothing there, or a signal came: the caller decides what to do next. */
		if (errno == EAGAIN || errno == EINTR)
			return ERR_OK;
		return err_from_errno();
	}
	*received = batch->used = (unsigned)taken_in;

	count = choose(batch);
	now = (answer_time_t){ .wall_s = time(NULL), .steady_ms = clock_coarse_ms() };
	if (count > 0) {
		const generation_t *generation = catalog_read_begin(batch->catalog);

		answer_batch(batch->context, generation, &now, batch->packets, count);
		catalog_read_end(batch->catalog);
	}
	collect_replies(batch, count);
	replies = udp_replies_count(batch->sent);
	taken = udp_replies_send(batch->sent, fd);

	counter_add(&counters->received, batch->used);
	counter_add(&counters->answered, taken);
	counter_add(&counters->dropped, batch->used - replies);
	counter_add(&counters->send_errors, replies - taken);
	record(batch, now.wall_s, count);
	return ERR_OK;
}
