/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* The bytes of a TCP connection: however a stream is cut into pieces, and whatever part of the
 * replies the client takes at a time, the replies are the same and in order; and what is no stream of
 * queries ends it. */

#include "test.h"

#include <netinet/in.h>

#include "answer_zones.h"
#include "net/tcp_stream.h"

static const struct {
	const char *name;
	unsigned type;
	unsigned edns_size;
} questions[] = {
	{ "2.0.0.127.bl.test", DNS_TYPE_A, 0 },
	{ "2.0.0.127.bl.test", DNS_TYPE_TXT, 1232 },
	{ "9.2.0.192.BL.test", DNS_TYPE_A, 512 },
	{ "4.3.2.1.bl.test", DNS_TYPE_A, 0 },
	/* more than UDP takes */
	{ "c80.bl.test", DNS_TYPE_A, 512 },
	{ "bl.test", DNS_TYPE_SOA, 0 },
	{ "", DNS_TYPE_NS, 0 },
	{ "c40.bl.test", DNS_TYPE_A, 0 },
};

static fixture_t fixture;

static const net_address_t client = {
	.ip4 = { .sin_family = AF_INET, .sin_addr.s_addr = 0x0100007f },
};
static const answer_time_t now = { .wall_s = 1000 };

/* A stream of bytes that grows. */
typedef struct bytes {
	size_t size;
	uint8_t data[2 << 20];
} bytes_t;

static void append(bytes_t *bytes, const void *data, size_t size)
{
	ck_assert_uint_le(bytes->size + size, sizeof(bytes->data));
	memcpy(bytes->data + bytes->size, data, size);
	bytes->size += size;
}

static void append_message(bytes_t *bytes, const uint8_t *message, size_t size)
{
	uint8_t prefix[2];

	put_u16(prefix, (uint16_t)size);
	append(bytes, prefix, sizeof(prefix));
	append(bytes, message, size);
}

/* Appends question number `i`. */
static void append_question(bytes_t *bytes, size_t i)
{
	uint8_t query[ZONES_QUERY_MAX];
	size_t size = zones_query(query, questions[i].name, questions[i].type, DNS_CLASS_IN, 0,
				  questions[i].edns_size);

	put_u16(query, (uint16_t)i);
	append_message(bytes, query, size);
}

/* One connection, and what it takes to answer it. */
typedef struct line {
	tcp_stream_t stream;
	tcp_answers_t *answers;
	query_records_t *records;
	bytes_t replies; /* that the client has taken */
	unsigned reply_count;
} line_t;

static void line_begin(line_t *line)
{
	memset(&line->stream, 0, offsetof(tcp_stream_t, input));
	line->replies.size = 0;
	line->reply_count = 0;
	line->records = query_records_new(fixture.catalog, NULL);
	ck_assert_ptr_nonnull(line->records);
	line->answers = tcp_answers_new(fixture.catalog, line->records, 300);
	ck_assert_ptr_nonnull(line->answers);
}

static void line_end(line_t *line)
{
	tcp_stream_clear(&line->stream);
	tcp_answers_free(line->answers);
	query_records_free(line->records);
}

/* The client takes at most `most` bytes of `output`. */
static void take(line_t *line, tcp_output_t *output, size_t most)
{
	size_t left = output->size - output->sent;
	size_t size = left < most ? left : most;
	unsigned rest;
	unsigned before = tcp_output_replies(output, &rest);

	append(&line->replies, output->data + output->sent, size);
	output->sent += size;
	line->reply_count += tcp_output_replies(output, &rest) - before;
	ck_assert_uint_eq(rest == 0, output->sent == output->size);
}

/* Answers what is there, while the client takes `most` bytes at a time. */
static void answer(line_t *line, size_t most)
{
	tcp_stream_t *stream = &line->stream;

	for (;;) {
		while (stream->unsent.data != NULL) {
			take(line, &stream->unsent, most);
			if (stream->unsent.sent == stream->unsent.size)
				tcp_stream_clear(stream);
		}
		if (!tcp_stream_has_query(stream))
			return;
		tcp_output_t output = tcp_stream_answer(stream, line->answers, &client, &now);
		ck_assert_uint_le(output.size, TCP_ROUND_MAX);
		take(line, &output, most);
		ck_assert_int_eq(tcp_stream_keep(stream, &output), ERR_OK);
	}
}

