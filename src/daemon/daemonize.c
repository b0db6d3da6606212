/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "daemon/daemonize.h"

#include <fcntl.h>
#include <stdbool.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <syslog.h>
#include <unistd.h>

#include "base/log.h"
#include "daemon/exit_status.h"
#include "daemon/notify.h"

/* What the child tells its parent, a byte each. */
#define TOLD_ENTERED 'e' /* its messages go to syslog from now on */
#define TOLD_READY   'r'

/* Waits until the child is ready, or for its end. Never returns. */
static ATTR_NORETURN void await(int ready, pid_t child)
{
	bool has_entered = false;
	char told = 0;
	ssize_t got;
	int status = 0;

	do {
		got = read(ready, &told, 1);
		if (got == 1 && told == TOLD_READY)
			_exit(EXIT_STATUS_OK);
		if (got == 1)
			has_entered = true;
	} while (got > 0 || (got < 0 && errno == EINTR));

	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		continue;
	if (has_entered)
		log_error("failed at the end of the start; syslog has the reason");
	else if (WIFSIGNALED(status))
		log_error("ended by signal %d while it was starting", WTERMSIG(status));
	/* Status 0 is that of one who was asked to stop; but nothing is running now. */
	if (WIFEXITED(status) && WEXITSTATUS(status) != EXIT_STATUS_OK)
		_exit(WEXITSTATUS(status));
	_exit(EXIT_STATUS_FAILED);
}

/* Connects to syslog now, for a chroot may hide it; log_to_syslog will keep this connection. */
static void prepare_syslog(const char *program, int facility, background_t *background)
{
	background->program = program;
	background->facility = facility;
	openlog(program, LOG_PID | LOG_NDELAY, facility);
}

bool background_attach(const char *program, int facility, background_t *background)
{
	*background = BACKGROUND_NONE;
	background->manager = notify_connect();
	if (background->manager < 0)
		return false;
	if (program != NULL)
		prepare_syslog(program, facility, background);
	return true;
}

err_t background_fork(const char *program, int facility, const identity_t *identity,
		      background_t *background)
{
	int ends[2] = { -1, -1 };
	pid_t parent = getpid();
	pid_t child;
	err_t err;

	*background = BACKGROUND_NONE;
	background->null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (background->null < 0 || pipe2(ends, O_CLOEXEC) != 0 || (child = fork()) < 0) {
		err = err_from_errno();
		log_error("cannot go into the background: %s; -n stays in the foreground",
			  err_text(err));
		for (int i = 0; i < 2; i++) {
			if (ends[i] >= 0)
				close(ends[i]);
		}
		if (background->null >= 0)
			close(background->null);
		*background = BACKGROUND_NONE;
		return err;
	}
	if (child > 0) {
		close(ends[1]);
		/* If that fails it fails for the child, too, which ends then. */
		(void)!privileges_drop(identity);
		await(ends[0], child);
	}
	close(ends[0]);
	background->ready = ends[1];
	background->parent = parent;
	prepare_syslog(program, facility, background);
	return ERR_OK;
}

/* A parent that is gone already has nobody to tell, so that failing does not matter. */
static void tell(const background_t *background, char what)
{
	(void)!write(background->ready, &what, 1);
}

void background_enter(background_t *background)
{
	if (background->program != NULL)
		log_to_syslog(background->program, background->facility);
	if (background->ready < 0)
		return;
	setsid();
	for (int stream = STDIN_FILENO; stream <= STDERR_FILENO; stream++)
		dup2(background->null, stream);
	close(background->null);
	background->null = -1;
	tell(background, TOLD_ENTERED);
}

void background_release(background_t *background)
{
	if (background->ready >= 0) {
		tell(background, TOLD_READY);
		close(background->ready);
	}
	pid_t parent = background->parent;
	*background = BACKGROUND_NONE;
	background->parent = parent;
}

bool background_is_alone(const background_t *background)
{
	return background->parent == 0 || getppid() != background->parent;
}
