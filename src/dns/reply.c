/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "dns/reply.h"

#include <stddef.h>
#include <string.h>

#include "base/secret_hash.h"

/* A compression pointer to the question's name, which always stands right behind the header. */
#define POINTER_TO_QNAME (0xc000u | DNS_HEADER_SIZE)

/* The fixed part of a record whose owner is such a pointer. */
enum {
	RECORD_TYPE = 2,
	RECORD_CLASS = 4,
	RECORD_TTL = 6,
	RECORD_RDLENGTH = 10,
	RECORD_RDATA = 12,
};

size_t dns_reply_udp_limit(const dns_query_t *query, size_t most)
{
	size_t limit = DNS_PLAIN_MAX;

	if (query->has_edns && query->edns_size > limit)
		limit = query->edns_size;
	return limit < most ? limit : most;
}

/* Bytes of an option with `size` bytes of data. */
static size_t option_size(size_t size)
{
	return DNS_OPTION_HEAD + size;
}

/* Bytes of OPT, but for an extended error. */
static size_t opt_size(const dns_reply_options_t *options)
{
	size_t size = DNS_OPT_SIZE;

	if (options->nsid != NULL)
		size += option_size(options->nsid_size);
	if (options->cookie != NULL)
		size += option_size(options->cookie_size);
	if (options->has_keepalive)
		size += option_size(sizeof(options->keepalive_ds));
	return size;
}

void dns_reply_begin(dns_reply_t *reply, const dns_query_t *query, const uint8_t *packet,
		     const dns_reply_options_t *options, uint8_t *data, size_t limit)
{
	memset(reply, 0, offsetof(dns_reply_t, rrset_slots));
	reply->limit = limit;
	reply->has_edns = query->has_edns;
	reply->edns_do = query->edns_do;
	reply->options = options;
	reply->question_size = query->question_size;
	reply->flags = DNS_FLAG_QR | (query->flags & (DNS_FLAG_OPCODE | DNS_FLAG_RD));
	reply->out.data = data;
	reply->out.size = query->has_edns ? limit - opt_size(options) : limit;
	writer_bytes(&reply->out, packet, DNS_HEADER_SIZE + (size_t)query->question_size);
}

void dns_reply_begin_bare(dns_reply_t *reply, uint8_t *data, size_t size)
{
	memset(reply, 0, offsetof(dns_reply_t, rrset_slots));
	reply->out.data = data;
	reply->out.size = size;
}

void dns_reply_rrset(dns_reply_t *reply)
{
	reply->rrset = reply->out.position;
	reply->rrset_count = 0;
	reply->rrset_ttl = UINT32_MAX;
	reply->rrset_ttl_differs = false;
}

static size_t record_size(const uint8_t *record)
{
	return RECORD_RDATA + (size_t)get_u16(record + RECORD_RDLENGTH);
}

static bool record_is(const uint8_t *record, const void *rdata, size_t rdata_size)
{
	return get_u16(record + RECORD_RDLENGTH) == rdata_size &&
	       memcmp(record + RECORD_RDATA, rdata, rdata_size) == 0;
}

/* The slot of the record with this RDATA, or the free one for it. */
static uint16_t *find_slot(dns_reply_t *reply, const void *rdata, size_t rdata_size)
{
	for (size_t i = (size_t)secret_hash(rdata, rdata_size);; i++) {
		uint16_t *slot = &reply->rrset_slots[i % DNS_REPLY_SLOTS];
		if (*slot == 0 || record_is(reply->out.data + *slot - 1, rdata, rdata_size))
			return slot;
	}
}

/* Puts the records up to now into slots. */
static void fill_slots(dns_reply_t *reply)
{
	size_t at = reply->rrset;

	memset(reply->rrset_slots, 0, sizeof(reply->rrset_slots));
	for (unsigned i = 0; i < reply->rrset_count; i++) {
		const uint8_t *record = reply->out.data + at;
		uint16_t *slot =
			find_slot(reply, record + RECORD_RDATA, get_u16(record + RECORD_RDLENGTH));
		*slot = (uint16_t)(at + 1);
		at += record_size(record);
	}
}

/* Is there a record with this RDATA? If not one may be added, at the end of what is written. */
static bool rrset_has(dns_reply_t *reply, const void *rdata, size_t rdata_size)
{
	const uint8_t *record = reply->out.data + reply->rrset;
	uint16_t *slot;

	if (reply->rrset_count < DNS_REPLY_SCAN) {
		for (unsigned i = 0; i < reply->rrset_count; i++) {
			if (record_is(record, rdata, rdata_size))
				return true;
			record += record_size(record);
		}
		return false;
	}
	if (reply->rrset_count == DNS_REPLY_SCAN)
		fill_slots(reply);
	slot = find_slot(reply, rdata, rdata_size);
	if (*slot != 0)
		return true;
	*slot = (uint16_t)(reply->out.position + 1);
	return false;
}

