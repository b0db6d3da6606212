/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "spray/spray_engine.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/thread.h"
#include "ports/port_set.h"
#include "ports/port_system.h"
#include "spray/spray_thread.h"

#define NS_PER_S 1e9

/* Bytes of a thread's stack that are enough; what it works with is on the heap. */
#define STACK_SIZE (256u * 1024)

/* One of the threads, and how it tells that it has ended. */
typedef struct runner {
	spray_engine_t *engine;
	spray_thread_t *thread;
	pthread_t handle;
} runner_t;

struct spray_engine {
	spray_setup_t setup;
	spray_ports_t *ports;
	spray_stop_t stop;
	int done; /* an eventfd */
	_Atomic unsigned running;
	uint64_t start_ns;
	struct rusage before;
	unsigned count; /* of runners with a thread */
	unsigned started;
	runner_t runners[];
};

/* ---- making ---- */

/* Its share of a number that all threads have in common. */
static unsigned share_of(const spray_setup_t *setup, unsigned number, unsigned whole)
{
	return whole / setup->threads + (number < whole % setup->threads);
}

static err_t add_thread(spray_engine_t *engine, const net_address_t *server, const spray_mix_t *mix)
{
	const spray_setup_t *setup = &engine->setup;
	unsigned number = engine->count;
	spray_thread_t *thread = calloc(1, sizeof(*thread));

	if (thread == NULL)
		return ERR_NOMEM;
	engine->runners[engine->count++] = (runner_t){ .engine = engine, .thread = thread };
	unsigned in_flight = share_of(setup, number, setup->in_flight);
	thread->mix = mix;
	thread->cursor = spray_mix_start(mix, number, setup->threads);
	thread->stop = &engine->stop;
	spray_pace_init(&thread->pace, setup->rate, setup->seconds, setup->count, number,
			setup->threads);
	thread->udp_setup = (spray_udp_setup_t){
		.server = *server,
		.policy = setup->policy,
		.sockets = setup->policy == SPRAY_PER_QUERY
				   ? in_flight
				   : share_of(setup, number, setup->sockets),
		.in_flight = in_flight,
		.patience_ns = (uint64_t)(setup->patience_s * NS_PER_S),
		.ports = engine->ports,
	};
	return spray_thread_open(thread);
}

err_t spray_engine_new(const spray_setup_t *setup, const net_address_t *server,
		       const spray_mix_t *mix, spray_ports_t *ports, spray_engine_t **made)
{
	spray_engine_t *engine =
		calloc(1, sizeof(*engine) + setup->threads * sizeof(engine->runners[0]));
	err_t err = ERR_OK;

	if (engine == NULL)
		return ERR_NOMEM;
	engine->setup = *setup;
	engine->ports = ports;
	engine->done = eventfd(0, EFD_CLOEXEC);
	if (engine->done < 0)
		err = err_from_errno();
	for (unsigned i = 0; i < setup->threads && err == ERR_OK; i++)
		err = add_thread(engine, server, mix);
	if (err != ERR_OK) {
		spray_engine_free(engine);
		return err;
	}
	*made = engine;
	return ERR_OK;
}

void spray_engine_free(spray_engine_t *engine)
{
	if (engine == NULL)
		return;
	for (unsigned i = 0; i < engine->count; i++) {
		spray_thread_close(engine->runners[i].thread);
		free(engine->runners[i].thread);
	}
	if (engine->done >= 0)
		close(engine->done);
	free(engine);
}

/* ---- running ---- */

static void *run(void *argument)
{
	const runner_t *runner = argument;
	spray_engine_t *engine = runner->engine;
	const uint64_t one = 1;

	spray_thread_run(runner->thread);
	if (atomic_fetch_sub(&engine->running, 1) == 1)
		(void)!write(engine->done, &one, sizeof(one));
	return NULL;
}

static void join_all(spray_engine_t *engine)
{
	for (unsigned i = 0; i < engine->started; i++)
		pthread_join(engine->runners[i].handle, NULL);
	engine->started = 0;
}

err_t spray_engine_start(spray_engine_t *engine)
{
	err_t err = ERR_OK;

	getrusage(RUSAGE_SELF, &engine->before);
	engine->start_ns = spray_udp_now_ns();
	atomic_store(&engine->running, engine->count);
	for (unsigned i = 0; i < engine->count; i++)
		spray_pace_start(&engine->runners[i].thread->pace, engine->setup.seconds,
				 engine->start_ns);
	for (unsigned i = 0; i < engine->count && err == ERR_OK; i++) {
		char name[THREAD_NAME_MAX];
		(void)snprintf(name, sizeof(name), "spray %u", i % 1000);
		err = thread_start(&engine->runners[i].handle, name, STACK_SIZE, run,
				   &engine->runners[i]);
		engine->started += err == ERR_OK;
	}
	if (err != ERR_OK) {
		atomic_store(&engine->stop, 2);
		join_all(engine);
	}
	return err;
}

int spray_engine_done_fd(const spray_engine_t *engine)
{
	return engine->done;
}

