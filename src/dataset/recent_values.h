/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_DATASET_RECENT_VALUES_H
#define SPURN_DATASET_RECENT_VALUES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "zonefile/text.h"

/* What lines said lately, word for word, and the numbers of the values that this was. Most long lists say
 * the same few things again and again, or of neighbours the same: to know the words takes a fifth of the
 * time that it takes to read them and to look the value up. Where lines differ it is hardly ever tried. One
 * thread at a time. */
typedef struct recent_values recent_values_t;

/* Knows nothing. NULL for want of memory. The caller frees it, by free(). */
recent_values_t *recent_values_new(void) ATTR_NODISCARD;

/* To be called before each batch of lines. `meaning` becomes a number that has not been there yet whenever
 * the same words begin to mean another value. Returns whether lines are to be looked up here at all: not
 * where most of them were not known lately. */
bool recent_values_begin(recent_values_t *recent, uint32_t meaning) ATTR_NONNULL_ALL;

/* The number of the value that `rest`, which is not empty, is; 0: not known. */
uint32_t recent_values_find(recent_values_t *recent, text_t rest) ATTR_NONNULL_ALL;

/* Notes what was not known, if it is not too long; another one may be forgotten. */
void recent_values_put(recent_values_t *recent, text_t rest, uint32_t number) ATTR_NONNULL_ALL;

#endif
