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
#include "cdb/compiled_file.h"

/* Bytes for what there is to say: a path, and words. */
#define WHY_MAX (PATH_MAX + 200)

/* One of the files. */
typedef struct watched {
	int fd;
	uint64_t size;
	_Atomic(int64_t) modified_ns;         /* since 1970 */
	const struct compiled_file *compiled; /* what it is as; NULL: it has no sums */
	char *path;
} watched_t;

struct dataset_guard {
	_Atomic(bool) is_broken;
	/* Of writing times of modification, and of what follows until it is broken, then it stays as it is. */
	pthread_mutex_t lock;
	time_t since;
	char *why;
	size_t count;
	watched_t files[];
};

static int64_t to_ns(struct timespec time)
{
	return time.tv_sec * INT64_C(1000000000) + time.tv_nsec;
}

static err_t watch(watched_t *file, const char *path, const file_stamp_t *stamp)
{
	struct stat now;

	file->size = stamp->size;
	atomic_init(&file->modified_ns, to_ns(stamp->modified));
	file->path = strdup(path);
	if (file->path == NULL)
		return ERR_NOMEM;
	/* Of what has become a pipe nobody may wait for the other end. */
	file->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (file->fd < 0 || fstat(file->fd, &now) != 0)
		return err_from_errno();
	return now.st_dev == stamp->device && now.st_ino == stamp->inode ? ERR_OK : ERR_CHANGED;
}

err_t dataset_guard_new(const char *const *files, const file_stamp_t *stamps,
			struct compiled_file *const *compiled, size_t count, dataset_guard_t **made)
{
	dataset_guard_t *guard = calloc(1, sizeof(*guard) + count * sizeof(*guard->files));
	err_t err = ERR_OK;

	if (guard == NULL)
		return ERR_NOMEM;
	(void)pthread_mutex_init(&guard->lock, NULL);
	for (size_t i = 0; i < count; i++) {
		guard->files[i].fd = -1;
		guard->files[i].compiled = compiled != NULL ? compiled[i] : NULL;
	}
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

/* Gives up on the data, because of `file`; NULL: it is not known which. In the lock. */
static void give_up(dataset_guard_t *guard, const watched_t *file)
{
	if (dataset_guard_is_broken(guard))
		return;
	guard->since = time(NULL);
	(void)snprintf(guard->why, WHY_MAX, "%s %s",
		       file != NULL ? file->path : guard->files[0].path,
		       file != NULL ? "was changed in place while it was served: write new "
				      "lists to another name, and rename them"
				    : "could not be read any more while it was served");
	atomic_store_explicit(&guard->is_broken, true, memory_order_release);
	log_error("%s; until it is loaded anew, its zones answer SERVFAIL", guard->why);
}

/* Is a file as it was? If not, `*modified_ns` is when it was changed, or 0 if that makes no difference. */
static bool is_as_it_was(const watched_t *file, int64_t *modified_ns)
{
	struct stat now;

	*modified_ns = 0;
	if (fstat(file->fd, &now) != 0 || (uint64_t)now.st_size != file->size)
		return false;
	*modified_ns = to_ns(now.st_mtim);
	return *modified_ns == atomic_load_explicit(&file->modified_ns, memory_order_relaxed);
}

static bool is_changed(const dataset_guard_t *guard)
{
	int64_t modified_ns;

	for (size_t i = 0; i < guard->count; i++)
		if (!is_as_it_was(&guard->files[i], &modified_ns))
			return true;
	return false;
}

/* Reads all of a file that has another time of modification, and as many bytes as ever. Has it the same
 * content, it is only the time that was changed (touch): that is the one to be known from now on. */
static bool is_only_touched(watched_t *file, int64_t modified_ns)
{
	int64_t again_ns;

	if (file->compiled == NULL || modified_ns == 0 || !compiled_file_is_whole(file->compiled))
		return false;
	atomic_store_explicit(&file->modified_ns, modified_ns, memory_order_relaxed);
	return is_as_it_was(file, &again_ns);
}

/* The first file that is not what it was; NULL: there is none. In the lock. */
static const watched_t *find_changed(dataset_guard_t *guard)
{
	int64_t modified_ns;

	for (size_t i = 0; i < guard->count; i++) {
		watched_t *file = &guard->files[i];
		if (!is_as_it_was(file, &modified_ns) && !is_only_touched(file, modified_ns))
			return file;
	}
	return NULL;
}

bool dataset_guard_check(dataset_guard_t *guard)
{
	if (UNLIKELY(dataset_guard_is_broken(guard)))
		return false;
	if (LIKELY(!is_changed(guard)))
		return true;
	(void)pthread_mutex_lock(&guard->lock);
	const watched_t *changed = find_changed(guard);
	if (changed != NULL)
		give_up(guard, changed);
	(void)pthread_mutex_unlock(&guard->lock);
	return changed == NULL;
}

bool dataset_guard_run(dataset_guard_t *guard, void (*run)(void *context), void *context)
{
	if (UNLIKELY(dataset_guard_is_broken(guard)))
		return false;
	if (LIKELY(fault_guard_run(run, context)))
		return true;
	(void)pthread_mutex_lock(&guard->lock);
	give_up(guard, find_changed(guard));
	(void)pthread_mutex_unlock(&guard->lock);
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
