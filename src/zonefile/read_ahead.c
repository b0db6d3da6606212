/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "zonefile/read_ahead.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/processors.h"
#include "base/thread.h"

/* Blocks are numbered as they stand in the file, and take turns in a ring. Block n is filled by the
 * thread, in the place that block n - BLOCKS has had, as soon as that one has been given back:
 *
 *           given back   the caller's   filled, waiting   being filled
 *     ... |            |    taken - 1 |               ... | filled         |
 *
 * The thread reads on behind the end of the block before, which the caller may have: nobody writes there.
 *
 * Memory counts twice in a reload, where the data being served are still there: three blocks of 300 KiB
 * are enough for neither thread to wait for the other's hiccups; eight were no faster. */
#define BLOCKS 3

struct read_ahead {
	file_source_t *source;
	line_block_t *blocks[BLOCKS]; /* without a thread, the first one only */
	pthread_t thread;
	bool has_thread;

	/* Under the lock, once there is a thread. */
	pthread_mutex_t lock;
	pthread_cond_t changed; /* one of the two may be waiting for the other */
	size_t filled;          /* blocks that there are */
	size_t taken;           /* blocks that the caller has asked for: it has the last of them */
	plain_form_t form;
	bool must_stop;
};

read_ahead_t *read_ahead_open(file_source_t *source)
{
	read_ahead_t *ahead = calloc(1, sizeof(*ahead));

	if (ahead == NULL)
		return NULL;
	ahead->source = source;
	ahead->blocks[0] = malloc(sizeof(line_block_t));
	if (ahead->blocks[0] == NULL) {
		free(ahead);
		return NULL;
	}
	pthread_mutex_init(&ahead->lock, NULL);
	pthread_cond_init(&ahead->changed, NULL);
	return ahead;
}

/* Waits until there is a place for block number `filled`, and sets as what it is to be scanned.
 * Returns false when the thread must end instead. */
static bool wait_for_place(read_ahead_t *ahead, plain_form_t *form)
{
	pthread_mutex_lock(&ahead->lock);
	while (ahead->filled + 1 >= ahead->taken + BLOCKS && !ahead->must_stop)
		pthread_cond_wait(&ahead->changed, &ahead->lock);
	bool must_stop = ahead->must_stop;
	*form = ahead->form;
	pthread_mutex_unlock(&ahead->lock);
	return !must_stop;
}

static void *run(void *argument)
{
	read_ahead_t *ahead = argument;
	size_t number =
		1; /* of the block to be filled; the first one was there before the thread */
	bool is_last = false;
	plain_form_t form;

	while (!is_last && wait_for_place(ahead, &form)) {
		line_block_t *block = ahead->blocks[number % BLOCKS];
		line_block_fill(block, ahead->blocks[(number - 1) % BLOCKS], ahead->source);
		line_block_scan(block, form);
		is_last = block->is_last;
		number++;
		pthread_mutex_lock(&ahead->lock);
		ahead->filled = number;
		pthread_cond_signal(&ahead->changed);
		pthread_mutex_unlock(&ahead->lock);
	}
	return NULL;
}

/* Starts the thread, if it is of use and to be had. */
static void start(read_ahead_t *ahead)
{
	/* The system's stack size: a library decompresses there. */
	const size_t stack_size = 0;

	if (processors_allowed() < 2)
		return;
	for (size_t i = 1; i < BLOCKS; i++) {
		ahead->blocks[i] = malloc(sizeof(line_block_t));
		if (ahead->blocks[i] == NULL)
			return;
	}
	ahead->has_thread =
		thread_start(&ahead->thread, "scanner", stack_size, run, ahead) == ERR_OK;
}

/* The same as `next`, by the thread. */
static line_block_t *next_of_thread(read_ahead_t *ahead, plain_form_t form)
{
	pthread_mutex_lock(&ahead->lock);
	ahead->form = form;
	size_t number = ahead->taken++;
	pthread_cond_signal(&ahead->changed);
	while (ahead->filled <= number)
		pthread_cond_wait(&ahead->changed, &ahead->lock);
	pthread_mutex_unlock(&ahead->lock);
	return ahead->blocks[number % BLOCKS];
}

line_block_t *read_ahead_next(read_ahead_t *ahead, plain_form_t form)
{
	line_block_t *block = ahead->blocks[0];
	bool is_first = ahead->taken == 0;

	if (ahead->has_thread)
		return next_of_thread(ahead, form);
	line_block_fill(block, is_first ? NULL : block, ahead->source);
	if (!is_first)
		return block;
	ahead->filled = ahead->taken = 1;
	ahead->form = form;
	if (!block->is_last)
		start(ahead);
	return block;
}

void read_ahead_close(read_ahead_t *ahead)
{
	if (ahead == NULL)
		return;
	if (ahead->has_thread) {
		pthread_mutex_lock(&ahead->lock);
		ahead->must_stop = true;
		pthread_cond_signal(&ahead->changed);
		pthread_mutex_unlock(&ahead->lock);
		pthread_join(ahead->thread, NULL);
	}
	pthread_cond_destroy(&ahead->changed);
	pthread_mutex_destroy(&ahead->lock);
	for (size_t i = 0; i < BLOCKS; i++)
		free(ahead->blocks[i]);
	free(ahead);
}
