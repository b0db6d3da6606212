/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* How replies leave.
 *
 * A MESSAGE is what one mmsghdr of sendmmsg holds. Mostly it is one reply. A RUN is of replies that go,
 * one behind the other, to the same flow: the same peer, from the same address of ours. Of a run those
 * of the same length are one message, SEGMENTS that the kernel, or the network card, makes datagrams
 * of (UDP_SEGMENT, Linux 4.18): they find their route and pass through the kernel together, and are
 * what they would have been anyway when they are on the wire.
 *
 * Runs are what a forwarder sends that has one socket, or few. Measured on loopback, which has the
 * kernel receive them as well, user and system time of a query (10 M addresses, as fast as it goes and at
 * 20,000/s, one worker; the same server with and without, by turns): one flow 0.74 to 0.92 of what it
 * costs without, eight flows 0.97 to 1.01, and where each query has a port of its own there are no runs:
 * then all that is left is the look at the next one's port.
 *
 * What was decided against:
 * - Flows that are looked for in the whole batch, not only next to each other: a table for each batch,
 *   which all pay for who have no runs, and whom a segment of two or three wins nothing.
 * - Segments made equal by padding (RFC 7830): the client has to ask for it, and bytes cost, too.
 * - UDP_GRO for queries: only a client that sends segments itself, on the same machine, or a card that
 *   puts datagrams together makes any, for queries that are as long to the byte. All others would pay for
 *   another control message. Datagrams from the wire are put together by software only if all of a
 *   packet's way is, which is the administrator's to choose (ethtool -K rx-udp-gro-forwarding).
 * - No control messages where a socket is bound to one address, whose replies leave from there anyway:
 *   1.01 and 0.94 of the time with them in two settings, so nothing that could be told from chance, and
 *   a datagram to a broadcast address would not be known any more.
 * - sendto and recvmsg for a batch of one: the calls for many cost about what those for one do. */

#include "net/udp_replies.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "catalog/answer.h"
#include "net/address.h"
#include "net/reply_address.h"

/* Bytes of all segments of a message at most: what fits into one datagram, over IPv4 too. */
#define SEGMENTS_SIZE_MAX 65000
/* The kernel takes 64, newer ones 128. */
#define SEGMENTS_MAX 64

_Static_assert(ANSWER_BATCH_MAX <= SEGMENTS_MAX && ANSWER_BATCH_MAX <= 64,
	       "a batch is not too long for one message, and has a bit for each reply");

/* The control messages of a reply, and behind them the length of a segment. */
typedef union segment_control {
	struct cmsghdr head;
	unsigned char bytes[sizeof(reply_control_t) + CMSG_SPACE(sizeof(uint16_t))];
} segment_control_t;

/* May several replies be one message? */
typedef enum segmenting {
	SEGMENTING_UNKNOWN, /* nobody has asked the kernel */
	SEGMENTING_WORKS,
	SEGMENTING_FAILS, /* the kernel does not know it, or has refused it */
} segmenting_t;

/* Message m is sent[m], of segments[m] replies. parts[] are those of messages that have several, side by
 * side. */
struct udp_replies {
	unsigned count;
	unsigned message_count;
	unsigned part_count;
	segmenting_t segmenting;
	const struct msghdr *queries[ANSWER_BATCH_MAX];
	struct iovec replies[ANSWER_BATCH_MAX];
	struct iovec parts[ANSWER_BATCH_MAX];
	struct mmsghdr sent[ANSWER_BATCH_MAX];
	unsigned segments[ANSWER_BATCH_MAX];
	segment_control_t controls[ANSWER_BATCH_MAX / 2]; /* of messages with several segments */
	unsigned control_count;
};

udp_replies_t *udp_replies_new(void)
{
	/* Pages are left untouched until the load needs them. */
	return calloc(1, sizeof(udp_replies_t));
}

void udp_replies_free(udp_replies_t *replies)
{
	free(replies);
}

void udp_replies_add(udp_replies_t *replies, const struct msghdr *query, uint8_t *data, size_t size)
{
	replies->queries[replies->count] = query;
	replies->replies[replies->count++] = (struct iovec){ .iov_base = data, .iov_len = size };
}

unsigned udp_replies_count(const udp_replies_t *replies)
{
	return replies->count;
}

/* ---- messages of replies ---- */

static bool is_same_flow(const struct msghdr *a, const struct msghdr *b)
{
	return net_address_is_equal(a->msg_name, b->msg_name) &&
	       a->msg_controllen == b->msg_controllen &&
	       memcmp(a->msg_control, b->msg_control, a->msg_controllen) == 0;
}

/* Where the run ends that begins with a reply. */
static unsigned end_of_run(const udp_replies_t *replies, unsigned first)
{
	unsigned end = first + 1;

	if (replies->segmenting != SEGMENTING_WORKS)
		return end;
	while (end < replies->count && is_same_flow(replies->queries[first], replies->queries[end]))
		end++;
	return end;
}

/* Adds a message to the peer of `query`, of `count` replies, parts[0..count). */
static struct msghdr *add_message(udp_replies_t *replies, const struct msghdr *query,
				  struct iovec *parts, unsigned count)
{
	struct msghdr *message = &replies->sent[replies->message_count].msg_hdr;

	message->msg_name = query->msg_name;
	message->msg_namelen = query->msg_namelen;
	message->msg_control = query->msg_control;
	message->msg_controllen = query->msg_controllen;
	message->msg_iov = parts;
	message->msg_iovlen = count;
	replies->segments[replies->message_count++] = count;
	return message;
}

