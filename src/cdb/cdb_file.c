/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "cdb/cdb_file.h"

#include <cdb.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fault_guard.h"

/* What every cdb begins with: where its 256 hash tables are. */
#define CDB_HEAD_SIZE 2048

struct cdb_file {
	struct cdb cdb;
	size_t size;
};

/* Is the file behind `fd` one that may be a cdb? Sets `*stamp` and `*size`. */
static err_t look(int fd, file_stamp_t *stamp, size_t *size)
{
	struct stat status;

	if (fstat(fd, &status) != 0)
		return err_from_errno();
	if (!S_ISREG(status.st_mode))
		return ERR_INVAL;
	if (status.st_size < CDB_HEAD_SIZE || status.st_size > (off_t)UINT32_MAX)
		return ERR_CORRUPT;
	*size = (size_t)status.st_size;
	if (stamp != NULL)
		*stamp = file_stamp_of(&status);
	return ERR_OK;
}

/* Are all hash tables in the file? They are its end, so that it is not where the file was cut. */
static bool has_tables(const uint8_t *head, size_t size)
{
	for (size_t i = 0; i < CDB_HEAD_SIZE; i += 8) {
		uint64_t start = cdb_unpack(head + i);
		uint64_t places = cdb_unpack(head + i + 4);

		if (places > 0 && start + places * 8 > size)
			return false;
	}
	return true;
}

/* A file to be mapped; in a guard, as it may become shorter at any time. */
typedef struct opening {
	cdb_file_t *file;
	int fd;
	err_t err;
} opening_t;

static void map(void *context)
{
	opening_t *opening = context;
	cdb_file_t *file = opening->file;
	const uint8_t *memory;

	if (cdb_init(&file->cdb, opening->fd) != 0) {
		opening->err = errno == EPROTO ? ERR_CORRUPT : err_from_errno();
		return;
	}
	memory = cdb_get(&file->cdb, (unsigned)file->size, 0);
	if (memory == NULL)
		opening->err = ERR_CHANGED; /* it has become shorter since */
	else
		opening->err = has_tables(memory, file->size) ? ERR_OK : ERR_CORRUPT;
	if (opening->err != ERR_OK)
		cdb_free(&file->cdb);
}

static err_t look_and_map(int fd, cdb_file_t *file, file_stamp_t *stamp)
{
	opening_t opening = { file, fd, look(fd, stamp, &file->size) };

	if (opening.err != ERR_OK)
		return opening.err;
	return fault_guard_run(map, &opening) ? opening.err : ERR_CHANGED;
}

err_t cdb_file_open(const char *path, cdb_file_t **file, file_stamp_t *stamp)
{
	/* A named pipe must not hang us. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	cdb_file_t *made;
	err_t err;

	if (fd < 0)
		return err_from_errno();
	made = calloc(1, sizeof(*made));
	err = made != NULL ? look_and_map(fd, made, stamp) : ERR_NOMEM;
	close(fd); /* the mapping stays */
	if (err == ERR_OK)
		*file = made;
	else
		free(made);
	return err;
}

void cdb_file_close(cdb_file_t *file)
{
	if (file == NULL)
		return;
	cdb_free(&file->cdb);
	free(file);
}

bool cdb_file_find(const cdb_file_t *file, const void *key, size_t key_size, const void **value,
		   size_t *value_size)
{
	struct cdb cdb = file->cdb; /* what is found is noted in it */
	const void *found;

	if (key_size > UINT_MAX || cdb_find(&cdb, key, (unsigned)key_size) <= 0)
		return false;
	found = cdb_getdata(&cdb);
	if (found == NULL)
		return false;
	*value = found;
	*value_size = cdb_datalen(&cdb);
	return true;
}

err_t cdb_file_walk(const cdb_file_t *file,
		    err_t (*visit)(void *context, const void *key, size_t key_size,
				   const void *value, size_t value_size),
		    void *context)
{
	struct cdb cdb = file->cdb;
	unsigned position;
	int got;

	cdb_seqinit(&position, &cdb);
	while ((got = cdb_seqnext(&position, &cdb)) > 0) {
		/* NULL where a length makes the sum of all wrap around, which cdb_seqnext lets pass; it
		 * would go round in circles then. */
		const void *key = cdb_getkey(&cdb);
		const void *value = cdb_getdata(&cdb);
		err_t err;

		if (key == NULL || value == NULL)
			return ERR_CORRUPT;
		err = visit(context, key, cdb_keylen(&cdb), value, cdb_datalen(&cdb));
		if (err != ERR_OK)
			return err;
	}
	return got == 0 ? ERR_OK : ERR_CORRUPT;
}

const struct cdb *cdb_file_cdb(const cdb_file_t *file)
{
	return &file->cdb;
}

const void *cdb_file_memory(const cdb_file_t *file, size_t *size)
{
	struct cdb cdb = file->cdb;

	*size = file->size;
	return cdb_get(&cdb, (unsigned)file->size, 0);
}
