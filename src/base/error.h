/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_BASE_ERROR_H
#define SPURN_BASE_ERROR_H

#include <errno.h>

/* Success or failure of everything in spurn: 0 is good, negative is bad. Values above ERR_OWN are
 * negated errno values, so a failed system call returns err_from_errno(); the others are spurn's. */
typedef enum err {
	ERR_OK = 0,
	ERR_NOMEM = -ENOMEM,
	ERR_INVAL = -EINVAL,

	ERR_OWN = -1000, /* no error of its own: all below are spurn's */
	ERR_SYNTAX,      /* text does not follow the zone language or the command line's */
	ERR_RANGE,       /* a number, name or length outside of what is allowed */
	ERR_NO_SPACE,    /* does not fit the buffer or packet given */
	ERR_CHANGED,     /* a file changed while it was read */
	ERR_UNSUPPORTED, /* known, but not done by this version */
	ERR_LOAD,        /* a data set could not be loaded; the reason has been logged */
	ERR_COMPRESSED,  /* a file is compressed, and that is not allowed */
	ERR_CORRUPT,     /* compressed data that nobody can have meant */
	ERR_TRUNCATED,   /* compressed data without their end */
	ERR_TOO_LARGE,   /* needs more memory than is allowed */
	ERR_NOT_SYNCED, /* a new file is in place, but nobody knows if it would be after a power cut */
	ERR_LAST
} err_t;

_Static_assert(ERR_LAST > ERR_OWN && ERR_LAST < -133, "spurn's errors stay clear of errno's");

/* The value of errno as an err_t; never ERR_OK, so that it can be returned as it is. */
err_t err_from_errno(void);

/* Words for an error, in English, without a full stop. The text is static or, for errno values,
 * valid until this thread's next call. Any thread. */
const char *err_text(err_t error);

#endif
