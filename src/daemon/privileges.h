/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_DAEMON_PRIVILEGES_H
#define SPURN_DAEMON_PRIVILEGES_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/attributes.h"
#include "base/error.h"

/* The user that spurnd becomes; plain data. */
typedef struct identity {
	bool must_change; /* false: stay who we are, who is not root */
	uid_t uid;
	gid_t gid;
} identity_t;

/* Finds out who to become. `spec` is the value of -u, which messages call `name`, "user[:group]" by
 * names or numbers, or NULL.
 * Root becomes that user, or without -u the user rbldns, as with rbldnsd; without a group, the
 * user's own (for a number that belongs to nobody, the group of the same number). Who is not root
 * can only stay; -u may then say so. Nobody stays or becomes root. To be called before the root
 * directory is changed, for it reads the user data base. Returns ERR_OK, or ERR_INVAL when there is
 * no such user or it is not allowed; the reason, with what to do, has been logged. */
err_t privileges_find(const char *spec, const char *name, identity_t *identity)
	ATTR_NONNULL(2, 3) ATTR_NODISCARD;

/* The same for who will not become anybody: is there such a user, who is not root? */
err_t privileges_check(const char *spec, const char *name) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Where a process is to be; plain data. The names are what messages call the two. */
typedef struct place {
	const char *root; /* NULL: where it is */
	const char *root_name;
	const char *workdir; /* in the new root; NULL: where it is */
	const char *workdir_name;
} place_t;

/* Changes the root directory, then the directory. Returns ERR_OK or an errno value; the reason has been
 * logged. */
err_t privileges_confine(const place_t *place) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Becomes the user for good, and belongs to its group alone; gives up all capabilities, also of who
 * was no root, and with PR_SET_NO_NEW_PRIVS that any program could bring new ones; makes sure that
 * there is no way back. The bounding set stays where the system does not let it go: for who was not
 * root, or without CAP_SETPCAP. Capabilities are a thread's own: to be called while there is only
 * one. Returns ERR_OK, or an errno value that has been logged: then nothing may be served. */
err_t privileges_drop(const identity_t *identity) ATTR_NONNULL_ALL ATTR_NODISCARD;

#endif
