/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "daemon/config.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"
#include "base/log.h"
#include "daemon/config_reader.h"

/* Reads all of an open file; a regular one, so that nothing waits for a pipe. */
static err_t read_all(int descriptor, char **text, size_t *size)
{
	struct stat status;
	ssize_t got = 1;

	if (fstat(descriptor, &status) != 0)
		return err_from_errno();
	if (S_ISDIR(status.st_mode))
		return (err_t)-EISDIR;
	if (!S_ISREG(status.st_mode))
		return ERR_INVAL;
	if (status.st_size > CONFIG_SIZE_MAX)
		return ERR_TOO_LARGE;
	*text = malloc((size_t)status.st_size + 1);
	if (*text == NULL)
		return ERR_NOMEM;
	while (got > 0 && *size < (size_t)status.st_size) {
		got = read(descriptor, *text + *size, (size_t)status.st_size - *size);
		if (got > 0)
			*size += (size_t)got;
		else if (got < 0 && errno == EINTR)
			got = 1;
	}
	(*text)[*size] = '\0';
	return got < 0 ? err_from_errno() : ERR_OK;
}

err_t config_read(const char *path, const char *name, char **text, size_t *size)
{
	err_t err;

	/* Not blocking: nobody may hold us up with a pipe of that name. */
	int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	*text = NULL;
	*size = 0;
	err = descriptor < 0 ? err_from_errno() : read_all(descriptor, text, size);
	if (descriptor >= 0)
		(void)close(descriptor);
	if (err == ERR_OK)
		return ERR_OK;
	log_error("%s: cannot read this configuration file: %s", name,
		  err == ERR_INVAL ? "it is no regular file" : err_text(err));
	free(*text);
	*text = NULL;
	return err;
}

/* A copy of text[0..size), with a NUL behind it, or NULL. */
static char *copy(const char *text, size_t size)
{
	char *made = malloc(size + 1);

	if (made == NULL)
		return NULL;
	memcpy(made, text, size);
	made[size] = '\0';
	return made;
}

err_t config_parse(const char *text, size_t size, const char *name, config_t **parsed)
{
	config_t *config = calloc(1, sizeof(*config));
	char *scratch = copy(text, size);
	err_t err = ERR_NOMEM;

	if (config != NULL)
		config->text = copy(text, size);
	if (config != NULL && config->text != NULL && scratch != NULL) {
		config->name = name;
		err = config_reader_run(config, scratch, size);
	}
	free(scratch);
	if (err == ERR_NOMEM) {
		log_error("%s: not enough memory for this configuration", name);
		config_free(config);
		config = NULL;
	}
	*parsed = config;
	return err;
}

void config_free(config_t *config)
{
	if (config == NULL)
		return;
	for (size_t i = 0; i < config->strings.count; i++)
		free(config->strings.all[i]);
	free(config->strings.all);
	free(config->text);
	free(config->global.all);
	free(config->specs.all);
	free(config->zones.all);
	free(config->datasets.all);
	free(config->settings.all);
	free(config);
}
