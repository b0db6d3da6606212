/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* The names of a zone as a tree, in one pass.
 *
 * In a list, `*.example.com` covers all names below that have no better entry. In the DNS
 * (RFC 4592) a wildcard covers a name only if nothing exists between: any other name, one with data
 * or an empty non-terminal, cuts it off for all below. So the dump is made of the tree of all names
 * that any data set tells of, with the ones above them, and says at each node both what the node
 * itself answers and what `*` below it does. Then no wildcard ever has to reach over a node, and
 * whatever rules the data sets have among themselves, they are asked, not repeated here.
 *
 *     .example.com           example.com          A ...     the node itself: `find`
 *     a.b.example.com        *.example.com        A ...     below it: the nearest node above with
 *                            b.example.com        A ...     has_below, of each data set
 *                            *.b.example.com      A ...
 *                            a.b.example.com      A ...     (and no * below it, if that is so)
 *
 * Walks tell of nodes in the order of their keys, in which each comes right before all below it. So
 * of the tree only the path from the apex to the current node is held. Several data sets are merged
 * from spools. A node which is not listed, while the wildcard next to it would cover it, has to
 * exist without data and without names below: that is what a CNAME to nowhere is for. */

#include "catalog/dump_tree.h"

#include <stdlib.h>
#include <string.h>

#include "catalog/dump_apex.h"
#include "catalog/dump_stream.h"
#include "dataset/ask.h"
#include "dns/name.h"

/* No RRset over this can be sent. */
#define REPLY_MAX 65535

/* What the data sets have for one owner. */
typedef struct answer {
	const dataset_t *dataset;
	uint32_t entry;
	const dataset_question_t *question;
} answer_t;

typedef struct tree {
	dump_streams_t streams;
	const zone_t *zone;
	const dump_options_t *options;
	dump_writer_t *writer;
	dump_losses_t *losses;

	uint8_t key[DNS_NAME_MAX]; /* the node that was taken in last */
	size_t key_size;
	bool has_key;
	uint8_t path[DNS_NAME_MAX]; /* the node that was written last */
	size_t path_size;
	bool has_path;
	bool is_skipping;                      /* nothing below `path` is to be written */
	bool has_wildcard[DNS_LABELS_MAX + 1]; /* by depth, of the nodes on the path */

	answer_t *answers; /* room for one of each stream */
	size_t answer_count;
	uint8_t reply[REPLY_MAX];
} tree_t;

static const dns_type_t types[] = { DNS_TYPE_A, DNS_TYPE_TXT, DNS_TYPE_MX };

static void add_answer(tree_t *tree, const dataset_t *dataset, dataset_match_t match,
		       const dump_question_t *asked)
{
	if (match.found == DATASET_ENTRY)
		tree->answers[tree->answer_count++] =
			(answer_t){ dataset, match.entry, &asked->decoded };
}

/* Writes what the answers come to, as a reply would hold it: the same RRsets, TTLs included. Returns
 * whether there is any record. */
static bool write_answers(tree_t *tree)
{
	dns_reply_t reply;

	dns_reply_begin_bare(&reply, tree->reply, sizeof(tree->reply));
	for (unsigned t = 0; t < COUNT_OF(types); t++) {
		dns_reply_rrset(&reply);
		for (size_t i = 0; i < tree->answer_count; i++) {
			const answer_t *answer = &tree->answers[i];
			dataset_write(answer->dataset, answer->entry, answer->question, types[t], 0,
				      &reply);
		}
		dns_reply_rrset_end(&reply);
	}
	tree->losses->too_big += (reply.flags & DNS_FLAG_TC) != 0;
	dump_writer_rrsets(tree->writer, &reply);
	return reply.out.position > 0;
}

/* Has the owner exist although it has no data that anyone asks for, as subzones of combined data
 * sets do: with a record of a type for private use (RFC 6895 section 3.1). */
static void write_bare(tree_t *tree)
{
	dump_writer_record(tree->writer, tree->writer->ttl_s, "TYPE65280");
	fputs("\\# 0\n", tree->writer->out);
}

