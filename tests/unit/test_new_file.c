/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* A new file is there when it is complete and not before, resembles the one before, and leaves nothing else behind, also if
 * a signal ends the process. That it has reached the disk, tests/system/test_power_cut.py shows. */

#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/attributes.h"
#include "base/new_file.h"
#include "cdb_fixture.h"

static void write_new(const char *text)
{
	new_file_t file;

	ck_assert_int_eq(new_file_begin(&file, cdb_path), ERR_OK);
	ck_assert_int_ge(fputs(text, file.out), 0);
	ck_assert_int_eq(new_file_end(&file), ERR_OK);
}

static void check_text(const char *text)
{
	size_t size;
	uint8_t *bytes = cdb_bytes(&size);

	ck_assert_uint_eq(size, strlen(text));
	ck_assert_mem_eq(bytes, text, size);
	free(bytes);
}

static mode_t mode(void)
{
	struct stat status;

	ck_assert_int_eq(stat(cdb_path, &status), 0);
	return status.st_mode & 0777;
}

START_TEST(test_replaced)
{
	new_file_t file;

	cdb_begin();
	umask(027);
	write_new("first");
	check_text("first");
	ck_assert_uint_eq(mode(), 0640);
	/* The mode of the one before holds, and until the end that is there. */
	ck_assert_int_eq(chmod(cdb_path, 0604), 0);
	ck_assert_int_eq(new_file_begin(&file, cdb_path), ERR_OK);
	ck_assert_int_ge(fputs("second", file.out), 0);
	check_text("first");
	ck_assert_int_eq(new_file_end(&file), ERR_OK);
	check_text("second");
	ck_assert_uint_eq(mode(), 0604);
	/* What is abandoned, or only tried, changes nothing. */
	ck_assert_int_eq(new_file_begin(&file, cdb_path), ERR_OK);
	ck_assert_int_ge(fputs("third", file.out), 0);
	new_file_abandon(&file);
	ck_assert_int_eq(new_file_check(cdb_path), ERR_OK);
	check_text("second");
	cdb_end();
}
END_TEST

/* Of a link what it points to is written, and a device as it is. */
START_TEST(test_links_and_devices)
{
	char link[80];
	struct stat status;
	new_file_t file;

	cdb_begin();
	write_new("first");
	snprintf(link, sizeof(link), "%s.link", cdb_path);
	ck_assert_int_eq(symlink(cdb_path, link), 0);
	ck_assert_int_eq(new_file_begin(&file, link), ERR_OK);
	ck_assert_int_ge(fputs("second", file.out), 0);
	ck_assert_int_eq(new_file_end(&file), ERR_OK);
	check_text("second");
	ck_assert_int_eq(lstat(link, &status), 0);
	ck_assert(S_ISLNK(status.st_mode));
	ck_assert_int_eq(unlink(link), 0);
	ck_assert_int_eq(new_file_begin(&file, "/dev/null"), ERR_OK);
	ck_assert_str_eq(file.temporary, "");
	ck_assert_int_eq(new_file_end(&file), ERR_OK);
	cdb_end();
}
END_TEST

START_TEST(test_failures)
{
	char path[PATH_MAX + 10];
	new_file_t file;

	cdb_begin();
	ck_assert_int_eq(new_file_begin(&file, "/nowhere/file"), -ENOENT);
	memset(path, 'a', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	ck_assert_int_eq(new_file_begin(&file, path), ERR_NO_SPACE);
	path[PATH_MAX - 3] = '\0';
	ck_assert_int_eq(new_file_begin(&file, path), ERR_NO_SPACE);
	/* What fails while it is written is told at the end. */
	write_new("first");
	ck_assert_int_eq(new_file_begin(&file, cdb_path), ERR_OK);
	ck_assert_ptr_nonnull(freopen("/dev/full", "w", file.out));
	ck_assert_int_ge(fputs("second", file.out), 0);
	ck_assert_int_eq(new_file_end(&file), -ENOSPC);
	check_text("first");
	/* Somebody has taken it away: there is nothing to be put in place. */
	ck_assert_int_eq(new_file_begin(&file, cdb_path), ERR_OK);
	ck_assert_int_eq(unlink(file.temporary), 0);
	ck_assert_int_eq(new_file_end(&file), -ENOENT);
	check_text("first");
	cdb_end();
}
END_TEST

/* A signal ends the process as ever, and takes the temporary file away; not if it is ignored. */
START_TEST(test_signals)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };

	cdb_begin();
	for (size_t i = 0; i < COUNT_OF(signals); i++) {
		int status;
		pid_t child = fork();

		ck_assert_int_ge(child, 0);
		if (child == 0) {
			new_file_t file;

			if (i == 2)
				signal(SIGINT, SIG_IGN);
			new_file_clean_up_on_signals();
			if (new_file_begin(&file, cdb_path) != ERR_OK)
				_exit(1);
			if (i == 2)
				raise(SIGINT);
			raise(signals[i]);
			_exit(0);
		}
		ck_assert_int_eq(waitpid(child, &status, 0), child);
		ck_assert(WIFSIGNALED(status));
		ck_assert_int_eq(WTERMSIG(status), signals[i]);
	}
	cdb_end();
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { test_replaced, test_links_and_devices, test_failures,
				       test_signals };

	return run_tests("new_file", tests, COUNT_OF(tests));
}
