/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_DAEMON_NOTIFY_H
#define SPURN_DAEMON_NOTIFY_H

#include <stdint.h>

#include "base/attributes.h"

/* Tells a service manager (systemd, for a unit of Type=notify or notify-reload) how the service is, as
 * sd_notify(3) describes it; what to tell and when is service.h's. Not by libsystemd: that looks for
 * the socket when it has something to tell, but then a chroot hides it. */

/* Connects to the service manager's socket, the one that the environment names. Returns a
 * descriptor that the caller closes, or -1 when nobody wants to be told, or cannot be, which is
 * logged. */
int notify_connect(void);

/* Tells `format`, as printf, lines of NAME=value, to `fd` of notify_connect; -1 is fine. Does not wait:
 * where the manager is gone nobody waits either, and what it has no room for is lost. */
void notify_send(int fd, const char *format, ...) ATTR_PRINTF(2, 3);

/* Within how many microseconds the manager wants to hear that this process is well, as the environment
 * says; 0: it does not. */
uint64_t notify_watchdog_us(void);

#endif
