/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "spray/spray_udp.h"

#include <poll.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "base/cursor.h"
#include "base/log.h"
#include "spray/spray_flights.h"
#include "spray/spray_socket.h"

/* Why epoll and calls for many packets, and not libev: with one socket there is nothing to wait for most
 * of the time, so the loop receives first and waits only when nothing was there; and a wait has to end
 * within microseconds, where libev's has milliseconds. */

/* Bytes of an answer: what is longer than one frame is no answer to us, who offer less. The room for it has
 * a byte more, by which that is seen; and an odd number of cache lines, so that the heads of a batch do not
 * fall on the same few lines of the cache. */
#define ANSWER_MAX  1472u
#define ANSWER_ROOM 1600u
/* The same for queries. */
#define QUERY_ROOM 320u

_Static_assert(QUERY_ROOM >= DNS_CLIENT_QUERY_MAX, "every query fits");

#define NS_PER_S  1000000000u
#define NS_PER_US 1000u

struct spray_udp {
	spray_udp_setup_t setup;
	spray_asker_t asker;
	spray_sockets_t *sockets;
	int epoll;
	bool has_warned;  /* that queries cannot be sent */
	bool is_full;     /* nothing can be sent: too many are on the way, or there is no port */
	uint64_t room_ns; /* since when it is not, after it was */
	spray_udp_counts_t counts;
	struct epoll_event ready[SPRAY_BATCH];
	struct mmsghdr out[SPRAY_BATCH];
	struct mmsghdr in[SPRAY_BATCH];
	struct iovec out_parts[SPRAY_BATCH];
	struct iovec in_parts[SPRAY_BATCH];
	uint32_t places[SPRAY_BATCH]; /* of what is in out[] */
	uint8_t queries[SPRAY_BATCH][QUERY_ROOM];
	uint8_t answers[SPRAY_BATCH][ANSWER_ROOM];
	spray_flights_t flights;
};

uint64_t spray_udp_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

int spray_udp_fd(const spray_udp_t *udp)
{
	return udp->epoll;
}

unsigned spray_udp_waiting(const spray_udp_t *udp)
{
	return udp->flights.waiting;
}

const spray_udp_counts_t *spray_udp_counts(const spray_udp_t *udp)
{
	return &udp->counts;
}

uint64_t spray_udp_drops(const spray_udp_t *udp)
{
	uint64_t drops = 0;

	if (udp->setup.policy != SPRAY_PER_QUERY)
		for (uint32_t i = 0; i < spray_sockets_open_count(udp->sockets); i++)
			drops += spray_socket_drops(spray_sockets_fd(udp->sockets, i));
	return drops;
}

/* ---- sockets ---- */

static err_t open_socket(void *context, uint32_t number, uint16_t port, int *fd)
{
	const spray_udp_t *udp = context;
	struct epoll_event event = { .events = EPOLLIN, .data.u32 = number };
	err_t err = spray_socket_open(&udp->setup.server, port,
				      udp->setup.policy != SPRAY_PER_QUERY, fd);

	if (err != ERR_OK)
		return err;
	if (epoll_ctl(udp->epoll, EPOLL_CTL_ADD, *fd, &event) == 0)
		return ERR_OK;
	err = err_from_errno();
	close(*fd);
	return err;
}

static void close_socket(void *context, uint32_t number, int fd)
{
	(void)context;
	(void)number;
	/* The epoll forgets it by itself. */
	close(fd);
}

/* ---- out ---- */

static void lose(spray_udp_t *udp, uint32_t place)
{
	udp->counts.lost++;
	udp->asker.lost(udp->asker.context, place);
	spray_sockets_done(udp->sockets, udp->flights.places[place].socket);
}

/* The kernel does not take the first of out[at..run). Returns how many are done with. */
static unsigned take_refusal(spray_udp_t *udp, unsigned at)
{
	if (errno == EINTR)
		return 0;
	if (errno == ECONNREFUSED) {
		/* It is about another query, before this one, which can be sent now. */
		udp->counts.refused++;
		return 0;
	}
	if (!udp->has_warned)
		log_warning("the kernel does not send a query, which is lost therefore: %s",
			    strerror(errno));
	udp->has_warned = true;
	udp->counts.unsendable++;
	spray_flights_land(&udp->flights, udp->places[at], SPRAY_FLIGHT_LOST);
	lose(udp, udp->places[at]);
	return 1;
}

/* Sends what it can of out[at..run); returns how many, or -1. For one packet the plain call costs less. */
static int send_some(spray_udp_t *udp, int fd, unsigned at, unsigned run)
{
	const struct iovec *part = &udp->out_parts[at];

	if (run - at > 1)
		return sendmmsg(fd, &udp->out[at], run - at, MSG_NOSIGNAL);
	return send(fd, part->iov_base, part->iov_len, MSG_NOSIGNAL) >= 0 ? 1 : -1;
}

