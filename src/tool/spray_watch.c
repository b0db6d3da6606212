/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "tool/spray_watch.h"

#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "tool/spray_progress.h"

/* Between two looks at how far it is. */
#define TICK_MS 200

/* Returns when all threads have ended. */
static void look_on(spray_engine_t *engine, const spray_setup_t *setup, bool is_json, int signals)
{
	spray_progress_line_t line = { .is_shown = false };
	struct pollfd entries[] = {
		{ .fd = spray_engine_done_fd(engine), .events = POLLIN },
		{ .fd = signals, .events = POLLIN },
	};

	while ((entries[0].revents & POLLIN) == 0) {
		spray_progress_t progress;
		struct signalfd_siginfo signal;
		spray_engine_progress(engine, &progress);
		spray_progress_show(&line, setup, &progress, is_json);
		if (poll(entries, 2, TICK_MS) > 0 && (entries[1].revents & POLLIN) != 0 &&
		    read(signals, &signal, sizeof(signal)) == (ssize_t)sizeof(signal))
			spray_engine_stop(engine);
	}
	spray_progress_clear(&line);
}

/* Takes signals that came when all threads had ended: the run is over, and its report is not lost to
 * somebody who is impatient. */
static void drain(int signals)
{
	struct signalfd_siginfo signal;

	while (read(signals, &signal, sizeof(signal)) == (ssize_t)sizeof(signal))
		;
}

err_t spray_watch(spray_engine_t *engine, const spray_setup_t *setup, bool is_json)
{
	sigset_t watched;
	sigset_t before;

	sigemptyset(&watched);
	sigaddset(&watched, SIGINT);
	sigaddset(&watched, SIGTERM);
	int signals = signalfd(-1, &watched, SFD_CLOEXEC | SFD_NONBLOCK);
	if (signals < 0)
		return err_from_errno();
	pthread_sigmask(SIG_BLOCK, &watched, &before);
	err_t err = spray_engine_start(engine);
	if (err == ERR_OK)
		look_on(engine, setup, is_json, signals);
	drain(signals);
	close(signals);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return err;
}
