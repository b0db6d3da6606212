/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_TOOL_HUMAN_H
#define SPURN_TOOL_HUMAN_H

#include <stdint.h>

#include "base/attributes.h"

/* Numbers as people read them. Each function writes to `text` and returns that. Pure; any thread. */

/* Bytes for any of them. */
#define HUMAN_MAX 32

/* 10,000,000 */
const char *human_count(uint64_t number, char text[HUMAN_MAX]) ATTR_NONNULL_ALL;

/* Bytes: 812 B, 1.4 kB, 13 MB; powers of 1000, as disks and lists are sold. */
const char *human_bytes(uint64_t bytes, char text[HUMAN_MAX]) ATTR_NONNULL_ALL;

/* Seconds, roughly: 0.41 s, 8 s, 3 min, 5 h, 12 d. Less than 0 counts as 0. */
const char *human_duration(double seconds, char text[HUMAN_MAX]) ATTR_NONNULL_ALL;

/* The same for whole seconds: 8 s, 3 min, 5 h, 12 d. */
const char *human_age(double seconds, char text[HUMAN_MAX]) ATTR_NONNULL_ALL;

/* A number with a fraction that matters: 0.4, 12.5, 2,314 */
const char *human_rate(double number, char text[HUMAN_MAX]) ATTR_NONNULL_ALL;

#endif
