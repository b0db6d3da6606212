/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_SPRAY_SPRAY_ENGINE_H
#define SPURN_SPRAY_SPRAY_ENGINE_H

#include <stdbool.h>

#include "base/attributes.h"
#include "base/error.h"
#include "net/address.h"
#include "spray/spray_mix.h"
#include "spray/spray_ports.h"
#include "spray/spray_result.h"

/* A run: threads that each send their share of the queries over sockets of their own. */

/* Makes a run of `setup`, whose numbers must make sense: no more threads than sockets. Opens the sockets
 * that are open from the start. `mix` and `ports` outlive it. The caller frees it. Returns ERR_OK; ERR_RANGE
 * if there are fewer ports than sockets; ERR_NOMEM; or an errno value. */
err_t spray_engine_new(const spray_setup_t *setup, const net_address_t *server,
		       const spray_mix_t *mix, spray_ports_t *ports,
		       spray_engine_t **engine) ATTR_NONNULL_ALL ATTR_NODISCARD;
/* Closes all sockets. NULL is fine. */
void spray_engine_free(spray_engine_t *engine);

/* Starts the threads. Returns ERR_OK; or an errno value: then none runs. */
err_t spray_engine_start(spray_engine_t *engine) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* A descriptor that poll finds readable when all threads have ended. */
int spray_engine_done_fd(const spray_engine_t *engine) ATTR_NONNULL_ALL;

/* Sends no more queries, and waits for the answers to those on the way as ever; said again, waits no
 * more: they are lost. Any thread. */
void spray_engine_stop(spray_engine_t *engine) ATTR_NONNULL_ALL;

/* Waits for the end of all threads, and tells what it came to. Returns ERR_OK, and the caller clears
 * `*result`; ERR_NOMEM; or what ended the run too early (as spray_udp_step), `*result` being what was up to
 * then. */
err_t spray_engine_finish(spray_engine_t *engine,
			  spray_result_t *result) ATTR_NONNULL_ALL ATTR_NODISCARD;

#endif
