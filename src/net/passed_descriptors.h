/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_NET_PASSED_DESCRIPTORS_H
#define SPURN_NET_PASSED_DESCRIPTORS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/attributes.h"

/* Descriptors that go from one process to another, with bytes, over a connected Unix socket (SCM_RIGHTS, see
 * unix(7)). All functions: any thread. */

/* Descriptors that one message can have with it: the kernel's SCM_MAX_FD. */
#define PASSED_DESCRIPTORS_MAX 253

/* What came with bytes; plain data. */
typedef struct passed_descriptors {
	int fds[PASSED_DESCRIPTORS_MAX]; /* the receiver's to close; closed on exec */
	size_t count;
	bool is_cut; /* there were more, but this process may not open so many */
} passed_descriptors_t;

/* Sends bytes, at least one, and fds[0..count), at most PASSED_DESCRIPTORS_MAX, which stay the caller's.
 * `flags` are those of sendmsg(2); there is no SIGPIPE. Returns how many bytes have been sent, all
 * descriptors with them; or -1 with errno, and nothing has. `fds` may be NULL if `count` is 0. */
ssize_t passed_descriptors_send(int fd, const void *bytes, size_t size, const int *fds,
				size_t count, int flags) ATTR_NONNULL(2) ATTR_NODISCARD;

/* Receives bytes, `size` at most, and what descriptors come with them. `flags` are those of recvmsg(2).
 * Returns how many bytes came, 0 at the end; or -1 with errno, and no descriptors. */
ssize_t passed_descriptors_receive(int fd, void *bytes, size_t size, int flags,
				   passed_descriptors_t *passed) ATTR_NONNULL_ALL ATTR_NODISCARD;

#endif
