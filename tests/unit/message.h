/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_TESTS_UNIT_MESSAGE_H
#define SPURN_TESTS_UNIT_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* A decoder of DNS messages that shares no code with src/dns, so that neither hides the other's
 * mistakes. Strict: a reply of ours has to be exactly right (RFC 1035 section 4), so whatever is odd
 * is an error, also what a resolver would put up with. */

#define MESSAGE_RECORDS_MAX 400

typedef struct message_name {
	uint8_t bytes[255]; /* uncompressed, case as it stands in the message */
	size_t size;
} message_name_t;

typedef struct message_record {
	unsigned section; /* 1 ANSWER, 2 AUTHORITY, 3 ADDITIONAL */
	message_name_t owner;
	unsigned type;
	unsigned class;
	uint32_t ttl;
	const uint8_t *rdata;
	size_t rdata_size;
	message_name_t names[2]; /* in RDATA: NS, MX: one; SOA: two */
} message_record_t;

typedef struct message {
	const uint8_t *data;
	size_t size;
	size_t at; /* next byte */
	unsigned id;
	unsigned flags;
	unsigned counts[4];
	message_name_t qname;
	unsigned qtype;
	unsigned qclass;
	size_t question_end;
	const message_record_t *opt; /* NULL without */
	const char *error;           /* NULL: none */
	unsigned record_count;
	message_record_t records[MESSAGE_RECORDS_MAX]; /* last: only what is before is cleared */
} message_t;

/* Not every test needs all of these functions. */
#define MESSAGE_FUNCTION static __attribute__((unused))

MESSAGE_FUNCTION bool message_fail(message_t *message, const char *error)
{
	if (message->error == NULL)
		message->error = error;
	return false;
}

MESSAGE_FUNCTION uint32_t message_number(message_t *message, size_t bytes)
{
	uint32_t number = 0;

	if (message->size - message->at < bytes) {
		message_fail(message, "cut short");
		message->at = message->size;
		return 0;
	}
	while (bytes-- > 0)
		number = number << 8 | message->data[message->at++];
	return number;
}

/* Where the pointer at `at` leads; 0 when it is not a good one: it must lead to the question or a
 * record, and before anything of this name that was read so far. */
MESSAGE_FUNCTION size_t message_pointer(message_t *message, size_t at, size_t bound)
{
	if (at + 2 > message->size) {
		message_fail(message, "pointer cut short");
		return 0;
	}
	size_t target = (size_t)(message->data[at] & 0x3f) << 8 | message->data[at + 1];
	if (target < 12 || target >= bound) {
		message_fail(message, "pointer does not lead backwards");
		return 0;
	}
	return target;
}

/* Reads the name at the cursor, following pointers if `may_point`. */
MESSAGE_FUNCTION bool message_read_name(message_t *message, message_name_t *name, bool may_point)
{
	size_t at = message->at;
	size_t bound = at; /* pointers must lead before this */
	size_t end = 0;    /* behind the first pointer */

	name->size = 0;
	for (;;) {
		if (at >= message->size)
			return message_fail(message, "name cut short");
		unsigned length = message->data[at];
		if (length >= 0xc0) {
			size_t target = message_pointer(message, at, bound);
			if (target == 0 || !may_point)
				return message_fail(message, "pointer in the question");
			if (end == 0)
				end = at + 2;
			at = bound = target;
			continue;
		}
		if (length > 63 || at + 1 + length > message->size)
			return message_fail(message, "label too long");
		if (name->size + 1 + length > sizeof(name->bytes))
			return message_fail(message, "name too long");
		memcpy(name->bytes + name->size, message->data + at, 1 + length);
		name->size += 1 + length;
		at += 1 + length;
		if (length == 0)
			break;
	}
	message->at = end != 0 ? end : at;
	return true;
}

/* Are the same, as names are. */
MESSAGE_FUNCTION bool message_same_name(const uint8_t *a, size_t a_size, const uint8_t *b,
					size_t b_size)
{
	bool is_same = a_size == b_size;

	for (size_t i = 0; is_same && i < a_size; i++) {
		unsigned x = a[i] >= 'A' && a[i] <= 'Z' ? a[i] + 32u : a[i];
		unsigned y = b[i] >= 'A' && b[i] <= 'Z' ? b[i] + 32u : b[i];
		is_same = x == y;
	}
	return is_same;
}

/* Reads RDATA of the types that we send. It must end where its length says. */
MESSAGE_FUNCTION bool message_read_rdata(message_t *message, message_record_t *record)
{
	size_t end = message->at + record->rdata_size;

	switch (record->type) {
	case 1: /* A */
		(void)message_number(message, 4);
		break;
	case 2: /* NS */
		message_read_name(message, &record->names[0], true);
		break;
	case 6: /* SOA */
		message_read_name(message, &record->names[0], true);
		message_read_name(message, &record->names[1], true);
		for (int i = 0; i < 5; i++)
			(void)message_number(message, 4);
		break;
	case 15: /* MX */
		(void)message_number(message, 2);
		message_read_name(message, &record->names[0], true);
		break;
	case 16: /* TXT: strings */
		do {
			message->at += message_number(message, 1);
		} while (message->at < end && message->error == NULL);
		break;
	case 41: /* OPT: options */
		if (record->owner.size != 1 || record->section != 3 || message->opt != NULL)
			return message_fail(message, "OPT where none can be");
		message->opt = record;
		while (message->at < end && message->error == NULL) {
			(void)message_number(message, 2);
			message->at += message_number(message, 2);
		}
		break;
	default:
		return message_fail(message, "a type that we have no data of");
	}
	if (message->at != end)
		return message_fail(message, "RDATA does not end where its length says");
	return message->error == NULL;
}

