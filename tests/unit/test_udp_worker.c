/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* Sockets, batches and worker threads on loopback, with a catalog that has no zones, so that every
 * query is refused: what is asked here is whether replies leave, and from where. */

#include <arpa/inet.h>
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "catalog/answer.h"
#include "net/inherited_sockets.h"
#include "net/listen.h"
#include "net/udp_batch.h"
#include "net/udp_sockets.h"
#include "net/udp_worker.h"

/* A question for the A record of the root: the shortest query that is answered. */
static const uint8_t query[] = { 0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1 };

/* Time that a reply may take on a busy machine. */
#define PATIENCE_US 20000000
/* Time after which there will be none. */
#define SILENCE_US 50000
/* A stop that could get lost would do so in one of so many. */
#define STOPS 150

/* ---- a server of ours ---- */

typedef struct server {
	catalog_t *catalog;
	listen_set_t set;
	udp_sockets_t *sockets;
	uint16_t port;
} server_t;

/* A UDP port that is free for all addresses, or was a moment ago. */
static uint16_t free_port(void)
{
	struct sockaddr_in6 address = { .sin6_family = AF_INET6 };
	socklen_t size = sizeof(address);
	int fd = socket(AF_INET6, SOCK_DGRAM, 0);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&address, &size), 0);
	close(fd);
	return ntohs(address.sin6_port);
}

/* The set of the addresses in `addresses`, which are separated by blanks. */
static listen_set_t set_of(const char *addresses, uint16_t port)
{
	listen_set_t set = { .count = 0 };
	char words[200];
	char text[100];
	char why[200];
	char *rest;

	snprintf(words, sizeof(words), "%s", addresses);
	for (char *word = strtok_r(words, " ", &rest); word != NULL;
	     word = strtok_r(NULL, " ", &rest)) {
		snprintf(text, sizeof(text), "%s/%u", word, port);
		ck_assert_int_eq(listen_add(&set, text, AF_UNSPEC, why, sizeof(why)), ERR_OK);
	}
	return set;
}

/* Listens on `addresses`, with `workers` sockets for each. */
static void server_open(server_t *server, const char *addresses, size_t workers)
{
	const udp_workers_t wish = { workers, STEERING_RANDOM };
	err_t err = (err_t)-EADDRINUSE;

	memset(server, 0, sizeof(*server));
	/* What was free a moment ago may be another test's now. */
	for (int tries = 0; err == (err_t)-EADDRINUSE && tries < 20; tries++) {
		server->port = free_port();
		server->set = set_of(addresses, server->port);
		err = udp_sockets_open(&server->set, &wish, NULL, &server->sockets);
	}
	ck_assert_int_eq(err, ERR_OK);
	ck_assert_uint_eq(udp_sockets_addresses(server->sockets), server->set.count);
	plan_t *plan;
	ck_assert_int_eq(plan_new(&catalog_default_options, &plan), ERR_OK);
	ck_assert_int_eq(catalog_new(plan, &server->catalog), ERR_OK);
}

static void server_close(server_t *server)
{
	udp_sockets_close(server->sockets);
	catalog_free(server->catalog);
}

static udp_worker_t *worker_start(const server_t *server, size_t number)
{
	udp_worker_setup_t setup = { .catalog = server->catalog, .number = (unsigned)number };
	udp_worker_t *worker;

	setup.fds = udp_sockets_of_worker(server->sockets, number, &setup.fd_count);
	ck_assert_int_eq(udp_worker_start(&setup, &worker), ERR_OK);
	return worker;
}

/* The only socket of a server with one. */
static int socket_of(const server_t *server)
{
	size_t count;
	const int *fds = udp_sockets_all(server->sockets, &count);

	ck_assert_uint_eq(count, 1);
	return fds[0];
}

static udp_batch_t *batch_new(const server_t *server, query_records_t **records)
{
	udp_batch_t *batch;

	*records = query_records_new(server->catalog, NULL);
	ck_assert_ptr_nonnull(*records);
	batch = udp_batch_new(server->catalog, *records);
	ck_assert_ptr_nonnull(batch);
	return batch;
}

/* ---- a client ---- */

