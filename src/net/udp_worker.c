/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "net/udp_worker.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#include "base/log.h"
#include "base/thread.h"
#include "net/udp_batch.h"

/* Bytes of a worker's stack. Answering uses a few KiB, a log message 11 KiB; sanitizers three times
 * that. The default of 8 MiB would be address space only, but counts where memory is locked. */
#define WORKER_STACK_SIZE (256u << 10)

/* Between two wake-up signals to a worker that shall stop, and after an error of receiving that may
 * last. Short for a human, long for a processor. */
static const struct timespec pause_time = { .tv_nsec = 1000000 };

/* Batches that are answered from a socket after the worker was told to stop, unless nothing is left
 * before: somewhat more than there can be in its queue (UDP_RECEIVE_BUFFER), so that a flood does not
 * keep the server from stopping. */
#define LAST_BATCHES_MAX 1000

struct udp_worker {
	query_records_t *records;
	udp_batch_t *batch;
	pthread_t thread;
	unsigned number;
	atomic_bool must_stop;
	atomic_bool has_ended;
	bool is_stopped;  /* and has been joined */
	err_t last_error; /* of receiving, not to log the same one again and again */
	size_t fd_count;
	struct pollfd fds[]; /* those of the caller */
};

static void wake_up(int number)
{
	/* That a system call was interrupted is all. */
	(void)number;
}

/* Serves one socket once. Returns whether there was anything. */
static bool serve(udp_worker_t *worker, int fd, int flags)
{
	unsigned received;
	err_t err = udp_batch_serve(worker->batch, fd, flags, &received);

	if (err == ERR_OK)
		return received > 0;
	/* Errors of single datagrams do not come here: an unconnected socket without IP_RECVERR is
	 * not told of ICMP messages. So this is want of memory, or a network that went down. It
	 * may pass, but shall not be asked for a million times a second. */
	if (err != worker->last_error) {
		log_error("worker %u: receiving: %s", worker->number, err_text(err));
		worker->last_error = err;
	}
	nanosleep(&pause_time, NULL);
	return false;
}

/* Serves several sockets: one batch from each that has something, then asks again, so that none can
 * keep the others waiting. */
static void serve_several(udp_worker_t *worker)
{
	if (poll(worker->fds, (nfds_t)worker->fd_count, -1) <= 0)
		return; /* a signal came; or no memory, and asking again is all there is to do */
	for (size_t i = 0; i < worker->fd_count; i++) {
		if (worker->fds[i].revents != 0)
			(void)serve(worker, worker->fds[i].fd, MSG_DONTWAIT);
	}
}

/* Answers what has come already: nobody may be there to do it later. */
static void finish(udp_worker_t *worker)
{
	for (size_t i = 0; i < worker->fd_count; i++) {
		unsigned batches = 0;

		while (batches++ < LAST_BATCHES_MAX &&
		       serve(worker, worker->fds[i].fd, MSG_DONTWAIT))
			continue;
	}
}

static void *run(void *argument)
{
	udp_worker_t *worker = argument;
	sigset_t wake;

	sigemptyset(&wake);
	sigaddset(&wake, SIGRTMIN);
	pthread_sigmask(SIG_UNBLOCK, &wake, NULL);

	catalog_reader_register();
	while (!atomic_load_explicit(&worker->must_stop, memory_order_relaxed)) {
		if (worker->fd_count == 1)
			(void)serve(worker, worker->fds[0].fd, MSG_WAITFORONE);
		else
			serve_several(worker);
	}
	finish(worker);
	catalog_reader_unregister();
	atomic_store_explicit(&worker->has_ended, true, memory_order_relaxed);
	return NULL;
}

static udp_worker_t *worker_new(const udp_worker_setup_t *setup)
{
	udp_worker_t *worker =
		calloc(1, sizeof(*worker) + setup->fd_count * sizeof(worker->fds[0]));

	if (worker == NULL)
		return NULL;
	worker->number = setup->number;
	worker->fd_count = setup->fd_count;
	for (size_t i = 0; i < setup->fd_count; i++)
		worker->fds[i] = (struct pollfd){ .fd = setup->fds[i], .events = POLLIN };
	worker->records = query_records_new(setup->catalog, setup->log);
	if (worker->records != NULL)
		worker->batch = udp_batch_new(setup->catalog, worker->records);
	if (worker->batch == NULL) {
		udp_worker_free(worker);
		return NULL;
	}
	return worker;
}

err_t udp_worker_start(const udp_worker_setup_t *setup, udp_worker_t **worker)
{
	/* Without SA_RESTART: calls shall return, not go on. */
	const struct sigaction action = { .sa_handler = wake_up };
	char name[THREAD_NAME_MAX];
	udp_worker_t *started;
	err_t err;

	if (sigaction(SIGRTMIN, &action, NULL) != 0)
		return err_from_errno();
	started = worker_new(setup);
	if (started == NULL)
		return ERR_NOMEM;
	snprintf(name, sizeof(name), "udp-%u", setup->number);
	err = thread_start(&started->thread, name, WORKER_STACK_SIZE, run, started);
	if (err != ERR_OK) {
		udp_worker_free(started);
		return err;
	}
	*worker = started;
	return ERR_OK;
}

void udp_worker_stop(udp_worker_t *worker)
{
	if (worker->is_stopped)
		return;
	atomic_store_explicit(&worker->must_stop, true, memory_order_relaxed);
	/* A signal between the thread's look at the flag and its system call is lost, so more
	 * follow, until it says that it is through. The socket must not be shut down for this: a
	 * successor may be waiting to go on with it. */
	while (!atomic_load_explicit(&worker->has_ended, memory_order_relaxed)) {
		pthread_kill(worker->thread, SIGRTMIN);
		nanosleep(&pause_time, NULL);
	}
	pthread_join(worker->thread, NULL);
	worker->is_stopped = true;
}

void udp_worker_count(const udp_worker_t *worker, message_counts_t *sum)
{
	query_records_sum(worker->records, sum);
}

void udp_worker_count_queries(const udp_worker_t *worker, size_t zones, query_counts_t *sums)
{
	query_records_sum_queries(worker->records, zones, sums);
}

void udp_worker_free(udp_worker_t *worker)
{
	if (worker == NULL)
		return;
	udp_batch_free(worker->batch);
	query_records_free(worker->records);
	free(worker);
}
