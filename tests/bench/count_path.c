/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* Sends queries the way that a worker's take, for callgrind to count the instructions of: from the call
 * that receives to the next one (udp_batch_serve), with the two calls of the kernel made up. So it is pure:
 * the same queries in the same batches, without sockets or chance. tests/bench/instructions.py runs it,
 * and knows two functions of it by name: udp_batch_serve is what it counts, and after each call of
 * count_row it reads the counter. Prints the rows in that order, each with how many queries it had. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/answer_zones.h"
#include "base/cpu.h"
#include "catalog/limits.h"
#include "dns/cookie.h"
#include "list_kinds.h"
#include "measure.h"
#include "net/udp_batch.h"

#define ENTRIES 20000
#define BATCHES 20

enum { PLAIN_EDNS = 1232 };

/* What a row has beside its question. */
enum {
	WITH_EDNS = 1,
	WITH_COOKIE = 2,   /* the client's alone, as in its first query */
	ONE_AT_A_TIME = 4, /* as on a server that is not busy */
	GUARDED = 8,       /* by an ACL for the zone, and by limits for all */
};

static const struct {
	const char *what;
	list_kind_number_t kind;
	enum { LISTED, UNLISTED, ABOVE, APEX, ELSEWHERE } subject;
	dns_type_t type;
	unsigned with;
	/* What has to come of it. */
	dns_rcode_t rcode;
	unsigned answers;
} rows[] = {
	/* What only the first queries cost: none of the figures. */
	{ "-", LIST_IP4, LISTED, DNS_TYPE_A, 0, DNS_RCODE_NOERROR, 1 },
	{ "-", LIST_IP4, LISTED, DNS_TYPE_A, GUARDED, DNS_RCODE_NOERROR, 1 },

	{ "IPv4 listed, A", LIST_IP4, LISTED, DNS_TYPE_A, 0, DNS_RCODE_NOERROR, 1 },
	{ "IPv4 not listed, A", LIST_IP4, UNLISTED, DNS_TYPE_A, 0, DNS_RCODE_NXDOMAIN, 0 },
	{ "IPv4 listed, TXT", LIST_IP4, LISTED, DNS_TYPE_TXT, 0, DNS_RCODE_NOERROR, 1 },
	{ "IPv4 listed, AAAA", LIST_IP4, LISTED, DNS_TYPE_AAAA, 0, DNS_RCODE_NOERROR, 0 },
	{ "IPv4 listed, A, EDNS", LIST_IP4, LISTED, DNS_TYPE_A, WITH_EDNS, DNS_RCODE_NOERROR, 1 },
	{ "IPv4 listed, A, EDNS and cookie", LIST_IP4, LISTED, DNS_TYPE_A, WITH_EDNS | WITH_COOKIE,
	  DNS_RCODE_NOERROR, 1 },
	{ "IPv4 listed, A, ACL and limits", LIST_IP4, LISTED, DNS_TYPE_A, GUARDED,
	  DNS_RCODE_NOERROR, 1 },
	{ "IPv4 listed, A, one at a time", LIST_IP4, LISTED, DNS_TYPE_A, ONE_AT_A_TIME,
	  DNS_RCODE_NOERROR, 1 },
	{ "IPv4 not listed, A, one at a time", LIST_IP4, UNLISTED, DNS_TYPE_A, ONE_AT_A_TIME,
	  DNS_RCODE_NXDOMAIN, 0 },
	{ "above listed IPv4, A", LIST_IP4, ABOVE, DNS_TYPE_A, 0, DNS_RCODE_NOERROR, 0 },
	{ "IPv6 listed, A", LIST_IP6, LISTED, DNS_TYPE_A, 0, DNS_RCODE_NOERROR, 1 },
	{ "IPv6 not listed, A", LIST_IP6, UNLISTED, DNS_TYPE_A, 0, DNS_RCODE_NXDOMAIN, 0 },
	{ "name listed, A", LIST_NAMES, LISTED, DNS_TYPE_A, 0, DNS_RCODE_NOERROR, 1 },
	{ "name not listed, A", LIST_NAMES, UNLISTED, DNS_TYPE_A, 0, DNS_RCODE_NXDOMAIN, 0 },
	{ "name listed, TXT", LIST_NAMES, LISTED, DNS_TYPE_TXT, 0, DNS_RCODE_NOERROR, 1 },
	{ "apex, SOA", LIST_IP4, APEX, DNS_TYPE_SOA, 0, DNS_RCODE_NOERROR, 1 },
	{ "no zone of ours, A", LIST_IP4, ELSEWHERE, DNS_TYPE_A, 0, DNS_RCODE_REFUSED, 0 },
};

