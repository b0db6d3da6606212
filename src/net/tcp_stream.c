/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "net/tcp_stream.h"

#include <stdlib.h>
#include <string.h>

#include "base/cursor.h"

/* Queries that are answered in one go. Fewer than over UDP: each has room for the longest reply, and
 * those that go beyond TCP_ROUND_ENOUGH are made for nothing. */
#define TCP_BATCH 16
_Static_assert(TCP_BATCH <= ANSWER_BATCH_MAX, "one call");

/* Room for a reply and its length: an odd number of cache lines, so that the heads of the replies of a
 * batch do not fall on the same few lines of the cache. */
#define REPLY_SLOT (1025 * 64)
_Static_assert(REPLY_SLOT >= TCP_PREFIX + ANSWER_TCP_MAX, "the longest reply fits");

struct tcp_answers {
	catalog_t *catalog;
	query_records_t *records;
	answer_context_t *context;
	uint16_t keepalive_ds;
	answer_packet_t packets[TCP_BATCH];
	/* The replies of the round, without gaps, in data[0..size). A batch is written behind them,
	 * each reply with room for the longest, and then moved together. */
	size_t size;
	uint8_t data[TCP_ROUND_ENOUGH + TCP_BATCH * REPLY_SLOT];
};

tcp_answers_t *tcp_answers_new(catalog_t *catalog, query_records_t *records, uint16_t keepalive_ds)
{
	/* Of its megabyte only what replies need is ever touched. */
	tcp_answers_t *answers = malloc(sizeof(*answers));

	if (answers == NULL)
		return NULL;
	answers->catalog = catalog;
	answers->records = records;
	answers->keepalive_ds = keepalive_ds;
	answers->context = answer_context_new();
	if (answers->context == NULL) {
		free(answers);
		return NULL;
	}
	return answers;
}

void tcp_answers_free(tcp_answers_t *answers)
{
	if (answers == NULL)
		return;
	answer_context_free(answers->context);
	free(answers);
}

uint8_t *tcp_stream_input(tcp_stream_t *stream, size_t *room)
{
	*room = sizeof(stream->input) - stream->input_size;
	return stream->input + stream->input_size;
}

/* The size of the message whose length stands at `at`: SIZE_MAX if that is not there yet. */
static size_t message_size(const tcp_stream_t *stream, size_t at)
{
	if (stream->input_size - at < TCP_PREFIX)
		return SIZE_MAX;
	return get_u16(stream->input + at);
}

/* Is it too long, for sure? */
static bool is_too_long(size_t size)
{
	return size != SIZE_MAX && size > TCP_QUERY_MAX;
}

static bool is_complete(const tcp_stream_t *stream, size_t at, size_t size)
{
	return size <= TCP_QUERY_MAX && stream->input_size - at - TCP_PREFIX >= size;
}

bool tcp_stream_has_query(const tcp_stream_t *stream)
{
	size_t size = message_size(stream, 0);

	return !stream->is_bad && (is_too_long(size) || is_complete(stream, 0, size));
}

/* Makes packets of the complete queries from `at` on; returns how many. */
static size_t collect(const tcp_stream_t *stream, size_t at, tcp_answers_t *answers,
		      ip6_address_t client)
{
	uint8_t *slot = answers->data + answers->size;
	size_t most = stream->batch > 0 ? stream->batch : TCP_BATCH;
	size_t count;

	for (count = 0; count < most; count++) {
		size_t size = message_size(stream, at);

		if (!is_complete(stream, at, size))
			break;
		answers->packets[count] = (answer_packet_t){
			.query = stream->input + at + TCP_PREFIX,
			.query_size = size,
			.client = client,
			.transport = ANSWER_TCP,
			.keepalive_ds = answers->keepalive_ds,
			.reply = slot + TCP_PREFIX,
			.reply_room = ANSWER_TCP_MAX,
		};
		slot += REPLY_SLOT;
		at += TCP_PREFIX + size;
	}
	return count;
}

