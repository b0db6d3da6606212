/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "ports/reserved_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"
#include "base/log.h"
#include "base/new_file.h"
#include "ports/port_system.h"

/* Read behind all others by sysctl --system; Debian's /etc/sysctl.d/99-sysctl.conf is a link to it. */
#define LAST_FILE "/etc/sysctl.conf"
#define SUFFIX    ".conf"

static const char file_head[] =
	"# UDP ports of services, which random source ports must not take: written by\n"
	"# `spurn ports --fix`, which only ever adds ports. See spurn(1).\n" RESERVED_FILES_KEY
	" = ";

/* The places of sysctl.d(5); the first one that has a name wins. */
static const char *const system_directories[] = {
	RESERVED_FILES_DIRECTORY, "/run/sysctl.d", "/usr/local/lib/sysctl.d",
	"/usr/lib/sysctl.d",      "/lib/sysctl.d", NULL,
};

typedef struct name {
	char *path;
	const char *base; /* in path */
	size_t directory; /* its number */
} name_t;

typedef struct names {
	name_t *names;
	size_t count;
	size_t capacity;
} names_t;

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

bool reserved_line_parse(const char *line, const char **value, size_t *size)
{
	static const char key[] = RESERVED_FILES_KEY;
	size_t at = 0;

	while (is_blank(*line))
		line++;
	/* An error in a line that begins so is no error. */
	if (*line == '-')
		line++;
	/* Both net.ipv4.x and net/ipv4/x are the key. */
	for (; key[at] != '\0'; at++) {
		if (line[at] != key[at] && !(key[at] == '.' && line[at] == '/'))
			return false;
	}
	line += at;
	while (is_blank(*line))
		line++;
	if (*line++ != '=')
		return false;
	while (is_blank(*line))
		line++;
	*value = line;
	*size = strlen(line);
	while (*size > 0 && is_blank(line[*size - 1]))
		(*size)--;
	return true;
}

static err_t add_line(reserved_files_t *files, const char *path, unsigned number, const char *value,
		      size_t size)
{
	char reason[PORT_REASON_MAX];
	reserved_line_t line = { .number = number };

	if (port_set_parse(&line.ports, value, size, reason) != ERR_OK) {
		log_warning("%s:%u: %s; not taken", path, number, reason);
		return ERR_OK;
	}
	err_t err = array_reserve((void **)&files->lines, &files->capacity, files->count + 1,
				  sizeof(line));
	if (err != ERR_OK)
		return err;
	line.path = strdup(path);
	if (line.path == NULL)
		return ERR_NOMEM;
	files->lines[files->count++] = line;
	return ERR_OK;
}

static err_t read_file(reserved_files_t *files, const char *path)
{
	FILE *in = fopen(path, "re");
	char *line = NULL;
	size_t room = 0;
	err_t err = ERR_OK;

	if (in == NULL) {
		/* A link to nowhere is like no file. */
		if (errno != ENOENT)
			log_warning("cannot read %s: %s", path, strerror(errno));
		return ERR_OK;
	}
	for (unsigned number = 1; err == ERR_OK && getline(&line, &room, in) >= 0; number++) {
		const char *value;
		size_t size;

		if (reserved_line_parse(line, &value, &size))
			err = add_line(files, path, number, value, size);
	}
	if (ferror(in) != 0)
		log_warning("cannot read %s: %s", path, strerror(errno));
	free(line);
	fclose(in);
	return err;
}

static bool has_suffix(const char *text)
{
	size_t length = strlen(text);

	return text[0] != '.' && length > strlen(SUFFIX) &&
	       strcmp(text + length - strlen(SUFFIX), SUFFIX) == 0;
}

/* Notes the files of a directory; one that is not there has none. */
static err_t list_directory(names_t *names, const char *directory, size_t number)
{
	DIR *entries = opendir(directory);
	const struct dirent *entry;
	err_t err = ERR_OK;

	if (entries == NULL) {
		if (errno != ENOENT)
			log_warning("cannot read %s: %s", directory, strerror(errno));
		return ERR_OK;
	}
	while (err == ERR_OK && (entry = readdir(entries)) != NULL) {
		name_t name = { .directory = number };

		if (!has_suffix(entry->d_name))
			continue;
		err = array_reserve((void **)&names->names, &names->capacity, names->count + 1,
				    sizeof(name));
		if (err == ERR_OK && asprintf(&name.path, "%s/%s", directory, entry->d_name) < 0)
			err = ERR_NOMEM;
		if (err != ERR_OK)
			break;
		name.base = name.path + strlen(directory) + 1;
		names->names[names->count++] = name;
	}
	closedir(entries);
	return err;
}

