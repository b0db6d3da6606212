/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_DAEMON_EXIT_STATUS_H
#define SPURN_DAEMON_EXIT_STATUS_H

/* What spurnd tells the one who started it. */
typedef enum exit_status {
	EXIT_STATUS_OK = 0, /* stopped as asked, or only help was wanted, or it is in background */
	EXIT_STATUS_FAILED = 1, /* could not start, or could not go on */
	EXIT_STATUS_USAGE = 2,  /* the command line is wrong; nothing was started */
} exit_status_t;

#endif
