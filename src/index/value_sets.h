/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_INDEX_VALUE_SETS_H
#define SPURN_INDEX_VALUE_SETS_H

#include "base/intern.h"

/* Sets of values as they stand where several entries of one level cover an address: an interning
 * pool whose strings are arrays of uint32_t, ascending and distinct, two or more of them. */
typedef intern_t value_sets_t;

#endif
