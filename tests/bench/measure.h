/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_BENCH_MEASURE_H
#define SPURN_BENCH_MEASURE_H

#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"

/* What the micro benchmarks have in common: a clock, random numbers, and rows that are printed for
 * people or, with --json as the first argument, as one JSON object. One thread. */

/* Begins. Takes --json from the arguments. `name` is static. */
void measure_begin(const char *name, int *argc, char ***argv) ATTR_NONNULL_ALL;
/* Ends: writes the object, if that is asked for. The process's exit status. */
int measure_end(void);

/* A row: `what`, static and its own, came to `value` of `unit`. */
void measure_row(const char *what, double value, const char *unit) ATTR_NONNULL_ALL;
/* The same beside the least that it can be (tests/bench/floors.h). */
void measure_against(const char *what, double value, const char *unit,
		     double floor) ATTR_NONNULL_ALL;

/* Says why on standard error, and ends the process with failure. */
_Noreturn void measure_die(const char *why) ATTR_NONNULL_ALL;

/* Seconds that this thread has computed: a busy machine spoils them less than those of the wall. */
double measure_cpu_s(void);
/* The same of all threads of the process. */
double measure_process_s(void);
/* Peak of resident memory so far, in MiB. */
double measure_peak_mib(void);

/* How often what is timed is done; the best time counts. */
#define MEASURE_ROUNDS 5
/* Best of the times that `run`(`context`) takes, in seconds of this thread. */
double measure_best_s(void (*run)(void *context), void *context) ATTR_NONNULL(1);

/* What a lookup is measured with: so many questions at once, or one after the other, */
#define MEASURE_DEPENDENT   0 /* each when the answer to the one before is there, */
#define MEASURE_INDEPENDENT 1 /* or not */
/* At once, at most. */
#define MEASURE_BATCH_MAX 64

/* Rows of nanoseconds a lookup, for each of these and several sizes of batches: sets `*batch` and has `run`(`context`)
 * ask `questions` questions. The index has `bytes` bytes. */
void measure_lookups(void (*run)(void *context), void *context, size_t *batch, size_t questions,
		     size_t bytes) ATTR_NONNULL_ALL;

/* Random numbers, the same in every run (splitmix64: G. Steele, D. Lea, C. Flood, 2014). */
extern uint64_t measure_random_state;
uint64_t measure_random(void);

#endif
