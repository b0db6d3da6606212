/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_DAEMON_HELP_H
#define SPURN_DAEMON_HELP_H

/* Writes how to use spurnd to stdout. */
void help_print(void);

#endif