MESSAGE_FUNCTION bool message_read_record(message_t *message, unsigned section)
{
	if (message->record_count == MESSAGE_RECORDS_MAX)
		return message_fail(message, "more records than a reply can have");
	message_record_t *record = &message->records[message->record_count++];

	record->section = section;
	record->names[0].size = record->names[1].size = 0;
	if (!message_read_name(message, &record->owner, true))
		return false;
	record->type = message_number(message, 2);
	record->class = message_number(message, 2);
	record->ttl = message_number(message, 4);
	record->rdata_size = message_number(message, 2);
	if (message->error != NULL || record->rdata_size > message->size - message->at)
		return message_fail(message, "record cut short");
	record->rdata = message->data + message->at;
	return message_read_rdata(message, record);
}

/* Decodes data[0..size), which must outlive `message`. Returns NULL, or what is wrong with it. */
MESSAGE_FUNCTION const char *message_decode(message_t *message, const uint8_t *data, size_t size)
{
	memset(message, 0, offsetof(message_t, records));
	message->data = data;
	message->size = size;
	message->id = message_number(message, 2);
	message->flags = message_number(message, 2);
	for (unsigned i = 0; i < 4; i++)
		message->counts[i] = message_number(message, 2);
	if (message->error == NULL && message->counts[0] > 1)
		message_fail(message, "more than one question");
	if (message->error != NULL ||
	    (message->counts[0] == 1 && !message_read_name(message, &message->qname, false)))
		return message->error;
	if (message->counts[0] == 1) {
		message->qtype = message_number(message, 2);
		message->qclass = message_number(message, 2);
	}
	message->question_end = message->at;
	for (unsigned section = 1; section < 4; section++)
		for (unsigned i = 0; i < message->counts[section]; i++)
			if (!message_read_record(message, section))
				return message->error;
	if (message->at != size)
		message_fail(message, "bytes behind the last record");
	if (message->opt != NULL && message->opt != &message->records[message->record_count - 1])
		message_fail(message, "records behind OPT");
	return message->error;
}

/* What is wrong with `reply` (NULL: nothing) as a reply to query[0..query_size) over TCP, apart from
 * what it answers. `message` is filled in. */
MESSAGE_FUNCTION const char *message_check_tcp_reply(message_t *message, const uint8_t *query,
						     size_t query_size, const uint8_t *reply,
						     size_t reply_size)
{
	const char *error = message_decode(message, reply, reply_size);

	if (error != NULL)
		return error;
	if (query_size < message->question_end)
		return "a reply to less than a query";
	if ((query[2] & 0x80) != 0)
		return "a reply to a reply";
	if (memcmp(query, reply, 2) != 0)
		return "another ID";
	if (memcmp(query + 12, reply + 12, message->question_end - 12) != 0)
		return "another question";
	if ((message->flags & 0x8000) == 0 || (message->flags & 0x00f0) != 0)
		return "QR is clear, or one of RA, Z, AD, CD is set";
	if ((message->flags >> 8 & 0x78) != (query[2] & 0x78u))
		return "another opcode";
	if ((message->flags & 0x7800) != 0 && (message->flags & 0xf) != 4)
		return "an answer to another opcode";
	if ((message->flags & 0x100) != 0 && (query[2] & 1) == 0)
		return "RD was not in the query";
	return NULL;
}

/* The same over UDP, where replies must not be long. */
MESSAGE_FUNCTION const char *message_check_reply(message_t *message, const uint8_t *query,
						 size_t query_size, const uint8_t *reply,
						 size_t reply_size)
{
	const char *error = message_check_tcp_reply(message, query, query_size, reply, reply_size);

	if (error != NULL)
		return error;
	/* A client's cookie comes back with that of the server, which has 16 bytes, and an extended
	 * error takes 6, the tests' NSID one more than the question for it. */
	if (message->counts[0] == 0 && reply_size > query_size + 16 + 6 + 1)
		return "longer than what made no sense";
	if (reply_size > 1232)
		return "longer than any UDP reply may be";
	if (reply_size <= 512)
		return NULL;
	/* Only OPT allows more: somewhere the query has one that allows as much. */
	if (message->opt == NULL)
		return "longer than 512 bytes and no OPT";
	for (size_t i = message->question_end; i + 5 <= query_size; i++)
		if (memcmp(query + i, "\0\0\x29", 3) == 0 &&
		    (size_t)(query[i + 3] << 8 | query[i + 4]) >= reply_size)
			return NULL;
	return "longer than the query allows";
}

#endif