/* Sends out[0..run) over one socket. Waits for room in its buffer, if need be. */
static void send_run(spray_udp_t *udp, uint32_t socket, unsigned run)
{
	int fd = spray_sockets_fd(udp->sockets, socket);
	unsigned done = 0;

	udp->counts.sent += run;
	udp->setup.port_counts[spray_sockets_port(udp->sockets, socket)] += run;
	while (done < run) {
		int sent = send_some(udp, fd, done, run);
		done += sent >= 0 ? (unsigned)sent : take_refusal(udp, done);
	}
}

/* Writes the queries that are due behind the first `at` ones to out[0..run). */
static void write_run(spray_udp_t *udp, const spray_pace_t *pace, uint32_t socket, unsigned at,
		      unsigned run)
{
	uint64_t now_ns = spray_udp_now_ns();
	bool is_since_due = pace->rate > 0 && !udp->setup.is_since_sent;

	for (unsigned i = 0; i < run; i++) {
		uint64_t due_ns = is_since_due ? spray_pace_due_ns(pace, at + i) : now_ns;
		uint16_t id;
		/* It was due before there was room: it has waited for that. */
		udp->counts.held += is_since_due && due_ns < udp->room_ns;
		udp->places[i] = spray_flights_depart(&udp->flights, socket, due_ns, now_ns, &id);
		udp->out_parts[i].iov_len =
			udp->asker.write(udp->asker.context, udp->places[i], udp->queries[i]);
		put_u16(udp->queries[i], id);
	}
}

static err_t send_due(spray_udp_t *udp, spray_pace_t *pace, unsigned *sent)
{
	uint64_t now_ns = spray_udp_now_ns();
	unsigned due = spray_pace_due(pace, now_ns, SPRAY_BATCH);
	unsigned room = udp->setup.in_flight - udp->flights.waiting;
	unsigned batch = due < room ? due : room;
	err_t err = ERR_OK;

	if (udp->is_full && room > 0)
		udp->room_ns = now_ns;
	udp->is_full = false;
	*sent = 0;
	while (*sent < batch) {
		uint32_t socket;
		unsigned run;
		err = spray_sockets_choose(udp->sockets, batch, batch - *sent, &socket, &run);
		if (err != ERR_OK)
			break;
		write_run(udp, pace, socket, *sent, run);
		send_run(udp, socket, run);
		*sent += run;
	}
	udp->is_full = err == (err_t)-EAGAIN || udp->flights.waiting == udp->setup.in_flight;
	spray_pace_take(pace, *sent);
	return err == (err_t)-EAGAIN ? ERR_OK : err;
}

/* ---- in ---- */

static void take_packet(spray_udp_t *udp, uint32_t socket, const uint8_t *packet, size_t size,
			uint64_t now_ns)
{
	uint32_t place;

	if (size < DNS_HEADER_SIZE || size > ANSWER_MAX) {
		udp->counts.strange++;
		return;
	}
	spray_flight_state_t state =
		spray_flights_find(&udp->flights, get_u16(packet), socket, &place);
	if (state == SPRAY_FLIGHT_NONE ||
	    !udp->asker.is_answer(udp->asker.context, place, packet, size)) {
		udp->counts.strange++;
	} else if (state == SPRAY_FLIGHT_ANSWERED) {
		udp->counts.duplicates++;
	} else if (state == SPRAY_FLIGHT_LOST) {
		udp->counts.late++;
	} else {
		spray_flights_land(&udp->flights, place, SPRAY_FLIGHT_ANSWERED);
		udp->counts.answered++;
		udp->asker.answered(udp->asker.context, place, packet, size,
				    (now_ns - udp->flights.places[place].due_ns) / NS_PER_US);
		spray_sockets_done(udp->sockets, socket);
	}
}

/* Receives what is there; returns how many packets, or -1. Where no more than one answer is to be expected the
 * plain call costs less; epoll tells if there are more. */
static int receive_some(spray_udp_t *udp, int fd)
{
	if (udp->flights.waiting > spray_sockets_open_count(udp->sockets))
		return recvmmsg(fd, udp->in, SPRAY_BATCH, MSG_DONTWAIT, NULL);
	ssize_t size = recv(fd, udp->answers[0], ANSWER_ROOM, MSG_DONTWAIT);
	udp->in[0].msg_len = (unsigned)size;
	return size >= 0 ? 1 : -1;
}

/* Takes what is there at a socket, at most a batch. Returns how many packets that were, or messages about
 * packets. */
static unsigned receive_from(spray_udp_t *udp, uint32_t socket)
{
	int fd = spray_sockets_fd(udp->sockets, socket);

	if (fd < 0)
		return 0;
	int got = receive_some(udp, fd);
	if (got < 0) {
		udp->counts.refused += errno == ECONNREFUSED;
		return errno == ECONNREFUSED;
	}
	uint64_t now_ns = spray_udp_now_ns();
	for (int i = 0; i < got; i++)
		take_packet(udp, socket, udp->answers[i], udp->in[i].msg_len, now_ns);
	return (unsigned)got;
}

