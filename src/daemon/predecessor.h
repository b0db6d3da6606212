/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_DAEMON_PREDECESSOR_H
#define SPURN_DAEMON_PREDECESSOR_H

#include <ev.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/error.h"
#include "dns/cookie.h"
#include "net/inherited_sockets.h"
#include "net/tcp_connection.h"

/* The spurnd that serves already, seen from the one that is to take its place (--replace); what is
 * said is in daemon/takeover.h. One thread. */
typedef struct predecessor predecessor_t;

/* Does anybody listen at the control socket `path`? Returns ERR_OK, or an errno value when that cannot
 * be found out, which has been logged. */
err_t predecessor_look(const char *path, bool *is_there) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Asks the one at `path` for its place, and reads what it has to say about it; waits for that. The
 * caller frees `*predecessor`, which is NULL if nobody listens (any more). Returns ERR_OK; or an error,
 * which has been logged with what to do, when it refuses, or is not understood. */
err_t predecessor_ask(const char *path,
		      predecessor_t **predecessor) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Frees it, and closes what nobody took. Before predecessor_replace that leaves it in its place. NULL
 * is fine. */
void predecessor_free(predecessor_t *predecessor);

/* Ends the connection, and hears nothing more from it; to be called before the loop is destroyed. NULL
 * is fine. */
void predecessor_disconnect(predecessor_t *predecessor);

/* How many descriptors will come with predecessor_receive. */
size_t predecessor_socket_count(const predecessor_t *predecessor) ATTR_NONNULL_ALL;

/* Receives them; waits for that. There must be room for them (daemon/descriptors.h). Returns ERR_OK, or
 * an error, which has been logged. */
err_t predecessor_receive(predecessor_t *predecessor) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* The listening sockets. They stay owned by `predecessor`, but for those that are taken. */
inherited_sockets_t *predecessor_sockets(predecessor_t *predecessor) ATTR_NONNULL_ALL;

/* Closes those that nobody has taken: they end with it. */
void predecessor_close_sockets(predecessor_t *predecessor) ATTR_NONNULL_ALL;

/* Lends it fds[0..count), UDP sockets of ours that get what it has answered so far, to be served until we
 * can; waits for that. At most PASSED_DESCRIPTORS_MAX. If it does not want them, queries wait for us,
 * which is logged. */
void predecessor_lend(predecessor_t *predecessor, const int *fds, size_t count) ATTR_NONNULL_ALL;

/* Takes its end of the control socket, which the caller closes; -1: it was not handed over. */
int predecessor_take_control(predecessor_t *predecessor) ATTR_NONNULL_ALL;

/* The secrets of the cookies that its clients have, if nobody but the two of us can know them; NULL
 * otherwise. */
const dns_cookie_secrets_t *predecessor_cookies(const predecessor_t *predecessor) ATTR_NONNULL_ALL;

/* Within how many microseconds the service manager wants to hear from whoever is the service
 * (daemon/notify.h); 0: it does not. */
uint64_t predecessor_watchdog_us(const predecessor_t *predecessor) ATTR_NONNULL_ALL;

/* What happens after predecessor_replace. */
typedef struct predecessor_events {
	/* It answers nothing any more, and lets nobody in at the control socket. Comes once, also when
	 * it has ended, or takes too long. */
	void (*on_left)(void *context);
	/* A TCP connection of its: `fd` belongs to the one who is called. NULL: we do without TCP. */
	void (*on_connection)(void *context, int fd, const tcp_legacy_t *legacy);
	void *context;
} predecessor_events_t;

/* Tells it that we answer, from now on and without it. `predecessor` must live until the loop has
 * ended. */
void predecessor_replace(predecessor_t *predecessor, struct ev_loop *loop,
			 const predecessor_events_t *events) ATTR_NONNULL_ALL;

/* Has on_left been called? Else its place is still its own. */
bool predecessor_has_left(const predecessor_t *predecessor) ATTR_NONNULL_ALL;

#endif
