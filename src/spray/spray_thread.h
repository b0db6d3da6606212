/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_SPRAY_SPRAY_THREAD_H
#define SPURN_SPRAY_SPRAY_THREAD_H

#include <stdatomic.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/error.h"
#include "spray/spray_flights.h"
#include "spray/spray_mix.h"
#include "spray/spray_pace.h"
#include "spray/spray_tally.h"
#include "spray/spray_udp.h"

/* One thread of a run: asks queries of a mix at its pace, and counts what comes of them. */

/* How far it is, for others to see. */
typedef struct spray_thread_progress {
	_Atomic uint64_t sent;
	_Atomic uint64_t answered;
	_Atomic uint64_t lost;
	_Atomic uint64_t wrong;
	_Atomic bool is_waiting;
} spray_thread_progress_t;

/* How it is told to end: nothing more is sent from 1 on, nothing more waited for from 2 on. */
typedef _Atomic unsigned spray_stop_t;

typedef struct spray_thread {
	/* To be filled in. */
	const spray_mix_t *mix;
	spray_cursor_t cursor;
	spray_pace_t pace;
	const spray_stop_t *stop;
	spray_udp_setup_t udp_setup; /* port_counts is the thread's own */

	/* What it came to, when it has ended. */
	err_t err;
	uint64_t last_sent_ns; /* when it had sent all, and the next one would have been due */
	uint64_t end_ns;       /* when it had all answers */
	uint64_t unsent;       /* queries that were due */
	spray_tally_t *tally;
	uint64_t *port_counts; /* PORT_COUNT of them */
	spray_thread_progress_t progress;

	spray_udp_t *udp;
	spray_asked_t asked[SPRAY_FLIGHTS_PLACES];
} spray_thread_t;

/* Makes what it needs, and opens the sockets that are open from the start. Returns ERR_OK, or an error of
 * spray_udp_new. */
err_t spray_thread_open(spray_thread_t *thread) ATTR_NONNULL_ALL ATTR_NODISCARD;
void spray_thread_close(spray_thread_t *thread) ATTR_NONNULL_ALL;

/* Runs it, from the moment on that its pace says. */
void spray_thread_run(spray_thread_t *thread) ATTR_NONNULL_ALL;

#endif
