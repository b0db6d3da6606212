/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* The query log: each part of a line, lines that are whole whatever the descriptor takes, and that
 * none is lost without being counted. */

#include "test.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/attributes.h"
#include "base/cursor.h"
#include "net/query_log.h"

/* ---- lines ---- */

/* A packet with a reply to a question, which has `answers` in ANCOUNT and `size` bytes. */
typedef struct asked {
	uint8_t reply[ANSWER_UDP_MAX];
	answer_packet_t packet;
	net_address_t client;
} asked_t;

static void ask(asked_t *asked, const uint8_t *name, uint16_t qtype, uint16_t qclass)
{
	size_t size = dns_name_size(name);
	writer_t out = { .data = asked->reply, .size = sizeof(asked->reply) };

	memset(asked, 0, sizeof(*asked));
	writer_u16(&out, 1);
	writer_u16(&out, 0x8400);
	writer_u16(&out, 1);
	writer_u16(&out, 258); /* ANCOUNT */
	writer_u32(&out, 0);
	writer_bytes(&out, name, size);
	writer_u16(&out, qtype);
	writer_u16(&out, qclass);
	asked->packet.reply = asked->reply;
	asked->packet.reply_room = sizeof(asked->reply);
	asked->packet.reply_size = 1232;
	asked->client.ip4.sin_family = AF_INET;
	asked->client.ip4.sin_addr.s_addr = htonl(0xc0000201);
}

/* The line as a string, without its newline. */
static const char *line_of(const asked_t *asked)
{
	static char line[QUERY_LINE_MAX + 1];
	size_t size = query_line_write(1795312154, &asked->client, &asked->packet, line);

	ck_assert_uint_le(size, QUERY_LINE_MAX);
	ck_assert_int_eq(line[size - 1], '\n');
	line[size - 1] = '\0';
	return line;
}

static const struct {
	uint16_t qtype;
	uint16_t qclass;
	uint16_t rcode;
	const char *text; /* what becomes of them */
} line_rows[] = {
	{ 1, 1, 0, "A IN: NOERROR" },
	{ 16, 3, 5, "TXT CH: REFUSED" },
	{ 0, 0, 4, "INVALID INVALID: NOTIMPL" },
	{ 41, 4, 2, "OPT HS: SERVFAIL" },
	{ 40, 255, 3, "SINK ANY: NXDOMAIN" },
	{ 42, 2, 16, "type42 class2: BADVERS" },
	{ 249, 254, 1, "type249 class254: FORMERR" },
	{ 1, 1, 23, "A IN: BADCOOKIE" },
	{ 1, 1, 6, "A IN: rcode6" },
	{ 250, 256, 0, "TSIG class256: NOERROR" },
	{ 252, 1, 0, "AXFR IN: NOERROR" },
	{ 255, 1, 0, "ANY IN: NOERROR" },
	{ 256, 1, 0, "ZXFR IN: NOERROR" },
	{ 257, 1, 0, "type257 IN: NOERROR" },
	{ 65535, 65535, 65535, "type65535 class65535: rcode65535" },
};

START_TEST(test_words)
{
	char expected[200];
	asked_t asked;

	for (size_t i = 0; i < COUNT_OF(line_rows); i++) {
		ask(&asked, (const uint8_t *)"\1A\7Example", line_rows[i].qtype,
		    line_rows[i].qclass);
		asked.packet.rcode = line_rows[i].rcode;
		snprintf(expected, sizeof(expected), "1795312154 192.0.2.1 A.Example %s/258/1232",
			 line_rows[i].text);
		ck_assert_str_eq(line_of(&asked), expected);
	}
}
END_TEST

START_TEST(test_no_question)
{
	static const uint8_t root[] = "";
	asked_t asked;

	/* Behind the header stands what the reply before left there. */
	ask(&asked, root, 1, 1);
	memset(asked.reply + 12, 0x3f, sizeof(asked.reply) - 12);
	memset(asked.reply + 4, 0, 4);
	asked.packet.rcode = 1;
	asked.packet.reply_size = 12;
	ck_assert_str_eq(line_of(&asked), "1795312154 192.0.2.1 . INVALID INVALID: FORMERR/0/12");
}
END_TEST

START_TEST(test_clients)
{
	static const char *const texts[] = { "::1", "2001:db8::a:1", "::ffff:192.0.2.1" };
	char expected[200];
	asked_t asked;

	ask(&asked, (const uint8_t *)"", 2, 1);
	ck_assert_str_eq(line_of(&asked), "1795312154 192.0.2.1 . NS IN: NOERROR/258/1232");
	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		asked.client.ip6.sin6_family = AF_INET6;
		ck_assert_int_eq(inet_pton(AF_INET6, texts[i], &asked.client.ip6.sin6_addr), 1);
		snprintf(expected, sizeof(expected), "1795312154 %s . NS IN: NOERROR/258/1232",
			 texts[i]);
		ck_assert_str_eq(line_of(&asked), expected);
	}
}
END_TEST

