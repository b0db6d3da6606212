/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* A system without SO_ATTACH_REUSEPORT_CBPF: loaded into spurnd by test_steer.py (LD_PRELOAD), this answers
 * as such a kernel does. */

#include <errno.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

int setsockopt(int fd, int level, int option, const void *value, socklen_t size)
{
	if (level == SOL_SOCKET &&
	    (option == SO_ATTACH_REUSEPORT_CBPF || option == SO_DETACH_REUSEPORT_BPF)) {
		errno = ENOPROTOOPT;
		return -1;
	}
	return (int)syscall(SYS_setsockopt, fd, level, option, value, size);
}
