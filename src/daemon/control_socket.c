/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "daemon/control_socket.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "daemon/control.h"

/* What bind() may not give to a file: all but what its owner and group need, to read and write. */
#define SOCKET_UMASK (S_IXUSR | S_IXGRP | S_IRWXO)
/* Another spurnd that is just looking whether the socket is free has done so in microseconds. */
#define LOCK_TRIES   100
#define LOCK_WAIT_NS 10000000

/* Splits `path` in place of `directory`, in which `name` is. */
static bool split(const char *path, struct sockaddr_un *address, char *directory, const char **name)
{
	const char *slash = strrchr(path, '/');
	size_t size = strlen(path);

	*name = slash != NULL ? slash + 1 : path;
	if (**name == '\0') {
		log_error("--control %s: this is a directory; name the socket, as in "
			  "--control " CONTROL_SOCKET_PATH,
			  path);
		return false;
	}
	if (size >= sizeof(address->sun_path)) {
		log_error("--control %s: a socket's path has at most %zu bytes, this one has %zu",
			  path, sizeof(address->sun_path) - 1, size);
		return false;
	}
	*address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	memcpy(address->sun_path, path, size + 1);
	if (slash == NULL)
		strcpy(directory, ".");
	else if (slash == path)
		strcpy(directory, "/");
	else
		snprintf(directory, sizeof(address->sun_path), "%.*s", (int)(slash - path), path);
	return true;
}

/* Gives the file or directory to the user that we become. Not by its name: who may write to the
 * directory could have put a link there. */
static bool give(int directory, const char *name, mode_t type, const identity_t *identity)
{
	int fd = openat(directory, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct stat status;
	bool is_given = fd >= 0 && fstat(fd, &status) == 0 && (status.st_mode & S_IFMT) == type &&
			fchownat(fd, "", identity->uid, identity->gid, AT_EMPTY_PATH) == 0;
	int error = errno;

	if (fd >= 0)
		close(fd);
	errno = error;
	return is_given;
}

/* Opens the directory, which is made if need be. Returns -1 on failure, with errno. */
static int open_directory(const char *path, const identity_t *identity)
{
	const int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
	int fd = open(path, flags);

	if (fd >= 0 || errno != ENOENT || mkdir(path, 0755) != 0)
		return fd;
	if (identity->must_change && !give(AT_FDCWD, path, S_IFDIR, identity))
		return -1;
	return open(path, flags);
}

/* Two that start at the same moment shall not take each other's socket for a stale one. */
static bool lock(int directory)
{
	const struct timespec wait = { .tv_nsec = LOCK_WAIT_NS };

	for (unsigned tries = 0; flock(directory, LOCK_EX | LOCK_NB) != 0; tries++) {
		if (errno != EWOULDBLOCK || tries == LOCK_TRIES)
			return false;
		nanosleep(&wait, NULL);
	}
	return true;
}

/* Is there somebody who listens? If it is neither that nor the opposite, `*err` says why. */
static bool is_in_use(const struct sockaddr_un *address, err_t *err)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	bool is_used = false;

	*err = ERR_OK;
	/* EAGAIN: more clients than it lets in at the moment. */
	if (fd < 0 || connect(fd, (const struct sockaddr *)address, sizeof(*address)) != 0) {
		is_used = errno == EAGAIN;
		if (errno != EAGAIN && errno != ECONNREFUSED && errno != ENOENT)
			*err = err_from_errno();
	} else {
		is_used = true;
	}
	if (fd >= 0)
		close(fd);
	return is_used;
}

/* Takes a socket away that nobody listens to. Returns an errno value if there is anything else. */
static err_t make_room(const struct sockaddr_un *address, int directory, const char *name)
{
	struct stat status;
	err_t err;

	if (fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) != 0)
		return errno == ENOENT ? ERR_OK : err_from_errno();
	if (!S_ISSOCK(status.st_mode))
		return (err_t)-EEXIST;
	if (is_in_use(address, &err))
		return (err_t)-EADDRINUSE;
	if (err != ERR_OK)
		return err;
	return unlinkat(directory, name, 0) == 0 ? ERR_OK : err_from_errno();
}

