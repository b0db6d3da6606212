/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "catalog/dump_spool.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "dns/name.h"

/* A node in the spool: this and `size - shared` bytes of its key. */
typedef struct head {
	uint8_t shared; /* bytes of the key that are those of the key before */
	uint8_t size;   /* bytes of the key */
	uint8_t flags;
	uint8_t below_depth;
} head_t;

enum {
	FLAG_BELOW = 1,
	FLAG_SUBJECT = 2,
};

void dump_spool_clear(dump_spool_t *spool)
{
	free(spool->bytes);
	memset(spool, 0, sizeof(*spool));
}

static void append(dump_spool_t *spool, const void *bytes, size_t size)
{
	if (size > 0)
		memcpy(spool->bytes + spool->size, bytes, size);
	spool->size += size;
}

err_t dump_spool_add(dump_spool_t *spool, const dataset_node_t *node)
{
	err_t err = array_reserve((void **)&spool->bytes, &spool->capacity,
				  spool->size + sizeof(head_t) + node->key_size, 1);
	head_t head = { .size = (uint8_t)node->key_size, .below_depth = node->below_depth };

	if (err != ERR_OK)
		return err;
	if (spool->count++ > 0 &&
	    dns_name_key_compare(spool->key, spool->key_size, node->key, node->key_size) > 0)
		spool->is_unsorted = true;
	while (head.shared < node->key_size && head.shared < spool->key_size &&
	       node->key[head.shared] == spool->key[head.shared])
		head.shared++;
	if (node->has_below)
		head.flags = FLAG_BELOW | (node->has_subject ? FLAG_SUBJECT : 0);
	append(spool, &head, sizeof(head));
	append(spool, node->key + head.shared, node->key_size - head.shared);
	if (node->key_size > 0)
		memcpy(spool->key, node->key, node->key_size);
	spool->key_size = node->key_size;
	return ERR_OK;
}

bool dump_spool_take(dump_spool_t *spool, dataset_node_t *node)
{
	head_t head;

	if (spool->position == spool->size)
		return false;
	memcpy(&head, spool->bytes + spool->position, sizeof(head));
	spool->position += sizeof(head);
	memcpy(spool->key + head.shared, spool->bytes + spool->position, head.size - head.shared);
	spool->position += (size_t)(head.size - head.shared);
	spool->key_size = head.size;
	*node = (dataset_node_t){
		.key = spool->key,
		.key_size = head.size,
		.has_below = (head.flags & FLAG_BELOW) != 0,
		.below_depth = head.below_depth,
		.has_subject = (head.flags & FLAG_SUBJECT) != 0,
	};
	return true;
}

/* ---- sorting ---- */

/* A node that stands on its own, its key behind it. */
typedef struct loose {
	dataset_node_t node;
	uint8_t key[];
} loose_t;

static int compare_loose(const void *a, const void *b)
{
	const loose_t *x = *(const loose_t *const *)a;
	const loose_t *y = *(const loose_t *const *)b;

	return dns_name_key_compare(x->key, x->node.key_size, y->key, y->node.key_size);
}

static loose_t *copy_node(const dataset_node_t *node)
{
	loose_t *loose = malloc(sizeof(*loose) + node->key_size);

	if (loose == NULL)
		return NULL;
	loose->node = *node;
	memcpy(loose->key, node->key, node->key_size);
	loose->node.key = loose->key;
	return loose;
}

/* Replaces the spool with one that has its nodes in order. */
static err_t sort(dump_spool_t *spool)
{
	loose_t **nodes = calloc(spool->count, sizeof(loose_t *));
	dump_spool_t sorted = { .size = 0 };
	dataset_node_t node;
	size_t count = 0;
	err_t err = nodes != NULL ? ERR_OK : ERR_NOMEM;

	while (err == ERR_OK && dump_spool_take(spool, &node)) {
		nodes[count] = copy_node(&node);
		if (nodes[count++] == NULL)
			err = ERR_NOMEM;
	}
	if (err == ERR_OK)
		qsort(nodes, count, sizeof(loose_t *), compare_loose);
	for (size_t i = 0; i < count && err == ERR_OK; i++)
		err = dump_spool_add(&sorted, &nodes[i]->node);
	for (size_t i = 0; i < count; i++)
		free(nodes[i]);
	free(nodes);
	dump_spool_clear(spool);
	*spool = sorted;
	return err;
}

err_t dump_spool_rewind(dump_spool_t *spool)
{
	err_t err = ERR_OK;

	spool->position = 0;
	spool->key_size = 0;
	if (spool->is_unsorted)
		err = sort(spool);
	spool->position = 0;
	spool->key_size = 0;
	return err;
}
