/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "tool/json.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/json_text.h"
#include "base/log.h"
#include "tool/command.h"

/* Digits of numbers with a fraction: seconds, to the microsecond. */
#define DIGITS 12

void json_add_text(json_t *object, const char *name, const char *value)
{
	if (value != NULL)
		(void)json_object_set_new(object, name, json_text(value));
}

json_t *json_by_text(const json_t *array, const char *name)
{
	json_t *found = json_object();
	json_t *element;
	size_t i;

	json_array_foreach((json_t *)(uintptr_t)array, i, element)
	{
		const char *text = json_string_value(json_object_get(element, name));

		if (text == NULL || json_object_get(found, text) != NULL)
			continue;
		if (json_object_set(found, text, element) != 0) {
			json_decref(found);
			return NULL;
		}
	}
	return found;
}

void json_write_line(json_t *object)
{
	/* What cannot be written is noticed at the end, for all that goes to stdout. */
	if (json_dumpf(object, stdout, JSON_COMPACT | JSON_REAL_PRECISION(DIGITS)) != 0 &&
	    ferror(stdout) == 0) {
		log_error("%s", err_text(ERR_NOMEM));
		exit(COMMAND_FAILED);
	}
	putchar('\n');
	json_decref(object);
}
