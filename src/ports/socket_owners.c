/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "ports/socket_owners.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "base/log.h"

/* Bytes of "/proc/4194304/comm". */
#define PATH_LENGTH 32
/* Bytes of "socket:[18446744073709551615]". */
#define LINK_LENGTH 40

/* The search for owners. */
typedef struct search {
	const udp_table_t *table;
	socket_owners_t *owners;
} search_t;

static int compare_entry(const void *one, const void *other)
{
	const uint64_t *inode = one;
	const udp_entry_t *entry = other;

	return *inode < entry->inode ? -1 : *inode > entry->inode;
}

/* Is the socket `inode` one of those that are looked for? The table is in the order of the inodes. */
static bool is_wanted(const udp_table_t *table, uint64_t inode)
{
	return inode != 0 && table->count > 0 &&
	       bsearch(&inode, table->entries, table->count, sizeof(*table->entries),
		       compare_entry) != NULL;
}

static int compare(const void *one, const void *other)
{
	const socket_owner_t *a = one, *b = other;

	if (a->inode != b->inode)
		return a->inode < b->inode ? -1 : 1;
	return a->pid < b->pid ? -1 : a->pid > b->pid;
}

/* Reads the name of a process; "" if it has ended. */
static void read_name(pid_t pid, char name[SOCKET_OWNER_NAME])
{
	char path[PATH_LENGTH];
	FILE *in;

	name[0] = '\0';
	snprintf(path, sizeof(path), "/proc/%d/comm", (int)pid);
	in = fopen(path, "re");
	if (in == NULL)
		return;
	if (fgets(name, SOCKET_OWNER_NAME, in) == NULL)
		name[0] = '\0';
	name[strcspn(name, "\n")] = '\0';
	fclose(in);
}

/* Looks at one open file of a process. */
static err_t look_at(search_t *search, DIR *files, const char *number, socket_owner_t *owner)
{
	socket_owners_t *owners = search->owners;
	char target[LINK_LENGTH];
	ssize_t length = readlinkat(dirfd(files), number, target, sizeof(target) - 1);

	if (length < 0) {
		if (errno == EACCES || errno == EPERM)
			owners->is_partial = true;
		return ERR_OK;
	}
	target[length] = '\0';
	if (sscanf(target, "socket:[%" SCNu64 "]", &owner->inode) != 1 ||
	    !is_wanted(search->table, owner->inode))
		return ERR_OK;
	if (owner->name[0] == '\0')
		read_name(owner->pid, owner->name);
	err_t err = array_reserve((void **)&owners->owners, &owners->capacity, owners->count + 1,
				  sizeof(*owner));
	if (err == ERR_OK)
		owners->owners[owners->count++] = *owner;
	return err;
}

/* Looks at all open files of a process. One that ends meanwhile has none. */
static err_t look_into(search_t *search, pid_t pid)
{
	socket_owner_t owner = { .pid = pid };
	char path[PATH_LENGTH];
	const struct dirent *file;
	err_t err = ERR_OK;

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
	DIR *files = opendir(path);
	if (files == NULL) {
		if (errno == EACCES || errno == EPERM)
			search->owners->is_partial = true;
		return errno == EMFILE || errno == ENFILE || errno == ENOMEM ? err_from_errno()
									     : ERR_OK;
	}
	while (err == ERR_OK && (file = readdir(files)) != NULL) {
		if (file->d_name[0] != '.')
			err = look_at(search, files, file->d_name, &owner);
	}
	closedir(files);
	return err;
}

/* Brings the owners in order, each pair of a process and a socket once, whatever number of descriptors the
 * process has of it. */
static void put_in_order(socket_owners_t *owners)
{
	size_t kept = 0;

	if (owners->count == 0)
		return;
	qsort(owners->owners, owners->count, sizeof(*owners->owners), compare);
	for (size_t i = 1; i < owners->count; i++) {
		if (compare(&owners->owners[i], &owners->owners[kept]) != 0)
			owners->owners[++kept] = owners->owners[i];
	}
	owners->count = kept + 1;
}

err_t socket_owners_find(const udp_table_t *table, socket_owners_t *owners)
{
	search_t search = { table, owners };
	const struct dirent *process;
	err_t err = ERR_OK;
	DIR *processes = opendir("/proc");

	if (processes == NULL)
		err = err_from_errno();
	/* Where /proc hides other users' processes (hidepid), they are not even refused. */
	owners->is_partial = geteuid() != 0;
	while (err == ERR_OK && (process = readdir(processes)) != NULL) {
		char *end;
		long pid = strtol(process->d_name, &end, 10);

		if (pid > 0 && *end == '\0')
			err = look_into(&search, (pid_t)pid);
	}
	if (processes != NULL)
		closedir(processes);
	if (err != ERR_OK)
		log_error("cannot look for processes in /proc: %s", err_text(err));
	put_in_order(owners);
	return err;
}

void socket_owners_free(socket_owners_t *owners)
{
	free(owners->owners);
	*owners = (socket_owners_t){ 0 };
}

const socket_owner_t *socket_owners_of(const socket_owners_t *owners, uint64_t inode, size_t *count)
{
	size_t low = 0, high = owners->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (owners->owners[middle].inode < inode)
			low = middle + 1;
		else
			high = middle;
	}
	for (*count = 0; low + *count < owners->count; (*count)++) {
		if (owners->owners[low + *count].inode != inode)
			break;
	}
	return *count > 0 ? owners->owners + low : NULL;
}