/* Lets data[0..size) come in pieces that fit, and answers after each. */
static void feed(line_t *line, const uint8_t *data, size_t size, size_t most)
{
	while (size > 0 && !line->stream.is_bad) {
		size_t room;
		uint8_t *place = tcp_stream_input(&line->stream, &room);

		ck_assert_uint_gt(room, 0);
		if (room > size)
			room = size;
		memcpy(place, data, room);
		line->stream.input_size += room;
		data += room;
		size -= room;
		answer(line, most);
	}
}

/* What `line` has counted; all of it must be consistent. */
static message_counts_t counts_of(const line_t *line)
{
	message_counts_t counts = { 0 };

	query_records_sum(line->records, &counts);
	ck_assert_uint_eq(counts.received - counts.dropped, line->reply_count);
	return counts;
}

static line_t line;
static bytes_t stream;
static bytes_t wanted;

/* A stream of all questions, and the replies to it as answer_batch gives them one by one. */
static void make_stream(void)
{
	static uint8_t reply[ANSWER_TCP_MAX];
	answer_context_t *context = answer_context_new();

	stream.size = wanted.size = 0;
	for (size_t i = 0; i < COUNT_OF(questions); i++) {
		size_t start = stream.size;

		append_question(&stream, i);
		answer_packet_t packet = {
			.query = stream.data + start + TCP_PREFIX,
			.query_size = stream.size - start - TCP_PREFIX,
			.client = net_address_ip6(&client),
			.transport = ANSWER_TCP,
			.reply = reply,
			.reply_room = sizeof(reply),
		};
		answer_batch(context, catalog_read_begin(fixture.catalog), &now, &packet, 1);
		catalog_read_end(fixture.catalog);
		ck_assert_uint_gt(packet.reply_size, 0);
		append_message(&wanted, reply, packet.reply_size);
	}
	answer_context_free(context);
	ck_assert_uint_gt(wanted.size, 2600); /* nothing was cut */
}

static void expect_wanted(const char *what, size_t number)
{
	MUST(line.replies.size == wanted.size &&
		     memcmp(line.replies.data, wanted.data, wanted.size) == 0,
	     "%s %zu: other replies", what, number);
	ck_assert_uint_eq(line.reply_count, COUNT_OF(questions));
	ck_assert_uint_eq(counts_of(&line).received, COUNT_OF(questions));
	ck_assert(!line.stream.is_bad);
	ck_assert_uint_eq(line.stream.input_size, 0);
}

/* ---- pieces ---- */

START_TEST(test_two_pieces)
{
	make_stream();
	for (size_t cut = 0; cut <= stream.size; cut++) {
		line_begin(&line);
		feed(&line, stream.data, cut, SIZE_MAX);
		feed(&line, stream.data + cut, stream.size - cut, SIZE_MAX);
		expect_wanted("cut at", cut);
		line_end(&line);
	}
}
END_TEST

START_TEST(test_equal_pieces)
{
	make_stream();
	for (size_t size = 1; size < 70; size++) {
		line_begin(&line);
		for (size_t at = 0; at < stream.size; at += size)
			feed(&line, stream.data + at,
			     stream.size - at < size ? stream.size - at : size, SIZE_MAX);
		expect_wanted("pieces of", size);
		line_end(&line);
	}
}
END_TEST

START_TEST(test_random_pieces)
{
	random_start(1);
	make_stream();
	for (size_t run = 0; run < 200; run++) {
		line_begin(&line);
		for (size_t at = 0; at < stream.size;) {
			size_t left = stream.size - at;
			size_t size = 1 + random_below((unsigned)left);
			/* Here the client is slow, too. */
			feed(&line, stream.data + at, size, 1 + random_below(3000));
			at += size;
		}
		expect_wanted("run", run);
		line_end(&line);
	}
}
END_TEST

