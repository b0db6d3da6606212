/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "spray/spray_thread.h"

#include <stdlib.h>
#include <sys/prctl.h>

#include "ports/port_set.h"

/* A thread that waits looks up as often as this, whether it is to stop. */
#define LOOK_NS UINT64_C(50000000)

/* ---- what is asked ---- */

static size_t write_query(void *context, uint32_t place, uint8_t packet[DNS_CLIENT_QUERY_MAX])
{
	spray_thread_t *thread = context;

	return spray_mix_write(thread->mix, &thread->cursor, &thread->asked[place], packet);
}

static bool is_answer(void *context, uint32_t place, const uint8_t *packet, size_t size)
{
	const spray_thread_t *thread = context;

	return spray_mix_is_answer(thread->mix, thread->asked[place], packet, size);
}

static void answered(void *context, uint32_t place, const uint8_t *packet, size_t size,
		     uint64_t took_us)
{
	spray_thread_t *thread = context;
	spray_verdict_t verdict = spray_mix_judge(thread->mix, thread->asked[place], packet);

	spray_tally_add(thread->tally, verdict, packet, size, took_us);
}

static void lost(void *context, uint32_t place)
{
	(void)context;
	(void)place;
}

/* ---- the loop ---- */

static void show_progress(spray_thread_t *thread)
{
	spray_thread_progress_t *progress = &thread->progress;
	const spray_udp_counts_t *counts = spray_udp_counts(thread->udp);

	atomic_store_explicit(&progress->sent, counts->sent, memory_order_relaxed);
	atomic_store_explicit(&progress->answered, counts->answered, memory_order_relaxed);
	atomic_store_explicit(&progress->lost, counts->lost, memory_order_relaxed);
	atomic_store_explicit(&progress->wrong,
			      thread->tally->wrong_rcode + thread->tally->wrong_answer,
			      memory_order_relaxed);
}

/* One step; waits if there was nothing to do. */
static void step(spray_thread_t *thread, spray_pace_t *pace)
{
	unsigned work;

	thread->err = spray_udp_step(thread->udp, pace, &work);
	if (work > 0 || thread->err != ERR_OK)
		return;
	uint64_t until_ns = spray_udp_now_ns() + LOOK_NS;
	uint64_t wake_ns = spray_udp_wake_ns(thread->udp, pace);
	spray_udp_wait(thread->udp, wake_ns < until_ns ? wake_ns : until_ns);
}

/* When the run was over: n queries at a rate take n intervals, the one behind the last query included. */
static uint64_t last_moment(const spray_thread_t *thread, uint64_t now_ns)
{
	const spray_pace_t *pace = &thread->pace;

	if (pace->rate <= 0 || spray_pace_left(pace) > 0)
		return now_ns;
	uint64_t next_ns = pace->start_ns + (uint64_t)((double)pace->count / pace->rate * 1e9);
	return next_ns > now_ns ? next_ns : now_ns;
}

void spray_thread_run(spray_thread_t *thread)
{
	uint64_t next_look_ns = thread->pace.start_ns;
	uint64_t now_ns = spray_udp_now_ns();

	/* A wait may end within a microsecond of its time, and not of 50. */
	(void)prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
	while (thread->err == ERR_OK && atomic_load(thread->stop) == 0 &&
	       !spray_pace_is_over(&thread->pace, now_ns)) {
		step(thread, &thread->pace);
		now_ns = spray_udp_now_ns();
		if (now_ns >= next_look_ns) {
			show_progress(thread);
			next_look_ns = now_ns + LOOK_NS;
		}
	}
	/* Who ends it does not want them. */
	thread->unsent =
		atomic_load(thread->stop) == 0 ? spray_pace_overdue(&thread->pace, now_ns) : 0;
	thread->last_sent_ns = last_moment(thread, now_ns);
	atomic_store(&thread->progress.is_waiting, true);
	err_t err = thread->err;
	thread->err = ERR_OK;
	while (spray_udp_waiting(thread->udp) > 0 && atomic_load(thread->stop) < 2 &&
	       thread->err == ERR_OK) {
		step(thread, NULL);
		show_progress(thread);
	}
	spray_udp_give_up(thread->udp);
	show_progress(thread);
	thread->end_ns = spray_udp_now_ns();
	thread->err = err;
}

err_t spray_thread_open(spray_thread_t *thread)
{
	const spray_asker_t asker = { thread, write_query, is_answer, answered, lost };

	thread->tally = spray_tally_new();
	thread->port_counts = calloc(PORT_COUNT, sizeof(*thread->port_counts));
	if (thread->tally == NULL || thread->port_counts == NULL)
		return ERR_NOMEM;
	thread->udp_setup.port_counts = thread->port_counts;
	return spray_udp_new(&thread->udp_setup, &asker, &thread->udp);
}

void spray_thread_close(spray_thread_t *thread)
{
	spray_udp_free(thread->udp);
	spray_tally_free(thread->tally);
	free(thread->port_counts);
}
