/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "daemon/file_watch.h"

#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/thread.h"
#include "daemon/file_notices.h"
#include "daemon/file_tail.h"
#include "daemon/settling.h"

/* Seconds between two readings of notices: others in the directories of zone files, such as logs, may
 * make them by the thousand. */
#define HOLD_S 0.05
/* News of one file wait so long at most for others that are being replaced. */
#define GATHER_S 0.5
/* Between two attempts to read a file that is overdue. */
#define OVERDUE_S 60.0
/* How long the end waits for the thread. */
#define END_S 1

#define NEVER 1e300

typedef struct watched {
	char *path;
	settling_t settling;
	file_tail_t tail;  /* when it was complete last */
	double overdue_at; /* when to ask again whether it is */
	bool has_told_overdue;
} watched_t;

/* Files by their paths, each once. */
typedef struct file_set {
	watched_t *files;
	char **paths; /* those of `files`, which own them */
	size_t count;
} file_set_t;

struct file_watch {
	file_watch_setup_t setup;
	ev_async news;
	pthread_t thread;
	bool is_started;
	int wake; /* an eventfd */

	pthread_mutex_t lock;
	pthread_cond_t end;
	/* Under the lock; the thread alone changes `set`, and needs no lock to read it. */
	file_set_t set;
	file_set_t next_set; /* files of a new set, of which nothing is known */
	bool has_next_set;
	bool must_look;
	bool must_stop;
	bool has_ended;

	/* The thread's own. */
	file_notices_t *notices; /* NULL: none */
	double held_until;       /* not to read notices before */
	double news_since;       /* NEVER: there are none to send */
};

static void set_clear(file_set_t *set)
{
	for (size_t i = 0; i < set->count; i++)
		free(set->paths[i]);
	free(set->files);
	free(set->paths);
	*set = (file_set_t){ .files = NULL };
}

