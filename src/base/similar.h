/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_BASE_SIMILAR_H
#define SPURN_BASE_SIMILAR_H

#include <stddef.h>

#include "base/attributes.h"

/* How many letters must be changed, added, left out or swapped with the next one to make `b` of `a`
 * (Damerau and Levenshtein, no letter twice), capital letters being like small ones. Words over 63 letters are like no other: SIZE_MAX. */
size_t similar_distance(const char *a, const char *b) ATTR_NONNULL_ALL;

/* Could somebody who wrote `word` have meant `known`, and by how many letters is that missed? Returns
 * SIZE_MAX if not. */
size_t similar_slip(const char *word, const char *known) ATTR_NONNULL_ALL;

#endif