static uint64_t areas[LIST_KINDS][ENTRIES];

/* ---- the kernel ---- */

static struct {
	uint8_t queries[BATCHES * ANSWER_BATCH_MAX][ZONES_QUERY_MAX];
	size_t sizes[BATCHES * ANSWER_BATCH_MAX];
	unsigned first; /* of those that have not been received */
	unsigned count;
	unsigned most;  /* that are there at a time */
	unsigned right; /* replies that are as the row says */
	size_t row;
} traffic;

static void receive(struct mmsghdr *message, unsigned number)
{
	struct sockaddr_in *peer = message->msg_hdr.msg_name;
	struct in_pktinfo info = { .ipi_ifindex = 1,
				   .ipi_addr.s_addr = htonl(INADDR_LOOPBACK),
				   .ipi_spec_dst.s_addr = htonl(INADDR_LOOPBACK) };
	struct cmsghdr *control = message->msg_hdr.msg_control;

	memcpy(message->msg_hdr.msg_iov->iov_base, traffic.queries[number], traffic.sizes[number]);
	message->msg_len = (unsigned)traffic.sizes[number];
	*peer = (struct sockaddr_in){ .sin_family = AF_INET,
				      .sin_port = htons((uint16_t)(1024 + number)),
				      .sin_addr.s_addr = htonl(0x0a000000 + number) };
	message->msg_hdr.msg_namelen = sizeof(*peer);
	message->msg_hdr.msg_flags = 0;
	if (message->msg_hdr.msg_controllen == 0)
		return;
	*control = (struct cmsghdr){ .cmsg_len = CMSG_LEN(sizeof(info)),
				     .cmsg_level = IPPROTO_IP,
				     .cmsg_type = IP_PKTINFO };
	memcpy(CMSG_DATA(control), &info, sizeof(info));
	message->msg_hdr.msg_controllen = CMSG_SPACE(sizeof(info));
}

/* In the place of the C library's. */
int recvmmsg(int fd ATTR_UNUSED, struct mmsghdr *messages, unsigned room, int flags ATTR_UNUSED,
	     struct timespec *timeout ATTR_UNUSED)
{
	unsigned count = traffic.count - traffic.first;

	count = count < traffic.most ? count : traffic.most;
	count = count < room ? count : room;
	for (unsigned i = 0; i < count; i++)
		receive(&messages[i], traffic.first++);
	errno = EAGAIN;
	return count > 0 ? (int)count : -1;
}

int sendmmsg(int fd ATTR_UNUSED, struct mmsghdr *messages, unsigned count, int flags ATTR_UNUSED)
{
	for (unsigned i = 0; i < count; i++) {
		const uint8_t *reply = messages[i].msg_hdr.msg_iov->iov_base;
		unsigned rcode = reply[3] & 0xf;

		traffic.right += rcode == rows[traffic.row].rcode &&
				 get_u16(reply + 6) == rows[traffic.row].answers;
	}
	return (int)count;
}

/* ---- the queries ---- */

/* Puts the client's cookie into the OPT record that ends a query. */
static size_t add_cookie(uint8_t *query, size_t size)
{
	writer_t out = { .data = query, .size = ZONES_QUERY_MAX, .position = size - 2 };

	writer_u16(&out, DNS_OPTION_HEAD + DNS_CLIENT_COOKIE_SIZE);
	writer_u16(&out, DNS_OPTION_COOKIE);
	writer_u16(&out, DNS_CLIENT_COOKIE_SIZE);
	writer_bytes(&out, query, DNS_CLIENT_COOKIE_SIZE);
	return out.position;
}

static void make_query(size_t row, unsigned number)
{
	const list_kind_t *kind = &list_kinds[rows[row].kind];
	uint64_t area = measure_random();
	char name[DNS_NAME_MAX + 1];
	uint8_t *query = traffic.queries[number];
	size_t size;

	if (rows[row].subject == LISTED || rows[row].subject == ABOVE)
		area = areas[rows[row].kind][area % ENTRIES];
	kind->name(name, area, rows[row].subject != ABOVE);
	if (rows[row].subject == APEX)
		strcpy(name, kind->zone);
	if (rows[row].subject == ELSEWHERE)
		name[strlen(name) - 1] = 'x';
	size = zones_query(query, name, rows[row].type, DNS_CLASS_IN, DNS_FLAG_RD,
			   (rows[row].with & WITH_EDNS) != 0 ? PLAIN_EDNS : 0);
	if ((rows[row].with & WITH_COOKIE) != 0)
		size = add_cookie(query, size);
	traffic.sizes[number] = size;
}

