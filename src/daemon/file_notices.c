/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "daemon/file_notices.h"

#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"
#include "base/log.h"

/* What is asked of a directory that is only on the way: whether a name comes or goes. */
#define WAY_EVENTS (IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO)
/* And of one that files are in. Not of the files themselves: a watch there is one of the file that is
 * replaced, too, and who replaces a file is the common case. */
#define FILE_EVENTS (WAY_EVENTS | IN_MODIFY | IN_CLOSE_WRITE | IN_ATTRIB)

/* Most links on the way to a file; the kernel's limit for one path. */
#define LINKS_MAX 40
/* Bytes of notices read at once, and how often: who makes them faster does not keep us. */
#define BUFFER_SIZE (64u << 10)
#define READS_MAX   64

/* A name in a directory that matters for a file. */
typedef struct entry {
	int wd;           /* the directory */
	const char *name; /* the end of `path` */
	char *path;       /* owned */
	size_t file;
	bool is_last; /* this is the file, or a link to it, not a directory on the way */
	bool is_link;
} entry_t;

typedef struct table {
	entry_t *entries; /* by wd and name, once complete */
	size_t count;
	size_t capacity;
} table_t;

struct file_notices {
	int fd;
	table_t table;
	bool has_told_limit;
	bool has_told_denied;
	char *buffer;
};

static void table_clear(table_t *table)
{
	for (size_t i = 0; i < table->count; i++)
		free(table->entries[i].path);
	free(table->entries);
	*table = (table_t){ .entries = NULL };
}

static int compare_keys(int wd, const char *name, const entry_t *entry)
{
	return wd != entry->wd ? (wd > entry->wd) - (wd < entry->wd) : strcmp(name, entry->name);
}

static int compare_entries(const void *a, const void *b)
{
	const entry_t *x = a;
	const entry_t *y = b;
	int order = compare_keys(x->wd, x->name, y);

	return order != 0 ? order : (x->file > y->file) - (x->file < y->file);
}

/* Completes the table. Links in a circle lead past the same name again and again: each once. */
static void table_sort(table_t *table)
{
	size_t kept = 0;

	if (table->count > 0)
		qsort(table->entries, table->count, sizeof(*table->entries), compare_entries);
	for (size_t i = 0; i < table->count; i++) {
		entry_t *entry = &table->entries[i];
		if (kept > 0 && compare_entries(&table->entries[kept - 1], entry) == 0) {
			table->entries[kept - 1].is_last |= entry->is_last;
			table->entries[kept - 1].is_link |= entry->is_link;
			free(entry->path);
		} else {
			table->entries[kept++] = *entry;
		}
	}
	table->count = kept;
}

