/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "tool/compile_load.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/thread.h"

/* What became of a request. */
typedef struct job {
	bool is_done;
	err_t err;
	dataset_t *dataset; /* NULL: handed out, or there is none */
} job_t;

struct compile_load {
	const dataset_request_t *requests;
	size_t count;
	pthread_t *threads;
	unsigned thread_count;

	pthread_mutex_t lock; /* all below is under it */
	pthread_cond_t changed;
	job_t *jobs;
	size_t begun;  /* jobs[0..begun) are in work, or done */
	size_t wanted; /* jobs[0..wanted) have been handed out, or are being waited for */
	bool is_ending;
};

/* Waits until there is something to do that may be begun. Returns false if there is nothing more. */
static bool take_job(compile_load_t *load, size_t *number)
{
	bool is_taken;

	(void)pthread_mutex_lock(&load->lock);
	while (!load->is_ending && load->begun < load->count &&
	       load->begun >= load->wanted + load->thread_count)
		(void)pthread_cond_wait(&load->changed, &load->lock);
	is_taken = !load->is_ending && load->begun < load->count;
	if (is_taken)
		*number = load->begun++;
	(void)pthread_mutex_unlock(&load->lock);
	return is_taken;
}

static void *run(void *argument)
{
	compile_load_t *load = argument;
	size_t number;

	while (take_job(load, &number)) {
		dataset_t *dataset = NULL;
		err_t err = dataset_load(&load->requests[number], NULL, &dataset);

		(void)pthread_mutex_lock(&load->lock);
		load->jobs[number] = (job_t){ .is_done = true, .err = err, .dataset = dataset };
		(void)pthread_cond_broadcast(&load->changed);
		(void)pthread_mutex_unlock(&load->lock);
	}
	return NULL;
}

static err_t start_threads(compile_load_t *load, unsigned jobs)
{
	err_t err = ERR_OK;

	/* Threads that begin at once look at thread_count. */
	(void)pthread_mutex_lock(&load->lock);
	while (load->thread_count < jobs && load->thread_count < load->count && err == ERR_OK) {
		err = thread_start(&load->threads[load->thread_count], "compile", 0, run, load);
		if (err == ERR_OK)
			load->thread_count++;
	}
	(void)pthread_mutex_unlock(&load->lock);
	return load->thread_count > 0 ? ERR_OK : err; /* fewer do it, too */
}

err_t compile_load_begin(const dataset_request_t *requests, size_t count, unsigned jobs,
			 compile_load_t **begun)
{
	compile_load_t *load = calloc(1, sizeof(*load));
	err_t err = ERR_NOMEM;

	if (load == NULL)
		return ERR_NOMEM;
	(void)pthread_mutex_init(&load->lock, NULL);
	(void)pthread_cond_init(&load->changed, NULL);
	load->requests = requests;
	load->count = count;
	load->jobs = calloc(count, sizeof(*load->jobs));
	load->threads = calloc(jobs, sizeof(*load->threads));
	if (load->jobs != NULL && load->threads != NULL)
		err = start_threads(load, jobs);
	if (err != ERR_OK) {
		compile_load_end(load);
		return err;
	}
	*begun = load;
	return ERR_OK;
}

err_t compile_load_next(compile_load_t *load, dataset_t **dataset)
{
	job_t *job;

	(void)pthread_mutex_lock(&load->lock);
	job = &load->jobs[load->wanted++];
	(void)pthread_cond_broadcast(&load->changed);
	while (!job->is_done)
		(void)pthread_cond_wait(&load->changed, &load->lock);
	*dataset = job->dataset;
	job->dataset = NULL;
	(void)pthread_mutex_unlock(&load->lock);
	return job->err;
}

void compile_load_end(compile_load_t *load)
{
	if (load == NULL)
		return;
	(void)pthread_mutex_lock(&load->lock);
	load->is_ending = true;
	(void)pthread_cond_broadcast(&load->changed);
	(void)pthread_mutex_unlock(&load->lock);
	for (unsigned i = 0; i < load->thread_count; i++)
		(void)pthread_join(load->threads[i], NULL);
	for (size_t i = 0; load->jobs != NULL && i < load->count; i++)
		dataset_free(load->jobs[i].dataset);
	free(load->jobs);
	free(load->threads);
	(void)pthread_cond_destroy(&load->changed);
	(void)pthread_mutex_destroy(&load->lock);
	free(load);
}
