/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_DAEMON_SETTLING_H
#define SPURN_DAEMON_SETTLING_H

#include <stdbool.h>
#include <time.h>

#include "base/attributes.h"
#include "zonefile/file_source.h"

/* When is a file that has changed complete, and so worth reading? Half a list of plain text is a good
 * list, if a shorter one: only time, and what the system tells of writers, can say. Pure: time comes
 * from the caller, in seconds of a clock that is never set. */

/* How long nothing must have happened to a file until it is taken for complete, in seconds.
 *
 * What was renamed into its place, or is there by a link that was switched, is complete at once; but
 * who replaces one file often goes on with the next, and the two shall come into service together. */
#define SETTLING_REPLACED_S 0.2
/* Written, and closed. Scripts that append line by line, opening the file anew for each, make
 * pauses. The same for files that are gone: often enough another one is about to come. */
#define SETTLING_CLOSED_S 3.0
/* Changed, but nobody told how (network file systems): whether it is still open is not known. */
#define SETTLING_UNKNOWN_S 10.0
/* Written, and still open: a download may have stalled, or somebody keeps the file open for ever. */
#define SETTLING_OPEN_S 60.0

/* After so many seconds without such a pause a file is overdue: one that has only grown since it was
 * complete, to which lines are appended; and any other. */
#define SETTLING_GROWN_MAX_S 60.0
#define SETTLING_MAX_S       3600.0

/* What is known of a file's last change. */
typedef enum settling_phase {
	SETTLING_DONE, /* it is complete */
	SETTLING_REPLACED,
	SETTLING_CLOSED,
	SETTLING_UNKNOWN,
	SETTLING_OPEN,
} settling_phase_t;

/* What has happened to a path. */
typedef enum settling_sign {
	SIGN_NONE,     /* nothing that somebody told of: it was just looked at */
	SIGN_TOUCHED,  /* the file's mode or times were set, or it is gone */
	SIGN_REPLACED, /* another file is there, complete: it was renamed, or a link leads there */
	SIGN_WRITTEN,  /* it was created or written to, by somebody who has it open */
	SIGN_CLOSED,   /* somebody who may have written has closed it */
	SIGN_MISSED,   /* signs have been lost: nothing is known of who has it open */
} settling_sign_t;

/* A file; plain data. */
typedef struct settling {
	settling_phase_t phase;
	file_state_t state; /* as it was found last */
	double since;       /* when it changed last */
	double unsettled;   /* since when it has not been complete */
} settling_t;

/* A file of which nothing is known but its state. It is complete if it has not been modified for long,
 * as of `date`, which is the system's and not that of `now`. */
void settling_begin(settling_t *settling, const file_state_t *state, double now,
		    time_t date) ATTR_NONNULL_ALL;

/* Takes in what has happened, and how the file was found after that. */
void settling_note(settling_t *settling, settling_sign_t sign, const file_state_t *state,
		   double now) ATTR_NONNULL_ALL;

/* When the file is complete, if nothing happens until then. Not for SETTLING_DONE. */
double settling_deadline(const settling_t *settling) ATTR_NONNULL_ALL;

/* To be called at the deadline, after settling_note with how the file is then. Returns whether it is
 * complete now and was not before. */
bool settling_end(settling_t *settling, double now) ATTR_NONNULL_ALL;

/* Is the file complete if it is found like that? Also before the end of SETTLING_REPLACED_S. */
bool settling_is_complete(const settling_t *settling, const file_state_t *state) ATTR_NONNULL_ALL;

/* Has it been written to for too long? `has_grown` says whether all that it had when it was complete
 * is still there, and whole lines have been added. */
bool settling_is_overdue(const settling_t *settling, bool has_grown, double now) ATTR_NONNULL_ALL;

#endif