static net_address_t address_of(const char *host, uint16_t port)
{
	return set_of(host, port).addresses[0];
}

static int client_open(int family)
{
	const int on = 1;
	int fd = socket(family, SOCK_DGRAM, 0);

	ck_assert_int_ge(fd, 0);
	if (family == AF_INET)
		ck_assert_int_eq(setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &on, sizeof(on)), 0);
	return fd;
}

static void client_send(int fd, const net_address_t *to, const void *data, size_t size)
{
	ck_assert_int_eq(sendto(fd, data, size, 0, &to->any, net_address_size(to)), (ssize_t)size);
}

/* Waits for a datagram for so long; returns its size, or -1, and where it came from. */
static ssize_t client_receive(int fd, long microseconds, uint8_t *data, size_t size,
			      net_address_t *from)
{
	struct timeval timeout = { .tv_sec = microseconds / 1000000,
				   .tv_usec = microseconds % 1000000 };
	socklen_t from_size = sizeof(*from);

	ck_assert_int_eq(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout)), 0);
	return recvfrom(fd, data, size, 0, &from->any, &from_size);
}

/* Expects the reply to `query`, from `address`. */
static void expect_reply(int fd, const net_address_t *address)
{
	uint8_t reply[ANSWER_UDP_MAX];
	net_address_t from;
	char expected[NET_ADDRESS_TEXT_MAX];
	char found[NET_ADDRESS_TEXT_MAX];
	ssize_t size = client_receive(fd, PATIENCE_US, reply, sizeof(reply), &from);

	net_address_text(address, expected);
	ck_assert_msg(size == (ssize_t)sizeof(query), "%s: %zd", expected, size);
	ck_assert_uint_eq(reply[0], query[0]);
	ck_assert_uint_eq(reply[1], query[1]);
	ck_assert_uint_eq(reply[2] & 0x80, 0x80);
	ck_assert_uint_eq(reply[3] & 0x0f, 5);
	ck_assert_str_eq(net_address_text(&from, found), expected);
}

static void expect_silence(int fd)
{
	uint8_t reply[ANSWER_UDP_MAX];
	net_address_t from;

	ck_assert_int_eq(client_receive(fd, SILENCE_US, reply, sizeof(reply), &from), -1);
}

/* ---- what comes back, and from where ---- */

/* The server listens on `listen`; a client that asks `asked` is answered from there. */
static const struct {
	const char *listen;
	const char *asked;
	size_t workers;
} address_rows[] = {
	/* one address: a worker blocks in recvmmsg */
	{ "127.0.0.1", "127.0.0.1", 1 },
	{ "127.0.0.2", "127.0.0.2", 2 },
	{ "::1", "::1", 1 },
	/* several: it polls */
	{ "127.0.0.2 127.0.0.3 ::1", "127.0.0.2", 1 },
	{ "127.0.0.2 127.0.0.3 ::1", "127.0.0.3", 1 },
	{ "127.0.0.2 127.0.0.3 ::1", "::1", 2 },
	/* wildcards */
	{ "0.0.0.0", "127.0.0.1", 1 },
	{ "0.0.0.0", "127.0.0.5", 2 },
	{ "::", "::1", 2 },
	/* :: serves IPv4 as well, unless 0.0.0.0 does */
	{ "::", "127.0.0.1", 1 },
	{ "::", "127.0.0.5", 2 },
	{ ":: 0.0.0.0", "127.0.0.5", 1 },
	{ "0.0.0.0 ::", "::1", 2 },
	/* a wildcard and an address that it covers */
	{ "0.0.0.0 127.0.0.2 :: ::1", "127.0.0.2", 2 },
	{ "0.0.0.0 127.0.0.2 :: ::1", "127.0.0.3", 2 },
	{ "0.0.0.0 127.0.0.2 :: ::1", "::1", 2 },
};

