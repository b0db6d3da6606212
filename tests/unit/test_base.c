/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* Errors, growing arrays, numbers, and what the log really writes. */

#include <fcntl.h>
#include <pthread.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/array.h"
#include "base/error.h"
#include "base/log.h"
#include "base/number.h"
#include "test.h"

START_TEST(test_error_text)
{
	ck_assert_str_eq(err_text(ERR_OK), "success");
	ck_assert_str_eq(err_text(ERR_NOMEM), strerror(ENOMEM));
	ck_assert_str_eq(err_text((err_t)-ENOENT), strerror(ENOENT));
	/* Each of spurn's own has words, all different. */
	for (int error = ERR_OWN + 1; error < ERR_LAST; error++) {
		char text[100];

		snprintf(text, sizeof(text), "%s", err_text((err_t)error));
		ck_assert_str_ne(text, "unknown error");
		if (error > ERR_OWN + 1)
			ck_assert_str_ne(text, err_text((err_t)(error - 1)));
	}
	ck_assert_str_eq(err_text(ERR_OWN), "unknown error");
	ck_assert_str_eq(err_text((err_t)1), "unknown error");
}
END_TEST

START_TEST(test_error_from_errno)
{
	errno = ENOENT;
	ck_assert_int_eq(err_from_errno(), -ENOENT);
	/* A failure is one even where nobody set errno. */
	errno = 0;
	ck_assert_int_lt(err_from_errno(), ERR_OK);
}
END_TEST

/* Digits and nothing else, within bounds; what is none leaves all as it was. */
START_TEST(test_number)
{
	static const struct {
		const char *text;
		uint64_t min, max;
		bool is_number;
		uint64_t number;
	} cases[] = {
		{ "0", 0, 9, true, 0 },
		{ "007", 0, 9, true, 7 },
		{ "10", 0, 9, false, 0 },
		{ "4", 5, 9, false, 0 },
		{ "5", 5, 9, true, 5 },
		{ "9", 5, 9, true, 9 },
		{ "18446744073709551615", 0, UINT64_MAX, true, UINT64_MAX },
		{ "18446744073709551616", 0, UINT64_MAX, false, 0 },
		{ "18446744073709551620", 0, UINT64_MAX, false, 0 },
		{ "99999999999999999999999", 0, UINT64_MAX, false, 0 },
		/* what strtoul would take */
		{ "", 0, 9, false, 0 },
		{ "+1", 0, 9, false, 0 },
		{ "-1", 0, UINT64_MAX, false, 0 },
		{ " 1", 0, 9, false, 0 },
		{ "1 ", 0, 9, false, 0 },
		{ "0x1", 0, 9, false, 0 },
		{ "1/", 0, 9, false, 0 },
		{ "1:", 0, 9, false, 0 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *text = cases[i].text;
		uint64_t number = 77;

		bool is_number =
			number_parse(text, strlen(text), cases[i].min, cases[i].max, &number);
		ck_assert_msg(is_number == cases[i].is_number, "'%s'", text);
		ck_assert_uint_eq(number, is_number ? cases[i].number : 77);
	}
}
END_TEST

/* Only so many bytes are looked at, and a string as a whole. */
START_TEST(test_number_of_size)
{
	uint64_t number = 77;
	unsigned small = 77;

	ck_assert(number_parse("12,3", 2, 0, 99, &number));
	ck_assert_uint_eq(number, 12);
	ck_assert(!number_parse("12", 0, 0, 99, &number));
	ck_assert(number_parse_unsigned("4294967295", 0, UINT32_MAX, &small));
	ck_assert_uint_eq(small, UINT32_MAX);
	ck_assert(!number_parse_unsigned("12,3", 0, 99, &small));
	ck_assert(!number_parse_unsigned("4294967296", 0, UINT32_MAX, &small));
	ck_assert_uint_eq(small, UINT32_MAX);
}
END_TEST

START_TEST(test_array)
{
	void *data = NULL;
	size_t capacity = 0;
	size_t grown = 0; /* times */

	for (size_t i = 0; i < 100000; i++) {
		size_t before = capacity;

		ck_assert_int_eq(array_reserve(&data, &capacity, i + 1, sizeof(size_t)), ERR_OK);
		ck_assert_uint_ge(capacity, i + 1);
		grown += capacity != before;
		((size_t *)data)[i] = i;
	}
	for (size_t i = 0; i < 100000; i++)
		ck_assert_uint_eq(((size_t *)data)[i], i);
	/* 16 * 1.5^22 > 100,000 */
	ck_assert_uint_le(grown, 23);
	/* More than there can be: nothing changes. */
	void *kept = data;
	size_t kept_capacity = capacity;

	ck_assert_int_eq(array_reserve(&data, &capacity, SIZE_MAX / 2, 8), ERR_NOMEM);
	ck_assert_int_eq(array_reserve(&data, &capacity, SIZE_MAX, 1), ERR_NOMEM);
	ck_assert_ptr_eq(data, kept);
	ck_assert_uint_eq(capacity, kept_capacity);
	free(data);
}
END_TEST

/* Where stderr goes while a test of the log runs. */
static int saved_stderr;

static void stderr_to(int fd)
{
	fflush(stderr);
	saved_stderr = dup(STDERR_FILENO);
	ck_assert_int_ge(saved_stderr, 0);
	ck_assert_int_ge(dup2(fd, STDERR_FILENO), 0);
	log_set_program("test");
}

static void stderr_back(void)
{
	ck_assert_int_ge(dup2(saved_stderr, STDERR_FILENO), 0);
	close(saved_stderr);
	log_set_level(LOG_LEVEL_INFO);
}

/* What has been written to the file, as a string. The caller frees it. */
static char *read_back(FILE *file)
{
	size_t size;
	char *text;

	fseek(file, 0, SEEK_END);
	size = (size_t)ftell(file);
	rewind(file);
	text = calloc(1, size + 1);
	ck_assert_ptr_nonnull(text);
	ck_assert_uint_eq(fread(text, 1, size, file), size);
	return text;
}

START_TEST(test_log)
{
	FILE *file = tmpfile();
	char *text;

	ck_assert_ptr_nonnull(file);
	stderr_to(fileno(file));
	errno = EPERM;
	log_error("one %d", 1);
	log_progress("not on a terminal");
	log_warning("%s", "forged\ntest: \x1b[31mline\x7f\\ \xc3\xa4");
	ck_assert_int_eq(errno, EPERM);
	log_set_level(LOG_LEVEL_WARNING);
	log_info("too little to tell");
	log_warning("two");
	log_set_level(LOG_LEVEL_ERROR);
	log_warning("too little to tell");
	log_error("three");
	stderr_back();
	text = read_back(file);
	ck_assert_str_eq(text, "test: one 1\n"
			       "test: forged\\010test: \\027[31mline\\127\\ \xc3\xa4\n"
			       "test: two\n"
			       "test: three\n");
	free(text);
	fclose(file);
}
END_TEST

/* A message of any length is one line that says that it was cut. */
START_TEST(test_log_long)
{
	FILE *file = tmpfile();
	char message[10000];
	char *text;
	size_t length;

	memset(message, '\1', sizeof(message) - 1);
	message[sizeof(message) - 1] = '\0';
	ck_assert_ptr_nonnull(file);
	stderr_to(fileno(file));
	log_error("%s", message);
	stderr_back();
	text = read_back(file);
	length = strlen(text);
	ck_assert_uint_gt(length, 4 * 1024);
	ck_assert_str_eq(text + length - strlen("\\001...\n"), "\\001...\n");
	ck_assert_ptr_eq(strchr(text, '\n'), text + length - 1);
	free(text);
	fclose(file);
}
END_TEST

#define LOG_THREADS 4
#define LOG_LINES   500

static void *log_lines(void *argument)
{
	for (int i = 0; i < LOG_LINES; i++)
		log_info("%s %d from a thread", (const char *)argument, i);
	return NULL;
}

/* Lines of several threads do not mix, and those of one stay in order. */
START_TEST(test_log_threads)
{
	static char names[LOG_THREADS][2] = { "a", "b", "c", "d" };
	pthread_t threads[LOG_THREADS];
	int next[LOG_THREADS] = { 0 };
	FILE *file = tmpfile();
	char line[100];
	char name;
	int number, end;

	ck_assert_ptr_nonnull(file);
	stderr_to(fileno(file));
	for (size_t i = 0; i < LOG_THREADS; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, log_lines, names[i]), 0);
	for (size_t i = 0; i < LOG_THREADS; i++)
		pthread_join(threads[i], NULL);
	stderr_back();
	rewind(file);
	for (int i = 0; i < LOG_THREADS * LOG_LINES; i++) {
		ck_assert_ptr_nonnull(fgets(line, sizeof(line), file));
		end = 0;
		ck_assert_int_eq(
			sscanf(line, "test: %c %d from a thread\n%n", &name, &number, &end), 2);
		ck_assert_int_eq(end, (int)strlen(line));
		ck_assert_int_eq(number, next[name - 'a']++);
	}
	ck_assert_ptr_null(fgets(line, sizeof(line), file));
	fclose(file);
}
END_TEST

