/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "engine.h"

#include <stdlib.h>

#include "stream.h"
#include "ports/port_system.h"
#include "spray/spray_flights.h"
#include "spray/spray_udp.h"

/* Between two looks whether a query is due: as fine as libev's timers are. */
#define TICK_S 0.001

/* What was due and could not be sent for longer than this, as the machine had other things to do, is
 * not made up for: it would be a flood that nobody asked for. */
#define LATE_NS UINT64_C(250000000)

/* Steps over UDP until others have their turn. */
#define STEPS_MAX 32

typedef struct ticket {
	_Alignas(8) uint8_t bytes[ENGINE_TICKET_MAX];
} ticket_t;

struct engine {
	struct ev_loop *loop;
	engine_asker_t asker;
	ev_timer tick;
	ev_io udp_io;
	bool is_finishing;
	uint64_t skipped;
	spray_ports_t *ports;
	spray_udp_t *udp; /* NULL: none is wanted */
	spray_pace_t udp_pace;
	stream_t *tcp; /* NULL: none is wanted */
	spray_pace_t tcp_pace;
	ticket_t tickets[SPRAY_FLIGHTS_PLACES];
	uint64_t port_counts[PORT_COUNT];
};

/* ---- what is asked over UDP ---- */

static size_t write_query(void *context, uint32_t place, uint8_t packet[DNS_CLIENT_QUERY_MAX])
{
	engine_t *engine = context;

	engine->asker.choose(engine->asker.context, engine->tickets[place].bytes);
	return engine->asker.write(engine->asker.context, engine->tickets[place].bytes, packet);
}

/* Whether it is right, the question included, is judged by who asks: what is not, is a wrong answer. */
static bool is_answer(void *context, uint32_t place, const uint8_t *packet, size_t size)
{
	(void)context;
	(void)place;
	(void)packet;
	(void)size;
	return true;
}

static void answered(void *context, uint32_t place, const uint8_t *packet, size_t size,
		     uint64_t took_us)
{
	engine_t *engine = context;

	engine->asker.answered(engine->asker.context, engine->tickets[place].bytes, packet, size,
			       took_us);
}

static void lost(void *context, uint32_t place)
{
	engine_t *engine = context;

	engine->asker.lost(engine->asker.context, engine->tickets[place].bytes);
}

/* ---- steps ---- */

static unsigned waiting(const engine_t *engine)
{
	return (engine->udp != NULL ? spray_udp_waiting(engine->udp) : 0) +
	       (engine->tcp != NULL ? stream_waiting(engine->tcp) : 0);
}

static void step_udp(engine_t *engine)
{
	spray_pace_t *pace = engine->is_finishing ? NULL : &engine->udp_pace;
	unsigned work = 1;

	if (pace != NULL)
		engine->skipped += spray_pace_skip(pace, spray_udp_now_ns(), LATE_NS);
	for (unsigned i = 0; i < STEPS_MAX && work > 0; i++)
		if (spray_udp_step(engine->udp, pace, &work) != ERR_OK)
			abort(); /* its sockets are open already */
}

static void step_tcp(engine_t *engine)
{
	spray_pace_t *pace = engine->is_finishing ? NULL : &engine->tcp_pace;

	if (pace != NULL)
		engine->skipped += spray_pace_skip(pace, spray_udp_now_ns(), LATE_NS);
	stream_step(engine->tcp, pace);
}

static void step(engine_t *engine)
{
	if (engine->udp != NULL)
		step_udp(engine);
	if (engine->tcp != NULL)
		step_tcp(engine);
	if (engine->is_finishing && waiting(engine) == 0)
		ev_break(engine->loop, EVBREAK_ALL);
}

static void on_tick(struct ev_loop *loop, ev_timer *timer, int events)
{
	(void)loop;
	(void)events;
	step(timer->data);
}

static void on_udp(struct ev_loop *loop, ev_io *io, int events)
{
	(void)loop;
	(void)events;
	step(io->data);
}

/* ---- the whole ---- */

/* The part of a number that is for UDP: at least 1. */
static unsigned udp_share(const engine_setup_t *setup, unsigned whole)
{
	unsigned lanes = setup->udp_sockets + setup->tcp_connections;
	unsigned share = (unsigned)((uint64_t)whole * setup->udp_sockets / lanes);

	return share > 0 ? share : 1;
}

