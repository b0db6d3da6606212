/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "base/error.h"

#include <string.h>

static const char *const own_text[] = {
	"text does not follow the syntax",
	"value out of range",
	"not enough room",
	"file changed while it was read",
	"not supported by this version",
	"could not be loaded",
	"compressed, which is not allowed",
	"compressed data are damaged",
	"ends in the middle of compressed data",
	"needs more memory than is allowed",
	"in place, but the system could not say that it will still be there after a power cut",
};

/* own_text[i] belongs to the error ERR_OWN + 1 + i. */
_Static_assert(sizeof(own_text) / sizeof(own_text[0]) == ERR_LAST - ERR_OWN - 1,
	       "every error of spurn's own has words");

err_t err_from_errno(void)
{
	int code = errno;

	/* A caller that failed without setting errno has still failed. */
	return code > 0 && code < -(int)ERR_OWN ? (err_t)-code : (err_t)-EIO;
}

const char *err_text(err_t error)
{
	int code = (int)error;

	if (code == ERR_OK)
		return "success";
	if (code > ERR_OWN && code < ERR_LAST)
		return own_text[code - ERR_OWN - 1];
	if (code < 0 && code > ERR_OWN)
		return strerror(-code); /* static or thread local in every libc we build with */
	return "unknown error";
}
