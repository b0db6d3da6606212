/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* Any bytes as a TCP stream: no crash, every reply is a whole message to one of the queries, in their
 * order, and the replies are the same when the stream comes in pieces and the client takes them in
 * pieces. The first byte says how large the pieces are. */

#include <netinet/in.h>
#include <stdint.h>

#include "../unit/answer_zones.h"
#include "../unit/message.h"
#include "net/tcp_stream.h"

/* A connection and the replies on it. */
typedef struct line {
	tcp_stream_t stream;
	tcp_answers_t *answers;
	size_t size;
	uint8_t replies[4 << 20];
} line_t;

static fixture_t fixture;
static query_records_t *records;
static line_t whole;
static line_t pieces;

static const net_address_t client = { .ip4 = { .sin_family = AF_INET } };
static const answer_time_t now = { .wall_s = 0 };

static void load(void)
{
	zones_begin(&fixture, &catalog_default_options);
	zones_load(&fixture);
	for (size_t i = 0; i < COUNT_OF(zones_files); i++)
		fixture_remove(&fixture, zones_files[i]);
	(void)rmdir(fixture.directory);
	catalog_reader_register();
	records = query_records_new(fixture.catalog, NULL);
	whole.answers = tcp_answers_new(fixture.catalog, records, 100);
	pieces.answers = tcp_answers_new(fixture.catalog, records, 100);
	fixture_require(whole.answers != NULL && pieces.answers != NULL, "no memory");
}

/* The client takes up to `most` bytes of the replies. */
static void take(line_t *line, tcp_output_t *output, size_t most)
{
	size_t size = output->size - output->sent;

	if (size > most)
		size = most;
	fixture_require(line->size + size <= sizeof(line->replies), "more replies than can be");
	memcpy(line->replies + line->size, output->data + output->sent, size);
	line->size += size;
	output->sent += size;
}

static void answer(line_t *line, size_t most)
{
	tcp_stream_t *stream = &line->stream;

	while (tcp_stream_has_query(stream)) {
		tcp_output_t output = tcp_stream_answer(stream, line->answers, &client, &now);

		fixture_require(output.size <= TCP_ROUND_MAX, "a round without bounds");
		take(line, &output, most);
		fixture_require(tcp_stream_keep(stream, &output) == ERR_OK, "not kept");
		while (stream->unsent.data != NULL) {
			take(line, &stream->unsent, most);
			if (stream->unsent.sent == stream->unsent.size)
				tcp_stream_clear(stream);
		}
	}
}

/* Lets a stream come in pieces of at most `most` bytes. */
static void run(line_t *line, const uint8_t *data, size_t size, size_t most)
{
	memset(&line->stream, 0, offsetof(tcp_stream_t, input));
	line->size = 0;
	while (size > 0 && !line->stream.is_bad) {
		size_t room;
		uint8_t *place = tcp_stream_input(&line->stream, &room);

		fixture_require(room > 0, "no room");
		if (room > most)
			room = most;
		if (room > size)
			room = size;
		memcpy(place, data, room);
		line->stream.input_size += room;
		data += room;
		size -= room;
		answer(line, most);
	}
}

/* Goes through the queries of the stream and the replies side by side: some of the queries have none,
 * but nothing has two. */
static void check(const uint8_t *data, size_t size)
{
	static message_t message;
	size_t query = 0;

	for (size_t at = 0; at < whole.size;) {
		size_t reply_size = get_u16(whole.replies + at);
		const uint8_t *reply = whole.replies + at + TCP_PREFIX;
		const char *error = message_decode(&message, reply, reply_size);

		/* A reply to what is no question has none; message_decode wants one. */
		if (get_u16(reply + 4) != 0)
			fixture_require(error == NULL, error);
		for (;;) {
			fixture_require(query + TCP_PREFIX <= size, "a reply to nothing");
			size_t query_size = get_u16(data + query);
			const uint8_t *id = data + query + TCP_PREFIX;
			query += TCP_PREFIX + query_size;
			if (query_size >= 2 && query <= size && memcmp(id, reply, 2) == 0)
				break;
		}
		at += TCP_PREFIX + reply_size;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (records == NULL)
		load();
	if (size == 0)
		return 0;
	run(&whole, data + 1, size - 1, SIZE_MAX);
	check(data + 1, size - 1);
	run(&pieces, data + 1, size - 1, 1 + data[0]);
	/* Sets of records turn with each use, and the pieces make another use of them; all else is
	 * the same. */
	fixture_require(whole.stream.is_bad == pieces.stream.is_bad, "bad in one way only");
	fixture_require(whole.size == pieces.size, "other replies when in pieces");
	for (size_t at = 0; at < whole.size; at += TCP_PREFIX + (size_t)get_u16(whole.replies + at))
		fixture_require(memcmp(whole.replies + at, pieces.replies + at,
				       TCP_PREFIX + DNS_HEADER_SIZE) == 0,
				"another reply when in pieces");
	return 0;
}
