/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_TESTS_UNIT_CDB_FIXTURE_H
#define SPURN_TESTS_UNIT_CDB_FIXTURE_H

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "test.h"

/* What tests of cdb files share: a directory, and files as bytes. */

static char cdb_directory[] = "/tmp/spurn-test-XXXXXX"; /* of a process for each test */
static char cdb_path[64];

static inline void cdb_begin(void)
{
	ck_assert_ptr_nonnull(mkdtemp(cdb_directory));
	snprintf(cdb_path, sizeof(cdb_path), "%s/list.cdb", cdb_directory);
}

/* There must be no file left in it beside cdb_path. */
static inline void cdb_end(void)
{
	unlink(cdb_path);
	ck_assert_int_eq(rmdir(cdb_directory), 0);
}

/* The bytes of cdb_path; the caller frees them. */
static inline uint8_t *cdb_bytes(size_t *size)
{
	struct stat status;
	uint8_t *bytes;
	int fd = open(cdb_path, O_RDONLY);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(fstat(fd, &status), 0);
	*size = (size_t)status.st_size;
	bytes = malloc(*size + 1);
	ck_assert_ptr_nonnull(bytes);
	ck_assert_int_eq(read(fd, bytes, *size), status.st_size);
	close(fd);
	return bytes;
}

static inline void cdb_write(const void *bytes, size_t size)
{
	int fd = open(cdb_path, O_WRONLY | O_CREAT, 0600);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, bytes, size), (ssize_t)size);
	ck_assert_int_eq(ftruncate(fd, (off_t)size), 0);
	ck_assert_int_eq(close(fd), 0);
}

#endif