static err_t open_udp(engine_t *engine, const engine_setup_t *setup, double rate)
{
	unsigned waiting_max = udp_share(setup, setup->waiting_max);
	const spray_asker_t asker = { engine, write_query, is_answer, answered, lost };
	port_set_t avoid = { { 0 } };
	port_range_t range;

	err_t err = port_system_range(&range);
	if (err == ERR_OK)
		err = port_system_add_reserved(&avoid);
	if (err != ERR_OK)
		return err;
	engine->ports = spray_ports_new(range, &avoid);
	if (engine->ports == NULL)
		return ERR_NOMEM;
	const spray_udp_setup_t udp_setup = {
		.server = setup->server,
		.policy = SPRAY_SOCKETS,
		.sockets = setup->udp_sockets,
		.in_flight = waiting_max < SPRAY_FLIGHTS_MAX ? waiting_max : SPRAY_FLIGHTS_MAX,
		.patience_ns = (uint64_t)(setup->patience_s * 1e9),
		.is_since_sent = true,
		.ports = engine->ports,
		.port_counts = engine->port_counts,
	};
	spray_pace_init(&engine->udp_pace, rate, 0, 0, 0, 1);
	spray_pace_start(&engine->udp_pace, 0, spray_udp_now_ns());
	return spray_udp_new(&udp_setup, &asker, &engine->udp);
}

static err_t open_tcp(engine_t *engine, const engine_setup_t *setup, double rate)
{
	unsigned of_udp = setup->udp_sockets > 0 ? udp_share(setup, setup->waiting_max) : 0;
	unsigned waiting_max = setup->waiting_max > of_udp ? setup->waiting_max - of_udp : 1;

	spray_pace_init(&engine->tcp_pace, rate, 0, 0, 0, 1);
	spray_pace_start(&engine->tcp_pace, 0, spray_udp_now_ns());
	return stream_new(engine->loop, setup,
			  waiting_max < SPRAY_FLIGHTS_MAX ? waiting_max : SPRAY_FLIGHTS_MAX,
			  &engine->asker, &engine->tcp);
}

err_t engine_new(struct ev_loop *loop, const engine_setup_t *setup, const engine_asker_t *asker,
		 engine_t **made)
{
	double lane_rate = setup->rate / (setup->udp_sockets + setup->tcp_connections);
	engine_t *engine = calloc(1, sizeof(*engine));
	err_t err = ERR_OK;

	if (engine == NULL)
		return ERR_NOMEM;
	engine->loop = loop;
	engine->asker = *asker;
	if (setup->udp_sockets > 0)
		err = open_udp(engine, setup, lane_rate * setup->udp_sockets);
	if (err == ERR_OK && setup->tcp_connections > 0)
		err = open_tcp(engine, setup, lane_rate * setup->tcp_connections);
	if (err != ERR_OK) {
		engine_free(engine);
		return err;
	}
	ev_timer_init(&engine->tick, on_tick, TICK_S, TICK_S);
	engine->tick.data = engine;
	ev_timer_start(loop, &engine->tick);
	if (engine->udp != NULL) {
		ev_io_init(&engine->udp_io, on_udp, spray_udp_fd(engine->udp), EV_READ);
		engine->udp_io.data = engine;
		ev_io_start(loop, &engine->udp_io);
	}
	*made = engine;
	return ERR_OK;
}

void engine_finish(engine_t *engine)
{
	engine->is_finishing = true;
	if (waiting(engine) == 0)
		ev_break(engine->loop, EVBREAK_ALL);
}

void engine_count(const engine_t *engine, engine_counts_t *counts)
{
	*counts = (engine_counts_t){ .skipped = engine->skipped };
	if (engine->tcp != NULL)
		stream_count(engine->tcp, counts);
	if (engine->udp == NULL)
		return;
	const spray_udp_counts_t *of_udp = spray_udp_counts(engine->udp);
	counts->sent += of_udp->sent;
	counts->answered += of_udp->answered;
	counts->lost += of_udp->lost;
	counts->late += of_udp->late;
	counts->strange += of_udp->strange + of_udp->duplicates;
	counts->refused += of_udp->refused;
	counts->own_drops += spray_udp_drops(engine->udp);
}

void engine_free(engine_t *engine)
{
	if (engine == NULL)
		return;
	ev_timer_stop(engine->loop, &engine->tick);
	ev_io_stop(engine->loop, &engine->udp_io);
	spray_udp_free(engine->udp);
	spray_ports_free(engine->ports);
	stream_free(engine->tcp);
	free(engine);
}
