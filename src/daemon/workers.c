/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "daemon/workers.h"

#include <poll.h>
#include <stdlib.h>

#include "base/log.h"
#include "net/udp_worker.h"

/* Of a worker, as workers_are_taking found it. */
typedef struct pulse {
	uint64_t received;
	bool had_waiting; /* queries in its sockets */
} pulse_t;

struct workers {
	const udp_sockets_t *sockets;
	pulse_t *pulses;
	size_t count;
	udp_worker_t *all[];
};

err_t workers_start(catalog_t *catalog, const udp_sockets_t *sockets, size_t count,
		    query_log_t *log, workers_t **workers)
{
	workers_t *started = calloc(1, sizeof(*started) + count * sizeof(started->all[0]));
	err_t err = ERR_OK;

	if (started != NULL)
		started->pulses = calloc(count, sizeof(*started->pulses));
	if (started == NULL || started->pulses == NULL) {
		log_error("not enough memory for %zu workers", count);
		free(started);
		return ERR_NOMEM;
	}
	started->sockets = sockets;
	for (started->count = 0; started->count < count; started->count++) {
		udp_worker_setup_t setup = {
			.catalog = catalog,
			.number = (unsigned)started->count,
			.log = log,
		};
		setup.fds = udp_sockets_of_worker(sockets, started->count, &setup.fd_count);
		err = udp_worker_start(&setup, &started->all[started->count]);
		if (err != ERR_OK)
			break;
	}
	if (err != ERR_OK) {
		log_error("cannot start worker %zu of %zu: %s", started->count + 1, count,
			  err_text(err));
		workers_stop(started);
		workers_free(started);
		return err;
	}
	*workers = started;
	return ERR_OK;
}

void workers_stop(workers_t *workers)
{
	for (size_t i = 0; workers != NULL && i < workers->count; i++)
		udp_worker_stop(workers->all[i]);
}

void workers_free(workers_t *workers)
{
	for (size_t i = 0; workers != NULL && i < workers->count; i++)
		udp_worker_free(workers->all[i]);
	if (workers != NULL)
		free(workers->pulses);
	free(workers);
}

void workers_count(const workers_t *workers, message_counts_t *sum)
{
	if (workers == NULL)
		return;
	for (size_t i = 0; i < workers->count; i++)
		udp_worker_count(workers->all[i], sum);
}

size_t workers_number(const workers_t *workers)
{
	return workers != NULL ? workers->count : 0;
}

void workers_count_one(const workers_t *workers, size_t number, message_counts_t *sum)
{
	udp_worker_count(workers->all[number], sum);
}

void workers_count_queries(const workers_t *workers, size_t zones, query_counts_t *sums)
{
	if (workers == NULL)
		return;
	for (size_t i = 0; i < workers->count; i++)
		udp_worker_count_queries(workers->all[i], zones, sums);
}

/* Is there anything in the sockets of worker number `number`? */
static bool has_waiting(const workers_t *workers, size_t number)
{
	size_t count;
	const int *fds = udp_sockets_of_worker(workers->sockets, number, &count);

	for (size_t i = 0; i < count; i++) {
		struct pollfd socket = { .fd = fds[i], .events = POLLIN };
		if (poll(&socket, 1, 0) == 1 && (socket.revents & POLLIN) != 0)
			return true;
	}
	return false;
}

bool workers_are_taking(workers_t *workers)
{
	bool are_taking = true;

	for (size_t i = 0; workers != NULL && i < workers->count; i++) {
		pulse_t before = workers->pulses[i];
		message_counts_t counts = { 0 };
		udp_worker_count(workers->all[i], &counts);
		pulse_t now = { .received = counts.received,
				.had_waiting = has_waiting(workers, i) };
		workers->pulses[i] = now;
		if (!before.had_waiting || !now.had_waiting || now.received != before.received)
			continue;
		log_error("worker %zu takes no queries, though some are waiting", i);
		are_taking = false;
	}
	return are_taking;
}
