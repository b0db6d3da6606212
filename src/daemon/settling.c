/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "daemon/settling.h"

void settling_begin(settling_t *settling, const file_state_t *state, double now, time_t date)
{
	bool is_old = state->err != ERR_OK ||
		      (double)(date - state->stamp.modified.tv_sec) > SETTLING_UNKNOWN_S;

	*settling = (settling_t){
		.phase = is_old ? SETTLING_DONE : SETTLING_UNKNOWN,
		.state = *state,
		.since = now,
		.unsettled = now,
	};
}

/* The phase of a file whose change nobody told of. */
static settling_phase_t phase_unknown(const settling_t *settling, const file_state_t *state)
{
	/* Who writes has been heard of, and is not heard of again for each look. */
	if (settling->phase == SETTLING_OPEN)
		return SETTLING_OPEN;
	/* A file that is not there is not being written; one that comes may be. */
	return state->err != ERR_OK ? SETTLING_CLOSED : SETTLING_UNKNOWN;
}

/* The phase of a file that was touched. */
static settling_phase_t phase_touched(const settling_t *settling, const file_state_t *state)
{
	const file_stamp_t *old = &settling->state.stamp;
	bool is_same_file = state->err == settling->state.err &&
			    (state->err != ERR_OK ||
			     (state->stamp.device == old->device &&
			      state->stamp.inode == old->inode && state->stamp.size == old->size));

	if (!is_same_file)
		return phase_unknown(settling, state);
	/* Its time of modification is another, or it can be read now: no reason to wait, and none to
	 * wait less. */
	return settling->phase == SETTLING_DONE ? SETTLING_REPLACED : settling->phase;
}

void settling_note(settling_t *settling, settling_sign_t sign, const file_state_t *state,
		   double now)
{
	bool is_changed = !file_state_is_equal(state, &settling->state);
	settling_phase_t before = settling->phase;

	switch (sign) {
	case SIGN_NONE:
		if (!is_changed)
			return;
		settling->phase = phase_unknown(settling, state);
		break;
	case SIGN_TOUCHED:
		if (!is_changed && before != SETTLING_DONE)
			return;
		settling->phase = phase_touched(settling, state);
		break;
	case SIGN_REPLACED:
		if (!is_changed && before == SETTLING_DONE)
			return;
		settling->unsettled = now;
		settling->state = *state;
		/* Who replaces it all the time shall not keep it from being read. */
		if (before == SETTLING_REPLACED)
			return;
		settling->phase = SETTLING_REPLACED;
		break;
	case SIGN_WRITTEN:
		settling->phase = SETTLING_OPEN;
		break;
	case SIGN_CLOSED:
		/* Opened for writing, and closed without any. */
		if (!is_changed && (before == SETTLING_DONE || before == SETTLING_REPLACED))
			return;
		settling->phase = SETTLING_CLOSED;
		break;
	case SIGN_MISSED:
		if (!is_changed && before == SETTLING_DONE)
			return;
		settling->phase = SETTLING_UNKNOWN;
		break;
	}
	if (before == SETTLING_DONE)
		settling->unsettled = now;
	settling->state = *state;
	settling->since = now;
}

double settling_deadline(const settling_t *settling)
{
	static const double pause_s[] = {
		[SETTLING_REPLACED] = SETTLING_REPLACED_S,
		[SETTLING_CLOSED] = SETTLING_CLOSED_S,
		[SETTLING_UNKNOWN] = SETTLING_UNKNOWN_S,
		[SETTLING_OPEN] = SETTLING_OPEN_S,
	};

	return settling->since + pause_s[settling->phase];
}

bool settling_end(settling_t *settling, double now)
{
	if (settling->phase == SETTLING_DONE || now < settling_deadline(settling))
		return false;
	settling->phase = SETTLING_DONE;
	return true;
}

bool settling_is_complete(const settling_t *settling, const file_state_t *state)
{
	return (settling->phase == SETTLING_DONE || settling->phase == SETTLING_REPLACED) &&
	       file_state_is_equal(&settling->state, state);
}

bool settling_is_overdue(const settling_t *settling, bool has_grown, double now)
{
	double limit_s = has_grown ? SETTLING_GROWN_MAX_S : SETTLING_MAX_S;

	return settling->phase != SETTLING_DONE && now - settling->unsettled >= limit_s;
}
