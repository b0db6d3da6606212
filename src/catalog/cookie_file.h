/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_CATALOG_COOKIE_FILE_H
#define SPURN_CATALOG_COOKIE_FILE_H

#include <stdbool.h>

#include "base/attributes.h"
#include "base/error.h"
#include "dns/cookie.h"

/* Longest file of cookie secrets, in bytes: two short lines, and room for comments. */
#define COOKIE_FILE_MAX 4096

/* Reads the secrets for DNS cookies from the file `path`: a line for each, with 32 hexadecimal
 * digits, as other name servers write them; cookies are made with the first one. Empty lines and
 * what follows a # or ; are passed over. `*is_exposed` tells whether every user may read or change
 * the file. No copy of a secret is left in memory. Any thread.
 *
 * Returns ERR_OK; ERR_SYNTAX, ERR_RANGE (too long), ERR_INVAL (not a regular file), ERR_CHANGED (while
 * it was read) or an errno value: then nothing is changed, and the reason has been logged, but never
 * what the file holds. */
err_t cookie_file_read(const char *path, dns_cookie_secrets_t *secrets,
		       bool *is_exposed) ATTR_NONNULL_ALL ATTR_NODISCARD;

#endif