static unsigned receive(spray_udp_t *udp)
{
	unsigned received = 0;

	/* With one socket there is no need to ask which one. */
	if (udp->setup.policy == SPRAY_SOCKETS && spray_sockets_open_count(udp->sockets) == 1)
		return receive_from(udp, 0);
	int count = epoll_wait(udp->epoll, udp->ready, SPRAY_BATCH, 0);
	for (int i = 0; i < count; i++)
		received += receive_from(udp, udp->ready[i].data.u32);
	return received;
}

/* ---- steps ---- */

static void expire(spray_udp_t *udp, uint64_t limit_ns)
{
	uint32_t place;

	while (spray_flights_expire(&udp->flights, limit_ns, &place))
		lose(udp, place);
}

/* Loses what has waited too long. While answers come in by the batch, more may be there, and nobody has been
 * slow but we: a query has twice its time then. */
static void expire_old(spray_udp_t *udp, uint64_t now_ns, unsigned received)
{
	uint64_t patience_ns = udp->setup.patience_ns * (received < SPRAY_BATCH ? 1 : 2);

	if (now_ns > patience_ns)
		expire(udp, now_ns - patience_ns);
}

err_t spray_udp_step(spray_udp_t *udp, spray_pace_t *pace, unsigned *work)
{
	uint64_t now_ns = spray_udp_now_ns();
	err_t err = ERR_OK;
	unsigned sent = 0;

	/* What has come in is taken before it is said not to have come. */
	unsigned received = udp->flights.waiting > 0 ? receive(udp) : 0;
	expire_old(udp, now_ns, received);
	if (pace != NULL)
		err = send_due(udp, pace, &sent);
	*work = received + sent;
	return err;
}

uint64_t spray_udp_wake_ns(spray_udp_t *udp, const spray_pace_t *pace)
{
	uint64_t oldest_ns = spray_flights_oldest_ns(&udp->flights);
	uint64_t wake_ns = UINT64_MAX;

	if (oldest_ns != UINT64_MAX)
		wake_ns = oldest_ns + udp->setup.patience_ns + 1;
	if (pace != NULL && udp->flights.waiting < udp->setup.in_flight &&
	    spray_pace_left(pace) > 0) {
		uint64_t due_ns = spray_pace_due_ns(pace, 0);
		/* A query that is due already waits for a port. */
		if (due_ns < wake_ns && due_ns > spray_udp_now_ns())
			wake_ns = due_ns;
	}
	return wake_ns;
}

void spray_udp_wait(spray_udp_t *udp, uint64_t until_ns)
{
	struct pollfd entry = { .fd = udp->epoll, .events = POLLIN };
	uint64_t now_ns = spray_udp_now_ns();
	uint64_t wait_ns = until_ns > now_ns ? until_ns - now_ns : 0;
	struct timespec wait = { .tv_sec = (time_t)(wait_ns / NS_PER_S),
				 .tv_nsec = (long)(wait_ns % NS_PER_S) };

	(void)!ppoll(&entry, 1, &wait, NULL);
}

void spray_udp_give_up(spray_udp_t *udp)
{
	expire(udp, UINT64_MAX);
}

/* ---- the whole ---- */

static void init_messages(spray_udp_t *udp)
{
	for (unsigned i = 0; i < SPRAY_BATCH; i++) {
		udp->out_parts[i].iov_base = udp->queries[i];
		udp->in_parts[i] = (struct iovec){ udp->answers[i], ANSWER_ROOM };
		udp->out[i].msg_hdr.msg_iov = &udp->out_parts[i];
		udp->out[i].msg_hdr.msg_iovlen = 1;
		udp->in[i].msg_hdr.msg_iov = &udp->in_parts[i];
		udp->in[i].msg_hdr.msg_iovlen = 1;
	}
}

err_t spray_udp_new(const spray_udp_setup_t *setup, const spray_asker_t *asker, spray_udp_t **made)
{
	spray_udp_t *udp = calloc(1, sizeof(*udp));

	if (udp == NULL)
		return ERR_NOMEM;
	const spray_opener_t opener = { udp, open_socket, close_socket };
	udp->setup = *setup;
	udp->asker = *asker;
	init_messages(udp);
	spray_flights_init(&udp->flights, (uint16_t)randombytes_uniform(UINT16_MAX + 1));
	udp->sockets = spray_sockets_new(setup->policy, setup->sockets, setup->ports, &opener);
	udp->epoll = epoll_create1(EPOLL_CLOEXEC);
	err_t err = ERR_OK;
	if (udp->epoll < 0)
		err = err_from_errno();
	else if (udp->sockets == NULL)
		err = ERR_NOMEM;
	if (err == ERR_OK)
		err = spray_sockets_open(udp->sockets);
	if (err != ERR_OK) {
		spray_udp_free(udp);
		return err;
	}
	*made = udp;
	return ERR_OK;
}

void spray_udp_free(spray_udp_t *udp)
{
	if (udp == NULL)
		return;
	spray_sockets_free(udp->sockets);
	if (udp->epoll >= 0)
		close(udp->epoll);
	free(udp);
}
