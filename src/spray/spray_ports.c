/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "spray/spray_ports.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "spray/spray_random.h"

struct spray_ports {
	pthread_mutex_t lock; /* threads ask for a port at a time, which takes nanoseconds */
	port_set_t in_use;
	port_set_t taken; /* somebody else's */
	size_t count;
	size_t next; /* of order[] */
	uint16_t order[];
};

spray_ports_t *spray_ports_new(port_range_t range, const port_set_t *avoid)
{
	spray_ports_t *ports =
		calloc(1, sizeof(*ports) + port_range_size(range) * sizeof(ports->order[0]));

	if (ports == NULL)
		return NULL;
	pthread_mutex_init(&ports->lock, NULL);
	/* Port 0 is no port: to bind it is to let the kernel choose. */
	for (unsigned port = range.first > 0 ? range.first : 1; port <= range.last; port++)
		if (!port_set_has(avoid, (uint16_t)port))
			ports->order[ports->count++] = (uint16_t)port;
	spray_shuffle(ports->order, ports->count, sizeof(ports->order[0]));
	return ports;
}

void spray_ports_free(spray_ports_t *ports)
{
	if (ports == NULL)
		return;
	pthread_mutex_destroy(&ports->lock);
	free(ports);
}

/* Goes through the order from where it was last: to its end, and through the next one. */
static bool find(spray_ports_t *ports, uint16_t *port)
{
	for (size_t i = 0; i < 2 * ports->count; i++) {
		if (ports->next == ports->count) {
			spray_shuffle(ports->order, ports->count, sizeof(ports->order[0]));
			ports->next = 0;
		}
		*port = ports->order[ports->next++];
		if (!port_set_has(&ports->in_use, *port) && !port_set_has(&ports->taken, *port))
			return true;
	}
	return false;
}

err_t spray_ports_take(spray_ports_t *ports, uint16_t *port)
{
	err_t err = ERR_OK;

	pthread_mutex_lock(&ports->lock);
	if (find(ports, port))
		port_set_add(&ports->in_use, (port_range_t){ *port, *port });
	else
		err = port_set_count(&ports->in_use, port_range_all) > 0 ? (err_t)-EAGAIN
									 : ERR_RANGE;
	pthread_mutex_unlock(&ports->lock);
	return err;
}

void spray_ports_give_back(spray_ports_t *ports, uint16_t port)
{
	pthread_mutex_lock(&ports->lock);
	port_set_remove(&ports->in_use, (port_range_t){ port, port });
	pthread_mutex_unlock(&ports->lock);
}

void spray_ports_note_taken(spray_ports_t *ports, uint16_t port)
{
	pthread_mutex_lock(&ports->lock);
	port_set_remove(&ports->in_use, (port_range_t){ port, port });
	port_set_add(&ports->taken, (port_range_t){ port, port });
	pthread_mutex_unlock(&ports->lock);
}

size_t spray_ports_count(const spray_ports_t *ports)
{
	return ports->count;
}

void spray_ports_taken(spray_ports_t *ports, port_set_t *set)
{
	pthread_mutex_lock(&ports->lock);
	port_set_add_set(set, &ports->taken);
	pthread_mutex_unlock(&ports->lock);
}