START_TEST(test_reply_from_address)
{
	size_t workers = address_rows[_i].workers;
	udp_worker_t *worker[2];
	message_counts_t counts = { 0 };
	net_address_t asked;
	server_t server;
	int client;

	server_open(&server, address_rows[_i].listen, workers);
	for (size_t i = 0; i < workers; i++) {
		worker[i] = worker_start(&server, i);
	}
	asked = address_of(address_rows[_i].asked, server.port);
	/* Each client has a port of its own, so that all workers get to see some. */
	for (int i = 0; i < 20; i++) {
		client = client_open(asked.any.sa_family);
		client_send(client, &asked, query, sizeof(query));
		expect_reply(client, &asked);
		close(client);
	}
	for (size_t i = 0; i < workers; i++) {
		udp_worker_stop(worker[i]);
		udp_worker_count(worker[i], &counts);
		udp_worker_free(worker[i]);
	}
	ck_assert_uint_eq(counts.received, 20);
	ck_assert_uint_eq(counts.answered, 20);
	server_close(&server);
}
END_TEST

/* ---- one batch, without a thread ---- */

/* What is sent to a server that listens on `listen`, in one batch with queries before and behind
 * it, and what becomes of it. */
static const struct {
	const char *what;
	const char *listen;
	const char *to;
	size_t size;   /* of a query with zeros behind it, or less of it */
	uint8_t flags; /* or'ed into it */
	unsigned answered;
	unsigned dropped;
	unsigned send_errors;
} batch_rows[] = {
	{ "a query", "127.0.0.1", "127.0.0.1", sizeof(query), 0, 1, 0, 0 },
	{ "an empty datagram", "127.0.0.1", "127.0.0.1", 0, 0, 0, 1, 0 },
	{ "a byte", "127.0.0.1", "127.0.0.1", 1, 0, 0, 1, 0 },
	{ "a reply", "127.0.0.1", "127.0.0.1", sizeof(query), 0x80, 0, 1, 0 },
	{ "the longest query", "127.0.0.1", "127.0.0.1", UDP_QUERY_MAX, 0, 1, 0, 0 },
	{ "one byte more", "127.0.0.1", "127.0.0.1", UDP_QUERY_MAX + 1, 0, 0, 1, 0 },
	{ "much more", "::1", "::1", 9000, 0, 0, 1, 0 },
	{ "a broadcast", "0.0.0.0", "127.255.255.255", sizeof(query), 0, 0, 1, 0 },
	{ "a broadcast to ::", "::", "127.255.255.255", sizeof(query), 0, 0, 0, 1 },
};

START_TEST(test_batch)
{
	uint8_t datagram[9000] = { 0 };
	query_records_t *records;
	message_counts_t counts = { 0 };
	udp_batch_t *batch;
	net_address_t to;
	net_address_t asked;
	server_t server;
	unsigned received;
	int client;
	int other;
	int fd;

	server_open(&server, batch_rows[_i].listen, 1);
	fd = socket_of(&server);
	batch = batch_new(&server, &records);
	asked = address_of(strchr(batch_rows[_i].listen, ':') != NULL ? "::1" : "127.0.0.1",
			   server.port);
	to = address_of(batch_rows[_i].to, server.port);
	memcpy(datagram, query, sizeof(query));
	datagram[2] |= batch_rows[_i].flags;

	client = client_open(asked.any.sa_family);
	other = client_open(to.any.sa_family);
	client_send(client, &asked, query, sizeof(query));
	client_send(other, &to, datagram, batch_rows[_i].size);
	client_send(client, &asked, query, sizeof(query));

	catalog_reader_register();
	ck_assert_int_eq(udp_batch_serve(batch, fd, MSG_WAITFORONE, &received), ERR_OK);
	ck_assert_uint_eq(received, 3);
	/* Nothing more is there, which is no error. */
	ck_assert_int_eq(udp_batch_serve(batch, fd, MSG_DONTWAIT, &received), ERR_OK);
	ck_assert_uint_eq(received, 0);
	catalog_reader_unregister();

	query_records_sum(records, &counts);
	ck_assert_msg(counts.received == 3 && counts.answered == 2 + batch_rows[_i].answered &&
			      counts.dropped == batch_rows[_i].dropped &&
			      counts.send_errors == batch_rows[_i].send_errors,
		      "%s: %u answered, %u dropped, %u not sent", batch_rows[_i].what,
		      (unsigned)counts.answered, (unsigned)counts.dropped,
		      (unsigned)counts.send_errors);
	expect_reply(client, &asked);
	expect_reply(client, &asked);
	if (batch_rows[_i].answered > 0)
		expect_reply(other, &to);
	expect_silence(other);
	udp_batch_free(batch);
	query_records_free(records);
	close(client);
	close(other);
	server_close(&server);
}
END_TEST

