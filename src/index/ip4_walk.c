/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "index/ip4_index.h"

#include "index/ip4_runs.h"

void ip4_index_walk(const ip4_index_t *index, ip4_index_visit_t visit, void *context)
{
	uint32_t first, last, number;
	ip4_runs_t runs;

	ip4_runs_begin(&runs, index);
	while (ip4_runs_next(&runs, &first, &last, &number))
		visit(context, first, last, number);
}
