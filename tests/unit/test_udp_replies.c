/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* Replies on loopback: each arrives once and whole, in whatever pieces it left; those of one flow and
 * length leave as one, unless the kernel will not have it; and one that cannot leave keeps no other. */

#include "net/udp_replies.h"

#include <arpa/inet.h>
#include <netinet/udp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "catalog/answer.h"
#include "net/address.h"
#include "net/reply_address.h"
#include "test.h"

/* Time that a reply may take on a busy machine. */
#define PATIENCE_S 20

#define PEERS 3

/* Who asked: a socket, and the query as reply_address_turn has left it. */
typedef struct peer {
	int fd;
	net_address_t address;
	struct msghdr query;
	reply_control_t control;
} peer_t;

static int family;
static int server;
static peer_t peers[PEERS];
static udp_replies_t *replies;
static uint8_t texts[ANSWER_BATCH_MAX][ANSWER_UDP_MAX];

static void bind_loopback(int fd, net_address_t *address)
{
	socklen_t size = sizeof(*address);

	memset(address, 0, sizeof(*address));
	address->any.sa_family = (sa_family_t)family;
	if (family == AF_INET6)
		address->ip6.sin6_addr = in6addr_loopback;
	else
		address->ip4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ck_assert_int_eq(bind(fd, &address->any, net_address_size(address)), 0);
	ck_assert_int_eq(getsockname(fd, &address->any, &size), 0);
}

static void begin_peer(peer_t *peer)
{
	const struct timeval patience = { .tv_sec = PATIENCE_S };

	memset(peer, 0, sizeof(*peer));
	peer->fd = socket(family, SOCK_DGRAM, 0);
	ck_assert_int_ge(peer->fd, 0);
	bind_loopback(peer->fd, &peer->address);
	ck_assert_int_eq(setsockopt(peer->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)),
			 0);
	peer->query.msg_name = &peer->address;
	peer->query.msg_namelen = net_address_size(&peer->address);
	peer->query.msg_control = &peer->control;
	if (family == AF_INET6) {
		const struct in6_pktinfo info = { .ipi6_addr = in6addr_loopback };
		peer->query.msg_controllen = CMSG_SPACE(sizeof(info));
		peer->control.head = (struct cmsghdr){ .cmsg_len = CMSG_LEN(sizeof(info)),
						       .cmsg_level = IPPROTO_IPV6,
						       .cmsg_type = IPV6_PKTINFO };
		memcpy(CMSG_DATA(&peer->control.head), &info, sizeof(info));
	} else {
		const struct in_pktinfo info = { .ipi_addr.s_addr = htonl(INADDR_LOOPBACK),
						 .ipi_spec_dst.s_addr = htonl(INADDR_LOOPBACK) };
		peer->query.msg_controllen = CMSG_SPACE(sizeof(info));
		peer->control.head = (struct cmsghdr){ .cmsg_len = CMSG_LEN(sizeof(info)),
						       .cmsg_level = IPPROTO_IP,
						       .cmsg_type = IP_PKTINFO };
		memcpy(CMSG_DATA(&peer->control.head), &info, sizeof(info));
	}
	ck_assert(reply_address_turn(&peer->query));
}

static void begin(int of_family)
{
	net_address_t address;

	family = of_family;
	server = socket(family, SOCK_DGRAM, 0);
	ck_assert_int_ge(server, 0);
	bind_loopback(server, &address);
	for (unsigned i = 0; i < PEERS; i++)
		begin_peer(&peers[i]);
	replies = udp_replies_new();
	ck_assert_ptr_nonnull(replies);
}

static void end(void)
{
	udp_replies_free(replies);
	for (unsigned i = 0; i < PEERS; i++)
		close(peers[i].fd);
	close(server);
}

/* Adds a reply that says its number in every byte. */
static void add(unsigned number, const peer_t *peer, size_t size)
{
	memset(texts[number], (int)number, size);
	udp_replies_add(replies, &peer->query, texts[number], size);
}

/* Takes what a peer has got: `count` replies, sizes[n] being what number n has, 0 if it is not for this
 * peer. Each must be there once. */
static void expect(const peer_t *peer, const size_t sizes[ANSWER_BATCH_MAX], unsigned count)
{
	bool is_seen[ANSWER_BATCH_MAX] = { false };
	uint8_t got[ANSWER_UDP_MAX + 1];

	for (unsigned i = 0; i < count; i++) {
		ssize_t size = recv(peer->fd, got, sizeof(got), 0);
		ck_assert_int_gt(size, 0);
		unsigned number = got[0];
		ck_assert_uint_lt(number, ANSWER_BATCH_MAX);
		ck_assert_uint_eq((size_t)size, sizes[number]);
		ck_assert_int_eq(memcmp(got, texts[number], (size_t)size), 0);
		ck_assert(!is_seen[number]);
		is_seen[number] = true;
	}
	ck_assert_int_eq(recv(peer->fd, got, sizeof(got), MSG_DONTWAIT), -1);
}