START_TEST(test_full_batches)
{
	/* More than two batches, from one port; the second reuses the slots of the first. */
	const unsigned total = 2 * ANSWER_BATCH_MAX + 7;
	query_records_t *records;
	message_counts_t counts = { 0 };
	udp_batch_t *batch;
	net_address_t asked;
	server_t server;
	unsigned received;
	int client;

	server_open(&server, "::", 1);
	batch = batch_new(&server, &records);
	asked = address_of("127.0.0.9", server.port);
	client = client_open(AF_INET);
	for (unsigned i = 0; i < total; i++)
		client_send(client, &asked, query, sizeof(query));

	catalog_reader_register();
	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(
			udp_batch_serve(batch, socket_of(&server), MSG_DONTWAIT, &received),
			ERR_OK);
	}
	catalog_reader_unregister();
	query_records_sum(records, &counts);
	ck_assert_uint_eq(counts.received, total);
	ck_assert_uint_eq(counts.answered, total);
	for (unsigned i = 0; i < total; i++)
		expect_reply(client, &asked);
	udp_batch_free(batch);
	query_records_free(records);
	close(client);
	server_close(&server);
}
END_TEST

/* ---- workers that stop ---- */

START_TEST(test_stop)
{
	/* With one address and with several it waits in different calls. */
	const char *listen = _i == 0 ? "127.0.0.1" : "127.0.0.1 ::1";
	message_counts_t counts = { 0 };
	udp_worker_t *worker;
	net_address_t asked;
	server_t server;
	int client;

	server_open(&server, listen, 1);
	asked = address_of("127.0.0.1", server.port);
	client = client_open(AF_INET);
	for (int i = 0; i < STOPS; i++) {
		/* This one waits in the socket, which outlives each worker. */
		client_send(client, &asked, query, sizeof(query));
		worker = worker_start(&server, 0);
		/* Some stop at once, some idle, some between batches. */
		if (i % 3 != 0)
			expect_reply(client, &asked);
		if (i % 3 == 2)
			client_send(client, &asked, query, sizeof(query));
		udp_worker_stop(worker);
		udp_worker_stop(worker); /* is nothing new */
		udp_worker_count(worker, &counts);
		udp_worker_free(worker);
		/* What had come was answered, also after it was told to stop. */
		if (i % 3 != 1)
			expect_reply(client, &asked);
	}
	ck_assert_uint_eq(counts.received, STOPS + STOPS / 3);
	ck_assert_uint_eq(counts.answered, STOPS + STOPS / 3);
	close(client);
	server_close(&server);
}
END_TEST

/* ---- ports of others ---- */

START_TEST(test_port_in_use)
{
	/* Also where the other one shares the port, and where wildcards overlap. */
	static const char *const others[] = { "127.0.0.1", "0.0.0.0", "::", "::1 0.0.0.0" };
	const udp_workers_t wish = { 1, STEERING_RANDOM };
	udp_sockets_t *sockets;
	listen_set_t set;
	server_t server;

	server_open(&server, "127.0.0.1", 2);
	for (size_t i = 0; i < COUNT_OF(others); i++) {
		set = set_of(others[i], server.port);
		ck_assert_msg(udp_sockets_open(&set, &wish, NULL, &sockets) == (err_t)-EADDRINUSE,
			      "%s", others[i]);
	}
	server_close(&server);
	/* And it is free again afterwards. */
	ck_assert_int_eq(udp_sockets_open(&set, &wish, NULL, &sockets), ERR_OK);
	udp_sockets_close(sockets);
}
END_TEST

/* ---- sockets of a predecessor ---- */

/* A server on `before` with `old_workers`, and then one on `after` with `new_workers` that inherits
 * from it. At `asked` queries wait while neither has a worker. */
