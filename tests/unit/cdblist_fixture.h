/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_TESTS_UNIT_CDBLIST_FIXTURE_H
#define SPURN_TESTS_UNIT_CDBLIST_FIXTURE_H

#include <cdb.h>
#include <fcntl.h>

#include "dataset_fixture.h"
#include "test.h"

/* Makes lists in a cdb, and loads them. */

#define FILE_NAME "list.cdb"
static const char *const __attribute__((unused)) file_names[] = { FILE_NAME, NULL };

static int making = -1;
static struct cdb_make maker;

FIXTURE_FUNCTION void make_begin(void)
{
	making = open(fixture_path(FILE_NAME).text, O_RDWR | O_CREAT | O_TRUNC, 0600);
	ck_assert_int_ge(making, 0);
	ck_assert_int_eq(cdb_make_start(&maker, making), 0);
}

FIXTURE_FUNCTION void make_add(const void *key, size_t key_size, const void *value,
			       size_t value_size)
{
	ck_assert_int_eq(cdb_make_add(&maker, key, (unsigned)key_size, value, (unsigned)value_size),
			 0);
}

FIXTURE_FUNCTION void make_end(void)
{
	ck_assert_int_eq(cdb_make_finish(&maker), 0);
	close(making);
}

/* As `cdb -c -m` does it: a record for each line, the key up to the first blank. */
FIXTURE_FUNCTION void make_lines(const char *text)
{
	make_begin();
	while (*text != '\0') {
		size_t line = strcspn(text, "\n");
		size_t key = strcspn(text, " \n");
		size_t blanks = strspn(text + key, " ");
		make_add(text, key, text + key + blanks, line - key - blanks);
		text += line + (text[line] == '\n');
	}
	make_end();
}

FIXTURE_FUNCTION dataset_t *try_load(const zone_settings_t *settings)
{
	fixture_path_t path = fixture_path(FILE_NAME);
	const char *files[] = { path.text };
	const dataset_request_t request = {
		.type = dataset_type_find("cdb", 3),
		.spec = "cdb:list.cdb",
		.files = files,
		.file_count = 1,
		.settings = settings,
	};
	dataset_t *dataset = NULL;

	err_t err = dataset_load(&request, NULL, &dataset);
	ck_assert((err == ERR_OK) == (dataset != NULL));
	fixture_remove(file_names);
	return dataset;
}

FIXTURE_FUNCTION dataset_t *load(const char *lines)
{
	make_lines(lines);
	dataset_t *dataset = try_load(&default_settings);
	ck_assert_ptr_nonnull(dataset);
	return dataset;
}

#endif
