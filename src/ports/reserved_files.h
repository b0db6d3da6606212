/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_PORTS_RESERVED_FILES_H
#define SPURN_PORTS_RESERVED_FILES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"
#include "base/error.h"
#include "ports/port_set.h"

/* The files from which net.ipv4.ip_local_reserved_ports is set when the machine starts, see sysctl.d(5): those
 * that end in .conf in all directories together, by name; of two with one name that in the first directory
 * counts; /etc/sysctl.conf comes last. Each setting takes the place of the one before, so that the last one
 * wins: a port that only an earlier one has is not reserved. */

#define RESERVED_FILES_KEY "net.ipv4.ip_local_reserved_ports"
/* Where files of the administrator are. */
#define RESERVED_FILES_DIRECTORY "/etc/sysctl.d"
/* The file that spurn ports writes. In the middle, so that an administrator's own, often 90 or 99, wins; who
 * writes it looks whether one does. */
#define RESERVED_FILES_OURS "50-spurn-ports.conf"

/* A line that sets the key. */
typedef struct reserved_line {
	char *path;
	unsigned number; /* of the line, from 1 */
	port_set_t ports;
} reserved_line_t;

/* { 0 } is empty. */
typedef struct reserved_files {
	reserved_line_t *lines; /* count of them, in the order in which they are set */
	size_t count;
	size_t capacity;
} reserved_files_t;

/* Reads the value of a line of such a file. Returns whether the line sets the key; then the value is at
 * `*value`, without blanks around it, `*size` bytes. Pure; any thread. */
bool reserved_line_parse(const char *line, const char **value, size_t *size) ATTR_NONNULL_ALL;

/* Reads all such files; those of `directory` only, if that is not NULL. A file that cannot be read, and a
 * line that the kernel would not take, is told and skipped. Returns ERR_OK, or an error after it has been
 * logged. The caller frees `*files`, which is { 0 } before, with reserved_files_free in any case. */
err_t reserved_files_read(reserved_files_t *files, const char *directory)
	ATTR_NONNULL(1) ATTR_NODISCARD;
void reserved_files_free(reserved_files_t *files) ATTR_NONNULL_ALL;

/* The line that wins, or NULL if there is none. */
const reserved_line_t *reserved_files_last(const reserved_files_t *files) ATTR_NONNULL_ALL;

/* Has `directory` (NULL: RESERVED_FILES_DIRECTORY) have our file with these ports and no others, under a
 * temporary name until it is complete. Returns ERR_OK, or an error after it has been logged, with the file as
 * it was. */
err_t reserved_files_write(const char *directory, const port_set_t *ports)
	ATTR_NONNULL(2) ATTR_NODISCARD;

/* Has the kernel reserve these ports and no others (of the network namespace of the calling thread). Returns
 * ERR_OK, or an error after it has been logged. */
err_t reserved_ports_set(const port_set_t *ports) ATTR_NONNULL_ALL ATTR_NODISCARD;

#endif