/* Writes what the node itself answers, and returns how much that is. */
static dataset_found_t write_self(tree_t *tree, size_t size, const dump_question_t *asked)
{
	dataset_found_t most = DATASET_NOTHING;

	tree->answer_count = 0;
	for (size_t i = 0; i < tree->zone->dataset_count; i++) {
		const dataset_t *dataset = tree->zone->datasets[i];
		dataset_match_t match = dump_question_find(asked, dataset);
		if (match.found > most)
			most = match.found;
		add_answer(tree, dataset, match, asked);
	}
	if (most == DATASET_ENTRY) {
		dump_writer_owner(tree->writer, tree->key, size, false);
		if (!write_answers(tree) && size > 0)
			write_bare(tree);
	}
	return most;
}

/* Has stream->asked ask for a name below the node: for an address its first one, for others a name
 * that stands for all of which the walk does not tell. Zone files cannot even write NUL as it is. */
static void ask_below(const tree_t *tree, dump_stream_t *stream, size_t size, unsigned below_depth)
{
	size_t room = DNS_NAME_MAX - (size_t)tree->zone->apex_size;
	unsigned depth = dns_name_key_labels(tree->key, size);
	uint8_t key[DNS_NAME_MAX] = { 0 };

	memcpy(key, tree->key, size);
	for (; depth < below_depth && size + 2 <= room; depth++) {
		key[size++] = 1;
		key[size++] = '0';
	}
	if (below_depth == 0) {
		size_t label = room - size - 1 < DNS_LABEL_MAX ? room - size - 1 : DNS_LABEL_MAX;
		key[size] = (uint8_t)label;
		size += label + 1;
	}
	dump_question_key(&stream->asked, tree->zone, tree->options->now, key, size);
	dump_question_descend(&stream->asked, stream->part_labels, stream->part.has_ip4_data);
}

/* Adds what a data set has for all names below a node. */
static void find_below(tree_t *tree, dump_stream_t *stream, size_t size, unsigned depth)
{
	const dump_cover_t *cover = dump_stream_find_cover(stream, tree->key, size);

	if (cover == NULL || (cover->below_depth != 0 && depth >= cover->below_depth))
		return;
	size_t count = tree->answer_count;
	ask_below(tree, stream, size, cover->below_depth);
	dataset_match_t match = dump_question_find(&stream->asked, stream->part.dataset);
	add_answer(tree, stream->part.dataset, match, &stream->asked);
	if (cover->has_subject && tree->answer_count > count) {
		tree->losses->one_subject++;
		fputs("; $ in the texts below stands for one address of many\n", tree->writer->out);
	}
}

/* Writes what all names below the node answer, and returns whether there is anything. */
static bool write_below(tree_t *tree, size_t size, unsigned depth)
{
	tree->answer_count = 0;
	if (size + 2 + tree->zone->apex_size > DNS_NAME_MAX)
		return false; /* there can be none */
	for (size_t i = 0; i < tree->streams.count; i++)
		find_below(tree, &tree->streams.streams[i], size, depth);
	if (tree->answer_count == 0)
		return false;
	dump_writer_owner(tree->writer, tree->key, size, true);
	return write_answers(tree);
}

/* Writes a node that must be found not to be there, though the wildcard next to it is: an alias to
 * a name below itself, of which there are none. */
static void write_excluded(tree_t *tree, size_t size, const dump_question_t *self)
{
	static const uint8_t label[] = { 8, 'e', 'x', 'c', 'l', 'u', 'd', 'e', 'd' };
	uint8_t target[sizeof(label) + DNS_NAME_MAX];
	size_t target_size = sizeof(label) + self->query.qname_size;

	memcpy(target, label, sizeof(label));
	memcpy(target + sizeof(label), self->query.qname, self->query.qname_size);
	dump_writer_owner(tree->writer, tree->key, size, false);
	dump_writer_record(tree->writer, tree->writer->ttl_s, "CNAME");
	if (target_size <= DNS_NAME_MAX)
		dump_writer_name(tree->writer, target);
	else /* too long to have names below */
		fputs("excluded.invalid.", tree->writer->out);
	putc('\n', tree->writer->out);
}

/* The zone whose apex is asked for. */
static const zone_t *find_nested(const tree_t *tree, const dump_question_t *asked)
{
	const zone_t *zone = generation_find_zone(tree->streams.generation, &asked->query);

	return zone != tree->zone ? zone : NULL;
}

