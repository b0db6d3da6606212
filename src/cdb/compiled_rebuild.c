/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "cdb/compiled_rebuild.h"

#include <sodium.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The text of `value`, which dataset/saved_specials.h wrote: a string, or an object with its bytes in hexadecimal. The
 * caller frees it. NULL: it is none, or for want of memory. */
static char *text_of(const json_t *value)
{
	const char *hex = json_string_value(json_object_get(value, "hex"));
	size_t size = hex != NULL ? strlen(hex) / 2 : 0;
	char *text;

	if (hex == NULL)
		return json_is_string(value) ? strdup(json_string_value(value)) : NULL;
	text = calloc(1, size + 1);
	if (text != NULL &&
	    sodium_hex2bin((unsigned char *)text, size, hex, 2 * size, NULL, NULL, NULL) != 0) {
		free(text);
		return NULL;
	}
	return text;
}

/* What needs no quotes. */
#define PLAIN                                                                                      \
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"                           \
	"%+,-./:=@_"

/* Writes a word so that a shell takes it for one, and for no other. */
static void write_quoted(FILE *out, const char *word)
{
	if (word[0] != '\0' && word[strspn(word, PLAIN)] == '\0') {
		fputs(word, out);
		return;
	}
	putc('\'', out);
	for (; *word != '\0'; word++) {
		if (*word == '\'')
			fputs("'\\''", out);
		else
			putc(*word, out);
	}
	putc('\'', out);
}

static void write_specification(FILE *out, const char *zone, const char *spec)
{
	size_t size = strlen(zone) + strlen(spec) + sizeof(":");
	char *word = malloc(size);

	if (word == NULL)
		return;
	snprintf(word, size, "%s:%s", zone, spec);
	putc(' ', out);
	write_quoted(out, word);
	free(word);
}

/* Returns false if a data set is not described. */
static bool write_zones(FILE *out, const json_t *header)
{
	/* jansson's way to walk an object wants one that it may change, and does not. */
	json_t *zones = json_object_get(header, "zones");
	const json_t *datasets = json_object_get(header, "datasets");
	const char *zone;
	json_t *numbers;

	json_object_foreach(zones, zone, numbers)
	{
		size_t i;
		json_t *number;

		json_array_foreach(numbers, i, number)
		{
			json_int_t of = json_is_integer(number) ? json_integer_value(number) : -1;
			const char *spec =
				of < 0 ? NULL
				       : json_string_value(json_object_get(
						 json_array_get(datasets, (size_t)of), "spec"));
			if (spec == NULL)
				return false;
			write_specification(out, zone, spec);
		}
	}
	return json_object_size(zones) > 0;
}

static bool write_command(FILE *out, const char *path, const json_t *header)
{
	char *directory = text_of(json_object_get(header, "directory"));
	const json_t *options = json_object_get(header, "options");
	char *absolute = directory != NULL ? realpath(path, NULL) : NULL;
	size_t i;
	json_t *option;

	if (directory != NULL) {
		fputs("cd ", out);
		write_quoted(out, directory);
		fputs(" && ", out);
	}
	fputs("spurn compile", out);
	json_array_foreach(options, i, option)
	{
		putc(' ', out);
		write_quoted(out, json_is_string(option) ? json_string_value(option) : "?");
	}
	fputs(" -o ", out);
	write_quoted(out, absolute != NULL ? absolute : path);
	free(absolute);
	free(directory);
	return write_zones(out, header);
}

char *compiled_rebuild_command(const char *path, const json_t *header)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	bool is_good;

	if (out == NULL)
		return NULL;
	is_good = write_command(out, path, header);
	is_good &= ferror(out) == 0;
	if (fclose(out) != 0 || !is_good) {
		free(text);
		return NULL;
	}
	return text;
}
