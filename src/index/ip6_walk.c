/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "index/ip6_index.h"

#include "index/ip6_runs.h"

void ip6_index_walk(const ip6_index_t *index, ip6_index_visit_t visit, void *context)
{
	ip6_address_t first, last;
	uint32_t number;
	ip6_runs_t runs;

	ip6_runs_begin(&runs, index);
	while (ip6_runs_next(&runs, &first, &last, &number))
		visit(context, first, last, number);
}
