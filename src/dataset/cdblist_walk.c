/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* A walk through a list, for dumps: record by record, in the order of the file. */

#include "dataset/cdblist.h"
#include "dataset/ip4_nodes.h"
#include "dataset/ip6_nodes.h"
#include "dns/name.h"
#include "zonefile/template.h"

typedef struct walk {
	const dataset_t *dataset;
	const cdblist_t *list;
	const dataset_visitor_t *visitor;
} walk_t;

/* Does the text of this value say which address was asked for? */
static bool has_subject(const walk_t *walk, const zone_value_t *value)
{
	uint8_t own[TEMPLATE_COMPILED_MAX];
	const uint8_t *compiled = walk->list->compiled;
	text_t text = value->txt;

	if (text.at != walk->list->fallback.txt.at) {
		if (text_size(text) > DNS_TEXT_MAX)
			text.end = text.at + DNS_TEXT_MAX;
		compiled = template_compile(text, &walk->dataset->specials.variables, own) > 0
				   ? own
				   : NULL;
	}
	return compiled != NULL && template_has_subject(compiled);
}

static err_t tell_name(const walk_t *walk, const name_text_t *name)
{
	uint8_t labels[DNS_LABELS_MAX];
	uint8_t key[DNS_NAME_MAX];
	dataset_node_t node = { .key = key, .has_below = name->is_wildcard };
	unsigned depth = dns_name_labels(name->name, labels);

	node.key_size = dns_name_key(name->name, labels, depth, key);
	return walk->visitor->visit(walk->visitor->context, &node);
}

static err_t tell_key(const walk_t *walk, const cdblist_key_t *key, bool is_spelled)
{
	uint32_t host = (uint32_t)(UINT64_C(0xffffffff) >> key->length % 64);

	switch (key->kind) {
	case CDBLIST_IP4:
		return ip4_nodes_tell(key->ip4, key->ip4 | host, is_spelled, walk->visitor);
	case CDBLIST_IP6:
		return ip6_nodes_tell(key->ip6, ip6_last(key->ip6, key->length), is_spelled,
				      walk->visitor);
	case CDBLIST_NAME:
		break;
	}
	return tell_name(walk, &key->name);
}

/* Is the record one of a prefix that rbldns looks up? */
static bool read_djb(const uint8_t *bytes, size_t size, cdblist_key_t *key)
{
	*key = (cdblist_key_t){ .kind = CDBLIST_IP4 };
	if (!cdblist_key_is_djb(bytes, size) || bytes[4] < CDBLIST_DJB_LENGTH_MIN)
		return false;
	for (unsigned i = 0; i < 4; i++)
		key->ip4 = key->ip4 << 8 | bytes[i];
	key->length = bytes[4];
	return (key->ip4 & (uint32_t)(UINT64_C(0xffffffff) >> key->length)) == 0;
}

/* Is it one of an entry that is found? */
static bool read_entry(const walk_t *walk, text_t text, text_t value_text, cdblist_key_t *key,
		       zone_value_t *value)
{
	char right[CDBLIST_KEY_MAX];
	const char *why;

	*value = walk->list->fallback;
	if (walk->list->is_djb)
		return read_djb((const uint8_t *)text.at, text_size(text), key);
	if (cdblist_key_parse(text, key, &why) != ERR_OK)
		return false;
	size_t size = cdblist_key_write(key, right);
	if (size != text_size(text) || memcmp(right, text.at, size) != 0)
		return false;
	return key->is_exclusion || cdblist_value(walk->list, value_text, value, &why) == ERR_OK;
}

static err_t visit_record(void *context, const void *key_data, size_t key_size,
			  const void *value_data, size_t value_size)
{
	const walk_t *walk = context;
	const text_t text = { key_data, (const char *)key_data + key_size };
	const text_t value_text = { value_data, (const char *)value_data + value_size };
	cdblist_key_t key;
	zone_value_t value;

	if (!read_entry(walk, text, value_text, &key, &value))
		return ERR_OK;
	bool is_spelled =
		!key.is_exclusion && key.kind != CDBLIST_NAME && has_subject(walk, &value);
	return tell_key(walk, &key, is_spelled);
}

err_t cdblist_walk(const dataset_t *dataset, const dataset_visitor_t *visitor)
{
	walk_t walk = { dataset, dataset->data, visitor };

	return cdb_file_walk(walk.list->file, visit_record, &walk);
}
