/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_BASE_CLOCK_H
#define SPURN_BASE_CLOCK_H

#include <stdint.h>

/* Seconds since some moment in the past, steadily growing whatever is done to the system's date; for
 * durations that are told to people. Any thread. */
double clock_monotonic_s(void);

/* The same in milliseconds, cheap enough for packets, but only as exact as the kernel's tick (1 to 10
 * ms). Any thread. */
uint64_t clock_coarse_ms(void);

#endif