/* Writes the node with the first `size` bytes of the current key, `label` being the last of its
 * labels, NULL at the apex. */
static void write_node(tree_t *tree, size_t size, const uint8_t *label)
{
	dump_question_t self;

	if (size + tree->zone->apex_size > DNS_NAME_MAX) {
		tree->is_skipping = true; /* nobody can ask for it, nor for anything below */
		return;
	}
	if (label != NULL && label[0] == 1 && label[1] == '*') {
		tree->losses->starred++;
		tree->is_skipping = true;
		return;
	}
	dump_question_key(&self, tree->zone, tree->options->now, tree->key, size);
	unsigned depth = self.decoded.depth;
	const zone_t *nested = find_nested(tree, &self);
	if (nested != NULL) {
		dump_writer_owner(tree->writer, tree->key, size, false);
		dump_apex_delegate(tree->zone, nested, tree->writer);
		tree->is_skipping = true;
		return;
	}
	dataset_found_t found = write_self(tree, size, &self);
	tree->has_wildcard[depth] = write_below(tree, size, depth);
	if (found == DATASET_NOTHING && depth > 0 && tree->has_wildcard[depth - 1] &&
	    !tree->has_wildcard[depth])
		write_excluded(tree, size, &self);
}

/* How many bytes of labels the key and the path share. */
static size_t shared_size(const tree_t *tree)
{
	size_t size = 0;

	while (size < tree->key_size && size < tree->path_size) {
		size_t label = tree->key[size] + 1u;
		if (memcmp(tree->key + size, tree->path + size, label) != 0)
			break;
		size += label;
	}
	return size;
}

/* Writes the current node, and those above it that have not been written yet. */
static void write_key(tree_t *tree)
{
	size_t shared = shared_size(tree);

	if (!tree->has_path)
		write_node(tree, 0, NULL);
	tree->has_path = true;
	if (tree->is_skipping && shared == tree->path_size)
		return;
	tree->is_skipping = false;
	for (size_t size = shared; size < tree->key_size && !tree->is_skipping;) {
		const uint8_t *label = tree->key + size;
		size += *label + 1u;
		tree->path_size = size;
		write_node(tree, size, label);
	}
	memcpy(tree->path, tree->key, tree->path_size);
}

/* Takes in the next node. It is written when one with another name comes, as other data sets may
 * have something for the same name. */
static err_t take(void *context, dump_stream_t *stream, const dataset_node_t *node)
{
	tree_t *tree = context;

	if (!tree->has_key || tree->key_size != node->key_size ||
	    memcmp(tree->key, node->key, node->key_size) != 0) {
		if (tree->has_key)
			write_key(tree);
		tree->has_key = true;
		tree->key_size = node->key_size;
		memcpy(tree->key, node->key, node->key_size);
		dump_streams_drop_covers(&tree->streams, shared_size(tree));
	}
	if (node->has_below)
		dump_stream_add_cover(stream, node);
	return ferror(tree->writer->out) ? err_from_errno() : ERR_OK;
}

static err_t write_tree(tree_t *tree, const generation_t *generation)
{
	err_t err = dump_streams_open(&tree->streams, generation, tree->zone);

	if (err != ERR_OK)
		return err;
	tree->answers =
		calloc(tree->streams.count + tree->zone->dataset_count, sizeof(*tree->answers));
	if (tree->answers == NULL)
		return ERR_NOMEM;
	tree->streams.visit = take;
	tree->streams.context = tree;
	err = dump_streams_walk(&tree->streams, tree->options);
	if (err == ERR_OK)
		write_key(tree); /* the last one; the apex, if that is all there is */
	return err;
}

err_t dump_tree_write(const generation_t *generation, const zone_t *zone,
		      const dump_options_t *options, dump_writer_t *writer, dump_losses_t *losses)
{
	tree_t *tree = calloc(1, sizeof(*tree));

	if (tree == NULL)
		return ERR_NOMEM;
	tree->zone = zone;
	tree->options = options;
	tree->writer = writer;
	tree->losses = losses;
	err_t err = write_tree(tree, generation);
	dump_streams_close(&tree->streams);
	free(tree->answers);
	free(tree);
	return err;
}