/* Puts a reply behind those of the round. */
static void append(tcp_answers_t *answers, answer_packet_t *packet)
{
	uint8_t *place = answers->data + answers->size;

	put_u16(place, (uint16_t)packet->reply_size);
	/* The first of a batch is where it has to be. */
	if (packet->reply != place + TCP_PREFIX)
		memmove(place + TCP_PREFIX, packet->reply, packet->reply_size);
	packet->reply = place + TCP_PREFIX;
	answers->size += TCP_PREFIX + packet->reply_size;
}

/* Takes packets[0..count), which have been answered, into the round, as many as it can have. Returns
 * how many bytes of the input they are. */
static size_t take(tcp_stream_t *stream, tcp_answers_t *answers, size_t count, time_t now,
		   const net_address_t *client)
{
	message_counters_t *counters = &answers->records->messages;
	size_t used = 0;
	size_t i;

	for (i = 0; i < count && answers->size < TCP_ROUND_ENOUGH && !stream->is_bad; i++) {
		answer_packet_t *packet = &answers->packets[i];

		if (packet->reply_size > 0) {
			append(answers, packet);
		} else {
			counter_add(&counters->dropped, 1);
			/* Whom the zone's ACL ignores may have asked through a resolver that asks
			 * for others, too. What is no query at all is not worth a connection. */
			stream->is_bad = packet->zone == ANSWER_NO_ZONE;
		}
		counter_add(&counters->received, 1);
		query_records_add(answers->records, now, client, packet);
		used += TCP_PREFIX + packet->query_size;
	}
	/* As many as the round took, or twice as many as went well. */
	if (i < count)
		stream->batch = (uint8_t)i;
	else if (stream->batch > 0)
		stream->batch = 2 * i < TCP_BATCH ? (uint8_t)(2 * i) : 0;
	return used;
}

/* Gives up on a stream whose next message would be too long. */
static void refuse(tcp_stream_t *stream, size_t at, tcp_answers_t *answers)
{
	stream->is_bad = true;
	counter_add(&answers->records->messages.received, 1);
	counter_add(&answers->records->messages.dropped, 1);
	query_records_drop(answers->records, stream->input_size - at - TCP_PREFIX);
}

tcp_output_t tcp_stream_answer(tcp_stream_t *stream, tcp_answers_t *answers,
			       const net_address_t *client, const answer_time_t *now)
{
	size_t at = 0;

	answers->size = 0;
	while (answers->size < TCP_ROUND_ENOUGH && !stream->is_bad) {
		size_t count = collect(stream, at, answers, net_address_ip6(client));

		if (count == 0)
			break;
		answer_batch(answers->context, catalog_read_begin(answers->catalog), now,
			     answers->packets, count);
		catalog_read_end(answers->catalog);
		at += take(stream, answers, count, now->wall_s, client);
	}
	if (!stream->is_bad && is_too_long(message_size(stream, at)))
		refuse(stream, at, answers);
	stream->input_size -= at;
	memmove(stream->input, stream->input + at, stream->input_size);
	return (tcp_output_t){ .data = answers->data, .size = answers->size };
}

/* The size of the reply, and its length, that begins at `at`. */
static size_t reply_size(const tcp_output_t *output, size_t at)
{
	return TCP_PREFIX + (size_t)get_u16(output->data + at);
}

err_t tcp_stream_keep(tcp_stream_t *stream, const tcp_output_t *output)
{
	tcp_output_t *unsent = &stream->unsent;
	size_t start = 0;

	if (output->sent == output->size)
		return ERR_OK;
	/* From the start of a reply, so that replies can be told apart. */
	while (start + reply_size(output, start) <= output->sent)
		start += reply_size(output, start);
	unsent->data = malloc(output->size - start);
	if (unsent->data == NULL)
		return ERR_NOMEM;
	memcpy(unsent->data, output->data + start, output->size - start);
	unsent->size = output->size - start;
	unsent->sent = output->sent - start;
	return ERR_OK;
}

unsigned tcp_output_replies(const tcp_output_t *output, unsigned *rest)
{
	unsigned done = 0;

	*rest = 0;
	for (size_t at = 0; at < output->size; at += reply_size(output, at)) {
		if (at + reply_size(output, at) <= output->sent)
			done++;
		else
			*rest += 1;
	}
	return done;
}

void tcp_stream_clear(tcp_stream_t *stream)
{
	free(stream->unsent.data);
	stream->unsent = (tcp_output_t){ .data = NULL };
}
