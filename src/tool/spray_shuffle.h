/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_TOOL_SPRAY_SHUFFLE_H
#define SPURN_TOOL_SPRAY_SHUFFLE_H

#include <stddef.h>

/* Puts the `count` elements at `data`, of `size` bytes each (at most 64), into a random order, each
 * equally likely. Any thread. */
void spray_shuffle(void *data, size_t count, size_t size);

#endif
