/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* What the system tells of files: each way in which they come and go, links, directories that are not
 * there yet, what is none of our business, and what happens when there is too much of it. */

#include "daemon/file_notices.h"

#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "test.h"

/* Exit statuses of a child. */
#define NO_NAMESPACE 77

/* Signs that were told, a letter each, of file 0; and how many of others. */
typedef struct heard {
	char signs[64];
	size_t count;
	size_t others;
} heard_t;

static char directory[] = "/tmp/spurn-unit-XXXXXX";
static file_notices_t *notices;

/* Runs a command of the shell in the directory of the test. */
static ATTR_PRINTF(1, 2) void shell(const char *format, ...)
{
	char command[512];
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(command, sizeof(command), format, arguments);
	va_end(arguments);
	ck_assert_msg(system(command) == 0, "%s", command);
}

static void on_told(void *context, size_t file, settling_sign_t sign)
{
	static const char letters[] = {
		[SIGN_NONE] = '.',    [SIGN_TOUCHED] = 't', [SIGN_REPLACED] = 'R',
		[SIGN_WRITTEN] = 'w', [SIGN_CLOSED] = 'c',  [SIGN_MISSED] = '?',
	};
	heard_t *heard = context;

	if (file != 0)
		heard->others++;
	else if (heard->count + 1 < sizeof(heard->signs))
		heard->signs[heard->count++] = letters[sign];
}

/* Reads what there is. */
static heard_t hear(bool *must_watch_anew)
{
	heard_t heard = { .count = 0 };

	*must_watch_anew = file_notices_read(notices, on_told, &heard);
	return heard;
}

static void begin(void)
{
	strcpy(directory + sizeof(directory) - 7, "XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(directory));
	ck_assert_int_eq(chdir(directory), 0);
	ck_assert_int_eq(file_notices_new(&notices), ERR_OK);
}

static void end(void)
{
	file_notices_free(notices);
	ck_assert_int_eq(chdir("/"), 0);
	shell("rm -rf %s", directory);
}

/* What is there first, what is watched, what is done, which signs that gives, and whether the ways of
 * files have changed. */
static const struct {
	const char *before;
	const char *path;
	const char *command;
	const char *signs; /* 'w' stands for any number of them */
	bool is_other_way;
} rows[] = {
	{ "echo 1 >a; echo 2 >b", "a", "mv b a", "R", false },
	{ "echo 1 >a", "a", "echo 2 >a", "wc", false },
	{ "echo 1 >a", "a", "echo 2 >>a", "wc", false },
	{ "echo 1 >a", "a", "exec 3>>a; echo 2 >&3; echo 3 >&3; exec 3>&-", "wc", false },
	{ "echo 1 >a", "a", "rm a", "t", false },
	{ "echo 1 >a", "a", "mv a b", "t", false },
	{ "echo 1 >a", "a", "rm a; echo 2 >a", "twc", false },
	{ "echo 1 >a", "a", "chmod 600 a", "t", false },
	{ "echo 1 >a", "a", "cat a >/dev/null; ls >/dev/null", "", false },
	{ "", "a", "echo 1 >a", "wc", false },
	{ "", "a", "echo 1 >b; mv b a", "R", false },
	{ "echo 1 >b", "a", "ln b a", "R", false },
	/* Others in the same directory. */
	{ "echo 1 >a", "a", "echo 1 >b; mv b aa; echo 2 >>aa; mkdir c; rm aa; rmdir c", "", false },
	/* Links, switched in both ways, and their targets. */
	{ "echo 1 >a; ln -s a l; echo 2 >b", "l", "ln -s b t; mv -T t l", "R", true },
	{ "echo 1 >a; ln -s a l; echo 2 >b", "l", "rm l; ln -s b l", "tR", true },
	{ "echo 1 >a; ln -s a l; echo 2 >b", "l", "mv b a", "R", false },
	{ "echo 1 >a; ln -s a l", "l", "echo 2 >>a", "wc", false },
	{ "mkdir d; ln -s $PWD/d/a l", "l", "echo 2 >d/b; mv d/b d/a", "R", false },
	{ "mkdir d e; echo 1 >d/a; ln -s d l", "l/a", "echo 2 >e/a; ln -s e t; mv -T t l", "R",
	  true },
	{ "mkdir d; echo 1 >d/a; ln -s d l", "l/a", "echo 2 >d/b; mv d/b d/a", "R", false },
	{ "mkdir d; echo 1 >d/a; ln -s ../d/./a d/l", "d/l", "echo 2 >d/b; mv d/b d/a", "R",
	  false },
	{ "echo 1 >a; echo 2 >b", "a", "ln -s b t; mv t a", "R", true },
	{ "echo 1 >b; ln -s b a", "a", "echo 2 >c; mv c a", "R", true },
	{ "ln -s l m; ln -s m l", "l", "rm l; echo 1 >b; mv b l", "tR", true },
	/* Directories that go, come, and change. */
	{ "mkdir d; echo 1 >d/a", "d/a", "mkdir e; echo 2 >e/a; mv d f; mv e d", ".R", true },
	{ "mkdir d; echo 1 >d/a", "d/a", "rm -r d", "t.", true },
	{ "", "d/e/a", "mkdir d", ".", true },
	{ "mkdir d", "d/e/a", "mkdir d/e", ".", true },
	{ "echo 1 >d", "d/a", "rm d", ".", true },
};

/* Is `signs` as the row says, written to once or more where it says so? */
static bool is_same(const char *signs, const char *wanted)
{
	for (; *wanted != '\0'; wanted++) {
		if (*signs++ != *wanted)
			return false;
		while (*wanted == 'w' && *signs == 'w')
			signs++;
	}
	return *signs == '\0';
}

START_TEST(test_ways)
{
	bool is_other_way;

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char path[64];
		const char *paths[] = { path, path };
		for (unsigned is_absolute = 0; is_absolute < 2; is_absolute++) {
			begin();
			shell("%s", rows[i].before);
			(void)snprintf(path, sizeof(path), "%s%s%s", is_absolute ? directory : "",
				       is_absolute ? "//" : "", rows[i].path);
			ck_assert_int_eq(file_notices_watch(notices, paths, 1), ERR_OK);
			shell("%s", rows[i].command);
			heard_t heard = hear(&is_other_way);
			ck_assert_msg(is_same(heard.signs, rows[i].signs), "%s of %s: %s, not %s",
				      rows[i].command, path, heard.signs, rows[i].signs);
			ck_assert_msg(is_other_way == rows[i].is_other_way, "%s of %s",
				      rows[i].command, path);
			/* From then on it is heard of where it is now. */
			ck_assert_int_eq(file_notices_watch(notices, paths, 1), ERR_OK);
			(void)hear(&is_other_way);
			shell("rm -rf x; mkdir -p \"$(dirname \"$(realpath -m %s)\")\"", path);
			(void)hear(&is_other_way);
			ck_assert_int_eq(file_notices_watch(notices, paths, 1), ERR_OK);
			shell("echo 7 >x; mv x \"$(realpath -m %s)\"", path);
			heard = hear(&is_other_way);
			ck_assert_msg(is_same(heard.signs, "R"), "%s of %s: %s afterwards",
				      rows[i].command, path, heard.signs);
			end();
		}
	}
}
END_TEST