/* The first entry that does not come before `name` in `wd`. */
static size_t table_find(const table_t *table, int wd, const char *name)
{
	size_t low = 0;
	size_t high = table->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (compare_keys(wd, name, &table->entries[middle]) > 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Does the table have anything in the directory `wd`? No name is empty, so all come behind that. */
static bool table_has(const table_t *table, int wd)
{
	size_t at = table_find(table, wd, "");

	return at < table->count && table->entries[at].wd == wd;
}

err_t file_notices_new(file_notices_t **created)
{
	file_notices_t *notices = calloc(1, sizeof(*notices));
	err_t err = ERR_NOMEM;

	if (notices == NULL)
		return ERR_NOMEM;
	notices->fd = -1;
	notices->buffer = malloc(BUFFER_SIZE);
	if (notices->buffer != NULL) {
		notices->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
		err = notices->fd >= 0 ? ERR_OK : err_from_errno();
	}
	if (err == ERR_OK) {
		*created = notices;
		return ERR_OK;
	}
	log_warning("zone files cannot be watched: %s; changes are found by -c only%s",
		    err_text(err),
		    err == (err_t)-EMFILE ? " (raise fs.inotify.max_user_instances)" : "");
	file_notices_free(notices);
	return err;
}

void file_notices_free(file_notices_t *notices)
{
	if (notices == NULL)
		return;
	if (notices->fd >= 0)
		close(notices->fd);
	table_clear(&notices->table);
	free(notices->buffer);
	free(notices);
}

int file_notices_fd(const file_notices_t *notices)
{
	return notices->fd;
}

/* Says why a directory is not watched; each reason once. */
static void tell_trouble(file_notices_t *notices, const char *directory, bool is_last, err_t err)
{
	if (err == (err_t)-ENOSPC || err == ERR_NOMEM) {
		if (!notices->has_told_limit)
			log_warning("cannot watch %s: the system's limit is reached; changes of "
				    "some files are found by -c only (raise "
				    "fs.inotify.max_user_watches)",
				    directory);
		notices->has_told_limit = true;
	} else if (is_last && err != (err_t)-ENOENT && err != (err_t)-ENOTDIR) {
		if (!notices->has_told_denied)
			log_warning("cannot watch %s: %s; changes of the files in it are found by "
				    "-c only",
				    directory, err_text(err));
		notices->has_told_denied = true;
	}
}

/* On the way to a file. */
typedef struct way {
	file_notices_t *notices;
	table_t *table;
	size_t file;
	unsigned links;
	bool has_entry;      /* of the last name, the last one of the table */
	char at[PATH_MAX];   /* the directory that has been reached, without links in it */
	char rest[PATH_MAX]; /* what is still to go, from there */
} way_t;

/* Takes the next name off the rest. Returns it, or NULL at the end. */
static char *next_name(way_t *way, char name[NAME_MAX + 1])
{
	size_t skipped = strspn(way->rest, "/");
	size_t size = strcspn(way->rest + skipped, "/");
	const char *behind = way->rest + skipped + size;

	if (size == 0 || size > NAME_MAX)
		return NULL;
	memcpy(name, way->rest + skipped, size);
	name[size] = '\0';
	memmove(way->rest, behind, strlen(behind) + 1);
	return name;
}

/* Watches the directory that has been reached for `name`; `path` is both together. */
static err_t watch_name(way_t *way, const char *name, const char *path, bool is_last)
{
	uint32_t events = (is_last ? FILE_EVENTS : WAY_EVENTS) | IN_ONLYDIR | IN_EXCL_UNLINK;
	table_t *table = way->table;
	/* A directory may be one on the way, too. */
	int wd = inotify_add_watch(way->notices->fd, way->at, events | IN_MASK_ADD);

	if (wd < 0) {
		tell_trouble(way->notices, way->at, is_last, err_from_errno());
		way->has_entry = false;
		return ERR_OK;
	}
	way->has_entry = true;
	err_t err = array_reserve((void **)&table->entries, &table->capacity, table->count + 1,
				  sizeof(*table->entries));
	char *copy = err == ERR_OK ? strdup(path) : NULL;
	if (copy == NULL)
		return ERR_NOMEM;
	table->entries[table->count++] = (entry_t){
		.wd = wd,
		.path = copy,
		.name = copy + strlen(copy) - strlen(name),
		.file = way->file,
		.is_last = is_last,
	};
	return ERR_OK;
}

/* Turns off to where the link `path` leads. Returns false if that is nowhere. */
static bool turn_off(way_t *way, const char *target)
{
	char rest[PATH_MAX];
	int size = snprintf(rest, sizeof(rest), "%s/%s", target, way->rest);

	if (size < 0 || (size_t)size >= sizeof(rest) || ++way->links > LINKS_MAX)
		return false;
	memcpy(way->rest, rest, (size_t)size + 1);
	if (target[0] == '/')
		memcpy(way->at, "/", sizeof("/"));
	return true;
}

/* Goes one step. Sets `*goes_on` to whether there is another one. */
static err_t step(way_t *way, bool *goes_on)
{
	char name[NAME_MAX + 1];
	char path[PATH_MAX];
	char target[PATH_MAX];

	*goes_on = false;
	if (next_name(way, name) == NULL)
		return ERR_OK;
	bool is_last = way->rest[strspn(way->rest, "/")] == '\0';
	bool is_above = strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
	int size = snprintf(path, sizeof(path), "%s%s%s", way->at,
			    way->at[strlen(way->at) - 1] == '/' ? "" : "/", name);
	if (size < 0 || (size_t)size >= sizeof(path))
		return ERR_OK;
	/* Watched first, looked at afterwards: what comes between the two is told of. */
	err_t err = is_above ? ERR_OK : watch_name(way, name, path, is_last);
	if (err != ERR_OK)
		return err;
	ssize_t length = readlink(path, target, sizeof(target) - 1);
	if (length >= 0) {
		target[length] = '\0';
		if (way->has_entry)
			way->table->entries[way->table->count - 1].is_link = true;
		*goes_on = turn_off(way, target);
		return ERR_OK;
	}
	memcpy(way->at, path, (size_t)size + 1);
	*goes_on = !is_last;
	return ERR_OK;
}

/* Watches all that is on the way to a file, as far as there is one. */
static err_t watch_path(file_notices_t *notices, table_t *table, const char *path, size_t file)
{
	way_t way = { .notices = notices, .table = table, .file = file };
	size_t size = strlen(path) + 1;
	bool goes_on = true;
	err_t err = ERR_OK;

	if (size > sizeof(way.rest))
		return ERR_OK; /* no file can be there */
	memcpy(way.at, path[0] == '/' ? "/" : ".", 2);
	memcpy(way.rest, path, size);
	while (goes_on && err == ERR_OK)
		err = step(&way, &goes_on);
	return err;
}

err_t file_notices_watch(file_notices_t *notices, const char *const *paths, size_t count)
{
	table_t table = { .entries = NULL };
	err_t err = ERR_OK;

	for (size_t i = 0; i < count && err == ERR_OK; i++)
		err = watch_path(notices, &table, paths[i], i);
	if (err != ERR_OK) {
		table_clear(&table);
		return err;
	}
	table_sort(&table);
	for (size_t i = 0; i < notices->table.count; i++) {
		int wd = notices->table.entries[i].wd;
		bool is_first = i == 0 || notices->table.entries[i - 1].wd != wd;
		/* Fails if the directory is gone. */
		if (is_first && !table_has(&table, wd))
			(void)inotify_rm_watch(notices->fd, wd);
	}
	table_clear(&notices->table);
	notices->table = table;
	return ERR_OK;
}

/* What is there under the path of an entry. */
typedef enum kind {
	KIND_OTHER,
	KIND_LINK,
	KIND_SHARED, /* a file with another name beside this one */
} kind_t;

static kind_t kind_of(const entry_t *entry)
{
	struct stat st;

	if (lstat(entry->path, &st) != 0)
		return KIND_OTHER;
	if (S_ISLNK(st.st_mode))
		return KIND_LINK;
	return S_ISREG(st.st_mode) && st.st_nlink > 1 ? KIND_SHARED : KIND_OTHER;
}

/* A file's own events. Sets `*is_other_way` if it is a link now, or was one. */
static settling_sign_t file_sign(const entry_t *entry, uint32_t events, bool *is_other_way)
{
	*is_other_way = entry->is_link && (events & WAY_EVENTS) != 0;
	if ((events & (IN_CREATE | IN_MOVED_TO)) != 0) {
		kind_t kind = kind_of(entry);
		*is_other_way |= kind == KIND_LINK;
		if ((events & IN_MOVED_TO) != 0 || kind != KIND_OTHER)
			return SIGN_REPLACED;
		return SIGN_WRITTEN; /* made by being opened */
	}
	if ((events & IN_MODIFY) != 0)
		return SIGN_WRITTEN;
	return (events & IN_CLOSE_WRITE) != 0 ? SIGN_CLOSED : SIGN_TOUCHED;
}

/* Those of a directory or link on its way. */
static settling_sign_t way_sign(const entry_t *entry, uint32_t events, bool *is_other_way)
{
	*is_other_way = (events & WAY_EVENTS) != 0;
	if ((events & IN_MOVED_TO) != 0)
		return SIGN_REPLACED;
	return (events & IN_CREATE) != 0 && kind_of(entry) == KIND_LINK ? SIGN_REPLACED : SIGN_NONE;
}

/* Tells of one notice. Returns whether a way has changed. */
static bool tell(const table_t *table, const struct inotify_event *event, file_notices_told_t told,
		 void *context)
{
	const char *name = event->len > 0 ? event->name : "";
	bool has_other_way = false;

	/* The directory is gone, with its watch; or we have given it up. */
	if ((event->mask & IN_IGNORED) != 0)
		return table_has(table, event->wd);
	for (size_t i = table_find(table, event->wd, name);
	     i < table->count && compare_keys(event->wd, name, &table->entries[i]) == 0; i++) {
		const entry_t *entry = &table->entries[i];
		bool is_other_way = false;
		settling_sign_t sign = entry->is_last ? file_sign(entry, event->mask, &is_other_way)
						      : way_sign(entry, event->mask, &is_other_way);
		has_other_way |= is_other_way;
		told(context, entry->file, sign);
	}
	return has_other_way;
}

/* Notices have been lost. */
static void tell_all(const table_t *table, file_notices_told_t told, void *context)
{
	for (size_t i = 0; i < table->count; i++)
		if (table->entries[i].is_last)
			told(context, table->entries[i].file, SIGN_MISSED);
}

bool file_notices_read(file_notices_t *notices, file_notices_told_t told, void *context)
{
	bool has_other_way = false;

	for (unsigned reads = 0; reads < READS_MAX; reads++) {
		ssize_t got = read(notices->fd, notices->buffer, BUFFER_SIZE);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		for (const char *at = notices->buffer; at < notices->buffer + got;) {
			const struct inotify_event *event = (const void *)at;
			if ((event->mask & IN_Q_OVERFLOW) != 0) {
				log_info("notices of files were lost: all are looked at");
				tell_all(&notices->table, told, context);
				has_other_way = true;
			} else {
				has_other_way |= tell(&notices->table, event, told, context);
			}
			at += sizeof(*event) + event->len;
		}
	}
	return has_other_way;
}
