/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_ZONEFILE_TIMESTAMP_H
#define SPURN_ZONEFILE_TIMESTAMP_H

#include <stdbool.h>
#include <time.h>

#include "base/attributes.h"
#include "zonefile/text.h"

/* Reads a moment as $TIMESTAMP has it: yyyy:mm:dd[:hh[:mi[:ss]]] in UTC, where each colon may also be
 * a dash or be left out; or 0 or - for none, which comes out as 0. Returns false when it is neither,
 * or no day of the calendar from 1970 on. */
bool timestamp_parse(text_t word, time_t *moment) ATTR_NONNULL_ALL ATTR_NODISCARD;

#endif
