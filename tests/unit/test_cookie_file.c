/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* Files of cookie secrets: what they may hold, what is wrong with others and on which line, and that
 * no message has a secret in it. */

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "test.h"

#include "base/log.h"
#include "catalog/cookie_file.h"

#define A "e5e973e5a6b2a43f48e7dc849e37bfcf"
#define B "445536BCD2513298075A5D379663c962"

static const uint8_t secret_a[] = { 0xe5, 0xe9, 0x73, 0xe5, 0xa6, 0xb2, 0xa4, 0x3f,
				    0x48, 0xe7, 0xdc, 0x84, 0x9e, 0x37, 0xbf, 0xcf };
static const uint8_t secret_b[] = { 0x44, 0x55, 0x36, 0xbc, 0xd2, 0x51, 0x32, 0x98,
				    0x07, 0x5a, 0x5d, 0x37, 0x96, 0x63, 0xc9, 0x62 };

typedef struct run {
	char directory[32];
	char path[64];
	char log[600]; /* what went to stderr */
	dns_cookie_secrets_t secrets;
	bool is_exposed;
	err_t err;
} run_t;

static void begin(run_t *run)
{
	*run = (run_t){ .directory = "/tmp/spurn.XXXXXX", .secrets.count = 77 };
	ck_assert_ptr_nonnull(mkdtemp(run->directory));
	snprintf(run->path, sizeof(run->path), "%s/f", run->directory);
}

static void write_bytes(const run_t *run, const char *bytes, size_t size, mode_t mode)
{
	int fd = open(run->path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, bytes, size), (ssize_t)size);
	ck_assert_int_eq(fchmod(fd, mode), 0);
	close(fd);
}

/* Reads the file, and keeps what is said on stderr. */
static void read_it(run_t *run)
{
	char log_path[80];
	snprintf(log_path, sizeof(log_path), "%s/log", run->directory);
	int log = open(log_path, O_RDWR | O_CREAT | O_TRUNC, 0600);
	int saved = dup(STDERR_FILENO);

	ck_assert(log >= 0 && saved >= 0);
	dup2(log, STDERR_FILENO);
	run->err = cookie_file_read(run->path, &run->secrets, &run->is_exposed);
	dup2(saved, STDERR_FILENO);
	close(saved);
	ssize_t size = pread(log, run->log, sizeof(run->log) - 1, 0);
	ck_assert_int_ge(size, 0);
	run->log[size] = '\0';
	close(log);
	unlink(log_path);
}

static void end(run_t *run)
{
	unlink(run->path);
	rmdir(run->path);
	ck_assert_int_eq(rmdir(run->directory), 0);
}

#define BYTES(text) (text), sizeof(text) - 1

static const struct {
	const char *text;
	size_t size;
	size_t count;    /* of secrets; 0: it is no good */
	const char *log; /* then what is said behind the file's name */
} rows[] = {
	{ BYTES(A "\n"), 1, "" },
	{ BYTES(A), 1, "" },
	{ BYTES(A "\n" B "\n"), 2, "" },
	{ BYTES(A "\r\n\r\n" B "\r\n"), 2, "" },
	{ BYTES("# ours\n\n \t" A "\t \n\n; old\n" B " # until Friday\n# " A "\n"), 2, "" },
	{ BYTES(A ";" B "\n" B "#x"), 2, "" },
	/* nothing in it */
	{ BYTES(""), 0, ": holds no cookie secret" },
	{ BYTES("\n\n# " A "\n"), 0, ": holds no cookie secret" },
	/* not secrets */
	{ BYTES("e5e973e5a6b2a43f48e7dc849e37bfc\n"), 0, ":1: a line must be" },
	{ BYTES(A "0\n"), 0, ":1: a line must be" },
	{ BYTES(A "\n" A A "\n"), 0, ":2: a line must be" },
	{ BYTES("\n\ng5e973e5a6b2a43f48e7dc849e37bfcf\n"), 0, ":3: a line must be" },
	{ BYTES("e5e973e5a6b2a43f48e7dc849e37bfcg\n"), 0, ":1: a line must be" },
	{ BYTES(A "\ne5e973e5a6b2a43f 8e7dc849e37bfcf"), 0, ":2: a line must be" },
	{ BYTES(A " " B "\n"), 0, ":1: a line must be" },
	{ BYTES("0x" A "\n"), 0, ":1: a line must be" },
	{ BYTES("\xef\xbb\xbf" A "\n"), 0, ":1: a line must be" },
	{ BYTES(A "\r" B "\n"), 0, ":1: a line must be" },
	{ BYTES(A "\0\n"), 0, ":1: a line must be" },
	{ BYTES("e5e973e5a6b2a43f\0008e7dc849e37bfcf\n"), 0, ":1: a line must be" },
	/* too many, twice the same */
	{ BYTES(A "\n" B "\n00000000000000000000000000000000\n"), 0, ":3: a third secret" },
	{ BYTES("#\n" A "\n" A "\n"), 0, ":3: the same secret" },
};

