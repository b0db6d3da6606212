/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "daemon/service.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "daemon/notify.h"

/* While it is not ready: how often to ask for more time, and for how much, in seconds. Big lists may take
 * minutes; a process that hangs will be found out a minute later. */
#define PATIENCE_EVERY_S 10.0
#define PATIENCE_S       60

/* Microseconds of the clock that the manager goes by. */
static uint64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static void on_patience(struct ev_loop *loop, ev_timer *timer, int events)
{
	const service_t *service = timer->data;

	(void)loop;
	(void)events;
	notify_send(service->fd, "EXTEND_TIMEOUT_USEC=%d000000", PATIENCE_S);
}

static void on_watchdog(struct ev_loop *loop, ev_timer *timer, int events)
{
	const service_t *service = timer->data;

	(void)loop;
	(void)events;
	if (service->hooks.is_well == NULL || service->hooks.is_well(service->hooks.context))
		notify_send(service->fd, "WATCHDOG=1");
}

/* Twice in the time that the manager waits, as sd_watchdog_enabled(3) advises. */
static void start_watchdog(service_t *service)
{
	double every_s = (double)service->watchdog_us / 2e6;

	ev_timer_stop(service->loop, &service->watchdog);
	if (service->fd < 0 || service->watchdog_us == 0)
		return;
	ev_timer_set(&service->watchdog, every_s, every_s);
	ev_timer_start(service->loop, &service->watchdog);
	notify_send(service->fd, "WATCHDOG=1");
}

void service_begin(service_t *service, struct ev_loop *loop, int fd, uint64_t watchdog_us,
		   bool is_successor, const service_hooks_t *hooks)
{
	*service = (service_t){
		.loop = loop,
		.fd = fd,
		.hooks = *hooks,
		.watchdog_us = watchdog_us,
		.is_successor = is_successor,
	};
	ev_timer_init(&service->patience, on_patience, PATIENCE_EVERY_S, PATIENCE_EVERY_S);
	ev_timer_init(&service->watchdog, on_watchdog, 0, 0);
	service->patience.data = service;
	service->watchdog.data = service;
	if (fd < 0)
		return;
	if (!is_successor)
		notify_send(fd, "STATUS=Loading");
	/* At once, and not by a timer of 0 s: a short load may be over before the loop has run. */
	on_patience(loop, &service->patience, 0);
	ev_timer_start(loop, &service->patience);
	if (!is_successor)
		start_watchdog(service);
}

void service_take_over(service_t *service, uint64_t watchdog_us)
{
	service->watchdog_us = watchdog_us;
	service->is_successor = false;
	notify_send(service->fd, "MAINPID=%lld", (long long)getpid());
	start_watchdog(service);
}

/* Tells `line`, which is one or empty, and what is served. */
static void tell(const service_t *service, const char *line)
{
	char status[SERVICE_STATUS_MAX] = "";

	if (service->fd < 0)
		return;
	service->hooks.write_status(service->hooks.context, status);
	notify_send(service->fd, "%sSTATUS=%s", line, status);
}

void service_ready(service_t *service)
{
	service->is_ready = true;
	ev_timer_stop(service->loop, &service->patience);
	tell(service, "READY=1\n");
}

void service_reloading(service_t *service, uint64_t ticket)
{
	if (!service->is_ready)
		return;
	notify_send(service->fd, "RELOADING=1\nMONOTONIC_USEC=%" PRIu64 "\nSTATUS=Reloading",
		    now_us());
	service->reload = ticket;
	if (ticket == 0)
		tell(service, "READY=1\n");
}

void service_loaded(service_t *service, uint64_t number)
{
	if (!service->is_ready)
		return;
	if (service->reload == 0) {
		tell(service, "");
	} else if (service->reload <= number) {
		service->reload = 0;
		tell(service, "READY=1\n");
	}
}

void service_leave(service_t *service)
{
	ev_timer_stop(service->loop, &service->patience);
	ev_timer_stop(service->loop, &service->watchdog);
	if (service->fd >= 0)
		close(service->fd);
	service->fd = -1;
}

void service_stopping(service_t *service)
{
	if (!service->is_successor)
		notify_send(service->fd, "STOPPING=1\nSTATUS=Stopping");
}

void service_end(service_t *service)
{
	if (service->fd >= 0)
		service_leave(service);
}