void dns_reply_add(dns_reply_t *reply, dns_type_t type, dns_class_t class, uint32_t ttl,
		   const void *rdata, size_t rdata_size)
{
	if (reply->out.overrun)
		return;
	if (reply->rrset_ttl != ttl) {
		reply->rrset_ttl_differs = reply->rrset_count > 0;
		if (ttl < reply->rrset_ttl)
			reply->rrset_ttl = ttl;
	}
	if (rrset_has(reply, rdata, rdata_size))
		return;
	if (!writer_take(&reply->out, RECORD_RDATA + rdata_size))
		return;
	uint8_t *record = reply->out.data + reply->out.position - rdata_size - RECORD_RDATA;
	put_u16(record, POINTER_TO_QNAME);
	put_u16(record + RECORD_TYPE, (uint16_t)type);
	put_u16(record + RECORD_CLASS, (uint16_t) class);
	put_u32(record + RECORD_TTL, ttl);
	put_u16(record + RECORD_RDLENGTH, (uint16_t)rdata_size);
	memcpy(record + RECORD_RDATA, rdata, rdata_size);
	reply->rrset_count++;
}

static void rrset_set_ttl(dns_reply_t *reply)
{
	uint8_t *record = reply->out.data + reply->rrset;

	for (unsigned i = 0; i < reply->rrset_count; i++) {
		put_u32(record + RECORD_TTL, reply->rrset_ttl);
		record += record_size(record);
	}
}

void dns_reply_rrset_end(dns_reply_t *reply)
{
	if (reply->out.overrun) {
		reply->out.overrun = false;
		reply->out.position = reply->rrset;
		reply->flags |= DNS_FLAG_TC;
		return;
	}
	if (reply->rrset_ttl_differs)
		rrset_set_ttl(reply);
	reply->counts[DNS_ANSWER] = (uint16_t)(reply->counts[DNS_ANSWER] + reply->rrset_count);
}

bool dns_reply_fragment(dns_reply_t *reply, dns_section_t section, const dns_fragment_t *fragment,
			size_t apex_offset, size_t base_offset)
{
	size_t start = reply->out.position;

	dns_fragment_write(fragment, &reply->out, apex_offset, base_offset);
	if (reply->out.overrun) {
		reply->out.overrun = false;
		reply->out.position = start;
		return false;
	}
	reply->counts[section] = (uint16_t)(reply->counts[section] + dns_fragment_count(fragment));
	return true;
}

static void write_option(writer_t *out, unsigned code, const void *data, size_t size)
{
	writer_u16(out, (uint16_t)code);
	writer_u16(out, (uint16_t)size);
	writer_bytes(out, data, size);
}

/* RFC 8914 section 2. */
static void write_error(dns_reply_t *reply)
{
	size_t text_size = reply->error_text != NULL ? strlen(reply->error_text) : 0;
	size_t size = sizeof(uint16_t) + text_size;

	if (option_size(size) > reply->limit - reply->out.position)
		return;
	writer_u16(&reply->out, DNS_OPTION_ERROR);
	writer_u16(&reply->out, (uint16_t)size);
	writer_u16(&reply->out, (uint16_t)reply->error);
	writer_bytes(&reply->out, reply->error_text, text_size);
}

static void write_options(dns_reply_t *reply)
{
	const dns_reply_options_t *options = reply->options;
	uint8_t number[2];

	if (options->nsid != NULL)
		write_option(&reply->out, DNS_OPTION_NSID, options->nsid, options->nsid_size);
	if (options->cookie != NULL)
		write_option(&reply->out, DNS_OPTION_COOKIE, options->cookie, options->cookie_size);
	if (options->has_keepalive) {
		put_u16(number, options->keepalive_ds);
		write_option(&reply->out, DNS_OPTION_KEEPALIVE, number, sizeof(number));
	}
	if (reply->error != DNS_ERROR_NONE)
		write_error(reply);
}

/* RFC 6891 section 6.1.3. The room was kept free from the start. */
static void write_opt(dns_reply_t *reply)
{
	size_t rdlength;

	reply->out.size = reply->limit;
	writer_u8(&reply->out, 0);
	writer_u16(&reply->out, DNS_TYPE_OPT);
	writer_u16(&reply->out, DNS_EDNS_SIZE);
	writer_u8(&reply->out, (uint8_t)(reply->rcode >> 4));
	writer_u8(&reply->out, 0);
	writer_u16(&reply->out, reply->edns_do ? DNS_EDNS_DO : 0);
	rdlength = reply->out.position;
	writer_u16(&reply->out, 0);
	write_options(reply);
	put_u16(reply->out.data + rdlength, (uint16_t)(reply->out.position - rdlength - 2));
	reply->counts[DNS_ADDITIONAL]++;
}

size_t dns_reply_finish(dns_reply_t *reply)
{
	uint8_t *header = reply->out.data;

	if (reply->has_edns)
		write_opt(reply);
	put_u16(header + 2, (uint16_t)(reply->flags | (reply->rcode & 0xf)));
	put_u16(header + 4, reply->question_size > 0 ? 1 : 0);
	for (unsigned i = 0; i < COUNT_OF(reply->counts); i++)
		put_u16(header + 6 + 2 * i, reply->counts[i]);
	return reply->out.position;
}
