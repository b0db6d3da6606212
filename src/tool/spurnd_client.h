/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_TOOL_SPURND_CLIENT_H
#define SPURN_TOOL_SPURND_CLIENT_H

#include <jansson.h>

#include "base/attributes.h"

/* The tool's end of spurnd's control socket, see daemon/control.h for what is said there. */

/* Seconds that spurnd has for a reply that needs no work. */
#define SPURND_CLIENT_PATIENCE_S 30

/* Connects to the socket at `path`. Returns a descriptor that the caller closes, or -1 after logging
 * what is in the way, with what to do about it. */
int spurnd_client_connect(const char *path) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Says `line`, which has no newline, on the connection `fd`, and waits for the reply, which the caller
 * owns; `patience_s` seconds at most, 0 for as long as it takes. If it takes longer than a second, `what`
 * and the seconds are shown on a terminal (log_progress). Returns NULL after logging what went wrong,
 * which includes an error that spurnd replied with. */
json_t *spurnd_client_ask(int fd, const char *line, const char *what,
			  unsigned patience_s) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Both of that, for one who needs the connection for nothing else. */
json_t *spurnd_client_request(const char *path, const char *line, const char *what,
			      unsigned patience_s) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Waits until the process at the other end of `fd` has ended, as long as it takes, showing `what` as
 * above. To be begun before it is told to end, by spurnd_client_process. `process` is closed; -1 means
 * that the end of the connection has to do. */
int spurnd_client_process(int fd) ATTR_NODISCARD;
void spurnd_client_wait_end(int fd, int process, const char *what) ATTR_NONNULL_ALL;

#endif