/* Makes the socket and its file, and looks at it. */
static err_t make_socket(const struct sockaddr_un *address, const identity_t *identity,
			 control_socket_t *made)
{
	/* From its first moment on nobody else can open it. */
	mode_t mask = umask(SOCKET_UMASK);
	struct stat status;
	err_t err = ERR_OK;

	made->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (made->listener < 0 ||
	    bind(made->listener, (const struct sockaddr *)address, sizeof(*address)) != 0 ||
	    (identity->must_change && !give(made->directory, made->name, S_IFSOCK, identity)) ||
	    listen(made->listener, CONTROL_BACKLOG) != 0 ||
	    fstatat(made->directory, made->name, &status, AT_SYMLINK_NOFOLLOW) != 0)
		err = err_from_errno();
	umask(mask);
	if (err == ERR_OK) {
		made->device = status.st_dev;
		made->inode = status.st_ino;
	}
	return err;
}

static const char *reason(err_t err)
{
	if (err == (err_t)-EADDRINUSE)
		return "another spurnd listens there";
	if (err == (err_t)-EEXIST)
		return "there is something that is no socket, and that is left alone";
	return err_text(err);
}

static err_t make(const char *path, const identity_t *identity, control_socket_t *made)
{
	struct sockaddr_un address;
	char directory[sizeof(address.sun_path)];
	err_t err = ERR_OK;

	if (!split(path, &address, directory, &made->name))
		return ERR_INVAL;
	made->directory = open_directory(directory, identity);
	if (made->directory < 0 || !lock(made->directory))
		err = err_from_errno();
	if (err == ERR_OK)
		err = make_room(&address, made->directory, made->name);
	if (err == ERR_OK)
		err = make_socket(&address, identity, made);
	if (made->directory >= 0)
		(void)flock(made->directory, LOCK_UN);
	if (err != ERR_OK)
		log_error("--control %s: cannot make this socket: %s", path, reason(err));
	return err;
}

const char *control_socket_path(const char *path, const identity_t *identity)
{
	if (path == NULL)
		return identity->must_change ? CONTROL_SOCKET_PATH : NULL;
	return strcmp(path, CONTROL_SOCKET_OFF) != 0 ? path : NULL;
}

err_t control_socket_open(const char *path, const identity_t *identity, bool is_confined,
			  control_socket_t *made)
{
	const char *wanted = control_socket_path(path, identity);
	err_t err;

	*made = CONTROL_SOCKET_NONE;
	if (wanted == NULL)
		return ERR_OK;
	err = make(wanted, identity, made);
	if (err != ERR_OK) {
		made->inode = 0;
		control_socket_close(made);
	} else if (is_confined) {
		close(made->directory);
		made->directory = -1;
	}
	if (err == ERR_OK || path != NULL)
		return err;
	log_warning(
		"going on without a control socket: spurn status, reload, stop and the like "
		"will not work (--control PATH names another one, --control none does without)");
	return ERR_OK;
}

/* Looks at the file of the socket, which is there, and gives it to the user. */
static err_t adopt(const char *path, const identity_t *identity, control_socket_t *made)
{
	struct sockaddr_un address;
	char directory[sizeof(address.sun_path)];
	struct stat status;
	err_t err = ERR_OK;

	if (!split(path, &address, directory, &made->name))
		return ERR_INVAL;
	made->directory = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (made->directory < 0 ||
	    (identity->must_change && !give(made->directory, made->name, S_IFSOCK, identity)) ||
	    fstatat(made->directory, made->name, &status, AT_SYMLINK_NOFOLLOW) != 0)
		err = err_from_errno();
	if (err == ERR_OK) {
		made->device = status.st_dev;
		made->inode = status.st_ino;
	} else {
		log_error("--control %s: cannot use the socket of the running spurnd: %s", path,
			  err_text(err));
	}
	return err;
}

err_t control_socket_inherit(const char *path, const identity_t *identity, bool is_confined,
			     int listener, control_socket_t *made)
{
	err_t err;

	*made = CONTROL_SOCKET_NONE;
	made->listener = listener;
	err = adopt(path, identity, made);
	if (err != ERR_OK) {
		control_socket_leave(made);
	} else if (is_confined) {
		close(made->directory);
		made->directory = -1;
	}
	return err;
}

void control_socket_leave(control_socket_t *made)
{
	made->inode = 0;
	control_socket_close(made);
}

void control_socket_close(control_socket_t *made)
{
	struct stat status;

	if (made->directory >= 0 && made->inode != 0 &&
	    fstatat(made->directory, made->name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
	    status.st_dev == made->device && status.st_ino == made->inode)
		(void)unlinkat(made->directory, made->name, 0);
	if (made->directory >= 0)
		close(made->directory);
	if (made->listener >= 0)
		close(made->listener);
	*made = CONTROL_SOCKET_NONE;
}
