/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* Any bytes as a cdb that is served: no crash and no end without an end, neither when it is opened nor when it is asked,
 * walked through or compared. If the first byte is odd, the others are the whole file; else they are records, length of the
 * key, length of the value, key, value, of which a file without mistakes is made. The entry point is libFuzzer's;
 * replay.c calls it for files. */

#include <cdb.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../unit/dataset_fixture.h"
#include "dataset/compare.h"

/* 2001:db8::1 */
#define IP6_NAME "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void write_records(int fd, const uint8_t *data, size_t size)
{
	struct cdb_make maker;

	if (cdb_make_start(&maker, fd) != 0)
		abort();
	while (size >= 2 && size - 2 >= (size_t)data[0] + data[1]) {
		const uint8_t *key = data + 2;
		if (cdb_make_add(&maker, key, data[0], key + data[0], data[1]) != 0)
			abort();
		size -= 2u + data[0] + data[1];
		data = key + data[0] + data[1];
	}
	if (cdb_make_finish(&maker) != 0)
		abort();
}

static dataset_t *load(const char *path, const zone_settings_t *settings)
{
	const dataset_request_t request = {
		.type = dataset_type_find("cdb", 3),
		.spec = "fuzz",
		.files = &path,
		.file_count = 1,
		.settings = settings,
	};
	dataset_t *dataset = NULL;

	return dataset_load(&request, NULL, &dataset) == ERR_OK ? dataset : NULL;
}

static err_t visit(void *context, const dataset_node_t *node)
{
	unsigned *left = context;
	size_t at = 0;

	while (at < node->key_size)
		at += 1u + node->key[at];
	if (at != node->key_size)
		abort();
	return --*left > 0 ? ERR_OK : ERR_RANGE;
}

static void use(const dataset_t *dataset)
{
	static const char *const names[] = { "",
					     "a",
					     "x.a",
					     "4.3.2.1",
					     "2.1",
					     "example.com",
					     "1",
					     "x.example.com",
					     "0.0.0.0",
					     "1.0.0.127",
					     "1.0.0.2",
					     "b.a",
					     "8.b.d.0.1.0.0.2",
					     IP6_NAME };
	unsigned left = 10000;
	const dataset_visitor_t visitor = { .visit = visit, .context = &left };
	dataset_changes_t changes;

	for (unsigned i = 0; i < COUNT_OF(names); i++)
		(void)ask(dataset, names[i]);
	(void)!dataset->type->walk(dataset, &visitor);
	if (dataset_compare(dataset, dataset, &changes) == ERR_OK &&
	    changes.added + changes.removed + changes.changed != 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const zone_settings_t settings = {
		.ttl_default_s = 2100,
		.entry_parameters = size > 0 && (data[0] & 2) != 0,
	};
	char path[32];

	if (size == 0)
		return 0;
	int fd = memfd_create("cdb", MFD_CLOEXEC);
	if (fd < 0)
		abort();
	if ((data[0] & 1) == 0)
		write_records(fd, data + 1, size - 1);
	else if (write(fd, data + 1, size - 1) != (ssize_t)size - 1)
		abort();
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	log_set_level(LOG_LEVEL_ERROR);
	dataset_t *dataset = load(path, &settings);
	if (dataset != NULL)
		use(dataset);
	dataset_free(dataset);
	close(fd);
	return 0;
}