static void make_traffic(size_t row)
{
	traffic.row = row;
	traffic.most = (rows[row].with & ONE_AT_A_TIME) != 0 ? 1 : ANSWER_BATCH_MAX;
	traffic.first = 0;
	traffic.count = BATCHES * traffic.most;
	traffic.right = 0;
	for (unsigned i = 0; i < traffic.count; i++)
		make_query(row, i);
}

/* ---- the server ---- */

static void write_list(const fixture_t *fixture, const list_kind_t *kind, const uint64_t *entries)
{
	char *text = malloc(ENTRIES * LIST_LINE_MAX);
	size_t size = (size_t)sprintf(text, "$SOA 1h ns.test a.ns.test 1 1h 1h 1w 1h\n"
					    "$NS 1d a.ns.test b.ns.test\n"
					    ":2:Listed, see https://www.test/?q=$\n");

	for (size_t i = 0; i < ENTRIES; i++) {
		kind->entry(text + size, entries[i]);
		size += strlen(text + size);
	}
	fixture_write(fixture, kind->type, text);
	free(text);
}

static void begin(fixture_t *fixture, limits_t *limits)
{
	catalog_options_t options = catalog_default_options;
	catalog_load_report_t report;
	fixture_path_t secrets;

	options.limits = limits;
	fixture_begin(fixture, &options);
	fixture_write(fixture, "cookies", "000102030405060708090a0b0c0d0e0f\n");
	fixture_write(fixture, "acl", "10.0.0.0/8 :pass\n192.0.2.0/24 :refuse\n");
	for (size_t k = 0; k < LIST_KINDS; k++) {
		write_list(fixture, &list_kinds[k], areas[k]);
		fixture_zone(fixture, list_kinds[k].zone, list_kinds[k].type, list_kinds[k].type);
		if (limits != NULL)
			fixture_zone(fixture, list_kinds[k].zone, "acl", "acl");
	}
	fixture_open(fixture);
	secrets = fixture_path(fixture, "cookies");
	fixture_require(catalog_use_cookies(fixture->catalog, secrets.text, NULL) == ERR_OK,
			"no cookies");
	fixture_require(fixture_load(fixture, &report) == ERR_OK, "not loaded");
	for (size_t k = 0; k < LIST_KINDS; k++)
		fixture_remove(fixture, list_kinds[k].type);
	fixture_remove(fixture, "cookies");
	fixture_remove(fixture, "acl");
}

/* Serves all that there is. Never inlined: its end is what callgrind is told to look for. */
__attribute__((noinline)) void count_row(udp_batch_t *batch);
void count_row(udp_batch_t *batch)
{
	unsigned received;

	do {
		fixture_require(udp_batch_serve(batch, -1, 0, &received) == ERR_OK, "no error");
	} while (received > 0 && traffic.first < traffic.count);
}

int main(void)
{
	limits_options_t options = limits_default_options;
	limits_t *limits;
	fixture_t fixtures[2];
	udp_batch_t *batches[2];
	query_records_t *records[2];

	cpu_limit(CPU_PLAIN); /* the same on every machine */
	log_set_level(LOG_LEVEL_ERROR);
	for (size_t k = 0; k < LIST_KINDS; k++)
		for (size_t i = 0; i < ENTRIES; i++)
			areas[k][i] = measure_random();
	options.rate = (rate_t){ .interval = 42, .span = 42000000 };
	fixture_require(limits_new(&options, &limits) == ERR_OK, "no limits");
	for (unsigned i = 0; i < 2; i++) {
		begin(&fixtures[i], i == 0 ? NULL : limits);
		records[i] = query_records_new(fixtures[i].catalog, NULL);
		fixture_require(records[i] != NULL, "no records");
		batches[i] = udp_batch_new(fixtures[i].catalog, records[i]);
		fixture_require(batches[i] != NULL, "no batch");
	}
	catalog_reader_register();
	for (size_t row = 0; row < COUNT_OF(rows); row++) {
		make_traffic(row);
		count_row(batches[(rows[row].with & GUARDED) != 0]);
		/* Chance lists one or two of those that are not. */
		fixture_require(traffic.right >= traffic.count - 5, rows[row].what);
		printf("%s: %u\n", rows[row].what, traffic.count);
	}
	catalog_reader_unregister();
	for (unsigned i = 0; i < 2; i++) {
		udp_batch_free(batches[i]);
		query_records_free(records[i]);
		fixture_end(&fixtures[i]);
	}
	limits_free(limits);
	return 0;
}
