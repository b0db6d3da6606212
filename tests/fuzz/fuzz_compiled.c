/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* Any bytes as a compiled file, its sums put right if it has a header: it is refused with a reason, or all that
 * can be done with a data set can be done with it. The entry point is libFuzzer's, and so is the mutator,
 * which changes a block or the header and leaves the cdb around it whole; replay.c calls the first for
 * files. */

#include <sys/mman.h>
#include <unistd.h>

#include "../unit/compiled_parts.h"
#include "../unit/compiled_samples.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed);

/* libFuzzer's, where that is. */
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size) __attribute__((weak));

/* Room for what a mutation adds. */
#define MORE 256

static int make_file(void)
{
	int fd = memfd_create("compiled", MFD_CLOEXEC);

	fixture_require(fd >= 0, "no memory for a file");
	return fd;
}

/* The samples, which are compared with. */
static dataset_t *load_sample(const compiled_sample_t *sample)
{
	dataset_t *dataset = NULL;
	fixture_path_t text = fixture_path("sample");
	static const char *const names[] = { "sample", NULL };
	const char *file = text.text;
	const dataset_request_t request =
		request_of(sample->type, "sample", &file, 1, &sample_settings);

	fixture_write("sample", sample->text, strlen(sample->text));
	fixture_require(dataset_load(&request, NULL, &dataset) == ERR_OK, "the sample is wrong");
	fixture_remove(names);
	return dataset;
}

static const dataset_t *sample_of(const dataset_type_t *type)
{
	static dataset_t *samples[COUNT_OF(compiled_samples)];
	size_t found = 0;

	for (size_t i = 0; i < COUNT_OF(samples); i++) {
		if (samples[i] == NULL)
			samples[i] = load_sample(&compiled_samples[i]);
		if (samples[i]->type == type)
			found = i;
	}
	return samples[found];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	dataset_attempt_t attempt;
	compiled_parts_t parts;
	char path[32];
	int fd = make_file();

	log_set_level(LOG_LEVEL_ERROR);
	if (parts_read(data, size, &parts)) {
		parts_sum(&parts);
		parts_write(&parts, fd);
		parts_free(&parts);
	} else {
		fixture_require(write(fd, data, size) == (ssize_t)size, "no memory for a file");
	}
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	dataset_t *dataset = load_compiled(path, &attempt);
	if (dataset != NULL)
		use_compiled(dataset, sample_of(dataset->type));
	dataset_free(dataset);
	close(fd);
	return 0;
}

/* Changes the header as text, as long as that makes JSON of it. */
static void mutate_header(compiled_parts_t *parts, size_t max_size)
{
	char *text = json_dumps(parts->header, JSON_COMPACT);
	size_t size = strlen(text);
	uint8_t *bytes = parts_copy(text, size);
	uint8_t *longer = realloc(bytes, size + MORE);

	fixture_require(longer != NULL, "no memory");
	size = LLVMFuzzerMutate(longer, size, size + MORE < max_size ? size + MORE : max_size);
	json_t *header = json_loadb((char *)longer, size, JSON_REJECT_DUPLICATES, NULL);
	if (json_is_object(header)) {
		json_decref(parts->header);
		parts->header = header;
	} else {
		json_decref(header);
	}
	free(longer);
	free(text);
}

static void mutate_block(compiled_block_t *block, size_t max_size)
{
	size_t room = block->size + MORE < max_size ? block->size + MORE : max_size;
	uint8_t *longer = realloc(block->bytes, room + 1);

	fixture_require(longer != NULL, "no memory");
	block->bytes = longer;
	block->size = LLVMFuzzerMutate(longer, block->size < room ? block->size : room, room);
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
	compiled_parts_t parts;

	if (seed % 16 == 0 || !parts_read(data, size, &parts))
		return LLVMFuzzerMutate(data, size, max_size);
	if (parts.count == 0 || seed % 4 == 1)
		mutate_header(&parts, max_size);
	else
		mutate_block(&parts.blocks[seed / 16 % parts.count], max_size);
	int fd = make_file();
	parts_write(&parts, fd);
	parts_free(&parts);
	ssize_t written = pread(fd, data, max_size, 0);
	off_t whole = lseek(fd, 0, SEEK_END);
	close(fd);
	return written >= 0 && (off_t)written == whole ? (size_t)written : size;
}
