/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_BASE_PLURAL_H
#define SPURN_BASE_PLURAL_H

#include <stdint.h>

/* What stands behind a noun of which there are so many: "1 zone", "2 zones". */
static inline const char *plural(uint64_t count)
{
	return count == 1 ? "" : "s";
}

#endif
