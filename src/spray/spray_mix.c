/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "spray/spray_mix.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/cursor.h"
#include "dns/name.h"
#include "spray/spray_random.h"

/* Where the header counts answers. */
#define AT_ANCOUNT 6

/* A query for a name; its packets stand one behind the other, in the order in which they are asked, so
 * that the next one is in the cache before it is needed. */
typedef struct template
{
	uint32_t at;       /* in bytes[] */
	uint16_t size;     /* of the packet */
	uint8_t name_size; /* of the name, the root included */
	spray_right_t right;
}
template_t;

struct spray_mix {
	template_t *templates; /* of listed names, and behind them of the others */
	size_t listed_count;
	size_t missing_count;
	double ratio;
	uint8_t *bytes;
	size_t size;
	dns_type_t types[SPRAY_TYPES_MAX];
	unsigned type_count;
};

static void write_template(spray_mix_t *mix, template_t *template, const spray_name_t *name,
			   dns_client_edns_t edns)
{
	uint8_t packet[DNS_CLIENT_QUERY_MAX];
	size_t size = dns_client_write(packet, 0, name->wire, mix->types[0], edns);

	*template = (template_t){
		.at = (uint32_t)mix->size,
		.size = (uint16_t)size,
		.name_size = (uint8_t)dns_name_size(name->wire),
		.right = name->right,
	};
	memcpy(mix->bytes + mix->size, packet, size);
	mix->size += size;
}

/* Writes the templates of some names, in a random order. */
static err_t write_all(spray_mix_t *mix, template_t *templates, const spray_name_t *names,
		       size_t count, dns_client_edns_t edns)
{
	uint32_t *order = calloc(count + 1, sizeof(*order));

	if (order == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < count; i++)
		order[i] = (uint32_t)i;
	spray_shuffle(order, count, sizeof(*order));
	for (size_t i = 0; i < count; i++)
		write_template(mix, &templates[i], &names[order[i]], edns);
	free(order);
	return ERR_OK;
}

/* Bytes of all packets, at most. */
static size_t room_for(const spray_name_t *names, size_t count)
{
	size_t room = 0;

	for (size_t i = 0; i < count; i++)
		room += DNS_CLIENT_QUERY_MAX - DNS_NAME_MAX + dns_name_size(names[i].wire);
	return room;
}

spray_mix_t *spray_mix_new(const spray_names_t *names, const spray_wish_t *wish, double ratio,
			   dns_client_edns_t edns)
{
	spray_mix_t *mix = calloc(1, sizeof(*mix));
	size_t count = names->listed_count + names->missing_count;

	if (mix == NULL)
		return NULL;
	mix->ratio = ratio;
	mix->listed_count = names->listed_count;
	mix->missing_count = names->missing_count;
	mix->type_count = wish->type_count;
	memcpy(mix->types, wish->types, sizeof(mix->types));
	mix->templates = calloc(count + 1, sizeof(*mix->templates));
	size_t room = room_for(names->listed, names->listed_count) +
		      room_for(names->missing, names->missing_count) + 1;
	/* Places in it have 32 bits. */
	mix->bytes = room <= UINT32_MAX ? malloc(room) : NULL;
	if (mix->templates == NULL || mix->bytes == NULL ||
	    write_all(mix, mix->templates, names->listed, names->listed_count, edns) != ERR_OK ||
	    write_all(mix, mix->templates + names->listed_count, names->missing,
		      names->missing_count, edns) != ERR_OK) {
		spray_mix_free(mix);
		return NULL;
	}
	return mix;
}

void spray_mix_free(spray_mix_t *mix)
{
	if (mix == NULL)
		return;
	free(mix->templates);
	free(mix->bytes);
	free(mix);
}

spray_cursor_t spray_mix_start(const spray_mix_t *mix, unsigned number, unsigned threads)
{
	return (spray_cursor_t){
		.phase = (double)number / threads,
		.start_listed = (uint32_t)(mix->listed_count * number / threads),
		.start_missing = (uint32_t)(mix->missing_count * number / threads),
	};
}

/* Is the next name a listed one? Of n names floor(n * ratio + phase) are; with the phases 0/t, 1/t .. of t
 * threads that is floor(t * n * ratio) of all, by Hermite's identity. */
static bool is_listed_next(const spray_mix_t *mix, const spray_cursor_t *cursor)
{
	double listed = (double)(cursor->asked + 1) * mix->ratio + cursor->phase;

	return floor(listed + 1e-9) > (double)cursor->listed;
}

size_t spray_mix_write(const spray_mix_t *mix, spray_cursor_t *cursor, spray_asked_t *asked,
		       uint8_t packet[DNS_CLIENT_QUERY_MAX])
{
	bool is_listed = is_listed_next(mix, cursor);
	uint64_t turn = is_listed ? cursor->listed++ : cursor->missing++;
	size_t count = is_listed ? mix->listed_count : mix->missing_count;
	uint64_t place = turn + (is_listed ? cursor->start_listed : cursor->start_missing);

	cursor->asked++;
	asked->template = (uint32_t)(place % count + (is_listed ? 0 : mix->listed_count));
	/* Types take turns; in each round a name has the next one. */
	asked->type = (uint8_t)((place % count + place / count) % mix->type_count);
	const template_t *template = &mix->templates[asked->template];
	memcpy(packet, mix->bytes + template->at, template->size);
	put_u16(packet + DNS_HEADER_SIZE + template->name_size, (uint16_t)mix->types[asked->type]);
	return template->size;
}

bool spray_mix_is_answer(const spray_mix_t *mix, spray_asked_t asked, const uint8_t *packet,
			 size_t size)
{
	const template_t *template = &mix->templates[asked.template];

	return dns_client_is_answer(mix->bytes + template->at + DNS_HEADER_SIZE,
				    template->name_size, mix->types[asked.type], packet, size);
}

spray_verdict_t spray_mix_judge(const spray_mix_t *mix, spray_asked_t asked, const uint8_t *packet)
{
	const spray_right_t *right = &mix->templates[asked.template].right;
	unsigned rcode = dns_client_rcode(packet);
	unsigned bit = 1u << asked.type;

	if (!right->is_known)
		return rcode == DNS_RCODE_NOERROR || rcode == DNS_RCODE_NXDOMAIN
			       ? SPRAY_RIGHT
			       : SPRAY_WRONG_RCODE;
	if (rcode != right->rcode)
		return SPRAY_WRONG_RCODE;
	if (dns_client_is_truncated(packet))
		return SPRAY_RIGHT;
	if (get_u16(packet + AT_ANCOUNT) > 0 ? (right->without_records & bit) != 0
					     : (right->with_records & bit) != 0)
		return SPRAY_WRONG_RECORDS;
	return SPRAY_RIGHT;
}
