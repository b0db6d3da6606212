/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "catalog/dump_stream.h"

#include <stdlib.h>
#include <string.h>

#include "dns/name.h"

/* ---- making ---- */

/* Part `number` of a data set; one that has none is a part of itself. */
static bool get_part(const zone_t *zone, const dataset_t *dataset, size_t number,
		     dataset_part_t *part)
{
	static const uint8_t apex[1];

	if (dataset->type->part != NULL)
		return dataset->type->part(dataset, number, part);
	*part = (dataset_part_t){
		.dataset = dataset,
		.key = apex,
		.has_ip4_data = zone->has_ip4_data,
	};
	return number == 0;
}

static size_t count_parts(const zone_t *zone, const dataset_t *dataset)
{
	dataset_part_t part;
	size_t count = 0;

	while (get_part(zone, dataset, count, &part))
		count++;
	return count;
}

err_t dump_streams_open(dump_streams_t *streams, const generation_t *generation, const zone_t *zone)
{
	size_t count = 1;

	*streams = (dump_streams_t){ .generation = generation, .zone = zone };
	for (size_t i = 0; i < zone->dataset_count; i++)
		count += count_parts(zone, zone->datasets[i]);
	streams->streams = calloc(count, sizeof(*streams->streams));
	if (streams->streams == NULL)
		return ERR_NOMEM;
	dump_stream_t *stream = streams->streams;
	stream++->all = streams; /* the zones inside */
	for (size_t i = 0; i < zone->dataset_count; i++) {
		const dataset_t *dataset = zone->datasets[i];
		dataset_part_t part;
		for (size_t n = 0; get_part(zone, dataset, n, &part); n++) {
			stream->part = part;
			stream->all = streams;
			stream->outer = dataset;
			stream->part_labels =
				dns_name_key_labels(stream->part.key, stream->part.key_size);
			stream->has_siblings = dataset->type->part != NULL;
			stream++;
		}
	}
	streams->count = count;
	return ERR_OK;
}

void dump_streams_close(dump_streams_t *streams)
{
	for (size_t i = 0; i < streams->count; i++)
		dump_spool_clear(&streams->streams[i].spool);
	free(streams->streams);
	streams->streams = NULL;
	streams->count = 0;
}

/* ---- covers ---- */

void dump_stream_add_cover(dump_stream_t *stream, const dataset_node_t *node)
{
	unsigned last = stream->cover_count;

	if (last > 0 && stream->covers[last - 1].size == node->key_size)
		last--; /* told twice */
	stream->covers[last] = (dump_cover_t){
		.size = (uint8_t)node->key_size,
		.below_depth = node->below_depth,
		.has_subject = node->has_subject,
	};
	stream->cover_count = last + 1;
}

void dump_streams_drop_covers(dump_streams_t *streams, size_t size)
{
	for (size_t i = 0; i < streams->count; i++) {
		dump_stream_t *stream = &streams->streams[i];
		while (stream->cover_count > 0 &&
		       stream->covers[stream->cover_count - 1].size > size)
			stream->cover_count--;
	}
}

/* Is a name in a subzone for which the same data set has other parts, more specific ones? */
static bool is_hidden(const dump_stream_t *stream, const uint8_t *key, size_t size)
{
	const dump_streams_t *all = stream->all;

	for (size_t i = 0; i < all->count; i++) {
		const dump_stream_t *other = &all->streams[i];
		if (other->outer == stream->outer && other->part.key_size <= size &&
		    other->part.key_size > stream->part.key_size &&
		    memcmp(other->part.key, key, other->part.key_size) == 0)
			return true;
	}
	return false;
}

const dump_cover_t *dump_stream_find_cover(const dump_stream_t *stream, const uint8_t *key,
					   size_t size)
{
	for (unsigned i = stream->cover_count; i-- > 0;) {
		if (stream->covers[i].size > size)
			continue;
		return stream->has_siblings && is_hidden(stream, key, size) ? NULL
									    : &stream->covers[i];
	}
	return NULL;
}

/* ---- the zones inside ---- */

/* Is `nested` a zone inside of `zone`, and not of another one in between? Then writes its key. */
static bool nested_key(const dump_streams_t *streams, const zone_t *nested,
		       uint8_t key[DNS_NAME_MAX], size_t *key_size)
{
	const zone_t *zone = streams->zone;
	uint8_t labels[DNS_LABELS_MAX];
	dns_query_t parent;

	if (nested->label_count <= zone->label_count)
		return false;
	(void)dns_name_labels(nested->apex, labels);
	parent.qname_size = (uint8_t)(nested->apex_size - labels[1]);
	memcpy(parent.qname, nested->apex + labels[1], parent.qname_size);
	parent.label_count = (uint8_t)dns_name_labels(parent.qname, parent.labels);
	if (generation_find_zone(streams->generation, &parent) != zone)
		return false;
	*key_size = dns_name_key(nested->apex, labels,
				 nested->label_count - (unsigned)zone->label_count, key);
	return true;
}