void spray_engine_stop(spray_engine_t *engine)
{
	atomic_fetch_add(&engine->stop, 1);
}

void spray_engine_progress(const spray_engine_t *engine, spray_progress_t *progress)
{
	uint64_t now_ns = spray_udp_now_ns();

	*progress = (spray_progress_t){
		.seconds = (double)(now_ns - engine->start_ns) / NS_PER_S,
		.is_waiting = true,
	};
	for (unsigned i = 0; i < engine->count; i++) {
		const spray_thread_progress_t *of = &engine->runners[i].thread->progress;
		progress->sent += atomic_load_explicit(&of->sent, memory_order_relaxed);
		progress->answered += atomic_load_explicit(&of->answered, memory_order_relaxed);
		progress->lost += atomic_load_explicit(&of->lost, memory_order_relaxed);
		progress->wrong += atomic_load_explicit(&of->wrong, memory_order_relaxed);
		progress->is_waiting &= atomic_load(&of->is_waiting);
	}
}

/* ---- the end ---- */

static void add_counts(const spray_thread_t *thread, spray_result_t *result)
{
	const spray_udp_counts_t *counts = spray_udp_counts(thread->udp);

	result->sent += counts->sent;
	result->answered += counts->answered;
	result->lost += counts->lost;
	result->late += counts->late;
	result->duplicates += counts->duplicates;
	result->strange += counts->strange;
	result->refused += counts->refused;
	result->unsendable += counts->unsendable;
	result->held += counts->held;
	result->unsent += thread->unsent;
	result->own_drops += spray_udp_drops(thread->udp);
}

/* Source ports: the first thread's table becomes that of all. */
static void add_ports(spray_engine_t *engine, spray_result_t *result)
{
	uint64_t *sums = engine->runners[0].thread->port_counts;

	for (unsigned port = 0; port < PORT_COUNT; port++) {
		for (unsigned i = 1; i < engine->count; i++)
			sums[port] += engine->runners[i].thread->port_counts[port];
		result->ports_used += sums[port] > 0;
		if (sums[port] > result->port_max)
			result->port_max = sums[port];
	}
	result->port_entropy_bits = spray_entropy_bits(sums, PORT_COUNT);
}

static err_t add_taken(const spray_engine_t *engine, spray_result_t *result)
{
	port_set_t taken = { 0 };
	port_range_t range;
	size_t count;

	spray_ports_taken(engine->ports, &taken);
	count = port_set_count(&taken, port_range_all);
	if (count == 0)
		return ERR_OK;
	result->taken = calloc(count, sizeof(*result->taken));
	if (result->taken == NULL)
		return ERR_NOMEM;
	for (unsigned at = 0; port_set_next(&taken, at, &range); at = range.last + 1u)
		for (unsigned port = range.first; port <= range.last; port++) {
			spray_taken_t *entry = &result->taken[result->taken_count++];
			entry->port = (uint16_t)port;
			port_system_service(entry->port, entry->service);
		}
	return ERR_OK;
}

static double seconds_of(struct timeval after, struct timeval before)
{
	return (double)(after.tv_sec - before.tv_sec) +
	       (double)(after.tv_usec - before.tv_usec) / 1e6;
}

static void add_times(const spray_engine_t *engine, spray_result_t *result)
{
	struct rusage after;
	uint64_t sent_ns = engine->start_ns;
	uint64_t end_ns = engine->start_ns;

	getrusage(RUSAGE_SELF, &after);
	result->user_s = seconds_of(after.ru_utime, engine->before.ru_utime);
	result->system_s = seconds_of(after.ru_stime, engine->before.ru_stime);
	for (unsigned i = 0; i < engine->count; i++) {
		const spray_thread_t *thread = engine->runners[i].thread;
		if (thread->last_sent_ns > sent_ns)
			sent_ns = thread->last_sent_ns;
		if (thread->end_ns > end_ns)
			end_ns = thread->end_ns;
	}
	if (end_ns < sent_ns)
		end_ns = sent_ns;
	result->seconds = (double)(sent_ns - engine->start_ns) / NS_PER_S;
	result->waited_seconds = (double)(end_ns - sent_ns) / NS_PER_S;
}

err_t spray_engine_finish(spray_engine_t *engine, spray_result_t *result)
{
	err_t ended = ERR_OK;
	err_t err = ERR_OK;

	join_all(engine);
	*result = (spray_result_t){ .setup = engine->setup };
	result->is_interrupted = atomic_load(&engine->stop) > 0;
	add_times(engine, result);
	for (unsigned i = 0; i < engine->count && err == ERR_OK; i++) {
		const spray_thread_t *thread = engine->runners[i].thread;
		add_counts(thread, result);
		err = spray_tally_merge(thread->tally, result);
		if (ended == ERR_OK)
			ended = thread->err;
	}
	if (err == ERR_OK)
		err = add_taken(engine, result);
	if (err != ERR_OK) {
		spray_result_clear(result);
		return err;
	}
	add_ports(engine, result);
	spray_tally_sort(result);
	return ended;
}
