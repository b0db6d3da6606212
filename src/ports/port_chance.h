/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_PORTS_PORT_CHANCE_H
#define SPURN_PORTS_PORT_CHANCE_H

#include "base/attributes.h"

/* The chance that a pool of `pool` ports, taken at random out of `candidates`, none of them twice, has at least
 * one of `wanted` given ones of these candidates: 1 - C(candidates - wanted, pool) / C(candidates, pool).
 * Exact to some 1e-12 of itself, also where it is tiny. 0 if any of them is 0; 1 if so many are taken that
 * one has to be among them. Pure; any thread. */
double port_chance(unsigned pool, unsigned candidates, unsigned wanted) ATTR_NODISCARD;

#endif
