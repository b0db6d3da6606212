/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "daemon/pidfile.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"

/* Bytes of a process number with its newline, NUL included. */
#define NUMBER_TEXT_MAX 24

/* The text that the file holds: our number on a line. Returns its length. */
static size_t own_number(char text[NUMBER_TEXT_MAX])
{
	return (size_t)snprintf(text, NUMBER_TEXT_MAX, "%ld\n", (long)getpid());
}

/* Opens the directory that `path` is in, and finds the file's name there. */
static void find_directory(const char *path, pidfile_t *pidfile)
{
	const char *slash = strrchr(path, '/');
	char directory[4096];

	pidfile->name = slash != NULL ? slash + 1 : path;
	if (slash == NULL)
		snprintf(directory, sizeof(directory), ".");
	else /* with the slash, which names the directory as well, and the root too */
		snprintf(directory, sizeof(directory), "%.*s", (int)(slash + 1 - path), path);
	/* Without it the file is emptied instead of removed. */
	pidfile->directory = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

/* Says why the file is no good, and lets go of it. */
static err_t fail(pidfile_t *pidfile, err_t err)
{
	log_error("-p %s: cannot write this file: %s", pidfile->path,
		  err == (err_t)-ELOOP ? "it is a symbolic link" : err_text(err));
	pidfile_leave(pidfile);
	return err;
}

err_t pidfile_open(const char *path, pidfile_t *pidfile)
{
	/* Not blocking: it may be a FIFO that nobody reads. */
	const int flags = O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;

	*pidfile = PIDFILE_NONE;
	pidfile->path = path;
	pidfile->file = open(path, flags);
	if (pidfile->file < 0 && errno == ENOENT) {
		pidfile->is_new = true;
		pidfile->is_made = true;
		pidfile->file = open(path, flags | O_CREAT, 0644);
	}
	if (pidfile->file < 0)
		return fail(pidfile, err_from_errno());
	find_directory(path, pidfile);
	return ERR_OK;
}

err_t pidfile_write(pidfile_t *pidfile)
{
	char text[NUMBER_TEXT_MAX];
	size_t size = own_number(text);
	struct stat status;

	if (pidfile->file < 0)
		return ERR_OK;
	/* From the beginning, also if it is not the first time; what is no file has none. */
	(void)!lseek(pidfile->file, 0, SEEK_SET);
	/* Written first and then cut: whoever looks meanwhile finds a number on the first line. */
	if (fstat(pidfile->file, &status) == 0 &&
	    write(pidfile->file, text, size) == (ssize_t)size &&
	    (!S_ISREG(status.st_mode) || ftruncate(pidfile->file, (off_t)size) == 0)) {
		pidfile->is_new = false;
		return ERR_OK;
	}
	return fail(pidfile, err_from_errno());
}

/* Is what the file holds still ours? Another spurnd may have been started since. */
static bool is_own(const pidfile_t *pidfile)
{
	char expected[NUMBER_TEXT_MAX];
	char found[NUMBER_TEXT_MAX];
	size_t size = pidfile->is_new ? 0 : own_number(expected);
	struct stat status;

	return fstat(pidfile->file, &status) == 0 && S_ISREG(status.st_mode) &&
	       pread(pidfile->file, found, sizeof(found), 0) == (ssize_t)size &&
	       memcmp(found, expected, size) == 0;
}

void pidfile_reclaim(pidfile_t *pidfile)
{
	struct stat status;

	if (pidfile->file >= 0 && fstat(pidfile->file, &status) == 0 && S_ISREG(status.st_mode) &&
	    !is_own(pidfile))
		(void)!pidfile_write(pidfile);
}

/* Is what stands in the directory under this name the file that we have open? */
static bool is_in_place(const pidfile_t *pidfile)
{
	struct stat ours;
	struct stat there;

	return fstat(pidfile->file, &ours) == 0 &&
	       fstatat(pidfile->directory, pidfile->name, &there, AT_SYMLINK_NOFOLLOW) == 0 &&
	       ours.st_dev == there.st_dev && ours.st_ino == there.st_ino;
}

void pidfile_remove(pidfile_t *pidfile)
{
	if (pidfile->file >= 0 && is_own(pidfile) &&
	    (pidfile->directory < 0 || !is_in_place(pidfile) ||
	     unlinkat(pidfile->directory, pidfile->name, 0) != 0)) {
		/* What cannot be emptied either stays: rbldnsd always leaves its own behind. */
		(void)!ftruncate(pidfile->file, 0);
	}
	pidfile_leave(pidfile);
}

void pidfile_leave(pidfile_t *pidfile)
{
	if (pidfile->file >= 0)
		close(pidfile->file);
	if (pidfile->directory >= 0)
		close(pidfile->directory);
	*pidfile = PIDFILE_NONE;
}
