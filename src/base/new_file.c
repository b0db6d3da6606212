/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "base/new_file.h"

#include <fcntl.h>
#include <libgen.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Behind the name, for mkostemp. */
#define SUFFIX ".XXXXXX"

/* What ends a process, unless it is told otherwise: somebody's wish, or a terminal that is gone. */
static const int ends[] = { SIGINT, SIGTERM, SIGHUP };

/* What a signal's handler takes away. The signals are blocked while it is changed. */
static char leftover[PATH_MAX];

/* Only what POSIX allows a handler to do. */
static void clean_up(int signal_number)
{
	if (leftover[0] != '\0')
		unlink(leftover);
	(void)raise(signal_number); /* SA_RESETHAND: this time it ends the process */
}

void new_file_clean_up_on_signals(void)
{
	(void)signal(SIGXFSZ, SIG_IGN); /* a limit on sizes is an error like a full disk */
	for (size_t i = 0; i < COUNT_OF(ends); i++) {
		struct sigaction action = { .sa_handler = clean_up, .sa_flags = (int)SA_RESETHAND };
		struct sigaction before;

		(void)sigaction(ends[i], &action, &before);
		if (before.sa_handler == SIG_IGN)
			(void)sigaction(ends[i], &before, NULL);
	}
}

/* Keeps the signals away, so that no temporary file is there that they do not know of. */
static void block_signals(sigset_t *before)
{
	sigset_t blocked;

	(void)sigemptyset(&blocked);
	for (size_t i = 0; i < COUNT_OF(ends); i++)
		(void)sigaddset(&blocked, ends[i]);
	(void)pthread_sigmask(SIG_BLOCK, &blocked, before);
}

/* Makes a file of its own name in file->temporary, and returns its descriptor, or -1 with errno set. */
static int make_temporary(new_file_t *file)
{
	sigset_t before;
	int fd;

	block_signals(&before);
	fd = mkostemp(file->temporary, O_CLOEXEC);
	if (fd >= 0)
		memcpy(leftover, file->temporary, sizeof(leftover));
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	return fd;
}

static void remove_temporary(const new_file_t *file)
{
	unlink(file->temporary);
	leftover[0] = '\0';
}

/* What a file of this process may be for others. */
static mode_t usual_mode(void)
{
	mode_t mask = umask(0);

	umask(mask);
	return 0666 & ~mask;
}

/* Writes to what is there already, or is no plain file. */
static err_t open_as_it_is(new_file_t *file)
{
	file->temporary[0] = '\0';
	file->out = fopen(file->path, "we");
	return file->out != NULL ? ERR_OK : err_from_errno();
}

/* Has the temporary file belong to whom the one before does, as far as that is allowed, and gives it its mode. */
static bool resemble(int fd, const struct stat *before)
{
	if (before != NULL && fchown(fd, before->st_uid, before->st_gid) != 0) {
		/* Only root gives files away; whoever owns one may still give it to a group of theirs. */
		int ignored = fchown(fd, (uid_t)-1, before->st_gid);
		(void)ignored;
	}
	return fchmod(fd, before != NULL ? before->st_mode & 0777 : usual_mode()) == 0;
}

/* `before` is what is there now, NULL: nothing. */
static err_t open_temporary(new_file_t *file, const struct stat *before)
{
	int length = snprintf(file->temporary, PATH_MAX, "%s%s", file->path, SUFFIX);
	int fd;
	err_t err;

	if (length >= PATH_MAX)
		return ERR_NO_SPACE;
	fd = make_temporary(file);
	if (fd < 0)
		return err_from_errno();
	file->out = resemble(fd, before) ? fdopen(fd, "w") : NULL;
	if (file->out != NULL)
		return ERR_OK;
	err = err_from_errno();
	close(fd);
	remove_temporary(file);
	return err;
}

err_t new_file_begin(new_file_t *file, const char *path)
{
	struct stat status;

	file->out = NULL;
	if (realpath(path, file->path) == NULL &&
	    snprintf(file->path, PATH_MAX, "%s", path) >= PATH_MAX)
		return ERR_NO_SPACE;
	if (stat(file->path, &status) != 0)
		return open_temporary(file, NULL);
	if (!S_ISREG(status.st_mode))
		return open_as_it_is(file);
	return open_temporary(file, &status);
}

/* Has the directory that `path` is in reach the disk, so that the name does. */
static bool is_directory_synced(const char *path)
{
	char directory[PATH_MAX];
	bool is_synced;
	int fd;

	snprintf(directory, sizeof(directory), "%s", path);
	fd = open(dirname(directory), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return false;
	/* EINVAL: a file system whose directories need no such thing. */
	is_synced = fsync(fd) == 0 || errno == EINVAL;
	close(fd);
	return is_synced;
}

/* Ends writing, with what went wrong so far. */
static err_t close_out(new_file_t *file)
{
	err_t err = fflush(file->out) == 0 && ferror(file->out) == 0 ? ERR_OK : err_from_errno();

	/* Before it is renamed: else a power cut could leave the name with nothing behind it. */
	if (err == ERR_OK && file->temporary[0] != '\0' && fsync(fileno(file->out)) != 0)
		err = err_from_errno();
	if (fclose(file->out) != 0 && err == ERR_OK)
		err = err_from_errno();
	file->out = NULL;
	return err;
}

err_t new_file_end(new_file_t *file)
{
	err_t err = close_out(file);

	if (file->temporary[0] == '\0')
		return err;
	if (err == ERR_OK && rename(file->temporary, file->path) != 0)
		err = err_from_errno();
	if (err != ERR_OK) {
		remove_temporary(file);
		return err;
	}
	leftover[0] = '\0';
	return is_directory_synced(file->path) ? ERR_OK : ERR_NOT_SYNCED;
}

void new_file_abandon(new_file_t *file)
{
	fclose(file->out);
	file->out = NULL;
	if (file->temporary[0] != '\0')
		remove_temporary(file);
}

err_t new_file_check(const char *path)
{
	new_file_t file;
	err_t err = new_file_begin(&file, path);

	if (err == ERR_OK)
		new_file_abandon(&file);
	return err;
}