/* On a terminal progress is one line that the next progress or message replaces, and never wraps.
 */
START_TEST(test_log_progress)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY);
	struct winsize window = { .ws_row = 25, .ws_col = 10 };
	const char *expected = "\r\033[Kloading 1"
			       "\r\033[Kloading 2"
			       "\r\033[Ktest: done\r\n"
			       "test: next\r\n";
	char text[200];
	size_t size = 0;
	int slave;

	ck_assert_int_ge(master, 0);
	ck_assert_int_eq(grantpt(master), 0);
	ck_assert_int_eq(unlockpt(master), 0);
	slave = open(ptsname(master), O_RDWR | O_NOCTTY);
	ck_assert_int_ge(slave, 0);
	ck_assert_int_eq(ioctl(slave, TIOCSWINSZ, &window), 0);
	stderr_to(slave);
	log_progress("loading %d of 2", 1);
	log_progress("loading %d of 2", 2);
	log_info("done");
	log_info("next");
	stderr_back();
	while (size < strlen(expected)) {
		ssize_t more = read(master, text + size, sizeof(text) - 1 - size);

		ck_assert_int_gt(more, 0);
		size += (size_t)more;
	}
	text[size] = '\0';
	ck_assert_str_eq(text, expected);
	close(slave);
	close(master);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { test_error_text,  test_error_from_errno,
				       test_number,      test_number_of_size,
				       test_array,       test_log,
				       test_log_long,    test_log_threads,
				       test_log_progress };

	return run_tests("base", tests, COUNT_OF(tests));
}
