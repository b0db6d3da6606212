/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "daemon/reconfigure.h"

#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "daemon/options_plan.h"

/* The absolute path of a file or directory, links and all: they may lead elsewhere tomorrow. NULL for
 * want of memory; the caller frees it. */
static char *make_absolute(const char *path)
{
	char directory[PATH_MAX];
	char *made = NULL;

	if (path[0] == '/' || getcwd(directory, sizeof(directory)) == NULL)
		return strdup(path);
	if (asprintf(&made, "%s/%s", directory, path) < 0)
		return NULL;
	return made;
}

/* What is left of `path` within the directory `root`, or NULL. */
static const char *strip(const char *path, const char *root)
{
	size_t size = strlen(root);

	while (size > 0 && root[size - 1] == '/')
		size--;
	return strncmp(path, root, size) == 0 && path[size] == '/' ? path + size : NULL;
}

/* The path of `file` for who has changed the root directory to `root`; both absolute. */
static err_t find_within(const char *file, const char *root, char **found)
{
	const char *within = strip(file, root);
	const char *name = strrchr(file, '/');
	char real_directory[PATH_MAX] = "";
	char real_root[PATH_MAX] = "";
	char *directory;

	*found = NULL;
	if (name == NULL)
		return ERR_OK;
	if (within != NULL) {
		*found = strdup(within);
		return *found != NULL ? ERR_OK : ERR_NOMEM;
	}
	/* The two may be called by different names. */
	directory = strndup(file, (size_t)(name - file) + 1);
	if (directory == NULL)
		return ERR_NOMEM;
	if (realpath(directory, real_directory) != NULL && realpath(root, real_root) != NULL) {
		(void)strncat(real_directory, "/",
			      sizeof(real_directory) - 1 - strlen(real_directory));
		within = strip(real_directory, real_root);
	}
	free(directory);
	if (within != NULL && asprintf(found, "%s%s", within, name + 1) < 0)
		return ERR_NOMEM;
	return ERR_OK;
}

/* Finds out where the file will be. */
static err_t find_path(const options_t *start, char **path)
{
	char *file = make_absolute(start->config_file);
	char *root = start->root != NULL ? make_absolute(start->root) : NULL;
	err_t err = ERR_NOMEM;

	if (start->root == NULL) {
		*path = file;
		return file != NULL ? ERR_OK : ERR_NOMEM;
	}
	if (file != NULL && root != NULL)
		err = find_within(file, root, path);
	free(file);
	free(root);
	return err;
}

err_t reconfigure_init(reconfigure_t *reconfigure, const options_t *start)
{
	*reconfigure = (reconfigure_t){ .start = start, .check_s = start->check_s };
	reconfigure->text = strdup(start->config->text);
	if (reconfigure->text != NULL && find_path(start, &reconfigure->path) == ERR_OK)
		return ERR_OK;
	reconfigure_clear(reconfigure);
	log_error("not enough memory");
	return ERR_NOMEM;
}

void reconfigure_clear(reconfigure_t *reconfigure)
{
	free(reconfigure->path);
	free(reconfigure->text);
	*reconfigure = (reconfigure_t){ 0 };
}

