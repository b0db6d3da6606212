/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_TOOL_PORTS_H
#define SPURN_TOOL_PORTS_H

#include "tool/command.h"

/* `spurn ports`: which UDP services could lose their port to a forwarder's pool of random ports. */
extern const command_t command_ports;

#endif
