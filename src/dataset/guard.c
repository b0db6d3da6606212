/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "dataset/guard.h"

#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fault_guard.h"
#include "base/log.h"

/* Bytes for what there is to say: a path, and words. */
#define WHY_MAX (PATH_MAX + 200)

/* One of the files. */
typedef struct watched {
	int fd;
	file_stamp_t stamp;
	char *path;
} watched_t;

struct dataset_guard {
	_Atomic(bool) is_broken;
	pthread_mutex_t lock; /* of what follows until it is broken, then it stays as it is */
	time_t since;
	char *why;
	size_t count;
	watched_t files[];
};

static err_t watch(watched_t *file, const char *path, const file_stamp_t *stamp)
{
	struct stat now;

	file->stamp = *stamp;
	file->path = strdup(path);
	if (file->path == NULL)
		return ERR_NOMEM;
	/* Of what has become a pipe nobody may wait for the other end. */
	file->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (file->fd < 0 || fstat(file->fd, &now) != 0)
		return err_from_errno();
	return now.st_dev == stamp->device && now.st_ino == stamp->inode ? ERR_OK : ERR_CHANGED;
}

err_t dataset_guard_new(const char *const *files, const file_stamp_t *stamps, size_t count,
			dataset_guard_t **made)
{
	dataset_guard_t *guard = calloc(1, sizeof(*guard) + count * sizeof(*guard->files));
	err_t err = ERR_OK;

	if (guard == NULL)
		return ERR_NOMEM;
	(void)pthread_mutex_init(&guard->lock, NULL);
	for (size_t i = 0; i < count; i++)
		guard->files[i].fd = -1;
	guard->count = count;
	for (size_t i = 0; i < count && err == ERR_OK; i++)
		err = watch(&guard->files[i], files[i], &stamps[i]);
	/* Allocated now, as when it is needed there must be no way to fail. */
	guard->why = malloc(WHY_MAX);
	if (err == ERR_OK && guard->why == NULL)
		err = ERR_NOMEM;
	if (err == ERR_OK && !dataset_guard_check(guard))
		err = ERR_CHANGED;
	if (err != ERR_OK) {
		dataset_guard_free(guard);
		return err;
	}
	*made = guard;
	return ERR_OK;
}

void dataset_guard_free(dataset_guard_t *guard)
{
	if (guard == NULL)
		return;
	for (size_t i = 0; i < guard->count; i++) {
		if (guard->files[i].fd >= 0)
			close(guard->files[i].fd);
		free(guard->files[i].path);
	}
	(void)pthread_mutex_destroy(&guard->lock);
	free(guard->why);
	free(guard);
}

bool dataset_guard_is_broken(const dataset_guard_t *guard)
{
	return atomic_load_explicit(&guard->is_broken, memory_order_acquire);
}

/* Gives up on the data, because of `file`; NULL: it is not known which. */
static void give_up(dataset_guard_t *guard, const watched_t *file)
{
	(void)pthread_mutex_lock(&guard->lock);
	bool is_first = !dataset_guard_is_broken(guard);
	if (is_first) {
		guard->since = time(NULL);
		(void)snprintf(guard->why, WHY_MAX, "%s %s",
			       file != NULL ? file->path : guard->files[0].path,
			       file != NULL ? "was changed in place while it was served: write new "
					      "lists to another name, and rename them"
					    : "could not be read any more while it was served");
		atomic_store_explicit(&guard->is_broken, true, memory_order_release);
	}
	(void)pthread_mutex_unlock(&guard->lock);
	if (is_first)
		log_error("%s; until it is loaded anew, its zones answer SERVFAIL", guard->why);
}

/* The first file that is not as it was; NULL: there is none. */
static const watched_t *find_changed(const dataset_guard_t *guard)
{
	for (size_t i = 0; i < guard->count; i++) {
		const watched_t *file = &guard->files[i];
		struct stat now;
		if (fstat(file->fd, &now) != 0 || (uint64_t)now.st_size != file->stamp.size ||
		    now.st_mtim.tv_sec != file->stamp.modified.tv_sec ||
		    now.st_mtim.tv_nsec != file->stamp.modified.tv_nsec)
			return file;
	}
	return NULL;
}

bool dataset_guard_check(dataset_guard_t *guard)
{
	if (UNLIKELY(dataset_guard_is_broken(guard)))
		return false;
	const watched_t *changed = find_changed(guard);
	if (LIKELY(changed == NULL))
		return true;
	give_up(guard, changed);
	return false;
}

bool dataset_guard_run(dataset_guard_t *guard, void (*run)(void *context), void *context)
{
	if (UNLIKELY(dataset_guard_is_broken(guard)))
		return false;
	if (LIKELY(fault_guard_run(run, context)))
		return true;
	give_up(guard, find_changed(guard));
	return false;
}

time_t dataset_guard_since(const dataset_guard_t *guard)
{
	return guard->since;
}

const char *dataset_guard_why(const dataset_guard_t *guard)
{
	return guard->why;
}
