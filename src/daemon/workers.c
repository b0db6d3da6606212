/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "daemon/workers.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "base/log.h"
#include "base/plural.h"
#include "net/udp_worker.h"

/* Of a worker, as workers_are_taking found it. */
typedef struct pulse {
	uint64_t received;
	bool had_waiting; /* queries in its sockets */
} pulse_t;

/* A worker, with its pulse. */
typedef struct member {
	udp_worker_t *worker;
	pulse_t pulse;
} member_t;

struct workers {
	catalog_t *catalog;
	const udp_sockets_t *sockets;
	query_log_t *log;
	member_t *all;
	size_t count;
	size_t capacity;
	/* Of the last worker, number `lent_to`, if that was added. */
	size_t lent_to;
	int *lent;
	size_t lent_count;
};

/* The sockets of worker number `number`. */
static const int *sockets_of(const workers_t *workers, size_t number, size_t *count)
{
	if (workers->lent_count == 0 || number != workers->lent_to)
		return udp_sockets_of_worker(workers->sockets, number, count);
	*count = workers->lent_count;
	return workers->lent;
}

/* Starts one more. */
static err_t start_one(workers_t *workers)
{
	udp_worker_setup_t setup = {
		.catalog = workers->catalog,
		.number = (unsigned)workers->count,
		.log = workers->log,
	};
	udp_worker_t *worker;
	err_t err = array_reserve((void **)&workers->all, &workers->capacity, workers->count + 1,
				  sizeof(*workers->all));

	setup.fds = sockets_of(workers, workers->count, &setup.fd_count);
	if (err == ERR_OK)
		err = udp_worker_start(&setup, &worker);
	if (err == ERR_OK)
		workers->all[workers->count++] = (member_t){ .worker = worker };
	else
		log_error("cannot start worker %zu: %s", workers->count + 1, err_text(err));
	return err;
}

err_t workers_start(catalog_t *catalog, const udp_sockets_t *sockets, size_t count,
		    query_log_t *log, workers_t **workers)
{
	workers_t *started = calloc(1, sizeof(*started));
	err_t err = ERR_OK;

	if (started == NULL) {
		log_error("not enough memory for %zu worker%s", count, plural(count));
		return ERR_NOMEM;
	}
	started->catalog = catalog;
	started->sockets = sockets;
	started->log = log;
	while (err == ERR_OK && started->count < count)
		err = start_one(started);
	if (err != ERR_OK) {
		workers_stop(started);
		workers_free(started);
		return err;
	}
	*workers = started;
	return ERR_OK;
}

err_t workers_add(workers_t *workers, const int *fds, size_t count)
{
	err_t err;

	if (workers->lent_count > 0)
		return ERR_INVAL;
	workers->lent = malloc(count * sizeof(*fds));
	if (workers->lent == NULL)
		return ERR_NOMEM;
	memcpy(workers->lent, fds, count * sizeof(*fds));
	workers->lent_count = count;
	workers->lent_to = workers->count;
	err = start_one(workers);
	if (err != ERR_OK) {
		free(workers->lent);
		workers->lent = NULL;
		workers->lent_count = 0;
	}
	return err;
}

const int *workers_lent(const workers_t *workers, size_t *count)
{
	*count = workers->lent_count;
	return workers->lent;
}

void workers_stop(workers_t *workers)
{
	for (size_t i = 0; workers != NULL && i < workers->count; i++)
		udp_worker_stop(workers->all[i].worker);
}

void workers_free(workers_t *workers)
{
	if (workers == NULL)
		return;
	for (size_t i = 0; i < workers->count; i++)
		udp_worker_free(workers->all[i].worker);
	for (size_t i = 0; i < workers->lent_count; i++)
		close(workers->lent[i]);
	free(workers->lent);
	free(workers->all);
	free(workers);
}

void workers_count(const workers_t *workers, message_counts_t *sum)
{
	if (workers == NULL)
		return;
	for (size_t i = 0; i < workers->count; i++)
		udp_worker_count(workers->all[i].worker, sum);
}

size_t workers_number(const workers_t *workers)
{
	return workers != NULL ? workers->count : 0;
}

void workers_count_one(const workers_t *workers, size_t number, message_counts_t *sum)
{
	udp_worker_count(workers->all[number].worker, sum);
}

void workers_count_queries(const workers_t *workers, size_t zones, query_counts_t *sums)
{
	if (workers == NULL)
		return;
	for (size_t i = 0; i < workers->count; i++)
		udp_worker_count_queries(workers->all[i].worker, zones, sums);
}

/* Is there anything in the sockets of worker number `number`? */
static bool has_waiting(const workers_t *workers, size_t number)
{
	size_t count;
	const int *fds = sockets_of(workers, number, &count);

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
		pulse_t before = workers->all[i].pulse;
		message_counts_t counts = { 0 };
		udp_worker_count(workers->all[i].worker, &counts);
		pulse_t now = { .received = counts.received,
				.had_waiting = has_waiting(workers, i) };
		workers->all[i].pulse = now;
		if (!before.had_waiting || !now.had_waiting || now.received != before.received)
			continue;
		log_error("worker %zu takes no queries, though some are waiting", i);
		are_taking = false;
	}
	return are_taking;
}
