/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "tool/check_points.h"

#include <stdio.h>
#include <string.h>

#include "base/cursor.h"
#include "dataset/ask.h"
#include "dns/name.h"

/* Bytes of a fix. */
#define FIX_MAX 512

static const struct {
	dataset_key_t key;
	bool is_to_list;
	uint32_t ip4;       /* also of the IPv6 ones, which are v4-mapped */
	const char *entry;  /* as a line of a file */
	const char *labels; /* what a query asks for, below the zone */
} points[CHECK_POINTS] = {
	{ DATASET_KEY_IP4, true, 0x7f000002, "127.0.0.2", "2.0.0.127" },
	{ DATASET_KEY_IP4, false, 0x7f000001, "127.0.0.1", "1.0.0.127" },
	{ DATASET_KEY_IP6, true, 0x7f000002, "0:0:0:0:0:ffff:7f00:2",
	  "2.0.0.0.0.0.f.7.f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0" },
	{ DATASET_KEY_IP6, false, 0x7f000001, "0:0:0:0:0:ffff:7f00:1",
	  "1.0.0.0.0.0.f.7.f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0" },
	{ DATASET_KEY_NAME, true, 0, "test", "test" },
	{ DATASET_KEY_NAME, false, 0, "invalid", "invalid" },
};

/* Asks as the server would be asked. What the zone is called does not matter here: "z". */
static bool is_listed(const dataset_t *dataset, const char *labels, const uint8_t *below,
		      bool has_ip4_data)
{
	static const uint8_t tail[] = { 1, 'z', 0, 0, 1, 0, 1 };
	const dataset_asker_t asker = { .now = dataset->specials.now };
	uint8_t packet[DNS_HEADER_SIZE + 2 * DNS_NAME_MAX + sizeof(tail)] = { [5] = 1 };
	size_t size = DNS_HEADER_SIZE;
	dns_query_t query;
	dataset_question_t question;
	const dataset_question_t *questions[] = { &question };
	dataset_match_t match;

	while (*labels != '\0') {
		size_t label = strcspn(labels, ".");
		packet[size] = (uint8_t)label;
		memcpy(packet + size + 1, labels, label);
		size += 1 + label;
		labels += label + (labels[label] == '.');
	}
	memcpy(packet + size, below, dns_name_size(below));
	size += dns_name_size(below) - 1;
	memcpy(packet + size, tail, sizeof(tail));
	if (dns_query_parse(packet, size + sizeof(tail), &query) != DNS_PARSE_OK)
		return false;
	dataset_question_init(&question, &query, &asker, query.label_count - 1u, has_ip4_data);
	dataset_find(dataset, questions, 1, &match);
	return match.found == DATASET_ENTRY;
}

unsigned check_points_ask(const dataset_t *dataset, const uint8_t *below, bool has_ip4_data)
{
	unsigned listed = 0;

	for (unsigned i = 0; i < CHECK_POINTS; i++)
		if (is_listed(dataset, points[i].labels, below, has_ip4_data))
			listed |= 1u << i;
	return listed;
}

static bool is_label(const uint8_t *name, const char *label)
{
	size_t size = strlen(label);

	return name[0] == size && name[1 + size] == 0 && memcmp(name + 1, label, size) == 0;
}

static bool covers(const dataset_entry_t *entry, unsigned point)
{
	ip6_address_t mapped = ip6_from_ip4(points[point].ip4);

	switch (entry->kind) {
	case DATASET_ENTRY_IP4:
		return points[point].key == DATASET_KEY_IP4 &&
		       entry->key.ip4.first <= points[point].ip4 &&
		       entry->key.ip4.last >= points[point].ip4;
	case DATASET_ENTRY_IP6:
		return points[point].key == DATASET_KEY_IP6 &&
		       !ip6_is_less(mapped, entry->key.ip6.address) &&
		       !ip6_is_less(ip6_last(entry->key.ip6.address, entry->key.ip6.length),
				    mapped);
	case DATASET_ENTRY_NAME:
		return points[point].key == DATASET_KEY_NAME && entry->key.name.is_plain &&
		       is_label(entry->key.name.name, points[point].labels);
	case DATASET_ENTRY_RECORD:
		break;
	}
	return false;
}

unsigned check_points_of_entry(const dataset_entry_t *entry)
{
	unsigned listed = 0;

	for (unsigned i = 0; i < CHECK_POINTS && entry->value != 0; i++)
		if (covers(entry, i))
			listed |= 1u << i;
	return listed;
}

static void report_missing(check_problems_t *problems, const char *name, unsigned point)
{
	char fix[FIX_MAX];

	(void)snprintf(fix, sizeof(fix), "add the line %s", points[point].entry);
	check_problems_add(problems, CHECK_TEST_POINT, 0, 0, fix,
			   "%s does not list %s, by which clients see that it works (RFC 5782 "
			   "section 5)",
			   name, points[point].entry);
}

static void report_contradicted(check_problems_t *problems, const char *name, unsigned point,
				const check_place_t *place)
{
	char fix[FIX_MAX];
	bool is_known = place->file != NULL;

	if (is_known)
		(void)snprintf(fix, sizeof(fix), "it is listed by %s:%u", place->file, place->line);
	check_problems_add(problems, CHECK_TEST_POINT, 0, 0, is_known ? fix : NULL,
			   "%s lists %s, by which clients see that a list lists everything (RFC "
			   "5782 section 5)",
			   name, points[point].entry);
}

void check_points_report(check_problems_t *problems, const char *name, unsigned keys,
			 unsigned listed, const check_place_t places[CHECK_POINTS])
{
	/* Beside IPv4 addresses, v4-mapped ones are looked up among those. */
	if ((keys >> DATASET_KEY_IP4 & 1) != 0)
		keys &= ~(1u << DATASET_KEY_IP6);
	for (unsigned i = 0; i < CHECK_POINTS; i++) {
		bool is_in = (listed >> i & 1) != 0;
		if ((keys >> points[i].key & 1) == 0 || is_in == points[i].is_to_list)
			continue;
		if (points[i].is_to_list)
			report_missing(problems, name, i);
		else
			report_contradicted(problems, name, i, &places[i]);
	}
}
