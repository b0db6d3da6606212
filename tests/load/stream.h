/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_LOAD_STREAM_H
#define SPURN_LOAD_STREAM_H

#include <ev.h>
#include <stdbool.h>

#include "base/attributes.h"
#include "base/error.h"
#include "engine.h"
#include "spray/spray_pace.h"

/* The TCP side of the engine: queries over some connections, which are made again when the server closes them;
 * what was on the way then is asked again, as RFC 7766 section 6.2.4 wants it. On the thread of the
 * loop. */
typedef struct stream stream_t;

/* Makes `setup->tcp_connections` of them, at least 1, with at most `waiting_max` queries on the way;
 * `asker` is kept. Returns ERR_OK, ERR_NOMEM or an errno value; the caller frees it. */
err_t stream_new(struct ev_loop *loop, const engine_setup_t *setup, unsigned waiting_max,
		 const engine_asker_t *asker, stream_t **stream) ATTR_NONNULL_ALL ATTR_NODISCARD;
/* NULL is fine. */
void stream_free(stream_t *stream);

/* Asks what is due by `pace`; NULL: nothing. */
void stream_step(stream_t *stream, spray_pace_t *pace) ATTR_NONNULL(1);

/* Queries on the way. */
unsigned stream_waiting(const stream_t *stream) ATTR_NONNULL_ALL;

/* Adds what has been counted. */
void stream_count(const stream_t *stream, engine_counts_t *counts) ATTR_NONNULL_ALL;

#endif
