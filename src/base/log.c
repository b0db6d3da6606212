/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "base/log.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <syslog.h>
#include <unistd.h>

/* Bytes of one message before escaping; the rest is cut. A path of PATH_MAX would be twice
 * that, but such a line helps nobody, and it lies on the stack of every thread that logs. */
#define LOG_MESSAGE_MAX 2048
/* Bytes before a message: what clears a progress line and the program's name. */
#define LOG_PREFIX_MAX 128
/* Every byte of a message may become \ddd; a newline ends the line. */
#define LOG_LINE_MAX (LOG_PREFIX_MAX + 4 * LOG_MESSAGE_MAX + 2)
/* Columns of a terminal that does not tell. */
#define LOG_COLUMNS 80

/* Return to the first column and clear to the end of the line (ECMA-48 EL), without a NUL. */
#define LOG_CLEAR_LINE "\r\033[K"

static const char *log_program = "spurn";
static bool log_is_syslog;
static log_level_t log_least = LOG_LEVEL_INFO;

/* Where this thread's next error goes, too; NULL: nowhere. */
static _Thread_local char *log_kept;
static _Thread_local size_t log_kept_size;

/* Keeps a message from coming between another's reading and clearing of the progress line. */
static pthread_mutex_t log_mutex = PTHREAD_MUTEX_INITIALIZER;
static bool log_has_progress; /* the cursor stands behind a progress line; under log_mutex */

void log_to_syslog(const char *program, int facility)
{
	log_program = program;
	log_is_syslog = true;
	/* Connect now: later the process may sit in a chroot without /dev/log. */
	openlog(program, LOG_PID | LOG_NDELAY, facility);
}

void log_set_program(const char *program)
{
	log_program = program;
}

void log_set_level(log_level_t least)
{
	log_least = least;
}

void log_keep_error(char *text, size_t size)
{
	text[0] = '\0';
	log_kept = text;
	log_kept_size = size;
}

void log_end_keeping(void)
{
	log_kept = NULL;
}

/* Appends `text` to the string in line[0..LOG_LINE_MAX), control characters as \ddd. `line` has
 * room for any LOG_MESSAGE_MAX bytes so written. */
static void append_escaped(char *line, const char *text)
{
	size_t used = strlen(line);

	for (; *text != '\0' && used + sizeof("\\ddd\n") <= LOG_LINE_MAX; text++) {
		unsigned char byte = (unsigned char)*text;

		if (byte < 0x20 || byte == 0x7f) {
			line[used++] = '\\';
			line[used++] = (char)('0' + byte / 100);
			line[used++] = (char)('0' + byte / 10 % 10);
			line[used++] = (char)('0' + byte % 10);
		} else {
			line[used++] = (char)byte;
		}
	}
	line[used] = '\0';
}

/* Writes all of `line` to stderr. A stderr that cannot be written to leaves nobody to tell. */
static void write_line(const char *line)
{
	size_t left = strlen(line);

	while (left > 0) {
		ssize_t done = write(STDERR_FILENO, line, left);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return;
		line += done;
		left -= (size_t)done;
	}
}

/* The message into text[0..LOG_MESSAGE_MAX), one that was cut ending in "...". */
static void ATTR_PRINTF(2, 0) format_message(char *text, const char *format, va_list arguments)
{
	int length = vsnprintf(text, LOG_MESSAGE_MAX, format, arguments);

	if (length < 0)
		snprintf(text, LOG_MESSAGE_MAX, "(message could not be formatted)");
	else if (length >= LOG_MESSAGE_MAX)
		memcpy(text + LOG_MESSAGE_MAX - sizeof("..."), "...", sizeof("..."));
}

static void ATTR_PRINTF(2, 0) log_message(log_level_t level, const char *format, va_list arguments)
{
	static const int syslog_priority[] = {
		[LOG_LEVEL_ERROR] = LOG_ERR,
		[LOG_LEVEL_WARNING] = LOG_WARNING,
		[LOG_LEVEL_INFO] = LOG_INFO,
	};
	int saved_errno = errno; /* so that a caller may log before it looks at errno */
	char text[LOG_MESSAGE_MAX];
	char line[LOG_LINE_MAX];

	if (level > log_least)
		return;
	format_message(text, format, arguments);
	if (level == LOG_LEVEL_ERROR && log_kept != NULL) {
		(void)snprintf(log_kept, log_kept_size, "%s", text);
		log_kept = NULL;
	}
	line[0] = '\0';
	if (log_is_syslog) {
		append_escaped(line, text);
		syslog(syslog_priority[level], "%s", line);
		errno = saved_errno;
		return;
	}
	pthread_mutex_lock(&log_mutex);
	snprintf(line, LOG_PREFIX_MAX, "%s%s: ", log_has_progress ? LOG_CLEAR_LINE : "",
		 log_program);
	log_has_progress = false;
	append_escaped(line, text);
	strcat(line, "\n"); /* append_escaped left room */
	write_line(line);
	pthread_mutex_unlock(&log_mutex);
	errno = saved_errno;
}

void log_error(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	log_message(LOG_LEVEL_ERROR, format, arguments);
	va_end(arguments);
}

void log_warning(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	log_message(LOG_LEVEL_WARNING, format, arguments);
	va_end(arguments);
}

void log_info(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	log_message(LOG_LEVEL_INFO, format, arguments);
	va_end(arguments);
}

void log_progress(const char *format, ...)
{
	int saved_errno = errno;
	struct winsize window = { .ws_col = 0 };
	size_t columns = LOG_COLUMNS;
	char text[LOG_MESSAGE_MAX];
	char line[LOG_LINE_MAX] = LOG_CLEAR_LINE;
	va_list arguments;

	if (!log_is_syslog && LOG_LEVEL_INFO <= log_least && isatty(STDERR_FILENO)) {
		va_start(arguments, format);
		format_message(text, format, arguments);
		va_end(arguments);
		append_escaped(line, text);
		/* A line that wraps could not be cleared. */
		if (ioctl(STDERR_FILENO, TIOCGWINSZ, &window) == 0 && window.ws_col > 0)
			columns = window.ws_col;
		if (sizeof(LOG_CLEAR_LINE) - 1 + columns - 1 < sizeof(line))
			line[sizeof(LOG_CLEAR_LINE) - 1 + columns - 1] = '\0';
		pthread_mutex_lock(&log_mutex);
		write_line(line);
		log_has_progress = true;
		pthread_mutex_unlock(&log_mutex);
	}
	errno = saved_errno;
}