static const struct {
	const char *before;
	size_t old_workers;
	const char *after;
	size_t new_workers;
	const char *asked;
	size_t addresses; /* that the new one has */
	size_t kept;      /* sockets, if what comes goes by the kernel's hash */
	size_t steered;   /* sockets otherwise: as many as it has workers, at least */
	size_t left;      /* sockets that the new one did not want */
} heir_rows[] = {
	{ "127.0.0.1", 1, "127.0.0.1", 1, "127.0.0.1", 1, 1, 1, 0 },
	/* other numbers of workers: no socket is lost */
	{ "127.0.0.1", 4, "127.0.0.1", 1, "127.0.0.1", 1, 4, 4, 0 },
	{ "127.0.0.1 ::1", 5, "127.0.0.1 ::1", 2, "::1", 2, 10, 10, 0 },
	{ "127.0.0.1", 1, "127.0.0.1", 3, "127.0.0.1", 1, 1, 3, 0 },
	{ "::", 2, "::", 3, "127.0.0.1", 1, 2, 3, 0 },
	{ "127.0.0.1 127.0.0.2", 2, "127.0.0.2 127.0.0.1", 5, "127.0.0.2", 2, 4, 10, 0 },
	/* addresses that come and go */
	{ "127.0.0.1 127.0.0.2", 2, "127.0.0.3 127.0.0.1", 1, "127.0.0.1", 2, 3, 3, 2 },
	{ "127.0.0.1 127.0.0.2", 2, "127.0.0.3 127.0.0.1", 4, "127.0.0.1", 2, 6, 8, 2 },
	/* a wildcard instead of what it serves, which goes on to be served from its own socket */
	{ "127.0.0.1 127.0.0.2", 2, "0.0.0.0", 2, "127.0.0.2", 3, 6, 6, 0 },
	{ "127.0.0.1 ::1", 1, "::", 2, "127.0.0.1", 3, 4, 6, 0 },
	{ "0.0.0.0", 2, "::", 1, "127.0.0.1", 2, 3, 3, 0 },
	{ ":: 0.0.0.0", 2, "::", 1, "127.0.0.5", 2, 4, 4, 0 },
	{ ":: 0.0.0.0", 2, "::", 3, "::1", 2, 4, 6, 0 },
	{ "127.0.0.1 ::1", 1, "0.0.0.0", 1, "127.0.0.1", 2, 2, 2, 1 },
	/* and that the other way round, where what waits in the wildcard is for its owner */
	{ "::", 2, ":: 0.0.0.0", 1, "::1", 2, 3, 3, 0 },
	{ "::", 2, ":: 0.0.0.0", 3, "::1", 2, 5, 6, 0 },
};

/* What a server hands over: descriptors of its own. */
static inherited_sockets_t *bequeath(const server_t *server)
{
	inherited_sockets_t *inherited;
	size_t count;
	const int *fds = udp_sockets_all(server->sockets, &count);

	ck_assert_int_eq(inherited_sockets_new(&inherited), ERR_OK);
	for (size_t i = 0; i < count; i++)
		ck_assert_int_eq(inherited_sockets_add(inherited, dup(fds[i])), ERR_OK);
	return inherited;
}

/* How many sockets for the addresses of `set` are left. */
static size_t count_left(const inherited_sockets_t *inherited, const listen_set_t *set)
{
	size_t count = 0;

	for (size_t i = 0; i < set->count; i++)
		count += inherited_sockets_count(inherited, SOCK_DGRAM, &set->addresses[i]);
	return count;
}