static int compare_names(const void *one, const void *other)
{
	const name_t *a = one, *b = other;
	int order = strcmp(a->base, b->base);

	return order != 0 ? order : (a->directory > b->directory) - (a->directory < b->directory);
}

err_t reserved_files_read(reserved_files_t *files, const char *directory)
{
	const char *const given[] = { directory, NULL };
	const char *const *directories = directory != NULL ? given : system_directories;
	names_t names = { 0 };
	err_t err = ERR_OK;

	for (size_t i = 0; directories[i] != NULL && err == ERR_OK; i++)
		err = list_directory(&names, directories[i], i);
	if (names.count > 0)
		qsort(names.names, names.count, sizeof(*names.names), compare_names);
	for (size_t i = 0; i < names.count && err == ERR_OK; i++) {
		if (i == 0 || strcmp(names.names[i].base, names.names[i - 1].base) != 0)
			err = read_file(files, names.names[i].path);
	}
	if (directory == NULL && err == ERR_OK)
		err = read_file(files, LAST_FILE);
	for (size_t i = 0; i < names.count; i++)
		free(names.names[i].path);
	free(names.names);
	if (err != ERR_OK)
		log_error("cannot read the files of %s: %s",
			  directory != NULL ? directory : RESERVED_FILES_DIRECTORY, err_text(err));
	return err;
}

void reserved_files_free(reserved_files_t *files)
{
	for (size_t i = 0; i < files->count; i++)
		free(files->lines[i].path);
	free(files->lines);
	*files = (reserved_files_t){ 0 };
}

const reserved_line_t *reserved_files_last(const reserved_files_t *files)
{
	return files->count > 0 ? &files->lines[files->count - 1] : NULL;
}

/* Writes the file. Its temporary name is one that sysctl does not read. */
static err_t write_file(const char *path, const char *ports)
{
	new_file_t file;
	err_t err = new_file_begin(&file, path);

	if (err != ERR_OK)
		return err;
	/* Everybody may know what is reserved, whatever the umask of root. */
	(void)fchmod(fileno(file.out), 0644);
	fprintf(file.out, "%s%s\n", file_head, ports);
	return new_file_end(&file);
}

err_t reserved_files_write(const char *directory, const port_set_t *ports)
{
	char path[PATH_MAX];
	char *text = port_set_text(ports);
	err_t err = text != NULL ? ERR_OK : ERR_NOMEM;

	if (snprintf(path, sizeof(path), "%s/%s",
		     directory != NULL ? directory : RESERVED_FILES_DIRECTORY,
		     RESERVED_FILES_OURS) >= PATH_MAX)
		err = ERR_NO_SPACE;
	if (err == ERR_OK)
		err = write_file(path, text);
	if (err != ERR_OK)
		log_error("cannot write %s: %s%s", path, err_text(err),
			  err == (err_t)-EACCES ? "; run this as root" : "");
	free(text);
	return err;
}

/* Writes the kernel's list. It takes a page at a time, and adds what comes behind the first one. */
static err_t write_list(const char *text)
{
	int fd = open(PORT_SYSTEM_RESERVED, O_WRONLY | O_CLOEXEC);
	/* No ports are an empty line. */
	const char *list = *text != '\0' ? text : "\n";
	size_t size = strlen(list);
	err_t err = fd >= 0 ? ERR_OK : err_from_errno();

	for (size_t done = 0; done < size && err == ERR_OK;) {
		ssize_t written = write(fd, list + done, size - done);

		if (written <= 0)
			err = err_from_errno();
		else
			done += (size_t)written;
	}
	if (fd >= 0)
		close(fd);
	return err;
}

err_t reserved_ports_set(const port_set_t *ports)
{
	char *text = port_set_text(ports);
	err_t err = text != NULL ? write_list(text) : ERR_NOMEM;

	if (err != ERR_OK)
		log_error("cannot write %s: %s", PORT_SYSTEM_RESERVED, err_text(err));
	free(text);
	return err;
}
