/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "dns/query.h"

#include "base/cursor.h"
#include "dns/name.h"

/* The smallest query: a header, the root as name, type and class. */
#define QUERY_SIZE_MIN (DNS_HEADER_SIZE + 1 + 4)

/* Copies the name at the cursor in lower case, with its label offsets. Compression makes no sense
 * in a question (there is nothing before it to point to), so a pointer is malformed. */
static bool parse_qname(reader_t *reader, dns_query_t *query)
{
	size_t size = 0;
	unsigned label_count = 0;

	for (;;) {
		uint8_t length = reader_u8(reader);
		const uint8_t *label = reader->data + reader->position;

		if (length > DNS_LABEL_MAX || size + length + 1u > DNS_NAME_MAX)
			return false;
		query->labels[label_count] = (uint8_t)size;
		query->qname[size++] = length;
		if (length == 0)
			break;
		reader_skip(reader, length);
		if (reader->overrun)
			return false;
		for (unsigned i = 0; i < length; i++)
			query->qname[size++] = dns_lower(label[i]);
		label_count++;
	}
	query->label_count = (uint8_t)label_count;
	query->qname_size = (uint8_t)size;
	return !reader->overrun;
}

/* Walks the records after the question and takes what the first OPT in the additional section
 * says. Bounded by the packet: every record takes at least 11 bytes of it. */
static void parse_edns(reader_t *reader, unsigned before_additional, unsigned additional,
		       dns_query_t *query)
{
	for (unsigned i = 0; i < before_additional + additional; i++) {
		size_t owner = reader->position;
		dns_name_skip(reader);
		bool is_root = !reader->overrun && reader->position == owner + 1;
		uint16_t type = reader_u16(reader);
		uint16_t udp_size = reader_u16(reader);
		(void)reader_u8(reader); /* extended RCODE: a query has none */
		uint8_t version = reader_u8(reader);
		uint16_t flags = reader_u16(reader);
		reader_skip(reader, reader_u16(reader));
		if (reader->overrun)
			return;
		if (type == DNS_TYPE_OPT && is_root && i >= before_additional) {
			query->has_edns = true;
			query->edns_version = version;
			query->edns_size = udp_size;
			query->edns_do = (flags & DNS_EDNS_DO) != 0;
			return;
		}
	}
}

dns_parse_t dns_query_parse(const uint8_t *packet, size_t size, dns_query_t *query)
{
	reader_t reader = { .data = packet, .size = size };

	if (size < QUERY_SIZE_MIN)
		return DNS_PARSE_DROP;
	query->id = reader_u16(&reader);
	query->flags = reader_u16(&reader);
	unsigned qdcount = reader_u16(&reader);
	unsigned ancount = reader_u16(&reader);
	unsigned nscount = reader_u16(&reader);
	unsigned arcount = reader_u16(&reader);
	if ((query->flags & DNS_FLAG_QR) != 0 || qdcount != 1 || !parse_qname(&reader, query))
		return DNS_PARSE_DROP;
	query->qtype = reader_u16(&reader);
	query->qclass = reader_u16(&reader);
	if (reader.overrun)
		return DNS_PARSE_DROP;
	query->question_size = (uint16_t)(reader.position - DNS_HEADER_SIZE);
	query->has_edns = false;
	query->edns_do = false;

	if ((query->flags & (DNS_FLAG_OPCODE | DNS_FLAG_AA | DNS_FLAG_TC)) != 0)
		return DNS_PARSE_NOTIMP;
	if (arcount > 0)
		parse_edns(&reader, ancount + nscount, arcount, query);
	return DNS_PARSE_OK;
}