void reconfigure_probe(const reconfigure_t *reconfigure)
{
	const char *name = reconfigure->start->config_file;
	int descriptor;

	if (reconfigure->path == NULL) {
		log_warning(
			"%s: a reload cannot read this file again, for it is outside of the root "
			"directory %s: put it below that",
			name, reconfigure->start->root);
		return;
	}
	descriptor = open(reconfigure->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (descriptor >= 0)
		(void)close(descriptor);
	else
		log_warning(
			"%s: a reload cannot read this file again: %s: let user %u read it, and "
			"the directories above",
			name, err_text(err_from_errno()), (unsigned)geteuid());
}

static bool is_same_text(const char *a, const char *b)
{
	return strcmp(a != NULL ? a : "yes", b != NULL ? b : "yes") == 0;
}

/* The next value from given[*at] on for a setting, or NULL; `*at` goes behind it. */
static const assignment_t *next_given(const options_t *options, const setting_t *setting,
				      size_t *at)
{
	while (*at < options->given_count) {
		const assignment_t *given = &options->given[(*at)++];

		if (given->setting == setting)
			return given;
	}
	return NULL;
}

/* Was a setting given the same, and as often, at the start and now? */
static bool is_same(const options_t *start, const options_t *next, const setting_t *setting)
{
	const assignment_t *was;
	const assignment_t *is;
	size_t at_start = 0;
	size_t at_next = 0;

	if ((setting->flags & SETTING_LIST) == 0) {
		was = setting->name != NULL ? options_find(start, setting->name) : NULL;
		is = setting->name != NULL ? options_find(next, setting->name) : NULL;
		return (was == NULL) == (is == NULL) &&
		       (was == NULL || is_same_text(was->value, is->value));
	}
	do {
		was = next_given(start, setting, &at_start);
		is = next_given(next, setting, &at_next);
		if ((was == NULL) != (is == NULL) ||
		    (was != NULL && !is_same_text(was->value, is->value)))
			return false;
	} while (was != NULL);
	return true;
}

/* Logs what has changed in vain. */
static void tell_fixed(const options_t *start, const options_t *next)
{
	char name[SETTING_NAME_MAX];

	for (size_t i = 0; i < settings_count; i++) {
		const setting_t *setting = &settings_table[i];

		if ((setting->flags & SETTING_FIXED) == 0 || is_same(start, next, setting))
			continue;
		options_name(next, setting->name, name);
		if (name[0] != '\0')
			log_warning("%s: another value than at the start takes effect with spurnd "
				    "--replace",
				    name);
		else
			log_warning("%s: that %s is not there any more takes effect with spurnd "
				    "--replace",
				    next->config_file, setting->name);
	}
}

/* Makes a plan of `next`. */
static err_t make_plan(const options_t *start, options_t *next, plan_t **plan)
{
	err_t err;

	/* Lent: it is not `next` who frees it. */
	next->catalog.limits = start->catalog.limits;
	err = options_plan_make(next, plan);
	next->catalog.limits = NULL;
	return err;
}

/* Puts text[0..size) in the place of the file that is in use, if it is good. */
static err_t use(reconfigure_t *reconfigure, const char *text, size_t size, plan_t **plan)
{
	const options_t *start = reconfigure->start;
	options_t next;
	char *copy;

	err_t err = options_reread(start, text, size, &next);
	if (err == ERR_OK)
		err = make_plan(start, &next, plan);
	copy = err == ERR_OK ? strdup(text) : NULL;
	if (copy != NULL) {
		tell_fixed(start, &next);
		free(reconfigure->text);
		reconfigure->text = copy;
		reconfigure->check_s = next.check_s;
	} else if (err == ERR_OK) {
		plan_free(*plan);
		*plan = NULL;
		err = ERR_NOMEM;
	}
	options_free(&next);
	return err;
}

/* Reads the file, and uses it if it has changed. */
static err_t read_again(reconfigure_t *reconfigure, plan_t **plan)
{
	const options_t *start = reconfigure->start;
	char *text;
	size_t size;

	if (reconfigure->path == NULL) {
		log_error("%s: cannot be read again, for it is outside of the root directory %s",
			  start->config_file, start->root);
		return (err_t)-ENOENT;
	}
	err_t err = config_read(reconfigure->path, start->config_file, &text, &size);
	if (err == ERR_OK && (strlen(text) != size || strcmp(text, reconfigure->text) != 0))
		err = use(reconfigure, text, size, plan);
	free(text);
	return err;
}

err_t reconfigure_plan(reconfigure_t *reconfigure, plan_t **plan, char *why, size_t size)
{
	*plan = NULL;
	log_keep_error(why, size);
	err_t err = read_again(reconfigure, plan);
	log_end_keeping();
	if (err != ERR_OK)
		log_error("%s: not used: zones and settings stay as they are",
			  reconfigure->start->config_file);
	return err;
}

void reconfigure_forget(reconfigure_t *reconfigure)
{
	reconfigure->text[0] = '\0';
}
