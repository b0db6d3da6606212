/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* Gives files to a fuzz target, for the ordinary test run: each argument is a file or a directory of
 * files. A bad input ends the program; none at all is a failure. Without arguments: the corpus of
 * the target that it is linked with. */

#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned replayed;

static void fail(const char *path)
{
	perror(path);
	exit(EXIT_FAILURE);
}

static void replay_file(const char *path)
{
	FILE *file = fopen(path, "rb");
	struct stat status;

	if (file == NULL || fstat(fileno(file), &status) != 0)
		fail(path);
	size_t size = (size_t)status.st_size;
	/* Of the exact size, so that a sanitizer sees a read behind its end. */
	uint8_t *data = malloc(size > 0 ? size : 1);
	if (data == NULL || fread(data, 1, size, file) != size)
		fail(path);
	fclose(file);
	printf("%s\n", path);
	fflush(stdout);
	LLVMFuzzerTestOneInput(data, size);
	free(data);
	replayed++;
}

static int is_shown(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static void replay(const char *path)
{
	struct dirent **entries;
	struct stat status;
	char inner[4096];

	if (stat(path, &status) != 0)
		fail(path);
	if (!S_ISDIR(status.st_mode)) {
		replay_file(path);
		return;
	}
	int count = scandir(path, &entries, is_shown, alphasort);
	if (count < 0)
		fail(path);
	for (int i = 0; i < count; i++) {
		(void)snprintf(inner, sizeof(inner), "%s/%s", path, entries[i]->d_name);
		replay(inner);
		free(entries[i]);
	}
	free(entries);
}

int main(int argc, char **argv)
{
	const char *source = getenv("srcdir");
	char corpus[4096];

	for (int i = 1; i < argc; i++)
		replay(argv[i]);
	if (argc == 1) {
		const char *program = strrchr(argv[0], '/');
		const char *target = strstr(program != NULL ? program : argv[0], "fuzz_");
		if (target == NULL) {
			fprintf(stderr, "usage: %s FILE|DIRECTORY...\n", argv[0]);
			return EXIT_FAILURE;
		}
		(void)snprintf(corpus, sizeof(corpus), "%s/tests/fuzz/corpus/%s",
			       source != NULL ? source : ".", target + strlen("fuzz_"));
		replay(corpus);
	}
	printf("%u inputs replayed\n", replayed);
	return replayed > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