START_TEST(test_heir)
{
	const size_t row = (size_t)_i / 2;
	const size_t workers = heir_rows[row].new_workers;
	const bool is_steered = _i % 2 != 0;
	const udp_workers_t wish = { workers, is_steered ? STEERING_RANDOM : STEERING_HASH };
	inherited_sockets_t *inherited;
	message_counts_t counts = { 0 };
	udp_worker_t *worker[5];
	net_address_t asked;
	server_t old;
	server_t heir = { .catalog = NULL };
	size_t count;
	int clients[40];

	server_open(&old, heir_rows[row].before, heir_rows[row].old_workers);
	heir.port = old.port;
	heir.set = set_of(heir_rows[row].after, heir.port);
	asked = address_of(heir_rows[row].asked, old.port);
	inherited = bequeath(&old);
	for (size_t i = 0; i < COUNT_OF(clients); i++) {
		clients[i] = client_open(asked.any.sa_family);
		client_send(clients[i], &asked, query, sizeof(query));
	}
	ck_assert_int_eq(udp_sockets_open(&heir.set, &wish, inherited, &heir.sockets), ERR_OK);
	ck_assert_uint_eq(udp_sockets_addresses(heir.sockets), heir_rows[row].addresses);
	(void)udp_sockets_all(heir.sockets, &count);
	ck_assert_uint_eq(count, is_steered ? heir_rows[row].steered : heir_rows[row].kept);
	ck_assert_uint_eq(count_left(inherited, &old.set), heir_rows[row].left);
	inherited_sockets_free(inherited);
	heir.catalog = old.catalog;
	udp_sockets_close(old.sockets);

	for (size_t i = 0; i < workers; i++)
		worker[i] = worker_start(&heir, i);
	udp_sockets_steer(heir.sockets);
	for (size_t i = 0; i < COUNT_OF(clients); i++) {
		expect_reply(clients[i], &asked);
		client_send(clients[i], &asked, query, sizeof(query));
		expect_reply(clients[i], &asked);
		close(clients[i]);
	}
	for (size_t i = 0; i < workers; i++) {
		udp_worker_stop(worker[i]);
		udp_worker_count(worker[i], &counts);
		udp_worker_free(worker[i]);
	}
	ck_assert_uint_eq(counts.answered, 2 * COUNT_OF(clients));
	server_close(&heir);
}
END_TEST

START_TEST(test_strange_sockets)
{
	/* What is no listening socket is not taken for one, whatever was said about it. */
	inherited_sockets_t *inherited;
	net_address_t address = address_of("127.0.0.1", 1);
	socklen_t size = net_address_size(&address);
	int tcp = socket(AF_INET, SOCK_STREAM, 0);
	int ends[2];

	address.ip4.sin_port = 0;
	ck_assert_int_eq(inherited_sockets_new(&inherited), ERR_OK);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_DGRAM, 0, ends), 0);
	ck_assert_int_eq(inherited_sockets_add(inherited, ends[0]), ERR_INVAL);
	ck_assert_int_eq(inherited_sockets_add(inherited, ends[0]), (err_t)-EBADF);
	ck_assert_int_eq(inherited_sockets_add(inherited, client_open(AF_INET)), ERR_INVAL);
	/* Bound, but it does not listen: as a connection would be. */
	ck_assert_int_eq(bind(tcp, &address.any, size), 0);
	ck_assert_int_eq(getsockname(tcp, &address.any, &size), 0);
	ck_assert_int_eq(inherited_sockets_add(inherited, dup(tcp)), ERR_INVAL);
	ck_assert(!inherited_sockets_overlap(inherited, SOCK_STREAM, &address));
	ck_assert_int_eq(listen(tcp, 1), 0);
	ck_assert_int_eq(inherited_sockets_add(inherited, tcp), ERR_OK);
	ck_assert(inherited_sockets_overlap(inherited, SOCK_STREAM, &address));
	ck_assert(!inherited_sockets_overlap(inherited, SOCK_DGRAM, &address));
	inherited_sockets_free(inherited);
	close(ends[1]);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("udp_worker");
	TCase *tcase = tcase_create("all");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tcase, 120);
	tcase_add_loop_test(tcase, test_reply_from_address, 0, (int)COUNT_OF(address_rows));
	tcase_add_loop_test(tcase, test_batch, 0, (int)COUNT_OF(batch_rows));
	tcase_add_test(tcase, test_full_batches);
	tcase_add_loop_test(tcase, test_stop, 0, 2);
	tcase_add_test(tcase, test_port_in_use);
	tcase_add_loop_test(tcase, test_heir, 0, 2 * (int)COUNT_OF(heir_rows));
	tcase_add_test(tcase, test_strange_sockets);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