/* Fills the spool of the first stream with them. */
static err_t spool_nested(dump_streams_t *streams)
{
	const generation_t *generation = streams->generation;
	uint8_t key[DNS_NAME_MAX];
	dataset_node_t node = { .key = key };
	err_t err = ERR_OK;

	for (size_t i = 0; i < generation->zone_count && err == ERR_OK; i++)
		if (nested_key(streams, &generation->zones[i], key, &node.key_size))
			err = dump_spool_add(&streams->streams[0].spool, &node);
	return err;
}

/* ---- walking ---- */

static err_t visit_node(dump_stream_t *stream, const dataset_node_t *node)
{
	return stream->all->visit(stream->all->context, stream, node);
}

static err_t spool_node(dump_stream_t *stream, const dataset_node_t *node)
{
	return dump_spool_add(&stream->spool, node);
}

/* What a data set's walk leads to: the node, its key made one of the zone, goes to `take`. */
typedef struct walk {
	dump_stream_t *stream;
	err_t (*take)(dump_stream_t *stream, const dataset_node_t *node);
} walk_t;

static err_t visit_part(void *context, const dataset_node_t *node)
{
	const walk_t *walk = context;
	const dataset_part_t *part = &walk->stream->part;
	uint8_t key[2 * DNS_NAME_MAX];
	dataset_node_t outside = *node;

	if (part->key_size == 0)
		return walk->take(walk->stream, node);
	if (part->key_size + node->key_size >= DNS_NAME_MAX)
		return ERR_OK; /* nobody can ask for it */
	memcpy(key, part->key, part->key_size);
	if (node->key_size > 0)
		memcpy(key + part->key_size, node->key, node->key_size);
	outside.key = key;
	outside.key_size = part->key_size + node->key_size;
	if (outside.below_depth != 0)
		outside.below_depth = (uint8_t)(outside.below_depth + walk->stream->part_labels);
	return walk->take(walk->stream, &outside);
}

/* Walks one part. Where it begins is a node as well: names below it are no other part's. */
static err_t walk_part(walk_t walk, const dump_options_t *options)
{
	const dataset_part_t *part = &walk.stream->part;
	const dataset_node_t top = { .key = part->key, .key_size = part->key_size };
	const dataset_visitor_t visitor = {
		.visit = visit_part,
		.context = &walk,
		.skip_ip6_forms = options->skip_ip6_forms,
	};

	err_t err = walk.take(walk.stream, &top);
	return err == ERR_OK ? part->dataset->type->walk(part->dataset, &visitor) : err;
}

/* The stream whose next node comes first of all, NULL when there is none. */
static dump_stream_t *first_stream(const dump_streams_t *streams)
{
	dump_stream_t *first = NULL;

	for (size_t i = 0; i < streams->count; i++) {
		dump_stream_t *stream = &streams->streams[i];
		if (stream->has_next &&
		    (first == NULL ||
		     dns_name_key_compare(stream->next.key, stream->next.key_size, first->next.key,
					  first->next.key_size) < 0))
			first = stream;
	}
	return first;
}

/* Visits the nodes of all streams after they have been spooled. */
static err_t merge(dump_streams_t *streams)
{
	err_t err = ERR_OK;
	dump_stream_t *stream;

	for (size_t i = 0; i < streams->count && err == ERR_OK; i++) {
		stream = &streams->streams[i];
		err = dump_spool_rewind(&stream->spool);
		stream->has_next = dump_spool_take(&stream->spool, &stream->next);
	}
	while (err == ERR_OK && (stream = first_stream(streams)) != NULL) {
		err = visit_node(stream, &stream->next);
		stream->has_next = dump_spool_take(&stream->spool, &stream->next);
	}
	return err;
}

err_t dump_streams_walk(dump_streams_t *streams, const dump_options_t *options)
{
	err_t err = spool_nested(streams);

	if (err == ERR_OK && streams->streams[0].spool.size == 0 && streams->count == 2 &&
	    !streams->streams[1].part.dataset->type->is_walk_unordered)
		return walk_part((walk_t){ &streams->streams[1], visit_node }, options);
	for (size_t i = 1; i < streams->count && err == ERR_OK; i++)
		err = walk_part((walk_t){ &streams->streams[i], spool_node }, options);
	return err == ERR_OK ? merge(streams) : err;
}