START_TEST(test_slow_reader)
{
	make_stream();
	for (size_t most = 1; most < 100; most += 7) {
		line_begin(&line);
		feed(&line, stream.data, stream.size, most);
		expect_wanted("at a time", most);
		line_end(&line);
	}
}
END_TEST

/* ---- rounds ---- */

START_TEST(test_many)
{
	/* Far more than fits the input, and several rounds of replies for each input full. */
	const unsigned total = 3000;

	stream.size = 0;
	for (unsigned i = 0; i < total; i++)
		append_question(&stream, i % 3 == 0 ? 4 : i % COUNT_OF(questions));
	line_begin(&line);
	feed(&line, stream.data, stream.size / 2, SIZE_MAX);
	feed(&line, stream.data + stream.size / 2, stream.size - stream.size / 2, 10000);
	ck_assert_uint_eq(line.reply_count, total);
	ck_assert_uint_eq(counts_of(&line).received, total);
	/* Each reply is to the query in its turn. */
	size_t at = 0;
	for (unsigned i = 0; i < total; i++) {
		unsigned id = get_u16(line.replies.data + at + TCP_PREFIX);
		ck_assert_uint_eq(id, i % 3 == 0 ? 4 : i % COUNT_OF(questions));
		at += TCP_PREFIX + (size_t)get_u16(line.replies.data + at);
	}
	ck_assert_uint_eq(at, line.replies.size);
	line_end(&line);
}
END_TEST

START_TEST(test_round_is_bounded)
{
	/* While nothing is taken, one round is all that is made, and the rest of the input waits. */
	stream.size = 0;
	for (unsigned i = 0; i < 100; i++)
		append_question(&stream, 4);
	line_begin(&line);
	size_t room;
	uint8_t *place = tcp_stream_input(&line.stream, &room);
	size_t size = stream.size < room ? stream.size : room;
	memcpy(place, stream.data, size);
	line.stream.input_size = size;
	tcp_output_t output = tcp_stream_answer(&line.stream, line.answers, &client, &now);
	ck_assert_uint_ge(output.size, TCP_ROUND_ENOUGH);
	ck_assert_uint_lt(output.size, TCP_ROUND_ENOUGH + 2000);
	ck_assert(tcp_stream_has_query(&line.stream));
	ck_assert_int_eq(tcp_stream_keep(&line.stream, &output), ERR_OK);
	answer(&line, SIZE_MAX);
	ck_assert_uint_eq(line.reply_count, size / (stream.size / 100));
	line_end(&line);
}
END_TEST

START_TEST(test_keep)
{
	/* Wherever sending stopped, the rest goes on there, and each reply is counted once. */
	unsigned rest;

	make_stream();
	for (size_t sent = 0; sent <= wanted.size; sent++) {
		tcp_output_t output = { .data = wanted.data, .size = wanted.size, .sent = sent };
		tcp_stream_t kept = { .input_size = 0 };
		unsigned done = tcp_output_replies(&output, &rest);

		ck_assert_uint_eq(done + rest, COUNT_OF(questions));
		ck_assert_int_eq(tcp_stream_keep(&kept, &output), ERR_OK);
		if (sent == wanted.size) {
			ck_assert_ptr_null(kept.unsent.data);
			continue;
		}
		ck_assert_uint_eq(tcp_output_replies(&kept.unsent, &done), 0);
		ck_assert_uint_eq(done, rest);
		ck_assert_uint_eq(kept.unsent.size - kept.unsent.sent, wanted.size - sent);
		ck_assert_mem_eq(kept.unsent.data + kept.unsent.sent, wanted.data + sent,
				 wanted.size - sent);
		tcp_stream_clear(&kept);
	}
}
END_TEST

/* ---- what no client sends ---- */

