/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "catalog/dump_writer.h"

#include <string.h>

#include "base/cursor.h"
#include "dns/master_text.h"

/* Longer times count as none (RFC 2181 section 8), and BIND complains of them. */
static uint32_t plain_ttl(uint32_t ttl_s)
{
	return ttl_s <= INT32_MAX ? ttl_s : 0;
}

void dump_writer_begin(dump_writer_t *writer, FILE *out, const uint8_t *apex, uint32_t ttl_s)
{
	*writer = (dump_writer_t){ .out = out, .ttl_s = plain_ttl(ttl_s) };
	fputs("$ORIGIN\t", out);
	dump_writer_name(writer, apex);
	fprintf(out, "\n$TTL\t%u\n", writer->ttl_s);
}

static bool is_alphanumeric(uint8_t byte)
{
	return (uint8_t)((byte | 0x20) - 'a') < 26 || (uint8_t)(byte - '0') < 10;
}

static bool is_host_label(const uint8_t *label)
{
	for (unsigned i = 1; i <= *label; i++)
		if (!is_alphanumeric(label[i]) && (label[i] != '-' || i == 1 || i == *label))
			return false;
	return true;
}

void dump_writer_owner(dump_writer_t *writer, const uint8_t *key, size_t key_size, bool is_wildcard)
{
	uint8_t labels[DNS_LABELS_MAX];
	unsigned depth = 0;
	char *out = writer->owner;

	writer->is_host_name = true;
	for (size_t at = 0; at < key_size; at += key[at] + 1u)
		labels[depth++] = (uint8_t)at;
	if (is_wildcard) {
		*out++ = '*';
		if (depth > 0)
			*out++ = '.';
	} else if (depth == 0) {
		*out++ = '@';
	}
	while (depth-- > 0) {
		const uint8_t *label = key + labels[depth];
		writer->is_host_name &= is_host_label(label);
		out += master_text_label(label, out);
		if (depth > 0)
			*out++ = '.';
	}
	writer->owner_size = (size_t)(out - writer->owner);
	writer->is_owner_written = false;
}

void dump_writer_record(dump_writer_t *writer, uint32_t ttl_s, const char *type)
{
	FILE *out = writer->out;

	if (!writer->is_owner_written)
		fwrite_unlocked(writer->owner, 1, writer->owner_size, out);
	writer->is_owner_written = true;
	if (plain_ttl(ttl_s) != writer->ttl_s)
		fprintf(out, "\t%u", plain_ttl(ttl_s));
	putc_unlocked('\t', out);
	fputs_unlocked(type, out);
	putc_unlocked('\t', out);
}

void dump_writer_name(dump_writer_t *writer, const uint8_t *name)
{
	char text[MASTER_NAME_MAX];

	fwrite_unlocked(text, 1, master_text_name(name, text), writer->out);
}

/* Writes the strings of a TXT record. */
static void write_strings(dump_writer_t *writer, const uint8_t *rdata, size_t size)
{
	char text[MASTER_STRING_MAX];

	for (size_t at = 0; at < size; at += 1u + rdata[at]) {
		if (at > 0)
			putc_unlocked(' ', writer->out);
		fwrite_unlocked(text, 1, master_text_string(rdata + at + 1, rdata[at], text),
				writer->out);
	}
}

static void write_record(dump_writer_t *writer, dns_type_t type, uint32_t ttl_s,
			 const uint8_t *rdata, size_t size)
{
	if (type == DNS_TYPE_A) {
		dump_writer_record(writer, ttl_s, "A");
		fprintf(writer->out, "%u.%u.%u.%u", rdata[0], rdata[1], rdata[2], rdata[3]);
		writer->has_odd_hosts |= !writer->is_host_name;
	} else if (type == DNS_TYPE_TXT) {
		dump_writer_record(writer, ttl_s, "TXT");
		write_strings(writer, rdata, size);
	} else {
		dump_writer_record(writer, ttl_s, "MX");
		fprintf(writer->out, "%u\t", get_u16(rdata));
		dump_writer_name(writer, rdata + 2);
	}
	putc_unlocked('\n', writer->out);
}

void dump_writer_rrsets(dump_writer_t *writer, const dns_reply_t *reply)
{
	reader_t in = { .data = reply->out.data, .size = reply->out.position };

	while (in.position < in.size && !in.overrun) {
		reader_skip(&in, 2); /* the pointer to the owner */
		dns_type_t type = (dns_type_t)reader_u16(&in);
		reader_skip(&in, 2); /* class */
		uint32_t ttl_s = (uint32_t)reader_u16(&in) << 16;
		ttl_s |= reader_u16(&in);
		size_t size = reader_u16(&in);
		const uint8_t *rdata = in.data + in.position;
		reader_skip(&in, size);
		if (!in.overrun)
			write_record(writer, type, ttl_s, rdata, size);
	}
}
