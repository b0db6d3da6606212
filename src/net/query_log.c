/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "net/query_log.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/plural.h"
#include "net/message_counters.h"

struct query_log {
	const char *path; /* NULL: standard output */
	atomic_int fd;    /* -1: not open yet; once open its number stays */
	bool is_socket;   /* of standard output, as under systemd: cannot be opened anew */
	atomic_int error; /* errno of the last failure to write, 0: room for a part only */
	uint64_t reported;
};

/* Standard output by a description of its own, so that not waiting does not hold for others that
 * have the same terminal or pipe. */
static err_t take_stdout(query_log_t *log)
{
	const int flags = O_WRONLY | O_APPEND | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
	struct stat status;
	int fd;
	err_t err;

	log->is_socket = fstat(STDOUT_FILENO, &status) == 0 && S_ISSOCK(status.st_mode);
	fd = log->is_socket ? fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0)
			    : open("/proc/self/fd/1", flags);
	if (fd < 0) {
		err = err_from_errno();
		log_error("-l -: cannot write to standard output: %s", err_text(err));
		return err;
	}
	atomic_store(&log->fd, fd);
	return ERR_OK;
}

err_t query_log_new(const char *target, query_log_t **log)
{
	query_log_t *made = calloc(1, sizeof(*made));
	err_t err;

	if (made == NULL) {
		log_error("not enough memory");
		return ERR_NOMEM;
	}
	if (target[0] == '+')
		target++;
	made->path = target;
	atomic_init(&made->fd, -1);
	if (strcmp(target, "-") == 0) {
		made->path = NULL;
		err = take_stdout(made);
		if (err != ERR_OK) {
			free(made);
			return err;
		}
	}
	*log = made;
	return ERR_OK;
}

void query_log_free(query_log_t *log)
{
	if (log == NULL)
		return;
	if (log->fd >= 0)
		close(log->fd);
	free(log);
}

void query_log_open(query_log_t *log)
{
	/* Not waiting: not for a reader of a FIFO, nor, later, for room in it. */
	const int flags = O_WRONLY | O_CREAT | O_APPEND | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
	int old = atomic_load(&log->fd);
	int fd;

	if (log->path == NULL)
		return;
	fd = open(log->path, flags, 0644);
	if (fd < 0) {
		log_error("-l %s: cannot open the query log: %s%s; %s", log->path,
			  err_text(err_from_errno()),
			  errno == ENXIO ? " (a pipe that nobody reads)" : "",
			  old >= 0 ? "the old one stays in use" : "SIGHUP tries again");
	} else if (old < 0) {
		atomic_store(&log->fd, fd);
	} else {
		/* Fails only for reasons that would have kept it from being opened. */
		if (dup3(fd, old, O_CLOEXEC) < 0)
			log_error("-l %s: %s", log->path, err_text(err_from_errno()));
		close(fd);
	}
}

void query_log_report(query_log_t *log, uint64_t lost)
{
	int error = atomic_load_explicit(&log->error, memory_order_relaxed);

	if (lost == log->reported)
		return;
	log_error("query log: %" PRIu64 " line%s lost: %s", lost - log->reported,
		  plural(lost - log->reported),
		  error == EBADF    ? "it was not open"
		  : error == 0      ? "no room for more"
		  : error == EAGAIN ? "its reader is too slow"
				    : err_text((err_t)-error));
	log->reported = lost;
}

/* How many lines there are in text[0..size), a last one without its end included. */
static unsigned count_lines(const char *text, size_t size)
{
	unsigned lines = 0;

	for (size_t i = 0; i < size; i++)
		lines += text[i] == '\n';
	return lines + (size > 0 && text[size - 1] != '\n');
}

void query_log_flush(query_log_writer_t *writer)
{
	query_log_t *log = writer->log;
	size_t size = writer->used;
	/* No line begins with a newline: that one ends a torn one. */
	size_t kept = writer->text[0] == '\n';
	ssize_t done;
	int fd;

	if (size == 0)
		return;
	writer->used = 0;
	fd = atomic_load_explicit(&log->fd, memory_order_acquire);
	do {
		done = log->is_socket ? send(fd, writer->text, size, MSG_DONTWAIT | MSG_NOSIGNAL)
				      : write(fd, writer->text, size);
	} while (done < 0 && errno == EINTR);
	if (done == (ssize_t)size) {
		writer->is_torn = false;
		return;
	}
	atomic_store_explicit(&log->error, done < 0 ? errno : 0, memory_order_relaxed);
	if (done > 0) {
		writer->is_torn = writer->text[done - 1] != '\n';
		kept = (size_t)done;
	}
	counter_add(&writer->lines_lost, count_lines(writer->text + kept, size - kept));
}

void query_log_add(query_log_writer_t *writer, time_t now, const net_address_t *client,
		   const answer_packet_t *packet)
{
	if (sizeof(writer->text) - writer->used < QUERY_LINE_MAX + 1)
		query_log_flush(writer);
	if (writer->used == 0 && writer->is_torn)
		writer->text[writer->used++] = '\n';
	writer->used += query_line_write(now, client, packet, writer->text + writer->used);
}