/* Sends full batches to peers as `whose` says, of different lengths, a few times. */
static void send_batches(unsigned (*whose)(unsigned number))
{
	for (unsigned round = 0; round < 4; round++) {
		size_t sizes[PEERS][ANSWER_BATCH_MAX] = { { 0 } };
		unsigned counts[PEERS] = { 0 };

		for (unsigned i = 0; i < ANSWER_BATCH_MAX; i++) {
			unsigned p = whose(i);
			sizes[p][i] =
				round == 0 ? ANSWER_UDP_MAX : 30 + (i * 7 + round) % (3 * round);
			add(i, &peers[p], sizes[p][i]);
			counts[p]++;
		}
		ck_assert_uint_eq(udp_replies_count(replies), ANSWER_BATCH_MAX);
		ck_assert_uint_eq(udp_replies_send(replies, server), ANSWER_BATCH_MAX);
		ck_assert_uint_eq(udp_replies_count(replies), 0);
		for (unsigned p = 0; p < PEERS; p++)
			expect(&peers[p], sizes[p], counts[p]);
	}
}

static unsigned to_one(unsigned number)
{
	(void)number;
	return 0;
}

static unsigned by_turns(unsigned number)
{
	return number % PEERS;
}

static unsigned in_runs(unsigned number)
{
	return number * number / 40 % PEERS;
}

static unsigned (*const orders[])(unsigned) = { to_one, by_turns, in_runs };
static const int families[] = { AF_INET, AF_INET6 };

START_TEST(test_all_arrive)
{
	for (unsigned f = 0; f < COUNT_OF(families); f++)
		for (unsigned o = 0; o < COUNT_OF(orders); o++) {
			begin(families[f]);
			send_batches(orders[o]);
			end();
		}
}
END_TEST

/* One that takes segments as they are (UDP_GRO) sees that they have left as one. */
START_TEST(test_one_flow_is_one_message)
{
	const int on = 1;
	uint8_t got[UINT16_MAX];

	for (unsigned f = 0; f < COUNT_OF(families); f++) {
		begin(families[f]);
		ck_assert_int_eq(setsockopt(peers[0].fd, IPPROTO_UDP, UDP_GRO, &on, sizeof(on)), 0);
		for (unsigned i = 0; i < 6; i++)
			add(i, &peers[0], i % 2 == 0 ? 50 : 40);
		ck_assert_uint_eq(udp_replies_send(replies, server), 6);
		ck_assert_int_eq(recv(peers[0].fd, got, sizeof(got), 0), 3 * 50);
		ck_assert_int_eq(got[0], 0);
		ck_assert_int_eq(got[50], 2);
		ck_assert_int_eq(got[100], 4);
		ck_assert_int_eq(recv(peers[0].fd, got, sizeof(got), 0), 3 * 40);
		ck_assert_int_eq(got[80], 5);
		end();
	}
}
END_TEST

/* Linux makes no segments where there are to be no checksums. */
START_TEST(test_segments_are_refused)
{
	const int on = 1;

	begin(AF_INET);
	ck_assert_int_eq(setsockopt(server, SOL_SOCKET, SO_NO_CHECK, &on, sizeof(on)), 0);
	send_batches(to_one);
	send_batches(in_runs);
	end();
}
END_TEST

/* A broadcast address is refused (EACCES), for one reply and for several. */
START_TEST(test_peer_is_refused)
{
	size_t sizes[ANSWER_BATCH_MAX] = { 20, 20, 20, 0, 0, 0, 20, 20, 0, 21 };

	begin(AF_INET);
	peers[1].address.ip4.sin_addr.s_addr = htonl(INADDR_BROADCAST);
	for (unsigned i = 0; i < 10; i++)
		add(i, sizes[i] > 0 ? &peers[0] : &peers[1], sizes[i] > 0 ? sizes[i] : 20);
	ck_assert_uint_eq(udp_replies_send(replies, server), 6);
	expect(&peers[0], sizes, 6);
	/* That was not about segments: they are still made. */
	send_batches(to_one);
	end();
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { test_all_arrive, test_one_flow_is_one_message,
				       test_segments_are_refused, test_peer_is_refused };

	return run_tests("udp_replies", tests, COUNT_OF(tests));
}
