/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_NET_STEERING_H
#define SPURN_NET_STEERING_H

#include <linux/filter.h>
#include <stddef.h>

#include "base/attributes.h"
#include "base/error.h"

/* Which of the sockets that are bound to one address (SO_REUSEPORT) gets a datagram. Left alone the
 * kernel hashes both addresses and both ports, so that all that a client sends from one socket comes to
 * one of ours: the worker of that one has everything to do, the others nothing. So a program of three
 * instructions chooses, anew for each datagram: classic BPF, for which nobody needs privileges. */

typedef enum steering {
	STEERING_RANDOM, /* any of them, each as likely as the others */
	STEERING_CPU,    /* that with the number, modulo theirs, of the CPU that has taken it in */
	STEERING_HASH,   /* the kernel's choice */
} steering_t;

#define STEERING_MODES 3

/* What --steer calls it. */
const char *steering_name(steering_t steering);

/* Most instructions of a program. */
#define STEERING_PROGRAM_MAX 3

/* Writes the program that chooses among sockets[0..sockets), at least one; returns how many instructions
 * it has. That of STEERING_HASH chooses one that there is not, for then the kernel goes by its hash. Pure. */
size_t steering_program(steering_t steering, size_t sockets,
			struct sock_filter program[STEERING_PROGRAM_MAX]) ATTR_NONNULL_ALL;

/* From the next datagram on, `steering` chooses among the first `sockets`, at least one, of the sockets
 * that are bound to the address of `fd`, in the order in which they were bound (each that is closed leaves its
 * place to the last one). That holds for all of them, whichever process has them; those behind get nothing
 * any more, unless it is STEERING_HASH, which always chooses among all. Any thread; in daemon/sandbox.h,
 * too. Returns ERR_OK, or the errno value of the kernel that does not know how: then all is as before. */
err_t steering_apply(steering_t steering, int fd, size_t sockets) ATTR_NODISCARD;

#endif
