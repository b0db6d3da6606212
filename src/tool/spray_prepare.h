/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_TOOL_SPRAY_PREPARE_H
#define SPURN_TOOL_SPRAY_PREPARE_H

#include <stdbool.h>

#include "base/attributes.h"
#include "base/error.h"
#include "net/address.h"
#include "tool/spray_options.h"
#include "spray/spray_ports.h"

/* What has to be there before a run: the server's address, source ports, room for sockets. Each function
 * completes `options->setup`, and returns ERR_OK, or an error after it has been logged, with what to do. */

/* Bytes of the text of the zones that are asked. */
#define SPRAY_ZONE_TEXT_MAX 1024

/* Finds the address of the server. */
err_t spray_prepare_server(spray_options_t *options, net_address_t *server,
			   char text[NET_ADDRESS_TEXT_MAX]) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Sees which source ports there are to choose from: of --port-range, or of those that the kernel uses, all
 * that are neither reserved nor to be avoided; and that they are enough. The caller frees `*ports`. */
err_t spray_prepare_ports(spray_options_t *options,
			  spray_ports_t **ports) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Lets no thread be without a socket, decides how many queries may be on the way, and raises the limit of
 * open files as far as sockets need it. */
err_t spray_prepare_limits(spray_options_t *options) ATTR_NONNULL_ALL ATTR_NODISCARD;

/* Says why sockets could not be opened, or no more of them. */
void spray_prepare_explain(const spray_setup_t *setup, err_t err) ATTR_NONNULL_ALL;

#endif