static int compare_paths(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Makes a set of copies of paths[0..count). */
static err_t set_init(file_set_t *set, const char *const *paths, size_t count)
{
	size_t kept = 0;

	*set = (file_set_t){ .files = calloc(count + 1, sizeof(*set->files)),
			     .paths = calloc(count + 1, sizeof(*set->paths)) };
	if (set->files == NULL || set->paths == NULL) {
		set_clear(set);
		return ERR_NOMEM;
	}
	for (set->count = 0; set->count < count; set->count++) {
		set->paths[set->count] = strdup(paths[set->count]);
		if (set->paths[set->count] == NULL) {
			set_clear(set);
			return ERR_NOMEM;
		}
	}
	qsort(set->paths, count, sizeof(*set->paths), compare_paths);
	for (size_t i = 0; i < count; i++) {
		if (kept > 0 && strcmp(set->paths[kept - 1], set->paths[i]) == 0)
			free(set->paths[i]);
		else
			set->paths[kept++] = set->paths[i];
	}
	set->count = kept;
	for (size_t i = 0; i < kept; i++)
		set->files[i].path = set->paths[i];
	return ERR_OK;
}

/* The place of a path in `set`, or SIZE_MAX. */
static size_t set_find(const file_set_t *set, const char *path)
{
	char *const *found = set->count == 0 ? NULL
					     : bsearch(&path, set->paths, set->count,
						       sizeof(*set->paths), compare_paths);

	return found == NULL ? SIZE_MAX : (size_t)(found - set->paths);
}

/* Has notices of the files of the set, if there are any. Without memory it is as without notices. */
static void watch_set(file_watch_t *watch, const file_set_t *set)
{
	const char *const *paths = (const char *const *)set->paths;

	if (watch->notices != NULL &&
	    file_notices_watch(watch->notices, paths, set->count) != ERR_OK)
		log_warning("not enough memory to watch %zu files", set->count);
}

/* Begins to watch the files of the set, those that `before` does not have as if new. */
static void set_begin(file_watch_t *watch, file_set_t *set, const file_set_t *before)
{
	watch_set(watch, set);
	for (size_t i = 0; i < set->count; i++) {
		watched_t *file = &set->files[i];
		size_t known = set_find(before, file->path);
		if (known == SIZE_MAX) {
			file_state_t state = file_state_get(file->path);
			settling_begin(&file->settling, &state, clock_monotonic_s(), time(NULL));
			file_tail_take(file->path, &file->tail);
			continue;
		}
		*file = before->files[known];
		file->path = set->paths[i];
	}
}

/* Takes in what has happened to a file, and looks at it. */
static void note(file_watch_t *watch, size_t number, settling_sign_t sign)
{
	watched_t *file = &watch->set.files[number];
	file_state_t state = file_state_get(file->path);

	(void)pthread_mutex_lock(&watch->lock);
	settling_note(&file->settling, sign, &state, clock_monotonic_s());
	(void)pthread_mutex_unlock(&watch->lock);
}

static void on_notice(void *watch, size_t number, settling_sign_t sign)
{
	note(watch, number, sign);
}

static void look_at_all(file_watch_t *watch)
{
	for (size_t i = 0; i < watch->set.count; i++)
		note(watch, i, SIGN_NONE);
}

static void read_notices(file_watch_t *watch)
{
	if (watch->notices == NULL)
		return;
	watch->held_until = clock_monotonic_s() + HOLD_S;
	if (!file_notices_read(watch->notices, on_notice, watch))
		return;
	watch_set(watch, &watch->set);
	look_at_all(watch);
}

/* Puts the set that was asked for in the place of the one there is. */
static void change_set(file_watch_t *watch, file_set_t *next)
{
	file_set_t before = watch->set;

	/* What is on its way belongs to the files of before. */
	read_notices(watch);
	set_begin(watch, next, &before);
	(void)pthread_mutex_lock(&watch->lock);
	watch->set = *next;
	(void)pthread_mutex_unlock(&watch->lock);
	set_clear(&before);
	/* A file may have changed between the load that was the reason for this and now. */
	watch->news_since = clock_monotonic_s();
}

static void wake_up(file_watch_t *watch)
{
	const uint64_t one = 1;

	(void)!write(watch->wake, &one, sizeof(one));
}

/* Does what the main thread asked for. Returns false at the end. */
static bool obey(file_watch_t *watch)
{
	(void)pthread_mutex_lock(&watch->lock);
	bool has_next_set = watch->has_next_set;
	bool must_look = watch->must_look;
	bool must_stop = watch->must_stop;
	file_set_t next_set = watch->next_set;
	watch->has_next_set = false;
	watch->must_look = false;
	if (has_next_set)
		watch->next_set = (file_set_t){ .files = NULL };
	(void)pthread_mutex_unlock(&watch->lock);

	if (has_next_set)
		change_set(watch, &next_set);
	if (must_look && !must_stop) {
		read_notices(watch);
		look_at_all(watch);
	}
	return !must_stop;
}

/* A file's pause is over: if nothing has happened meanwhile it is complete. */
static bool end_pause(file_watch_t *watch, size_t number, double now)
{
	watched_t *file = &watch->set.files[number];
	file_tail_t tail;

	note(watch, number, SIGN_NONE);
	(void)pthread_mutex_lock(&watch->lock);
	bool is_done = settling_end(&file->settling, now);
	(void)pthread_mutex_unlock(&watch->lock);
	if (!is_done)
		return false;
	file_tail_take(file->path, &tail);
	(void)pthread_mutex_lock(&watch->lock);
	file->tail = tail;
	(void)pthread_mutex_unlock(&watch->lock);
	file->overdue_at = 0;
	file->has_told_overdue = false;
	return true;
}

/* Asks whether a file that is written to all the time is to be read nevertheless. */
static bool is_overdue(watched_t *file, double now)
{
	double first = file->settling.unsettled + SETTLING_GROWN_MAX_S;

	if (file->overdue_at < first)
		file->overdue_at = first;
	if (now < file->overdue_at)
		return false;
	file->overdue_at = now + OVERDUE_S;
	if (!settling_is_overdue(&file->settling, file_tail_has_grown(file->path, &file->tail),
				 now))
		return false;
	if (!file->has_told_overdue)
		log_warning("%s: has been written to for %.0f seconds without a pause; it is read "
			    "as it is (better write a new file and rename it into place)",
			    file->path, now - file->settling.unsettled);
	file->has_told_overdue = true;
	return true;
}

static double sooner(double a, double b)
{
	return a < b ? a : b;
}

/* Sees which files are complete, and has the news sent. Returns when to do so again. */
static double settle(file_watch_t *watch)
{
	double now = clock_monotonic_s();
	double next = NEVER;
	bool has_replaced = false;
	bool has_read = false;

	for (size_t i = 0; i < watch->set.count; i++) {
		watched_t *file = &watch->set.files[i];
		if (file->settling.phase == SETTLING_DONE)
			continue;
		if (now >= settling_deadline(&file->settling)) {
			/* Or a look would find what a notice has told already. */
			if (!has_read)
				read_notices(watch);
			has_read = true;
		}
		bool is_news =
			(now >= settling_deadline(&file->settling) && end_pause(watch, i, now)) ||
			(file->settling.phase != SETTLING_DONE && is_overdue(file, now));
		if (is_news)
			watch->news_since = sooner(watch->news_since, now);
		if (file->settling.phase == SETTLING_DONE)
			continue;
		has_replaced |= file->settling.phase == SETTLING_REPLACED;
		next = sooner(next, settling_deadline(&file->settling));
		next = sooner(next, file->overdue_at);
	}
	if (watch->news_since == NEVER)
		return next;
	if (has_replaced && now < watch->news_since + GATHER_S)
		return sooner(next, watch->news_since + GATHER_S);
	watch->news_since = NEVER;
	ev_async_send(watch->setup.loop, &watch->news);
	return next;
}

/* Waits for notices, for orders, or until `until`. Returns whether there are notices. */
static bool await(file_watch_t *watch, double until)
{
	double now = clock_monotonic_s();
	bool is_held = watch->notices == NULL || now < watch->held_until;
	struct pollfd fds[] = {
		{ .fd = watch->wake, .events = POLLIN },
		{ .fd = is_held ? -1 : file_notices_fd(watch->notices), .events = POLLIN },
	};
	uint64_t count;

	if (is_held && watch->notices != NULL)
		until = sooner(until, watch->held_until);
	double wait_s = until > now ? until - now : 0;
	/* Rounded up: too early would be in vain. */
	int wait_ms = until == NEVER ? -1 : (int)sooner(wait_s * 1000 + 1, 1e9);
	if (poll(fds, COUNT_OF(fds), wait_ms) < 0)
		return false;
	if (fds[0].revents != 0)
		(void)!read(watch->wake, &count, sizeof(count));
	return fds[1].revents != 0;
}

static void *run(void *argument)
{
	file_watch_t *watch = argument;

	while (obey(watch))
		if (await(watch, settle(watch)))
			read_notices(watch);
	(void)pthread_mutex_lock(&watch->lock);
	watch->has_ended = true;
	(void)pthread_cond_signal(&watch->end);
	(void)pthread_mutex_unlock(&watch->lock);
	return NULL;
}

static void on_news(struct ev_loop *loop, ev_async *watcher, int events)
{
	file_watch_t *watch = watcher->data;

	(void)loop;
	(void)events;
	watch->setup.on_news(watch->setup.context);
}

/* Frees what the thread has left. */
static void destroy(file_watch_t *watch)
{
	ev_async_stop(watch->setup.loop, &watch->news);
	file_notices_free(watch->notices);
	set_clear(&watch->set);
	set_clear(&watch->next_set);
	if (watch->wake >= 0)
		close(watch->wake);
	(void)pthread_cond_destroy(&watch->end);
	(void)pthread_mutex_destroy(&watch->lock);
	free(watch);
}

err_t file_watch_new(const file_watch_setup_t *setup, const char *const *paths, size_t count,
		     file_watch_t **created)
{
	const file_set_t none = { .files = NULL };
	file_watch_t *watch = calloc(1, sizeof(*watch));

	if (watch == NULL)
		return ERR_NOMEM;
	watch->setup = *setup;
	watch->news_since = NEVER;
	(void)pthread_mutex_init(&watch->lock, NULL); /* these cannot fail on Linux */
	(void)pthread_cond_init(&watch->end, NULL);
	ev_async_init(&watch->news, on_news);
	watch->news.data = watch;
	ev_async_start(setup->loop, &watch->news);
	watch->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	err_t err = watch->wake >= 0 ? set_init(&watch->set, paths, count) : err_from_errno();
	if (err != ERR_OK) {
		destroy(watch);
		return err;
	}
	if (setup->has_notices)
		(void)!file_notices_new(&watch->notices);
	set_begin(watch, &watch->set, &none);
	*created = watch;
	return ERR_OK;
}

err_t file_watch_start(file_watch_t *watch)
{
	err_t err = thread_start(&watch->thread, "watch", 0, run, watch);

	watch->is_started = err == ERR_OK;
	return err;
}

err_t file_watch_set_files(file_watch_t *watch, const char *const *paths, size_t count)
{
	file_set_t set;

	err_t err = set_init(&set, paths, count);
	if (err != ERR_OK)
		return err;
	(void)pthread_mutex_lock(&watch->lock);
	set_clear(&watch->next_set);
	watch->next_set = set;
	watch->has_next_set = true;
	(void)pthread_mutex_unlock(&watch->lock);
	wake_up(watch);
	return ERR_OK;
}

void file_watch_look(file_watch_t *watch)
{
	(void)pthread_mutex_lock(&watch->lock);
	watch->must_look = true;
	(void)pthread_mutex_unlock(&watch->lock);
	wake_up(watch);
}

bool file_watch_may_read(void *context, const char *path, const file_state_t *state)
{
	file_watch_t *watch = context;
	double now = clock_monotonic_s();
	settling_t settling;
	file_tail_t tail;

	if (!watch->is_started)
		return true; /* there would never be news */
	(void)pthread_mutex_lock(&watch->lock);
	size_t number = set_find(&watch->set, path);
	if (number != SIZE_MAX) {
		settling = watch->set.files[number].settling;
		tail = watch->set.files[number].tail;
	}
	(void)pthread_mutex_unlock(&watch->lock);
	if (number == SIZE_MAX || settling_is_complete(&settling, state))
		return true;
	/* Asks no disk unless it matters. */
	return settling_is_overdue(&settling, true, now) &&
	       settling_is_overdue(&settling, file_tail_has_grown(path, &tail), now);
}

bool file_watch_free(file_watch_t *watch)
{
	struct timespec deadline;
	int code = 0;

	if (watch == NULL)
		return true;
	if (watch->is_started) {
		clock_gettime(CLOCK_REALTIME, &deadline);
		deadline.tv_sec += END_S;
		(void)pthread_mutex_lock(&watch->lock);
		watch->must_stop = true;
		wake_up(watch);
		while (!watch->has_ended && code == 0)
			code = pthread_cond_timedwait(&watch->end, &watch->lock, &deadline);
		bool has_ended = watch->has_ended;
		(void)pthread_mutex_unlock(&watch->lock);
		if (!has_ended) {
			pthread_detach(watch->thread);
			return false;
		}
		pthread_join(watch->thread, NULL);
	}
	destroy(watch);
	return true;
}
