/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "spray/spray_sockets.h"

#include <stdlib.h>

typedef struct entry {
	int fd; /* -1: not open */
	uint16_t port;
} entry_t;

struct spray_sockets {
	spray_policy_t policy;
	uint32_t max;
	uint32_t open;
	uint32_t turn;   /* of the sockets that take turns */
	uint32_t *spare; /* SPRAY_PER_QUERY: numbers that are free, the last one first */
	uint32_t spare_count;
	bool is_full; /* SPRAY_POOL_GROW: there are no more ports */
	spray_ports_t *ports;
	spray_opener_t opener;
	entry_t entries[];
};

spray_sockets_t *spray_sockets_new(spray_policy_t policy, uint32_t max, spray_ports_t *ports,
				   const spray_opener_t *opener)
{
	spray_sockets_t *sockets = calloc(1, sizeof(*sockets) + max * sizeof(sockets->entries[0]));
	uint32_t *spare = calloc(max, sizeof(*spare));

	if (sockets == NULL || spare == NULL) {
		free(sockets);
		free(spare);
		return NULL;
	}
	sockets->policy = policy;
	sockets->max = max;
	sockets->ports = ports;
	sockets->opener = *opener;
	sockets->spare = spare;
	sockets->spare_count = max;
	for (uint32_t i = 0; i < max; i++) {
		sockets->entries[i].fd = -1;
		sockets->spare[i] = max - 1 - i;
	}
	return sockets;
}

static void close_one(spray_sockets_t *sockets, uint32_t number)
{
	entry_t *entry = &sockets->entries[number];

	sockets->opener.close(sockets->opener.context, number, entry->fd);
	spray_ports_give_back(sockets->ports, entry->port);
	entry->fd = -1;
	sockets->open--;
}

void spray_sockets_free(spray_sockets_t *sockets)
{
	if (sockets == NULL)
		return;
	for (uint32_t i = 0; i < sockets->max; i++)
		if (sockets->entries[i].fd >= 0)
			close_one(sockets, i);
	free(sockets->spare);
	free(sockets);
}

/* Opens a socket on the next port that nobody has. Returns ERR_OK, or an error of spray_ports_take or of the
 * opener. */
static err_t open_one(spray_sockets_t *sockets, uint32_t number)
{
	entry_t *entry = &sockets->entries[number];
	uint16_t port;
	err_t err;

	while ((err = spray_ports_take(sockets->ports, &port)) == ERR_OK) {
		err = sockets->opener.open(sockets->opener.context, number, port, &entry->fd);
		if (err == ERR_OK) {
			entry->port = port;
			sockets->open++;
			return ERR_OK;
		}
		entry->fd = -1;
		if (err != (err_t)-EADDRINUSE) {
			spray_ports_give_back(sockets->ports, port);
			return err;
		}
		spray_ports_note_taken(sockets->ports, port);
	}
	return err;
}

/* The same for a socket that stays open, as all of its kind: no port is given back. */
static err_t open_lasting(spray_sockets_t *sockets, uint32_t number)
{
	err_t err = open_one(sockets, number);

	return err == (err_t)-EAGAIN ? ERR_RANGE : err;
}

err_t spray_sockets_open(spray_sockets_t *sockets)
{
	err_t err = ERR_OK;

	if (sockets->policy != SPRAY_SOCKETS && sockets->policy != SPRAY_POOL)
		return ERR_OK;
	for (uint32_t i = 0; i < sockets->max && err == ERR_OK; i++)
		err = open_lasting(sockets, i);
	return err;
}

/* The sockets of a pool stand in the random order of their ports, and take turns: none has a second
 * query before each has had one. */
static uint32_t next_turn(spray_sockets_t *sockets)
{
	if (sockets->turn >= sockets->open)
		sockets->turn = 0;
	return sockets->turn++;
}

/* A few sockets share a batch in pieces, so that a piece is sent in one call. */
static unsigned piece_of(const spray_sockets_t *sockets, unsigned batch, unsigned left)
{
	unsigned piece = batch / sockets->open;

	if (sockets->policy != SPRAY_SOCKETS || piece == 0)
		return 1;
	return piece < left ? piece : left;
}

static err_t choose_new(spray_sockets_t *sockets, uint32_t *socket)
{
	if (sockets->spare_count == 0)
		return (err_t)-EAGAIN;
	*socket = sockets->spare[sockets->spare_count - 1];
	err_t err = open_one(sockets, *socket);
	if (err == ERR_OK)
		sockets->spare_count--;
	return err;
}

err_t spray_sockets_choose(spray_sockets_t *sockets, unsigned batch, unsigned left,
			   uint32_t *socket, unsigned *run)
{
	*run = 1;
	if (sockets->policy == SPRAY_PER_QUERY)
		return choose_new(sockets, socket);
	if (sockets->policy == SPRAY_POOL_GROW && sockets->open < sockets->max &&
	    !sockets->is_full) {
		err_t err = open_lasting(sockets, sockets->open);
		if (err == ERR_OK) {
			*socket = sockets->open - 1;
			return ERR_OK;
		}
		sockets->is_full = err == ERR_RANGE && sockets->open > 0;
		if (!sockets->is_full)
			return err;
	}
	*run = piece_of(sockets, batch, left);
	*socket = next_turn(sockets);
	return ERR_OK;
}

void spray_sockets_done(spray_sockets_t *sockets, uint32_t socket)
{
	if (sockets->policy != SPRAY_PER_QUERY)
		return;
	close_one(sockets, socket);
	sockets->spare[sockets->spare_count++] = socket;
}

int spray_sockets_fd(const spray_sockets_t *sockets, uint32_t socket)
{
	return sockets->entries[socket].fd;
}

uint16_t spray_sockets_port(const spray_sockets_t *sockets, uint32_t socket)
{
	return sockets->entries[socket].port;
}

uint32_t spray_sockets_open_count(const spray_sockets_t *sockets)
{
	return sockets->open;
}
