/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "base/parallel.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "base/fault_guard.h"
#include "base/processors.h"
#include "base/thread.h"

typedef struct work {
	unsigned count;
	void (*task)(void *context, unsigned number);
	void *context;
	atomic_uint next; /* task */
	atomic_bool has_failed;
} work_t;

static void run_tasks(void *argument)
{
	work_t *work = argument;
	unsigned number;

	while (!atomic_load_explicit(&work->has_failed, memory_order_relaxed) &&
	       (number = atomic_fetch_add_explicit(&work->next, 1, memory_order_relaxed)) <
		       work->count)
		work->task(work->context, number);
}

/* A fault must not take this thread away from under the other one, or end that without a guard. */
static void *run_guarded(void *argument)
{
	work_t *work = argument;

	if (!fault_guard_run(run_tasks, work))
		atomic_store(&work->has_failed, true);
	return NULL;
}

err_t parallel_run(unsigned count, void (*task)(void *context, unsigned number), void *context)
{
	work_t work = { .count = count, .task = task, .context = context };
	pthread_t thread;
	bool has_thread = count > 1 && processors_allowed() > 1 &&
			  thread_start(&thread, "helper", 0, run_guarded, &work) == ERR_OK;

	(void)run_guarded(&work);
	if (has_thread)
		pthread_join(thread, NULL);
	return atomic_load(&work.has_failed) ? ERR_CHANGED : ERR_OK;
}
