/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_TESTS_UNIT_SCARCE_PIECES_H
#define SPURN_TESTS_UNIT_SCARCE_PIECES_H

#include <errno.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Takes the place of the C library's mmap, which is where byte queues have their memory from, so that
 * a test can let it come to an end. */

/* Calls that will not fail. */
static size_t pieces_left = SIZE_MAX;

void *mmap(void *at, size_t size, int protection, int flags, int fd, off_t offset)
{
	if (pieces_left == 0) {
		errno = ENOMEM;
		return MAP_FAILED;
	}
	if (pieces_left != SIZE_MAX)
		pieces_left--;
	return (void *)syscall(SYS_mmap, at, size, protection, flags, fd, offset);
}

#endif