START_TEST(test_longest_line)
{
	uint8_t name[DNS_NAME_MAX];
	asked_t asked;

	/* All bytes need four characters; shorter labels would need less. */
	memset(name, 0xff, sizeof(name));
	name[0] = name[64] = name[128] = 63;
	name[192] = 61;
	name[254] = 0;
	ask(&asked, name, 65535, 65535);
	asked.packet.rcode = 65535;
	asked.client.ip6.sin6_family = AF_INET6;
	memset(&asked.client.ip6.sin6_addr, 0xff, sizeof(asked.client.ip6.sin6_addr));
	ck_assert_uint_gt(strlen(line_of(&asked)), 1000);
}
END_TEST

/* ---- files ---- */

/* Limits the size of files that this process writes to; no check may be made meanwhile, for the
 * library writes to a file then. */
static void limit_files(rlim_t limit)
{
	struct rlimit limits;

	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &limits), 0);
	limits.rlim_cur = limit;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limits), 0);
}

START_TEST(test_torn_line)
{
	static char text[4096];
	char path[] = "/tmp/spurn-test-XXXXXX";
	static query_log_writer_t writer;
	const char *line;
	uint64_t lost[2];
	size_t size;
	query_log_t *log;
	asked_t asked;
	int fd = mkstemp(path);

	ck_assert_int_ge(fd, 0);
	signal(SIGXFSZ, SIG_IGN);
	ask(&asked, (const uint8_t *)"\1a", 1, 1);
	line = line_of(&asked);
	size = strlen(line) + 1;
	ck_assert_int_eq(query_log_new(path, &log), ERR_OK);
	query_log_open(log);
	writer.log = log;

	/* There is room for a line and a half. */
	limit_files(size + size / 2);
	for (int i = 0; i < 3; i++)
		query_log_add(&writer, 1795312154, &asked.client, &asked.packet);
	query_log_flush(&writer);
	lost[0] = writer.lines_lost;
	/* And then for none. */
	query_log_add(&writer, 1795312154, &asked.client, &asked.packet);
	query_log_flush(&writer);
	lost[1] = writer.lines_lost;
	/* And then for many: the next one does not stick to the half. */
	limit_files(RLIM_INFINITY);
	for (int i = 0; i < 2; i++)
		query_log_add(&writer, 1795312154, &asked.client, &asked.packet);
	query_log_flush(&writer);
	ck_assert_uint_eq(lost[0], 2);
	ck_assert_uint_eq(lost[1], 3);
	ck_assert_uint_eq(writer.lines_lost, 3);

	ck_assert_int_eq(pread(fd, text, sizeof(text), 0), (ssize_t)(3 * size + size / 2 + 1));
	ck_assert_int_eq(memcmp(text, line, size - 1), 0);
	ck_assert_int_eq(memcmp(text + size + size / 2 + 1, line, size - 1), 0);
	ck_assert_int_eq(memcmp(text + 2 * size + size / 2 + 1, line, size - 1), 0);
	ck_assert_int_eq(text[size + size / 2], '\n');
	query_log_free(log);
	close(fd);
	unlink(path);
}
END_TEST

START_TEST(test_many_lines)
{
	/* More than a writer holds, so that it writes on its own; in a pipe, which takes whole pieces
	 * only, and then no more. */
	const unsigned total = 2000;
	char path[] = "/tmp/spurn-test-XXXXXX";
	static query_log_writer_t writer;
	static char text[1 << 20];
	query_log_t *log;
	asked_t asked;
	ssize_t size;
	unsigned lines = 0;
	int fd = mkstemp(path);

	ck_assert_int_ge(fd, 0);
	close(fd);
	unlink(path);
	ck_assert_int_eq(mkfifo(path, 0600), 0);
	/* Nobody reads it yet. */
	ck_assert_int_eq(query_log_new(path, &log), ERR_OK);
	query_log_open(log);
	writer.log = log;
	ask(&asked, (const uint8_t *)"\1a", 1, 1);
	query_log_add(&writer, 0, &asked.client, &asked.packet);
	query_log_flush(&writer);
	ck_assert_uint_eq(writer.lines_lost, 1);

	fd = open(path, O_RDONLY | O_NONBLOCK);
	query_log_open(log);
	for (unsigned i = 0; i < total; i++)
		query_log_add(&writer, 0, &asked.client, &asked.packet);
	query_log_flush(&writer);
	ck_assert_uint_gt(writer.lines_lost, 1);
	size = read(fd, text, sizeof(text));
	ck_assert_int_gt(size, 0);
	for (ssize_t i = 0; i < size; i++)
		lines += text[i] == '\n';
	ck_assert_int_eq(text[size - 1], '\n');
	ck_assert_uint_eq(lines + writer.lines_lost, total + 1);
	/* Without a reader: lost, and nothing else. */
	close(fd);
	signal(SIGPIPE, SIG_IGN);
	query_log_add(&writer, 0, &asked.client, &asked.packet);
	query_log_flush(&writer);
	ck_assert_uint_eq(lines + writer.lines_lost, total + 2);
	query_log_report(log, writer.lines_lost);
	query_log_free(log);
	unlink(path);
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		test_words,        test_no_question, test_clients,
		test_longest_line, test_torn_line,   test_many_lines,
	};

	return run_tests("query_log", tests, COUNT_OF(tests));
}
