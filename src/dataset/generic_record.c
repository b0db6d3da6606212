/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "dataset/generic_record.h"

#include <string.h>

#include "dns/name.h"
#include "zonefile/ip4_text.h"

static err_t parse_owner(dataset_loader_t *loader, text_t word, generic_record_t *record)
{
	uint8_t name[DNS_NAME_MAX];
	uint8_t labels[DNS_LABELS_MAX];
	size_t size;

	record->key_size = 0;
	if (text_is_word(word, "@"))
		return ERR_OK;
	if (dns_name_from_text(word.at, text_size(word), name, &size) != ERR_OK)
		return text_reject(&loader->why, "the owner is not a domain name");
	if (size == 1)
		return text_reject(&loader->why,
				   "the owner is empty (write @ for the zone itself)");
	dns_name_lower(name, size);
	unsigned depth = dns_name_labels(name, labels);
	record->key_size = (uint8_t)dns_name_key(name, labels, depth, record->key);
	return ERR_OK;
}

static err_t parse_a(dataset_loader_t *loader, text_t rest, generic_record_t *record)
{
	unsigned count;

	/* What follows the address counts as a comment, however it starts. */
	if (!ip4_text_shorthand(&rest, record->rdata, &count))
		return text_reject(&loader->why, "not an IPv4 address after A");
	record->rdata_size = 4;
	return ERR_OK;
}

static err_t parse_txt(dataset_loader_t *loader, text_t rest, generic_record_t *record)
{
	if (text_is_empty(rest))
		return text_reject(&loader->why, "no text after TXT");
	if (text_size(rest) >= 2 && rest.at[0] == '"' && rest.end[-1] == '"') {
		rest.at++;
		rest.end--;
	}
	rest = dataset_loader_cut_text(loader, rest);
	size_t size = text_size(rest);
	memcpy(record->rdata + 1, rest.at, size);
	record->rdata_size = (uint16_t)dns_txt_frame(record->rdata, size);
	return ERR_OK;
}

static err_t parse_mx(dataset_loader_t *loader, text_t rest, generic_record_t *record)
{
	text_t word = text_take_word(&rest);
	text_t name = text_take_word(&rest);
	size_t name_size;
	uint32_t preference = 0;

	for (; !text_is_empty(word) && preference <= UINT16_MAX; word.at++) {
		if (*word.at < '0' || *word.at > '9')
			return text_reject(&loader->why, "expected: MX preference name");
		preference = preference * 10 + (uint32_t)(*word.at - '0');
	}
	if (preference > UINT16_MAX)
		return text_reject(&loader->why, "the preference of an MX is at most 65535");
	if (!text_is_empty(rest) ||
	    dns_name_from_text(name.at, text_size(name), record->rdata + 2, &name_size) != ERR_OK)
		return text_reject(&loader->why, "expected: MX preference name");
	put_u16(record->rdata, (uint16_t)preference);
	record->rdata_size = (uint16_t)(2 + name_size);
	return ERR_OK;
}

err_t generic_record_parse(dataset_loader_t *loader, text_t line, generic_record_t *record)
{
	err_t err = parse_owner(loader, text_take_word(&line), record);

	if (err != ERR_OK)
		return err;
	text_t word = text_take_word(&line);
	record->ttl_s = loader->specials.ttl_s;
	if (!text_is_empty(word) && *word.at >= '0' && *word.at <= '9') {
		if (!specials_parse_ttl(&loader->specials, word, &record->ttl_s))
			return text_reject(&loader->why,
					   "the TTL is not a time (a number and one of s m h d w)");
		word = text_take_word(&line);
	}
	if (text_is_word(word, "IN"))
		word = text_take_word(&line);

	if (text_is_word(word, "A")) {
		record->type = DNS_TYPE_A;
		return parse_a(loader, line, record);
	}
	if (text_is_word(word, "TXT")) {
		record->type = DNS_TYPE_TXT;
		return parse_txt(loader, line, record);
	}
	if (text_is_word(word, "MX")) {
		record->type = DNS_TYPE_MX;
		return parse_mx(loader, line, record);
	}
	return text_reject(&loader->why, "expected: name [ttl] [IN] A|TXT|MX data");
}
