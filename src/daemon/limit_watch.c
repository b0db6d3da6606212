/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "daemon/limit_watch.h"

#include <inttypes.h>

#include "base/clock.h"
#include "base/log.h"

/* Seconds between two looks: what a human takes for soon, and next to nothing for an idle machine. */
#define TICK_S 2
/* Ticks after a message until the next one: a minute. */
#define SILENT_TICKS 30u
/* Ticks between two sweeps: an hour, where a day would do. */
#define SWEEP_TICKS 1800u

/* Names, or what stands for them when the board was empty. */
static const char *names_or_some(size_t count, const char *names)
{
	return count > 0 ? names : "somebody";
}

static const char *and_others(size_t count)
{
	return count == NOTICE_BOARD_PLACES ? " and others" : "";
}

void limit_watch_tell(limit_watch_t *watch)
{
	message_counts_t now = { 0 };
	char names[LIMITS_TEXT_MAX];

	watch->count(watch->context, &now);
	uint64_t dropped = now.limit_dropped - watch->told.limit_dropped;
	uint64_t truncated = now.limit_truncated - watch->told.limit_truncated;
	uint64_t refused = now.over_quota - watch->told.over_quota;
	if (dropped + truncated + refused == 0)
		return;
	if (dropped + truncated > 0) {
		size_t count = limits_tell_prefixes(watch->limits, names);
		log_warning("rate limit reached by %s%s: %" PRIu64 " repl%s dropped, %" PRIu64
			    " truncated",
			    names_or_some(count, names), and_others(count), dropped,
			    dropped == 1 ? "y" : "ies", truncated);
	}
	if (refused > 0) {
		size_t count = limits_tell_keys(watch->limits, names);
		log_warning("quota of queries used up by key %s%s: %" PRIu64 " refused",
			    names_or_some(count, names), and_others(count), refused);
	}
	watch->told = now;
	watch->silent_until = watch->ticks + SILENT_TICKS;
}

static void on_tick(struct ev_loop *loop, ev_timer *timer, int events)
{
	limit_watch_t *watch = timer->data;

	(void)loop;
	(void)events;
	watch->ticks++;
	if (watch->ticks % SWEEP_TICKS == 0)
		limits_sweep(watch->limits, clock_coarse_ms());
	if ((int)(watch->ticks - watch->silent_until) >= 0)
		limit_watch_tell(watch);
}

void limit_watch_start(limit_watch_t *watch, struct ev_loop *loop, limits_t *limits,
		       void (*count)(void *context, message_counts_t *sum), void *context)
{
	*watch = (limit_watch_t){ .limits = limits, .count = count, .context = context };
	ev_timer_init(&watch->timer, on_tick, TICK_S, TICK_S);
	watch->timer.data = watch;
	ev_timer_start(loop, &watch->timer);
}
