/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_SPRAY_SPRAY_PORTS_H
#define SPURN_SPRAY_SPRAY_PORTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/error.h"
#include "ports/port_set.h"

/* Which source ports there are to bind, in a random order: by us, not by the kernel, as it would take a
 * port that somebody needs later, and not tell. Each port comes once before one comes again, and none
 * while it is in use. Any thread. */
typedef struct spray_ports spray_ports_t;

/* The ports of `range` that are not in `avoid`, in an order of its own. NULL for want of memory. The
 * caller frees it; NULL is fine. */
spray_ports_t *spray_ports_new(port_range_t range, const port_set_t *avoid) ATTR_NONNULL_ALL;
void spray_ports_free(spray_ports_t *ports);

/* Takes a port for use. Returns ERR_OK; -EAGAIN if all of ours are in use, by whichever thread, so that one
 * may be given back; ERR_RANGE if there are none but somebody else's. */
err_t spray_ports_take(spray_ports_t *ports, uint16_t *port) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Gives a port back that has been taken: it may come again. */
void spray_ports_give_back(spray_ports_t *ports, uint16_t port) ATTR_NONNULL_ALL;

/* Notes that a port which has been taken turned out to be somebody else's; it does not come again. */
void spray_ports_note_taken(spray_ports_t *ports, uint16_t port) ATTR_NONNULL_ALL;

/* How many ports there are, those of somebody else and those in use included. */
size_t spray_ports_count(const spray_ports_t *ports) ATTR_NONNULL_ALL;

/* Puts the ports that turned out to be somebody else's into `set`. */
void spray_ports_taken(spray_ports_t *ports, port_set_t *set) ATTR_NONNULL_ALL;

#endif
