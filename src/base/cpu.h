/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_BASE_CPU_H
#define SPURN_BASE_CPU_H

#include "base/attributes.h"

/* Which instructions a function may use whose variants are chosen at run time. The program as a whole
 * is built for the least processor of its architecture; a variant for better ones is a function with
 * CPU_TARGET_..., which is called only where cpu_level says so. Each has a twin in plain C that gives
 * the same results, and is all there is on other architectures. */

typedef enum cpu_level {
	CPU_PLAIN, /* what the compiler was told: plain C */
	CPU_SSE41, /* x86-64 with SSSE3, SSE4.1, SSE4.2 and POPCNT (x86-64-v2; since 2008) */
	CPU_AVX2,  /* and AVX2, BMI1, BMI2 and LZCNT (as x86-64-v3; since 2013) */
	CPU_LEVELS
} cpu_level_t;

#ifdef __x86_64__
#define CPU_HAS_VARIANTS 1
#define CPU_TARGET_SSE41 __attribute__((target("sse4.2,popcnt")))
#define CPU_TARGET_AVX2  __attribute__((target("avx2,bmi,bmi2,lzcnt,popcnt")))
#else
#define CPU_HAS_VARIANTS 0
#endif

/* The highest level that this machine and its system have, or that cpu_limit allows. Any thread. */
cpu_level_t cpu_level(void);

/* Allows no level above `most` from now on, in all threads; CPU_LEVELS allows all again. For tests and
 * benchmarks of variants: nothing else has a reason, as all give the same results. */
void cpu_limit(cpu_level_t most);

/* A level's name, as "AVX2". Static. */
const char *cpu_level_name(cpu_level_t level);

#endif
