/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "base/cpu.h"

#include <stdatomic.h>
#include <stdbool.h>

#if CPU_HAS_VARIANTS
#include <cpuid.h>
#endif

/* The level in use, plus one; 0: not known yet. */
static _Atomic unsigned char level_in_use;

#if CPU_HAS_VARIANTS
/* Not every compiler's library knows its name. */
static bool has_lzcnt(void)
{
	unsigned a, b, c, d;

	return __get_cpuid(0x80000001, &a, &b, &c, &d) != 0 && (c & bit_LZCNT) != 0;
}
#endif

static cpu_level_t level_of_machine(void)
{
#if CPU_HAS_VARIANTS
	/* The compiler's library also asks whether the system saves the wider registers. */
	__builtin_cpu_init();
	if (!__builtin_cpu_supports("sse4.2") || !__builtin_cpu_supports("popcnt"))
		return CPU_PLAIN;
	if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("bmi") ||
	    !__builtin_cpu_supports("bmi2") || !has_lzcnt())
		return CPU_SSE41;
	return CPU_AVX2;
#else
	return CPU_PLAIN;
#endif
}

void cpu_limit(cpu_level_t most)
{
	cpu_level_t level = level_of_machine();

	level = level < most ? level : most;
	atomic_store_explicit(&level_in_use, (unsigned char)(level + 1), memory_order_relaxed);
}

cpu_level_t cpu_level(void)
{
	unsigned level = atomic_load_explicit(&level_in_use, memory_order_relaxed);

	/* Threads that come here at once find the same. */
	if (UNLIKELY(level == 0)) {
		cpu_limit(CPU_LEVELS);
		level = atomic_load_explicit(&level_in_use, memory_order_relaxed);
	}
	return (cpu_level_t)(level - 1);
}

const char *cpu_level_name(cpu_level_t level)
{
	static const char *const names[CPU_LEVELS] = { "plain C", "SSE4.1", "AVX2" };

	return names[level];
}