/* Tells the kernel how long a segment is: all are as long. */
static void add_segment_size(udp_replies_t *replies, struct msghdr *message)
{
	segment_control_t *control = &replies->controls[replies->control_count++];
	size_t at = CMSG_ALIGN(message->msg_controllen);
	uint16_t size = (uint16_t)message->msg_iov[0].iov_len;
	struct cmsghdr head = { .cmsg_len = CMSG_LEN(sizeof(size)),
				.cmsg_level = IPPROTO_UDP,
				.cmsg_type = UDP_SEGMENT };

	memcpy(control->bytes, message->msg_control, message->msg_controllen);
	memcpy(control->bytes + at, &head, sizeof(head));
	memcpy(control->bytes + at + CMSG_LEN(0), &size, sizeof(size));
	message->msg_control = control->bytes;
	message->msg_controllen = at + CMSG_SPACE(sizeof(size));
}

/* Adds messages of a run of several replies. */
static void add_run(udp_replies_t *replies, unsigned first, unsigned end)
{
	uint64_t left = UINT64_MAX >> (64 - (end - first)); /* bit i: reply first + i */

	while (left != 0) {
		struct iovec *parts = &replies->parts[replies->part_count];
		unsigned next = first + (unsigned)__builtin_ctzll(left);
		const struct msghdr *query = replies->queries[next];
		size_t size = replies->replies[next].iov_len;
		unsigned count = 0;

		for (; next < end && (count + 1) * size <= SEGMENTS_SIZE_MAX; next++) {
			uint64_t bit = UINT64_C(1) << (next - first);
			if ((left & bit) == 0 || replies->replies[next].iov_len != size)
				continue;
			left &= ~bit;
			parts[count++] = replies->replies[next];
		}
		replies->part_count += count;
		struct msghdr *message = add_message(replies, query, parts, count);
		if (count > 1)
			add_segment_size(replies, message);
	}
}

static void make_messages(udp_replies_t *replies)
{
	unsigned end;

	replies->message_count = 0;
	replies->part_count = 0;
	replies->control_count = 0;
	for (unsigned first = 0; first < replies->count; first = end) {
		end = end_of_run(replies, first);
		if (end > first + 1)
			add_run(replies, first, end);
		else
			(void)add_message(replies, replies->queries[first],
					  &replies->replies[first], 1);
	}
}

/* ---- sending ---- */

/* Does the kernel know segments? One that does not would send all of a message as one datagram. */
static void ask_kernel(udp_replies_t *replies, int fd)
{
	int size;
	socklen_t length = sizeof(size);

	replies->segmenting = getsockopt(fd, IPPROTO_UDP, UDP_SEGMENT, &size, &length) == 0
				      ? SEGMENTING_WORKS
				      : SEGMENTING_FAILS;
}

/* Has the kernel no room? */
static bool is_full(int error)
{
	/* EAGAIN: the send buffer is full, the link is slower than the clients. */
	return error == EAGAIN || error == ENOBUFS || error == ENOMEM;
}

/* Sends the segments of a message that was refused one by one; returns how many the kernel took.
 *
 * It may be the destination that is refused, or that these are segments: they are longer than a packet on
 * that route may be (EINVAL), or what they would leave through cannot do it (EIO). If a single one leaves,
 * it was that, and will be again: from then on this thread makes none. */
static unsigned send_one_by_one(udp_replies_t *replies, int fd, struct msghdr *message)
{
	struct iovec *parts = message->msg_iov;
	unsigned count = (unsigned)message->msg_iovlen;
	unsigned taken = 0;

	message->msg_controllen -= CMSG_SPACE(sizeof(uint16_t));
	message->msg_iovlen = 1;
	for (unsigned i = 0; i < count; i++) {
		message->msg_iov = &parts[i];
		while (sendmsg(fd, message, MSG_DONTWAIT) < 0) {
			if (errno != EINTR)
				return taken;
		}
		taken++;
		replies->segmenting = SEGMENTING_FAILS;
	}
	return taken;
}

/* Sends all messages; returns how many replies the kernel took. */
static unsigned send_messages(udp_replies_t *replies, int fd)
{
	unsigned done = 0;
	unsigned taken = 0;

	while (done < replies->message_count) {
		int sent = sendmmsg(fd, replies->sent + done, replies->message_count - done,
				    MSG_DONTWAIT);

		/* Fewer than asked for: the next one failed. The next call will say why. */
		for (int i = 0; i < sent; i++)
			taken += replies->segments[done++];
		if (sent > 0 || errno == EINTR)
			continue;
		if (is_full(errno))
			return taken; /* waiting here would leave new queries unread */
		/* About this message alone: its destination, EPERM (a packet filter), EINVAL (an
		 * address that is gone, or a broadcast one), ENETUNREACH, EHOSTUNREACH, EACCES. */
		if (replies->segments[done] > 1)
			taken += send_one_by_one(replies, fd, &replies->sent[done].msg_hdr);
		done++;
	}
	return taken;
}

unsigned udp_replies_send(udp_replies_t *replies, int fd)
{
	unsigned taken;

	if (replies->segmenting == SEGMENTING_UNKNOWN)
		ask_kernel(replies, fd);
	make_messages(replies);
	taken = send_messages(replies, fd);
	replies->count = 0;
	return taken;
}
