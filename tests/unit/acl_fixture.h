/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_TESTS_UNIT_ACL_FIXTURE_H
#define SPURN_TESTS_UNIT_ACL_FIXTURE_H

#include "dataset/acl.h"
#include "dataset_fixture.h"

/* Verdicts of ACLs in words. */

/* An address from text; IPv4 becomes v4-mapped. */
FIXTURE_FUNCTION ip6_address_t acl_address(const char *text)
{
	ip6_address_t address = { 0, 0 };
	uint8_t bytes[16];

	if (inet_pton(AF_INET, text, bytes) == 1)
		return ip6_from_ip4(get_u32(bytes));
	fixture_require(inet_pton(AF_INET6, text, bytes) == 1, text);
	for (unsigned i = 0; i < 8; i++) {
		address.high = address.high << 8 | bytes[i];
		address.low = address.low << 8 | bytes[8 + i];
	}
	return address;
}

FIXTURE_FUNCTION void acl_print(ip6_address_t address, char text[INET6_ADDRSTRLEN])
{
	uint8_t bytes[16];

	for (unsigned i = 0; i < 8; i++) {
		bytes[i] = (uint8_t)(address.high >> (56 - 8 * i));
		bytes[8 + i] = (uint8_t)(address.low >> (56 - 8 * i));
	}
	if (ip6_is_mapped(address))
		fixture_require(inet_ntop(AF_INET, bytes + 12, text, INET6_ADDRSTRLEN) != NULL,
				"an IPv4 address");
	else
		fixture_require(inet_ntop(AF_INET6, bytes, text, INET6_ADDRSTRLEN) != NULL,
				"an IPv6 address");
}

/* "pass", "empty", "refuse", "ignore", or the records that everything has for `client`, with their
 * TTL: 127.0.0.8 'text' ttl 2100. Valid until the next call. */
FIXTURE_FUNCTION const char *acl_text(acl_verdict_t verdict, const char *client)
{
	static const char *const words[] = { [ACL_PASS] = "pass",
					     [ACL_EMPTY] = "empty",
					     [ACL_REFUSE] = "refuse",
					     [ACL_IGNORE] = "ignore" };
	static fixture_text_t text;
	uint8_t packet[512];
	uint8_t data[1232];
	char ttl[20];
	dns_query_t query;
	dns_reply_t reply;

	if (verdict.action != ACL_LIST)
		return words[verdict.action];
	dataset_asker_t asker = {
		.client = acl_address(client),
		.override = DATASET_ALWAYS_LISTED,
		.listed_by = verdict.listed_by,
		.listed_entry = verdict.listed_entry,
		.listed_ttl_s = verdict.listed_ttl_s,
	};
	size_t size = fixture_query("x", packet);
	fixture_require(dns_query_parse(packet, size, &query) == DNS_PARSE_OK, "the query");
	dns_reply_begin(&reply, &query, packet, &(dns_reply_options_t){ 0 }, data,
			dns_reply_udp_limit(&query, sizeof(data)));
	size_t at = reply.out.position;
	dns_reply_rrset(&reply);
	acl_write(&asker, DNS_TYPE_A, &reply);
	dns_reply_rrset_end(&reply);
	dns_reply_rrset(&reply);
	acl_write(&asker, DNS_TYPE_TXT, &reply);
	acl_write(&asker, DNS_TYPE_MX, &reply); /* none */
	dns_reply_rrset_end(&reply);
	size_t end = reply.out.position;
	(void)dns_reply_finish(&reply);
	text.size = 0;
	while (at < end)
		at = (size_t)(fixture_record(&text, data + at) - data);
	(void)snprintf(ttl, sizeof(ttl), " ttl %u", (unsigned)text.ttl_s);
	fixture_append(&text, ttl, strlen(ttl));
	return text.text;
}

#endif
