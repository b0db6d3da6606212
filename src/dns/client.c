/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "dns/client.h"

#include "dns/name.h"

/* Where the header has what. */
enum { AT_FLAGS = 2, AT_QDCOUNT = 4, AT_ANCOUNT = 6, AT_NSCOUNT = 8, AT_ARCOUNT = 10 };

#define FLAGS_RCODE 0x000f

size_t dns_client_write(uint8_t packet[DNS_CLIENT_QUERY_MAX], uint16_t id, const uint8_t *name,
			dns_type_t type, dns_client_edns_t edns)
{
	writer_t writer = { .data = packet, .size = DNS_CLIENT_QUERY_MAX };

	writer_u16(&writer, id);
	writer_u16(&writer, DNS_FLAG_RD);
	writer_u16(&writer, 1);
	writer_u32(&writer, 0);
	writer_u16(&writer, edns != DNS_CLIENT_NO_EDNS); /* OPT */
	writer_bytes(&writer, name, dns_name_size(name));
	writer_u16(&writer, (uint16_t)type);
	writer_u16(&writer, DNS_CLASS_IN);
	if (edns == DNS_CLIENT_NO_EDNS)
		return writer.position;
	writer_u8(&writer, 0); /* OPT's owner: the root */
	writer_u16(&writer, DNS_TYPE_OPT);
	writer_u16(&writer, DNS_EDNS_SIZE);
	writer_u32(&writer, 0); /* no extended RCODE, version 0, no flags */
	writer_u16(&writer, edns == DNS_CLIENT_NSID ? DNS_OPTION_HEAD : 0);
	if (edns == DNS_CLIENT_NSID) {
		writer_u16(&writer, DNS_OPTION_NSID);
		writer_u16(&writer, 0);
	}
	return writer.position;
}

size_t dns_client_write_query(uint8_t packet[DNS_CLIENT_QUERY_MAX], uint16_t id,
			      const uint8_t *name, dns_type_t type)
{
	return dns_client_write(packet, id, name, type, DNS_CLIENT_EDNS);
}

static bool is_same_question(const uint8_t *name, size_t name_size, dns_type_t type,
			     const uint8_t *packet, size_t size)
{
	const uint8_t *question = packet + DNS_HEADER_SIZE;

	if (size < DNS_HEADER_SIZE + name_size + 4)
		return false;
	/* Byte by byte, so that the reply's name need not be checked for being well-formed first:
	 * length bytes are no letters. */
	if (memcmp(name, question, name_size) != 0)
		for (size_t i = 0; i < name_size; i++)
			if (dns_lower(name[i]) != dns_lower(question[i]))
				return false;
	return get_u16(question + name_size) == type &&
	       get_u16(question + name_size + 2) == DNS_CLASS_IN;
}

bool dns_client_is_answer(const uint8_t *name, size_t name_size, dns_type_t type,
			  const uint8_t *packet, size_t size)
{
	if (size < DNS_HEADER_SIZE)
		return false;
	uint16_t flags = get_u16(packet + AT_FLAGS);
	if ((flags & DNS_FLAG_QR) == 0 || (flags & DNS_FLAG_OPCODE) != 0)
		return false;
	switch (get_u16(packet + AT_QDCOUNT)) {
	case 0:
		return dns_client_rcode(packet) != DNS_RCODE_NOERROR;
	case 1:
		return is_same_question(name, name_size, type, packet, size);
	default:
		return false;
	}
}

bool dns_client_is_reply(const uint8_t *query, const uint8_t *packet, size_t size)
{
	const uint8_t *name = query + DNS_HEADER_SIZE;
	size_t name_size = dns_name_size(name);

	if (size < DNS_HEADER_SIZE || memcmp(packet, query, AT_FLAGS) != 0)
		return false;
	return dns_client_is_answer(name, name_size, (dns_type_t)get_u16(name + name_size), packet,
				    size);
}

dns_rcode_t dns_client_rcode(const uint8_t *packet)
{
	return (dns_rcode_t)(get_u16(packet + AT_FLAGS) & FLAGS_RCODE);
}

bool dns_client_is_truncated(const uint8_t *packet)
{
	return (get_u16(packet + AT_FLAGS) & DNS_FLAG_TC) != 0;
}

dns_answers_t dns_client_answers(const uint8_t *packet, size_t size)
{
	dns_answers_t answers = {
		.reader = { .data = packet, .size = size, .position = DNS_HEADER_SIZE },
		.left = get_u16(packet + AT_ANCOUNT),
	};

	if (get_u16(packet + AT_QDCOUNT) == 1) {
		dns_name_skip(&answers.reader);
		reader_skip(&answers.reader, 4);
	}
	return answers;
}

bool dns_answers_next(dns_answers_t *answers, dns_record_t *record)
{
	reader_t *reader = &answers->reader;

	if (answers->left == 0)
		return false;
	answers->left--;
	dns_name_skip(reader);
	record->type = reader_u16(reader);
	record->class = reader_u16(reader);
	record->ttl_s = (uint32_t)reader_u16(reader) << 16;
	record->ttl_s |= reader_u16(reader);
	record->rdata_size = reader_u16(reader);
	record->rdata = reader->data + reader->position;
	reader_skip(reader, record->rdata_size);
	return !reader->overrun;
}

/* Looks for an option of OPT, of at least `least` bytes: its data in `*option`. */
static bool find_option(const dns_record_t *opt, unsigned wanted, size_t least, reader_t *option)
{
	reader_t reader = { .data = opt->rdata, .size = opt->rdata_size };

	while (reader.position < reader.size) {
		unsigned code = reader_u16(&reader);
		size_t size = reader_u16(&reader);
		const uint8_t *data = reader.data + reader.position;
		reader_skip(&reader, size);
		if (reader.overrun)
			return false;
		if (code != wanted || size < least)
			continue;
		*option = (reader_t){ .data = data, .size = size };
		return true;
	}
	return false;
}

/* The same in the OPT record of a reply. */
static bool find_reply_option(const uint8_t *packet, size_t size, unsigned wanted, size_t least,
			      reader_t *option)
{
	dns_answers_t records = dns_client_answers(packet, size);
	dns_record_t record;

	/* All sections alike. */
	records.left += get_u16(packet + AT_NSCOUNT);
	records.left += get_u16(packet + AT_ARCOUNT);
	while (dns_answers_next(&records, &record))
		if (record.type == DNS_TYPE_OPT)
			return find_option(&record, wanted, least, option);
	return false;
}

bool dns_client_error(const uint8_t *packet, size_t size, dns_client_error_t *error)
{
	reader_t option;

	if (!find_reply_option(packet, size, DNS_OPTION_ERROR, sizeof(error->code), &option))
		return false;
	error->code = get_u16(option.data);
	error->text = option.data + sizeof(error->code);
	error->text_size = option.size - sizeof(error->code);
	return true;
}

bool dns_client_nsid(const uint8_t *packet, size_t size, const uint8_t **nsid, size_t *nsid_size)
{
	reader_t option;

	if (!find_reply_option(packet, size, DNS_OPTION_NSID, 0, &option))
		return false;
	*nsid = option.data;
	*nsid_size = option.size;
	return true;
}