START_TEST(test_contents)
{
	run_t run;

	begin(&run);
	write_bytes(&run, rows[_i].text, rows[_i].size, 0600);
	read_it(&run);
	if (rows[_i].count > 0) {
		ck_assert_msg(run.err == ERR_OK, "%s", run.log);
		ck_assert_str_eq(run.log, "");
		ck_assert_uint_eq(run.secrets.count, rows[_i].count);
		ck_assert_mem_eq(run.secrets.secrets[0], secret_a, sizeof(secret_a));
		if (rows[_i].count > 1)
			ck_assert_mem_eq(run.secrets.secrets[1], secret_b, sizeof(secret_b));
	} else {
		char expected[100];
		ck_assert_int_eq(run.err, ERR_SYNTAX);
		ck_assert_uint_eq(run.secrets.count, 77);
		snprintf(expected, sizeof(expected), "%s%s", run.path, rows[_i].log);
		ck_assert_msg(strstr(run.log, expected) != NULL, "%s", run.log);
		ck_assert_ptr_null(strstr(run.log, "e973e5"));
	}
	end(&run);
}
END_TEST

START_TEST(test_size)
{
	static char text[COOKIE_FILE_MAX + 1];
	run_t run;

	begin(&run);
	memset(text, '\n', sizeof(text));
	memcpy(text, A, strlen(A));
	write_bytes(&run, text, COOKIE_FILE_MAX, 0600);
	read_it(&run);
	ck_assert_int_eq(run.err, ERR_OK);
	write_bytes(&run, text, COOKIE_FILE_MAX + 1, 0600);
	read_it(&run);
	ck_assert_int_eq(run.err, ERR_RANGE);
	ck_assert_ptr_nonnull(strstr(run.log, "longer than 4096 bytes"));
	end(&run);
}
END_TEST

START_TEST(test_modes)
{
	static const struct {
		mode_t mode;
		bool is_exposed;
	} modes[] = { { 0600, false }, { 0640, false }, { 0660, false }, { 0400, false },
		      { 0644, true },  { 0604, true },  { 0602, true },  { 0601, false } };
	run_t run;

	begin(&run);
	for (size_t i = 0; i < COUNT_OF(modes); i++) {
		write_bytes(&run, BYTES(A "\n"), modes[i].mode);
		read_it(&run);
		ck_assert_int_eq(run.err, ERR_OK);
		ck_assert(run.is_exposed == modes[i].is_exposed);
		ck_assert_int_eq(chmod(run.path, 0600), 0);
	}
	end(&run);
}
END_TEST

START_TEST(test_not_a_file)
{
	run_t run;

	begin(&run);
	read_it(&run);
	ck_assert_int_eq(run.err, (err_t)-ENOENT);
	ck_assert_ptr_nonnull(strstr(run.log, "No such file"));
	ck_assert_int_eq(mkdir(run.path, 0700), 0);
	read_it(&run);
	ck_assert_int_eq(run.err, ERR_INVAL);
	ck_assert_ptr_nonnull(strstr(run.log, "must be in a regular file"));
	ck_assert_int_eq(rmdir(run.path), 0);
	/* Nobody writes to it: must not wait. */
	ck_assert_int_eq(mkfifo(run.path, 0600), 0);
	read_it(&run);
	ck_assert_int_eq(run.err, ERR_INVAL);
	ck_assert_uint_eq(run.secrets.count, 77);
	end(&run);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("cookie_file");
	TCase *tcase = tcase_create("all");
	SRunner *runner = srunner_create(suite);

	log_set_program("spurnd");
	tcase_add_loop_test(tcase, test_contents, 0, (int)COUNT_OF(rows));
	tcase_add_test(tcase, test_size);
	tcase_add_test(tcase, test_modes);
	tcase_add_test(tcase, test_not_a_file);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
