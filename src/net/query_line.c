/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "net/query_line.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "base/cursor.h"
#include "dns/dns.h"

/* Where the header of a message has what. */
enum { QDCOUNT_OFFSET = 4, ANCOUNT_OFFSET = 6 };

/* Types by number, as rbldnsd calls them; those behind the last row and the gaps are "type123". */
static const char *const type_names[] = {
	"INVALID", "A",    "NS",   "MD",    "MF",    "CNAME",    "SOA", "MB",   "MG",
	"MR",      "NULL", "WKS",  "PTR",   "HINFO", "MINFO",    "MX",  "TXT",  "RP",
	"AFSDB",   "X25",  "ISDN", "RT",    "NSAP",  "NSAP_PTR", "SIG", "KEY",  "PX",
	"GPOS",    "AAAA", "LOC",  "NXT",   "EID",   "NIMLOC",   "SRV", "ATMA", "NAPTR",
	"KX",      "CERT", "A6",   "DNAME", "SINK",  "OPT",
};

/* Those from 250 on. */
static const char *const late_type_names[] = { "TSIG",  "IXFR", "AXFR", "MAILB",
					       "MAILA", "ANY",  "ZXFR" };
#define LATE_TYPE_FIRST 250

static const char *find_type_name(unsigned type)
{
	if (type < COUNT_OF(type_names))
		return type_names[type];
	if (type >= LATE_TYPE_FIRST && type - LATE_TYPE_FIRST < COUNT_OF(late_type_names))
		return late_type_names[type - LATE_TYPE_FIRST];
	return NULL;
}

static const char *find_class_name(unsigned dns_class)
{
	switch (dns_class) {
	case 0:
		return "INVALID";
	case DNS_CLASS_IN:
		return "IN";
	case DNS_CLASS_CH:
		return "CH";
	case 4:
		return "HS";
	case DNS_CLASS_ANY:
		return "ANY";
	default:
		return NULL;
	}
}

static const char *find_rcode_name(unsigned rcode)
{
	switch (rcode) {
	case DNS_RCODE_NOERROR:
		return "NOERROR";
	case DNS_RCODE_FORMERR:
		return "FORMERR";
	case DNS_RCODE_SERVFAIL:
		return "SERVFAIL";
	case DNS_RCODE_NXDOMAIN:
		return "NXDOMAIN";
	case DNS_RCODE_NOTIMP: /* sic */
		return "NOTIMPL";
	case DNS_RCODE_REFUSED:
		return "REFUSED";
	case DNS_RCODE_BADVERS:
		return "BADVERS";
	case DNS_RCODE_BADCOOKIE:
		return "BADCOOKIE";
	default:
		return NULL;
	}
}

static char *put_text(char *out, const char *text)
{
	size_t size = strlen(text);

	memcpy(out, text, size);
	return out + size;
}

static char *put_number(char *out, uint64_t number)
{
	char digits[20];
	size_t count = 0;

	do {
		digits[count++] = (char)('0' + number % 10);
		number /= 10;
	} while (number != 0);
	while (count > 0)
		*out++ = digits[--count];
	return out;
}

/* The name, or, where there is none, `what` with the number. */
static char *put_name(char *out, const char *name, const char *what, unsigned number)
{
	if (name != NULL)
		return put_text(out, name);
	return put_number(put_text(out, what), number);
}

static char *put_client(char *out, const net_address_t *client)
{
	const void *address = client->any.sa_family == AF_INET6
				      ? (const void *)&client->ip6.sin6_addr
				      : (const void *)&client->ip4.sin_addr;

	if (inet_ntop(client->any.sa_family, address, out, NET_ADDRESS_TEXT_MAX) == NULL)
		return put_text(out, "?");
	return out + strlen(out);
}

size_t query_line_write(time_t now, const net_address_t *client, const answer_packet_t *packet,
			char line[QUERY_LINE_MAX])
{
	/* A reply repeats the question, and its first name is not compressed. If there was none that
	 * could be read, the reply has none, and what stands behind it is of another reply. */
	static const uint8_t no_question[1 + 2 + 2];
	bool has_question = get_u16(packet->reply + QDCOUNT_OFFSET) > 0;
	const uint8_t *qname = has_question ? packet->reply + DNS_HEADER_SIZE : no_question;
	const uint8_t *behind = qname + dns_name_size(qname);
	unsigned qtype = get_u16(behind);
	unsigned qclass = get_u16(behind + 2);
	char *out = put_number(line, (uint64_t)now);

	*out++ = ' ';
	out = put_client(out, client);
	*out++ = ' ';
	dns_name_to_text(qname, out);
	out += strlen(out);
	*out++ = ' ';
	out = put_name(out, find_type_name(qtype), "type", qtype);
	*out++ = ' ';
	out = put_name(out, find_class_name(qclass), "class", qclass);
	out = put_text(out, ": ");
	out = put_name(out, find_rcode_name(packet->rcode), "rcode", packet->rcode);
	*out++ = '/';
	out = put_number(out, get_u16(packet->reply + ANCOUNT_OFFSET));
	*out++ = '/';
	out = put_number(out, packet->reply_size);
	*out++ = '\n';
	return (size_t)(out - line);
}
