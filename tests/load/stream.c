/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "stream.h"

#include <stdlib.h>

#include "base/cursor.h"
#include "channel.h"
#include "spray/spray_flights.h"
#include "spray/spray_udp.h"

/* Queries that are asked in one go. */
#define BATCH 64u

typedef struct ticket {
	_Alignas(8) uint8_t bytes[ENGINE_TICKET_MAX];
	bool must_resend; /* its connection is gone */
} ticket_t;

struct stream {
	engine_asker_t asker;
	channel_owner_t owner;
	unsigned waiting_max;
	uint64_t patience_ns;
	uint64_t last_step_ns; /* 0: there was none */
	bool must_resend;      /* some */
	engine_counts_t counts;
	spray_flights_t flights; /* sockets are the numbers of channels */
	ticket_t tickets[SPRAY_FLIGHTS_PLACES];
	unsigned next;
	unsigned count;
	channel_t *channels[];
};

unsigned stream_waiting(const stream_t *stream)
{
	return stream->flights.waiting;
}

void stream_count(const stream_t *stream, engine_counts_t *counts)
{
	counts->sent += stream->counts.sent;
	counts->answered += stream->counts.answered;
	counts->lost += stream->counts.lost;
	counts->late += stream->counts.late;
	counts->strange += stream->counts.strange;
	counts->tcp_sent += stream->counts.sent;
	counts->tcp_again += stream->counts.tcp_again;
	for (unsigned i = 0; i < stream->count; i++)
		counts->tcp_connects += channel_connects(stream->channels[i]);
}

/* ---- out ---- */

/* Sends the query of a place over its connection. */
static err_t send_query(stream_t *stream, uint32_t place)
{
	uint8_t packet[DNS_CLIENT_QUERY_MAX];
	size_t size =
		stream->asker.write(stream->asker.context, stream->tickets[place].bytes, packet);

	put_u16(packet, spray_flights_id(&stream->flights, place));
	return channel_send(stream->channels[stream->flights.places[place].socket], packet, size);
}

/* Asks a new query on the next connection that has room. Returns false if none has. */
static bool ask(stream_t *stream)
{
	uint64_t now_ns = spray_udp_now_ns();

	for (unsigned i = 0; i < stream->count; i++) {
		unsigned number = stream->next;
		stream->next = (stream->next + 1) % stream->count;
		if (!channel_has_room(stream->channels[number], DNS_CLIENT_QUERY_MAX))
			continue;
		uint16_t id;
		uint32_t place =
			spray_flights_depart(&stream->flights, number, now_ns, now_ns, &id);
		stream->asker.choose(stream->asker.context, stream->tickets[place].bytes);
		/* No connection can be had now: it is asked when there is one. */
		stream->tickets[place].must_resend = send_query(stream, place) != ERR_OK;
		stream->must_resend |= stream->tickets[place].must_resend;
		stream->counts.sent++;
		return true;
	}
	return false;
}

static void ask_what_is_due(stream_t *stream, spray_pace_t *pace)
{
	unsigned due = spray_pace_due(pace, spray_udp_now_ns(), BATCH);
	unsigned room = stream->waiting_max - stream->flights.waiting;
	unsigned asked = 0;

	while (asked < due && asked < room && ask(stream))
		asked++;
	spray_pace_take(pace, asked);
}

static void ask_again(stream_t *stream)
{
	bool has_more = false;

	for (uint32_t i = 0; i < SPRAY_FLIGHTS_PLACES && stream->must_resend; i++) {
		if (!stream->tickets[i].must_resend ||
		    stream->flights.places[i].state != SPRAY_FLIGHT_WAITING)
			continue;
		if (send_query(stream, i) == ERR_OK) {
			stream->tickets[i].must_resend = false;
			stream->counts.tcp_again++;
		} else {
			has_more = true;
		}
	}
	stream->must_resend = has_more;
}

/* What was too old at the step before: since then all that had come has been read, however long this client
 * has stood still itself. */
static void expire(stream_t *stream)
{
	uint64_t then_ns = stream->last_step_ns;
	uint32_t place;

	stream->last_step_ns = spray_udp_now_ns();
	while (then_ns > stream->patience_ns &&
	       spray_flights_expire(&stream->flights, then_ns - stream->patience_ns, &place)) {
		stream->counts.lost++;
		stream->asker.lost(stream->asker.context, stream->tickets[place].bytes);
	}
}

void stream_step(stream_t *stream, spray_pace_t *pace)
{
	expire(stream);
	ask_again(stream);
	if (pace != NULL)
		ask_what_is_due(stream, pace);
}

/* ---- in ---- */

static void on_received(void *context, channel_t *channel, const uint8_t *packet, size_t size)
{
	stream_t *stream = context;
	uint64_t now_ns = spray_udp_now_ns();
	uint32_t place = 0;
	spray_flight_state_t state = SPRAY_FLIGHT_NONE;

	if (size >= 2)
		state = spray_flights_find(&stream->flights, get_u16(packet),
					   channel_number(channel), &place);
	if (state != SPRAY_FLIGHT_WAITING) {
		stream->counts.late += state == SPRAY_FLIGHT_LOST;
		stream->counts.strange += state != SPRAY_FLIGHT_LOST;
		return;
	}
	spray_flights_land(&stream->flights, place, SPRAY_FLIGHT_ANSWERED);
	stream->counts.answered++;
	stream->asker.answered(stream->asker.context, stream->tickets[place].bytes, packet, size,
			       (now_ns - stream->flights.places[place].due_ns) / 1000);
}

static void on_ended(void *context, channel_t *channel)
{
	stream_t *stream = context;

	/* At the next step: at once could be in the middle of a send. */
	for (uint32_t i = 0; i < SPRAY_FLIGHTS_PLACES; i++) {
		const spray_flight_t *flight = &stream->flights.places[i];
		if (flight->state == SPRAY_FLIGHT_WAITING &&
		    flight->socket == channel_number(channel)) {
			stream->tickets[i].must_resend = true;
			stream->must_resend = true;
		}
	}
}

/* ---- the whole ---- */

err_t stream_new(struct ev_loop *loop, const engine_setup_t *setup, unsigned waiting_max,
		 const engine_asker_t *asker, stream_t **made)
{
	unsigned count = setup->tcp_connections;
	stream_t *stream = calloc(1, sizeof(*stream) + count * sizeof(stream->channels[0]));
	err_t err = ERR_OK;

	if (stream == NULL)
		return ERR_NOMEM;
	stream->asker = *asker;
	stream->owner = (channel_owner_t){ stream, on_received, on_ended };
	stream->waiting_max = waiting_max;
	stream->patience_ns = (uint64_t)(setup->patience_s * 1e9);
	for (unsigned i = 0; i < count && err == ERR_OK; i++) {
		err = channel_new(loop, &setup->server, i, &stream->owner, &stream->channels[i]);
		stream->count += err == ERR_OK;
	}
	if (err != ERR_OK) {
		stream_free(stream);
		return err;
	}
	*made = stream;
	return ERR_OK;
}

void stream_free(stream_t *stream)
{
	if (stream == NULL)
		return;
	for (unsigned i = 0; i < stream->count; i++)
		channel_free(stream->channels[i]);
	free(stream);
}
