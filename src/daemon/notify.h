/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_DAEMON_NOTIFY_H
#define SPURN_DAEMON_NOTIFY_H

/* Tells the service manager (systemd, for a unit of Type=notify, as is Debian's rbldnsd.service) that
 * the service is ready, as sd_notify(3) describes it. Not by libsystemd: that looks for the socket
 * when it has something to tell, but then a chroot hides it. */

/* Connects to the service manager's socket, the one that the environment names. Returns a
 * descriptor that the caller closes, or -1 when nobody wants to be told, or cannot be, which is
 * logged. */
int notify_connect(void);

/* Tells that this process is the one to watch, instead of the one before, to `fd` of notify_connect;
 * -1 is fine. */
void notify_main_process(int fd);

/* Tells that we serve, to `fd` of notify_connect; -1 is fine. */
void notify_ready(int fd);

#endif
