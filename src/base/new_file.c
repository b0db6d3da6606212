/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "base/new_file.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* Behind the name, for mkostemp. */
#define SUFFIX ".XXXXXX"

/* What a file of this process may be for others. */
static mode_t usual_mode(void)
{
	mode_t mask = umask(0);

	umask(mask);
	return 0666 & ~mask;
}

/* Writes to what is there already, or is no plain file. */
static err_t open_as_it_is(new_file_t *file)
{
	file->temporary[0] = '\0';
	file->out = fopen(file->path, "we");
	return file->out != NULL ? ERR_OK : err_from_errno();
}

static err_t open_temporary(new_file_t *file, mode_t mode)
{
	int length = snprintf(file->temporary, PATH_MAX, "%s%s", file->path, SUFFIX);
	int fd;
	err_t err;

	if (length >= PATH_MAX)
		return ERR_NO_SPACE;
	fd = mkostemp(file->temporary, O_CLOEXEC);
	if (fd < 0)
		return err_from_errno();
	file->out = fchmod(fd, mode) == 0 ? fdopen(fd, "w") : NULL;
	if (file->out != NULL)
		return ERR_OK;
	err = err_from_errno();
	close(fd);
	unlink(file->temporary);
	return err;
}

err_t new_file_begin(new_file_t *file, const char *path)
{
	struct stat status;

	file->out = NULL;
	if (realpath(path, file->path) == NULL &&
	    snprintf(file->path, PATH_MAX, "%s", path) >= PATH_MAX)
		return ERR_NO_SPACE;
	if (stat(file->path, &status) != 0)
		return open_temporary(file, usual_mode());
	if (!S_ISREG(status.st_mode))
		return open_as_it_is(file);
	return open_temporary(file, status.st_mode & 0777);
}

err_t new_file_end(new_file_t *file)
{
	err_t err = fflush(file->out) == 0 && ferror(file->out) == 0 ? ERR_OK : err_from_errno();

	if (fclose(file->out) != 0 && err == ERR_OK)
		err = err_from_errno();
	file->out = NULL;
	if (file->temporary[0] == '\0')
		return err;
	if (err == ERR_OK && rename(file->temporary, file->path) != 0)
		err = err_from_errno();
	if (err != ERR_OK)
		unlink(file->temporary);
	return err;
}

err_t new_file_check(const char *path)
{
	new_file_t file;
	err_t err = new_file_begin(&file, path);

	if (err != ERR_OK)
		return err;
	fclose(file.out);
	if (file.temporary[0] != '\0')
		unlink(file.temporary);
	return ERR_OK;
}
