/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "engine.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cursor.h"
#include "channel.h"

/* Queries of a channel that may be on the way at once. IDs go round in 65,536, which is many rounds of
 * this, so that an answer that comes very late is not taken for another query's. */
#define SLOTS 1024u

/* Between two looks whether a query is due: as fine as libev's timers are. */
#define TICK_S 0.001

/* Between two looks whether one is lost. */
#define SWEEP_S 0.1

/* What was due and could not be sent for longer than this, as the machine had other things to do, is
 * not made up for: it would be a flood that nobody asked for. */
#define LATE_S 0.25

typedef enum slot_state {
	SLOT_FREE,
	SLOT_WAITING,
	SLOT_LOST, /* an answer would come too late */
} slot_state_t;

typedef struct slot {
	_Alignas(8) uint8_t ticket[ENGINE_TICKET_MAX];
	uint64_t sent_ns;
	uint16_t id;
	uint8_t state;    /* slot_state_t */
	bool must_resend; /* TCP: its connection is gone */
} slot_t;

/* A channel's queries. */
typedef struct lane {
	channel_t *channel;
	uint16_t next_id;
	slot_t slots[SLOTS];
} lane_t;

struct engine {
	struct ev_loop *loop;
	engine_setup_t setup;
	engine_asker_t asker;
	channel_owner_t owner;
	ev_timer tick;
	ev_timer sweep;
	engine_counts_t counts;
	unsigned waiting;
	unsigned next_lane;
	bool is_finishing;
	uint64_t start_ns; /* when `due` was 0 */
	uint64_t due;      /* queries that have been sent or skipped since then */
	unsigned lane_count;
	lane_t *lanes[];
};

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* Sends the query of a slot. */
static err_t send_slot(engine_t *engine, lane_t *lane, slot_t *slot)
{
	uint8_t packet[ENGINE_QUERY_MAX];
	size_t size = engine->asker.write(engine->asker.context, slot->ticket, packet);

	put_u16(packet, slot->id);
	return channel_send(lane->channel, packet, size);
}

/* Asks a new query on a lane. Returns false if that has no room now. */
static bool ask_on(engine_t *engine, lane_t *lane)
{
	slot_t *slot = &lane->slots[lane->next_id % SLOTS];
	err_t err;

	if (slot->state == SLOT_WAITING)
		return false;
	slot->id = lane->next_id;
	slot->sent_ns = now_ns();
	slot->must_resend = false;
	engine->asker.choose(engine->asker.context, slot->ticket);
	err = send_slot(engine, lane, slot);
	if (err == (err_t)-ECONNREFUSED) {
		engine->counts.refused++;
		err = send_slot(engine, lane, slot);
	}
	slot->state = err == ERR_OK ? SLOT_WAITING : SLOT_FREE;
	if (err != ERR_OK)
		return false;
	lane->next_id++;
	engine->waiting++;
	engine->counts.sent++;
	engine->counts.tcp_sent += channel_is_tcp(lane->channel);
	return true;
}

/* Asks one query on the next lane that has room. */
static bool ask(engine_t *engine)
{
	if (engine->waiting >= engine->setup.waiting_max)
		return false;
	for (unsigned i = 0; i < engine->lane_count; i++) {
		lane_t *lane = engine->lanes[engine->next_lane];
		engine->next_lane = (engine->next_lane + 1) % engine->lane_count;
		if (ask_on(engine, lane))
			return true;
	}
	return false;
}

static void ask_what_is_due(engine_t *engine)
{
	double rate = engine->setup.rate;

	if (engine->is_finishing)
		return;
	if (rate <= 0) {
		while (ask(engine))
			;
		return;
	}
	uint64_t due = (uint64_t)((double)(now_ns() - engine->start_ns) / 1e9 * rate) + 1;
	uint64_t late_max = (uint64_t)(LATE_S * rate) + 1;
	if (due - engine->due > late_max) {
		engine->counts.skipped += due - engine->due - late_max;
		engine->due = due - late_max;
	}
	while (engine->due < due && ask(engine))
		engine->due++;
}

static void on_tick(struct ev_loop *loop, ev_timer *timer, int events)
{
	(void)loop;
	(void)events;
	ask_what_is_due(timer->data);
}

static void end_if_done(engine_t *engine)
{
	if (engine->is_finishing && engine->waiting == 0)
		ev_break(engine->loop, EVBREAK_ALL);
}

static void sweep_slot(engine_t *engine, lane_t *lane, slot_t *slot, uint64_t limit_ns)
{
	if (slot->state != SLOT_WAITING)
		return;
	if (slot->sent_ns < limit_ns) {
		slot->state = SLOT_LOST;
		engine->waiting--;
		engine->counts.lost++;
		engine->asker.lost(engine->asker.context, slot->ticket);
	} else if (slot->must_resend && send_slot(engine, lane, slot) == ERR_OK) {
		slot->must_resend = false;
		engine->counts.tcp_again++;
	}
}

