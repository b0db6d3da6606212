/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_DAEMON_SERVICE_H
#define SPURN_DAEMON_SERVICE_H

#include <ev.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/attributes.h"

/* What a service manager that wants to be told (daemon/notify.h) is told of the server's life: that it
 * is loading, ready, reloading, well, stopping, and that another process is the service now. Where
 * nobody wants to be told nothing happens. All for the main thread. */

/* Bytes of a status line, NUL included. */
#define SERVICE_STATUS_MAX 256

typedef struct service_hooks {
	/* Is the server well? What it does not say for the time that the manager allows ends it. NULL:
	 * it is if the loop runs. */
	bool (*is_well)(void *context);
	/* Writes a line about what is served. */
	void (*write_status)(void *context, char status[SERVICE_STATUS_MAX]);
	void *context;
} service_hooks_t;

typedef struct service {
	struct ev_loop *loop;
	int fd; /* where to tell; -1: nowhere */
	service_hooks_t hooks;
	ev_timer patience; /* until it is ready: asks for more time */
	ev_timer watchdog;
	uint64_t watchdog_us; /* 0: nobody waits for it */
	bool is_successor;    /* another process is the service yet */
	uint64_t reload;      /* the ticket of the last reload that was told of; 0: it is over */
	bool is_ready;
} service_t;

/* Begins: the manager is to be patient, and hears nothing else from a successor. `fd` of
 * notify_connect, or -1, becomes the service's. `watchdog_us` is what notify_watchdog_us says. Prepares
 * the service in place: it must not be moved. */
void service_begin(service_t *service, struct ev_loop *loop, int fd, uint64_t watchdog_us,
		   bool is_successor, const service_hooks_t *hooks) ATTR_NONNULL_ALL;

/* Another one was the service up to now, and this process is from now on; what it was told of the
 * watchdog holds on. Before service_ready. */
void service_take_over(service_t *service, uint64_t watchdog_us) ATTR_NONNULL_ALL;

/* It serves. */
void service_ready(service_t *service) ATTR_NONNULL_ALL;

/* A reload has been asked for, which the load with that ticket (loader_request) will have done; 0:
 * which will not be done. */
void service_reloading(service_t *service, uint64_t ticket) ATTR_NONNULL_ALL;

/* The load of that number is over. */
void service_loaded(service_t *service, uint64_t number) ATTR_NONNULL_ALL;

/* Another process is the service now, and tells: this one is silent from now on. */
void service_leave(service_t *service) ATTR_NONNULL_ALL;

/* It stops, unless it has been left. */
void service_stopping(service_t *service) ATTR_NONNULL_ALL;

/* Ends: nothing is told any more. Before the loop is destroyed; also without service_begin, if it is
 * all zero but for `fd`, which is -1. */
void service_end(service_t *service) ATTR_NONNULL_ALL;

#endif