/* Several files, one of them twice; those that are given up are not heard of, nor is what is nowhere.
 */
START_TEST(test_sets)
{
	char long_name[NAME_MAX + 100];
	const char *paths[] = { "d/a", "d/b", "c", "d/a", "", "/", long_name };
	bool is_other_way;

	memset(long_name, 'x', sizeof(long_name) - 1);
	long_name[sizeof(long_name) - 1] = '\0';
	begin();
	shell("mkdir d; echo 1 >d/a; echo 1 >d/b; echo 1 >c");
	ck_assert_int_eq(file_notices_watch(notices, paths, COUNT_OF(paths)), ERR_OK);
	shell("chmod 600 d/a; chmod 600 d/b; chmod 600 c");
	heard_t heard = hear(&is_other_way);
	ck_assert_str_eq(heard.signs, "t");
	ck_assert_uint_eq(heard.others, 3);
	ck_assert_int_eq(file_notices_watch(notices, paths + 1, 1), ERR_OK);
	ck_assert_int_eq(file_notices_watch(notices, paths + 1, 1), ERR_OK);
	shell("chmod 644 d/a; chmod 644 d/b; chmod 644 c");
	heard = hear(&is_other_way);
	ck_assert_str_eq(heard.signs, "t");
	ck_assert_uint_eq(heard.others, 0);
	ck_assert(!is_other_way);
	ck_assert_int_eq(file_notices_watch(notices, NULL, 0), ERR_OK);
	shell("rm -r d c");
	heard = hear(&is_other_way);
	ck_assert_uint_eq(heard.count, 0);
	ck_assert(!is_other_way);
	end();
}
END_TEST

