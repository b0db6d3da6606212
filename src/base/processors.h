/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_BASE_PROCESSORS_H
#define SPURN_BASE_PROCESSORS_H

/* How many CPUs the calling thread may run on, at least 1: more threads than that do not make anything
 * faster. Any thread. */
unsigned processors_allowed(void);

/* Has all threads be told `count` from now on; 0: the truth again. For tests and benchmarks, which so
 * run what is for one CPU and what is for several on any machine. */
void processors_pretend(unsigned count);

#endif
