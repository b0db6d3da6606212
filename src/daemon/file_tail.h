/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_DAEMON_FILE_TAIL_H
#define SPURN_DAEMON_FILE_TAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"

/* Bytes of a file's end that are kept, to be found again. More make a mistake less likely. */
#define FILE_TAIL_SIZE 256

/* What tells whether lines were only added to a file: its end as it was; plain data. */
typedef struct file_tail {
	uint64_t device;
	uint64_t inode;
	uint64_t size; /* of the file; 0: nothing is known of it */
	size_t count;  /* how many of `bytes` there are */
	uint8_t bytes[FILE_TAIL_SIZE];
} file_tail_t;

/* Reads the end of the file `path`. One that cannot be read has none. Any thread; it may wait for the
 * disk. */
void file_tail_take(const char *path, file_tail_t *tail) ATTR_NONNULL_ALL;

/* Is `path` the file of `tail`, with whole lines added and what was there before unchanged? A guess
 * from where the end was: what stood before is not compared. As above. */
bool file_tail_has_grown(const char *path, const file_tail_t *tail) ATTR_NONNULL_ALL;

#endif
