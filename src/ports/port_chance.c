/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "ports/port_chance.h"

#include <math.h>

double port_chance(unsigned pool, unsigned candidates, unsigned wanted)
{
	double log_none = 0;

	if (pool == 0 || candidates == 0 || wanted == 0)
		return 0;
	if (pool >= candidates || wanted > candidates - pool)
		return 1;
	/* One wanted port after the other is not in the pool. The binomials themselves do not fit a
	 * double, and of 1 minus a product of numbers next to 1 little would be left: so logarithms, whose
	 * sum is exact where it is small. */
	for (unsigned i = 0; i < wanted; i++)
		log_none += log1p(-(double)pool / (candidates - i));
	return -expm1(log_none);
}