static void on_sweep(struct ev_loop *loop, ev_timer *timer, int events)
{
	engine_t *engine = timer->data;
	uint64_t patience_ns = (uint64_t)(engine->setup.patience_s * 1e9);
	uint64_t now = now_ns();

	(void)loop;
	(void)events;
	if (now > patience_ns)
		for (unsigned i = 0; i < engine->lane_count; i++)
			for (unsigned slot = 0; slot < SLOTS; slot++)
				sweep_slot(engine, engine->lanes[i], &engine->lanes[i]->slots[slot],
					   now - patience_ns);
	end_if_done(engine);
}

static void on_received(void *context, channel_t *channel, const uint8_t *packet, size_t size)
{
	engine_t *engine = context;
	uint64_t now = now_ns();
	uint16_t id = size >= 2 ? get_u16(packet) : 0;
	slot_t *slot = &engine->lanes[channel_number(channel)]->slots[id % SLOTS];

	if (size < 2 || slot->id != id || slot->state == SLOT_FREE) {
		engine->counts.strange++;
		return;
	}
	if (slot->state == SLOT_LOST) {
		engine->counts.late++;
		slot->state = SLOT_FREE;
		return;
	}
	slot->state = SLOT_FREE;
	engine->waiting--;
	engine->counts.answered++;
	engine->asker.answered(engine->asker.context, slot->ticket, packet, size,
			       (now - slot->sent_ns) / 1000);
	if (engine->setup.rate <= 0)
		ask_what_is_due(engine);
	end_if_done(engine);
}

static void on_refused(void *context, channel_t *channel)
{
	engine_t *engine = context;
	lane_t *lane = engine->lanes[channel_number(channel)];

	if (!channel_is_tcp(channel)) {
		engine->counts.refused++;
		return;
	}
	/* At the next sweep: at once could be in the middle of a send. */
	for (unsigned i = 0; i < SLOTS; i++)
		lane->slots[i].must_resend = lane->slots[i].state == SLOT_WAITING;
}

static err_t add_lane(engine_t *engine, bool is_tcp)
{
	lane_t *lane = calloc(1, sizeof(*lane));
	err_t err;

	if (lane == NULL)
		return ERR_NOMEM;
	err = channel_new(engine->loop, &engine->setup.server, is_tcp, engine->lane_count,
			  &engine->owner, &lane->channel);
	if (err != ERR_OK) {
		free(lane);
		return err;
	}
	engine->lanes[engine->lane_count++] = lane;
	return ERR_OK;
}

err_t engine_new(struct ev_loop *loop, const engine_setup_t *setup, const engine_asker_t *asker,
		 engine_t **made)
{
	unsigned lanes = setup->udp_sockets + setup->tcp_connections;
	engine_t *engine = calloc(1, sizeof(*engine) + lanes * sizeof(engine->lanes[0]));
	err_t err = ERR_OK;

	if (engine == NULL)
		return ERR_NOMEM;
	engine->loop = loop;
	engine->setup = *setup;
	engine->asker = *asker;
	engine->owner = (channel_owner_t){ engine, on_received, on_refused };
	ev_timer_init(&engine->tick, on_tick, TICK_S, TICK_S);
	ev_timer_init(&engine->sweep, on_sweep, SWEEP_S, SWEEP_S);
	engine->tick.data = engine;
	engine->sweep.data = engine;
	for (unsigned i = 0; i < lanes && err == ERR_OK; i++)
		err = add_lane(engine, i >= setup->udp_sockets);
	if (err != ERR_OK) {
		engine_free(engine);
		return err;
	}
	engine->start_ns = now_ns();
	ev_timer_start(loop, &engine->tick);
	ev_timer_start(loop, &engine->sweep);
	*made = engine;
	return ERR_OK;
}

void engine_finish(engine_t *engine)
{
	engine->is_finishing = true;
	end_if_done(engine);
}

void engine_count(const engine_t *engine, engine_counts_t *counts)
{
	*counts = engine->counts;
	for (unsigned i = 0; i < engine->lane_count; i++) {
		counts->own_drops += channel_drops(engine->lanes[i]->channel);
		counts->tcp_connects += channel_connects(engine->lanes[i]->channel);
	}
}

void engine_free(engine_t *engine)
{
	if (engine == NULL)
		return;
	ev_timer_stop(engine->loop, &engine->tick);
	ev_timer_stop(engine->loop, &engine->sweep);
	for (unsigned i = 0; i < engine->lane_count; i++) {
		channel_free(engine->lanes[i]->channel);
		free(engine->lanes[i]);
	}
	free(engine);
}
