/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "dns/query.h"

#include "base/cursor.h"
#include "dns/name.h"

/* Copies the name at the cursor in lower case, with its label offsets. Compression makes no sense
 * in a question (there is nothing before it to point to), so a pointer is malformed. */
static bool parse_qname(reader_t *reader, dns_query_t *query)
{
	const uint8_t *name = reader->data + reader->position;
	size_t left = reader->size - reader->position;
	size_t most = left < DNS_NAME_MAX ? left : DNS_NAME_MAX;
	size_t size = 0;
	unsigned label_count = 0;

	if (most == 0)
		return false;
	while (name[size] != 0) {
		if (name[size] > DNS_LABEL_MAX)
			return false;
		query->labels[label_count++] = (uint8_t)size;
		size += 1u + name[size];
		if (size >= most)
			return false;
	}
	query->labels[label_count] = (uint8_t)size;
	size++;
	dns_name_copy_lower(query->qname, name, size);
	reader_skip(reader, size);
	query->label_count = (uint8_t)label_count;
	query->qname_size = (uint8_t)size;
	return true;
}

/* Takes what one option of OPT says. Returns whether it is well-formed. Empty are the options that
 * only ask; what they hold all the same is ignored (RFC 5001 section 2.1, RFC 7828 section 3.2.2). */
static bool take_option(dns_query_t *query, unsigned code, const uint8_t *data, size_t size)
{
	switch (code) {
	case DNS_OPTION_NSID:
		query->has_nsid = true;
		break;
	case DNS_OPTION_KEEPALIVE:
		query->has_keepalive = true;
		break;
	case DNS_OPTION_COOKIE:
		/* RFC 7873 section 5.2.2; of several the first one counts (section 5.2). */
		if (size != DNS_CLIENT_COOKIE_SIZE &&
		    (size < DNS_COOKIE_SIZE_MIN || size > DNS_COOKIE_SIZE_MAX))
			return false;
		if (query->cookie_size > 0)
			break;
		query->cookie = data;
		query->cookie_size = (uint8_t)size;
		break;
	default:
		break;
	}
	return true;
}

/* Reads the options that fill the reader. Returns whether they are well-formed. */
static bool take_options(dns_query_t *query, reader_t *reader)
{
	while (reader->position < reader->size) {
		uint16_t code = reader_u16(reader);
		uint16_t size = reader_u16(reader);
		const uint8_t *data = reader->data + reader->position;

		reader_skip(reader, size);
		if (reader->overrun || !take_option(query, code, data, size))
			return false;
	}
	return true;
}

/* Reads an OPT record from behind its type on. Returns whether it is well-formed. */
static bool take_opt(dns_query_t *query, reader_t *reader)
{
	query->edns_size = reader_u16(reader);
	(void)reader_u8(reader); /* extended RCODE: a query has none */
	query->edns_version = reader_u8(reader);
	query->edns_do = (reader_u16(reader) & DNS_EDNS_DO) != 0;

	uint16_t size = reader_u16(reader);
	reader_t options = { .data = reader->data + reader->position, .size = size };
	reader_skip(reader, size);
	/* Of another version only this much is known (RFC 6891 section 6.1.3). */
	return !reader->overrun && (query->edns_version > 0 || take_options(query, &options));
}

/* Walks the records after the question and takes what OPT in the additional section says. Bounded
 * by the packet: every record takes at least 11 bytes of it. Returns false for an OPT record that is
 * not as it must be, or a second one. */
static bool parse_edns(dns_query_t *query, reader_t *reader, unsigned before_additional,
		       unsigned additional)
{
	for (unsigned i = 0; i < before_additional + additional; i++) {
		size_t owner = reader->position;
		dns_name_skip(reader);
		bool is_root = reader->position == owner + 1;
		uint16_t type = reader_u16(reader);

		if (reader->overrun)
			return true;
		if (type == DNS_TYPE_OPT && i >= before_additional) {
			bool is_first = !query->has_edns;
			query->has_edns = true;
			if (!is_root || !is_first || !take_opt(query, reader))
				return false;
			continue;
		}
		reader_skip(reader, 2 + 4); /* class and TTL */
		reader_skip(reader, reader_u16(reader));
		if (reader->overrun)
			return true;
	}
	return true;
}

/* Reads the one question, or skips those that there are. Returns whether there is one. */
static bool parse_question(dns_query_t *query, reader_t *reader, unsigned count)
{
	if (count != 1) {
		for (unsigned i = 0; i < count && !reader->overrun; i++) {
			dns_name_skip(reader);
			reader_skip(reader, 2 + 2);
		}
		return false;
	}
	if (!parse_qname(reader, query)) {
		reader->overrun = true;
		return false;
	}
	query->qtype = reader_u16(reader);
	query->qclass = reader_u16(reader);
	if (reader->overrun)
		return false;
	query->question_size = (uint16_t)(reader->position - DNS_HEADER_SIZE);
	return true;
}

dns_parse_t dns_query_parse(const uint8_t *packet, size_t size, dns_query_t *query)
{
	reader_t reader = { .data = packet, .size = size, .position = DNS_HEADER_SIZE };

	if (size < DNS_HEADER_SIZE)
		return DNS_PARSE_DROP;
	query->id = get_u16(packet);
	query->flags = get_u16(packet + 2);
	unsigned qdcount = get_u16(packet + 4);
	unsigned ancount = get_u16(packet + 6);
	unsigned nscount = get_u16(packet + 8);
	unsigned arcount = get_u16(packet + 10);
	if ((query->flags & DNS_FLAG_QR) != 0)
		return DNS_PARSE_DROP;
	query->question_size = 0;
	query->has_edns = false;
	query->edns_do = false;
	query->edns_version = 0;
	query->has_nsid = false;
	query->has_keepalive = false;
	query->cookie_size = 0;

	bool has_question = parse_question(query, &reader, qdcount);
	bool is_sound = true;
	if (arcount > 0 && !reader.overrun)
		is_sound = parse_edns(query, &reader, ancount + nscount, arcount);
	if ((query->flags & (DNS_FLAG_OPCODE | DNS_FLAG_AA | DNS_FLAG_TC)) != 0)
		return DNS_PARSE_NOTIMP;
	if (is_sound && qdcount == 0 && query->cookie_size > 0)
		return DNS_PARSE_COOKIE;
	return is_sound && has_question ? DNS_PARSE_OK : DNS_PARSE_FORMERR;
}