/* More notices than the system keeps: it says that some were lost, and then we say so of each file. */
START_TEST(test_overflow)
{
	const char *paths[] = { "a", "b" };
	size_t limit = 0;
	bool is_other_way;
	int fds[2];

	FILE *file = fopen("/proc/sys/fs/inotify/max_queued_events", "r");
	ck_assert(file != NULL && fscanf(file, "%zu", &limit) == 1);
	fclose(file);
	begin();
	shell("echo 1 >a; echo 1 >b");
	ck_assert_int_eq(file_notices_watch(notices, paths, 2), ERR_OK);
	for (unsigned i = 0; i < 2; i++)
		fds[i] = open(paths[i], O_WRONLY | O_CLOEXEC);
	log_set_level(LOG_LEVEL_ERROR);
	for (size_t i = 0; i <= limit; i++)
		ck_assert_int_eq(write(fds[i % 2], "x", 1), 1);
	heard_t heard;
	size_t others = 0;
	bool has_lost = false;
	do {
		heard = hear(&is_other_way);
		has_lost |= is_other_way;
		others += heard.others;
	} while (!has_lost);
	ck_assert_uint_gt(others, limit / 2);
	for (unsigned i = 0; i < 2; i++)
		close(fds[i]);
	(void)hear(&is_other_way);
	ck_assert_int_eq(file_notices_watch(notices, paths, 2), ERR_OK);
	shell("echo 1 >c; mv c a");
	heard = hear(&is_other_way);
	ck_assert_str_eq(heard.signs, "R");
	end();
}
END_TEST

/* Writes to a file of /proc. */
static bool set(const char *path, const char *value)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool is_set = fd >= 0 && write(fd, value, strlen(value)) == (ssize_t)strlen(value);

	if (fd >= 0)
		close(fd);
	return is_set;
}

/* Enters a user namespace, for it has limits of its own. */
static bool enter_namespace(void)
{
	char map[32];

	(void)snprintf(map, sizeof(map), "0 %u 1", (unsigned)getuid());
	return unshare(CLONE_NEWUSER) == 0 && set("/proc/self/setgroups", "deny") &&
	       set("/proc/self/uid_map", map);
}

/* In a process of its own: asks for more than the system allows. What is said goes to `log`. */
static int reach_limits(int log)
{
	const char *paths[] = { "a", "d/a" };
	bool is_other_way;

	if (!enter_namespace() || file_notices_new(&notices) != ERR_OK ||
	    !set("/proc/sys/user/max_inotify_watches", "1"))
		return NO_NAMESPACE;
	dup2(log, STDERR_FILENO);
	ck_assert_int_eq(file_notices_watch(notices, paths, 2), ERR_OK);
	ck_assert_int_eq(file_notices_watch(notices, paths, 2), ERR_OK);
	shell("chmod 600 a");
	heard_t heard = hear(&is_other_way);
	ck_assert_str_eq(heard.signs, "t");
	ck_assert_uint_eq(heard.others, 0);
	file_notices_free(notices);
	ck_assert(set("/proc/sys/user/max_inotify_instances", "0"));
	ck_assert_int_ne(file_notices_new(&notices), ERR_OK);
	return EXIT_SUCCESS;
}

/* The system's limits are told of, once, with what to do; and what could be watched is. */
START_TEST(test_limits)
{
	char log[1024];
	int ends[2];
	int status;

	begin();
	file_notices_free(notices);
	shell("mkdir d; echo 1 >a; echo 1 >d/a; chmod 777 . a");
	ck_assert_int_eq(pipe(ends), 0);
	pid_t child = fork();
	ck_assert_int_ge(child, 0);
	if (child == 0)
		_exit(reach_limits(ends[1]));
	close(ends[1]);
	size_t size = 0;
	ssize_t got;
	while ((got = read(ends[0], log + size, sizeof(log) - 1 - size)) > 0)
		size += (size_t)got;
	log[size] = '\0';
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "status %d: %s", status, log);
	const char *told = strstr(log, "raise fs.inotify.max_user_watches");
	ck_assert_ptr_nonnull(told);
	ck_assert_ptr_null(strstr(told + 1, "raise fs.inotify.max_user_watches"));
	ck_assert_ptr_nonnull(strstr(log, "raise fs.inotify.max_user_instances"));
	close(ends[0]);
	ck_assert_int_eq(chdir("/"), 0);
	shell("rm -rf %s", directory);
}
END_TEST

int main(void)
{
	const TTest *tests[] = { test_ways, test_sets, test_overflow, test_limits };

	return run_tests("file_notices", tests, COUNT_OF(tests));
}
