/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "base/processors.h"

#include <sched.h>
#include <stdatomic.h>
#include <unistd.h>

static _Atomic unsigned pretended;

void processors_pretend(unsigned count)
{
	atomic_store_explicit(&pretended, count, memory_order_relaxed);
}

unsigned processors_allowed(void)
{
	unsigned told = atomic_load_explicit(&pretended, memory_order_relaxed);
	cpu_set_t allowed;
	long count;

	if (told != 0)
		return told;
	if (sched_getaffinity(0, sizeof(allowed), &allowed) == 0)
		count = CPU_COUNT(&allowed);
	else /* more CPUs than a cpu_set_t holds */
		count = sysconf(_SC_NPROCESSORS_ONLN);
	return count < 1 ? 1 : (unsigned)count;
}