START_TEST(test_longest_query)
{
	static uint8_t query[TCP_QUERY_MAX];
	size_t size = zones_query(query, "2.0.0.127.bl.test", DNS_TYPE_A, DNS_CLASS_IN, 0, 0);

	ck_assert_uint_lt(size, sizeof(query)); /* zeros behind it */
	stream.size = 0;
	for (unsigned i = 0; i < 3; i++)
		append_message(&stream, query, sizeof(query));
	line_begin(&line);
	feed(&line, stream.data, stream.size, SIZE_MAX);
	ck_assert_uint_eq(line.reply_count, 3);
	ck_assert(!line.stream.is_bad);
	line_end(&line);
}
END_TEST

static const struct {
	const char *what;
	size_t size; /* of the string behind it */
	const char *bytes;
	bool is_answered;
	bool is_bad;
} bad_rows[] = {
	{ "an empty message", 2, "\0\0", false, true },
	{ "a byte", 3, "\0\1x", false, true },
	{ "a message of 4097 bytes, its length alone", 2, "\x10\1", false, true },
	{ "one of 65535 bytes", 2, "\xff\xff", false, true },
	{ "what HTTP begins with", 16, "GET / HTTP/1.0\r\n", false, true },
	{ "a TLS hello", 8, "\x16\3\1\2\0\1\0\1", false, true },
	{ "a header without a question", 14, "\0\14\x12\x34\0\0\0\0\0\0\0\0\0\0", true, false },
	{ "a reply", 19, "\0\21\x12\x34\x80\0\0\1\0\0\0\0\0\0\0\0\1\0\1", false, true },
	{ "another opcode", 19, "\0\21\x12\x34\x28\0\0\1\0\0\0\0\0\0\0\0\1\0\1", true, false },
	{ "half a length", 1, "\x10", false, false },
	{ "a part of the longest one", 3, "\x10\0x", false, false },
};

START_TEST(test_bad)
{
	/* Before and behind it are good queries. Those before it are answered, those behind it only
	 * if it is not bad. */
	bool is_whole = bad_rows[_i].is_answered || bad_rows[_i].is_bad;

	for (int in_pieces = 0; in_pieces < 2; in_pieces++) {
		stream.size = 0;
		append_question(&stream, 0);
		append_question(&stream, 1);
		append(&stream, bad_rows[_i].bytes, bad_rows[_i].size);
		if (is_whole)
			append_question(&stream, 2);
		line_begin(&line);
		for (size_t i = 0; in_pieces && i < stream.size; i++)
			feed(&line, stream.data + i, 1, SIZE_MAX);
		if (!in_pieces)
			feed(&line, stream.data, stream.size, SIZE_MAX);
		ck_assert_msg(line.reply_count == 2u + (bad_rows[_i].is_answered ? 2 : 0) &&
				      line.stream.is_bad == bad_rows[_i].is_bad,
			      "%s: %u replies", bad_rows[_i].what, line.reply_count);
		ck_assert_uint_eq(counts_of(&line).dropped, bad_rows[_i].is_bad);
		ck_assert(!tcp_stream_has_query(&line.stream));
		line_end(&line);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("tcp_stream");
	TCase *tcase = tcase_create("all");
	SRunner *runner = srunner_create(suite);
	int failed;

	zones_begin(&fixture, &catalog_default_options);
	zones_load(&fixture);
	tcase_set_timeout(tcase, 120);
	tcase_add_test(tcase, test_two_pieces);
	tcase_add_test(tcase, test_equal_pieces);
	tcase_add_test(tcase, test_random_pieces);
	tcase_add_test(tcase, test_slow_reader);
	tcase_add_test(tcase, test_many);
	tcase_add_test(tcase, test_round_is_bounded);
	tcase_add_test(tcase, test_keep);
	tcase_add_test(tcase, test_longest_query);
	tcase_add_loop_test(tcase, test_bad, 0, (int)COUNT_OF(bad_rows));
	suite_add_tcase(suite, tcase);
	catalog_reader_register();
	srunner_run_all(runner, CK_NORMAL);
	catalog_reader_unregister();
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	zones_end(&fixture);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
