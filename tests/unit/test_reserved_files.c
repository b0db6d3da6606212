/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* Files of sysctl that reserve ports: the lines that do, which of them wins, and the one that is written. */

#include "test.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/attributes.h"
#include "ports/port_system.h"
#include "ports/reserved_files.h"

static char directory[] = "/tmp/spurn-test-XXXXXX"; /* of a process for each test */

/* Writes a file of the directory. */
static void write_file(const char *name, const char *text)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	FILE *out = fopen(path, "w");
	fputs(text, out);
	ck_assert_int_eq(fclose(out), 0);
}

static void start(void)
{
	ck_assert_ptr_nonnull(mkdtemp(directory));
}

/* Takes the directory down. */
static void end(void)
{
	char path[512];
	DIR *entries = opendir(directory);
	const struct dirent *entry;

	while ((entry = readdir(entries)) != NULL) {
		snprintf(path, sizeof(path), "%s/%s", directory, entry->d_name);
		(void)unlink(path);
	}
	closedir(entries);
	ck_assert_int_eq(rmdir(directory), 0);
}

/* The lines that are read, as "file:number ports", with blanks between. */
static void must_read(const char *expected)
{
	reserved_files_t files = { 0 };
	char text[1024] = "";

	ck_assert_int_eq(reserved_files_read(&files, directory), ERR_OK);
	for (size_t i = 0; i < files.count; i++) {
		char *ports = port_set_text(&files.lines[i].ports);

		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s:%u %s",
			 i > 0 ? " " : "", files.lines[i].path + strlen(directory) + 1,
			 files.lines[i].number, ports);
		free(ports);
	}
	ck_assert_str_eq(text, expected);
	const reserved_line_t *last = reserved_files_last(&files);
	ck_assert(last == (files.count > 0 ? &files.lines[files.count - 1] : NULL));
	reserved_files_free(&files);
}

START_TEST(test_lines)
{
	static const struct {
		const char *line;
		const char *value; /* NULL: another line */
	} rows[] = {
		{ "net.ipv4.ip_local_reserved_ports=1,2", "1,2" },
		{ "net.ipv4.ip_local_reserved_ports = 1-2 \n", "1-2" },
		{ "\t-net/ipv4/ip_local_reserved_ports\t=\t3\r\n", "3" },
		{ "net.ipv4.ip_local_reserved_ports =", "" },
		{ "net.ipv4.ip_local_reserved_ports = 1 # 2", "1 # 2" },
		{ "# net.ipv4.ip_local_reserved_ports = 1", NULL },
		{ ";net.ipv4.ip_local_reserved_ports = 1", NULL },
		{ "net.ipv4.ip_local_reserved_ports", NULL },
		{ "net.ipv4.ip_local_reserved_ports 1", NULL },
		{ "net.ipv4.ip_local_reserved_portsx = 1", NULL },
		{ "net.ipv4.ip_local_port_range = 1 2", NULL },
		{ "", NULL },
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const char *value = NULL;
		size_t size = 0;
		bool is_one = reserved_line_parse(rows[i].line, &value, &size);

		ck_assert_msg(is_one == (rows[i].value != NULL), "%s", rows[i].line);
		if (!is_one)
			continue;
		ck_assert_uint_eq(size, strlen(rows[i].value));
		ck_assert(strncmp(value, rows[i].value, size) == 0);
	}
}
END_TEST

START_TEST(test_which_file_wins)
{
	start();
	must_read("");
	write_file("50-a.conf", "# ports\nnet.ipv4.ip_local_reserved_ports = 1\n\n"
				"net.ipv4.ip_local_reserved_ports = 2\n");
	write_file("9-b.conf", "net.ipv4.ip_local_reserved_ports = 3");
	write_file("10-c.conf", "net/ipv4/ip_local_reserved_ports = 4\nvm.swappiness = 1\n");
	/* Not read by sysctl either. */
	write_file("99-d.conf.dpkg-old", "net.ipv4.ip_local_reserved_ports = 5\n");
	write_file("README", "net.ipv4.ip_local_reserved_ports = 6\n");
	write_file(".hidden.conf", "net.ipv4.ip_local_reserved_ports = 7\n");
	/* The kernel refuses this one. */
	write_file("70-e.conf", "net.ipv4.ip_local_reserved_ports = 80x\n");
	must_read("10-c.conf:1 4 50-a.conf:2 1 50-a.conf:4 2 9-b.conf:1 3");
	end();
}
END_TEST

START_TEST(test_writing)
{
	port_set_t ports = { 0 };
	struct stat status;
	char path[256];

	start();
	port_set_add(&ports, (port_range_t){ 53, 53 });
	ck_assert_int_eq(reserved_files_write(directory, &ports), ERR_OK);
	must_read(RESERVED_FILES_OURS ":3 53");
	port_set_add(&ports, (port_range_t){ 54, 60 });
	ck_assert_int_eq(reserved_files_write(directory, &ports), ERR_OK);
	must_read(RESERVED_FILES_OURS ":3 53-60");
	snprintf(path, sizeof(path), "%s/%s", directory, RESERVED_FILES_OURS);
	ck_assert_int_eq(stat(path, &status), 0);
	ck_assert_uint_eq(status.st_mode & 07777, 0644);
	ck_assert_int_eq(unlink(path), 0);
	/* No temporary file is left. */
	ck_assert_int_eq(rmdir(directory), 0);
	ck_assert_int_eq(reserved_files_write(directory, &ports), -ENOENT);
}
END_TEST

/* An argument of --avoid. */
static void must_take(const char *argument, err_t err, const char *expected)
{
	port_set_t ports = { 0 };

	ck_assert_int_eq(port_system_add_argument(&ports, "--avoid", argument), err);
	char *text = port_set_text(&ports);
	ck_assert_str_eq(text, expected);
	free(text);
}

START_TEST(test_arguments)
{
	char path[256];

	start();
	write_file("list", "53 # dns\n100-200\nntp 123/udp\nssh 22/tcp\n");
	write_file("bad", "53\nx\n");
	must_take("53,100-200", ERR_OK, "53,100-200");
	must_take("53, 54", ERR_OK, "53-54");
	must_take("99999", ERR_RANGE, "");
	snprintf(path, sizeof(path), "%s/list", directory);
	must_take(path, ERR_OK, "22,53,100-200");
	snprintf(path, sizeof(path), "%s/bad", directory);
	must_take(path, ERR_SYNTAX, "");
	must_take("", (err_t)-ENOENT, "");
	must_take("53x", (err_t)-ENOENT, "");
	must_take(directory, (err_t)-EISDIR, "");
	must_take("/dev/zero", ERR_TOO_LARGE, "");
	end();
}
END_TEST

int main(void)
{
	const TTest *tests[] = { test_lines, test_which_file_wins, test_writing, test_arguments };

	return run_tests("reserved_files", tests, COUNT_OF(tests));
}
