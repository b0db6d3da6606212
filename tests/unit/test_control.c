/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* The control socket with its clients in the same thread: limits of number, time and size, replies
 * that come later, messages with descriptors, and who goes away when. */

#include "test.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "daemon/control.h"
#include "daemon/control_socket.h"

/* What the commands of these tests share. */
static struct {
	struct ev_loop *loop;
	char directory[64];
	char path[128];
	control_socket_t file;
	control_t *control;
	control_client_t *waiting;
	unsigned gone;
	unsigned lines;
	char last_line[CONTROL_LINE_MAX];
} state;

static void run_echo(void *context, control_client_t *client, char *const *words, size_t count)
{
	ck_assert_ptr_eq(context, &state);
	ck_assert_ptr_null(words[count]);
	control_reply(client, json_pack("{s:I, s:s*}", "count", (json_int_t)count, "first",
					count > 0 ? words[0] : NULL));
}

static void on_gone(void *context)
{
	ck_assert_ptr_eq(context, &state);
	state.gone++;
	state.waiting = NULL;
}

static void on_line(void *context, char *line)
{
	ck_assert_ptr_eq(context, &state);
	state.lines++;
	snprintf(state.last_line, sizeof(state.last_line), "%s", line);
	if (strcmp(line, "end") == 0)
		control_reply(state.waiting, json_object());
}

static void run_wait(void *context, control_client_t *client, char *const *words, size_t count)
{
	const control_wait_t wait = { .on_gone = on_gone, .context = context };

	(void)words;
	(void)count;
	state.waiting = client;
	control_wait(client, &wait);
}

static void run_talk(void *context, control_client_t *client, char *const *words, size_t count)
{
	const control_wait_t wait = { .on_gone = on_gone, .on_line = on_line, .context = context };
	int fds[2] = { STDIN_FILENO, state.file.listener };

	(void)words;
	(void)count;
	state.waiting = client;
	control_wait(client, &wait);
	ck_assert(control_send(client, json_pack("{s:i}", "descriptors", 2), fds, 2));
	ck_assert(control_send(client, json_pack("{s:i}", "descriptors", 0), NULL, 0));
}

static void run_much(void *context, control_client_t *client, char *const *words, size_t count)
{
	size_t size = strtoul(words[0], NULL, 10);
	char *text = malloc(size + 1);

	(void)context;
	ck_assert_uint_eq(count, 1);
	memset(text, 'x', size);
	text[size] = '\0';
	control_reply(client, json_pack("{s:s}", "much", text));
	free(text);
}

static void run_keep(void *context, control_client_t *client, char *const *words, size_t count)
{
	(void)context;
	(void)words;
	(void)count;
	control_reply_keep(client, json_object());
}

static void begin(control_limits_t limits)
{
	static const control_command_t commands[] = {
		{ "echo", run_echo }, { "keep", run_keep }, { "much", run_much },
		{ "talk", run_talk }, { "wait", run_wait },
	};
	const identity_t identity = { .must_change = false };

	memset(&state, 0, sizeof(state));
	strcpy(state.directory, "/tmp/test_control.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(state.directory));
	snprintf(state.path, sizeof(state.path), "%s/made/socket", state.directory);
	ck_assert_int_eq(control_socket_open(state.path, &identity, false, &state.file), ERR_OK);
	state.loop = ev_loop_new(EVFLAG_AUTO);
	const control_setup_t setup = {
		.loop = state.loop,
		.listener = state.file.listener,
		.commands = commands,
		.command_count = COUNT_OF(commands),
		.context = &state,
		.limits = limits,
	};
	ck_assert_int_eq(control_start(&setup, &state.control), ERR_OK);
}

static void end(void)
{
	char made[128];

	control_stop(state.control);
	control_free(state.control);
	ev_loop_destroy(state.loop);
	control_socket_close(&state.file);
	ck_assert_int_ne(access(state.path, F_OK), 0);
	snprintf(made, sizeof(made), "%s/made", state.directory);
	ck_assert_int_eq(rmdir(made), 0);
	ck_assert_int_eq(rmdir(state.directory), 0);
}

/* Lets the loop do what there is to do. */
static void turn(void)
{
	for (unsigned i = 0; i < 20; i++)
		ev_run(state.loop, EVRUN_NOWAIT); /* an iteration: at most one command */
}

static int join(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	strcpy(address.sun_path, state.path);
	ck_assert_int_eq(connect(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

static void say(int fd, const char *text)
{
	ck_assert_int_eq(send(fd, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
}

static int ask(const char *text)
{
	int fd = join();

	say(fd, text);
	turn();
	return fd;
}

/* What has come, up to now, and whether that was the end. */
static const char *hear(int fd, bool *is_end)
{
	static char text[65536];
	size_t size = 0;
	ssize_t got = 1;

	while (size + 1 < sizeof(text) &&
	       (got = recv(fd, text + size, sizeof(text) - 1 - size, MSG_DONTWAIT)) > 0)
		size += (size_t)got;
	text[size] = '\0';
	*is_end = got == 0 || (got < 0 && errno != EAGAIN);
	return text;
}

/* All that has come has to be `expected`, or to begin so, and the end of the connection. */
static void must_end(int fd, const char *expected)
{
	bool is_end;
	const char *text = hear(fd, &is_end);

	ck_assert_msg(strncmp(text, expected, strlen(expected)) == 0, "%s instead of %s", text,
		      expected);
	ck_assert(is_end);
	close(fd);
}

static void must_be_open(int fd)
{
	bool is_end;

	ck_assert_str_eq(hear(fd, &is_end), "");
	ck_assert(!is_end);
}

START_TEST(test_commands)
{
	begin(control_default_limits);
	must_end(ask("echo\n"), "{\"count\":0}\n");
	must_end(ask(" echo  a\tb \r\n"), "{\"count\":2,\"first\":\"a\"}\n");
	must_end(ask("echo 1 2 3 4 5 6 7\n"), "{\"count\":7,\"first\":\"1\"}\n");
	must_end(ask("echo 1 2 3 4 5 6 7 8\n"), "{\"error\":\"the line has too many words\"}\n");
	must_end(ask("\n"), "{\"error\":\"the line has no command\"}\n");
	must_end(ask("ech\n"),
		 "{\"error\":\"there is no command 'ech'; there are: echo, keep, much, "
		 "talk, wait\"}\n");
	/* What is no UTF-8 cannot be said, but for in words that are made for it. */
	must_end(ask("echo \xff\n"), "{\"error\":\"spurnd has no memory for the reply\"}\n");
	must_end(ask("\xff\n"), "{\"error\":\"there is no command '\xef\xbf\xbd'");
	end();
}
END_TEST

START_TEST(test_line_limit)
{
	char line[CONTROL_LINE_MAX + 2];
	int fd;

	begin(control_default_limits);
	/* The longest one, and one byte more. */
	memset(line, ' ', sizeof(line));
	memcpy(line, "echo", 4);
	strcpy(line + CONTROL_LINE_MAX - 1, "\n");
	must_end(ask(line), "{\"count\":0}\n");
	line[CONTROL_LINE_MAX - 1] = ' ';
	line[CONTROL_LINE_MAX] = '\0';
	fd = ask(line);
	must_end(fd, "{\"error\":\"a line has at most 2047 bytes\"}\n");
	/* More than a line. */
	must_end(ask("echo\necho\n"), "{\"error\":\"one command on one line");
	must_end(ask("echo\n "), "{\"error\":\"one command on one line");
	/* Half a line, and its end. */
	fd = ask("ec");
	must_be_open(fd);
	say(fd, "ho\n");
	turn();
	must_end(fd, "{\"count\":0}\n");
	fd = ask("ech");
	shutdown(fd, SHUT_WR);
	turn();
	must_end(fd, "{\"error\":\"the line does not end in a newline\"}\n");
	end();
}
END_TEST

START_TEST(test_waiting)
{
	int fd;
	bool is_end;

	begin(control_default_limits);
	fd = ask("wait\n");
	must_be_open(fd);
	control_reply(state.waiting, json_object());
	must_end(fd, "{}\n");
	ck_assert_uint_eq(state.gone, 0);
	/* Its own side is closed, but it still listens. */
	fd = ask("wait\n");
	shutdown(fd, SHUT_WR);
	turn();
	must_be_open(fd);
	ck_assert_uint_eq(state.gone, 0);
	control_refuse(state.waiting, "%s", "no \"luck\"");
	must_end(fd, "{\"error\":\"no \\\"luck\\\"\"}\n");
	/* It is gone. */
	close(ask("wait\n"));
	turn();
	ck_assert_uint_eq(state.gone, 1);
	/* It says more. */
	fd = ask("wait\n");
	say(fd, "now\n");
	turn();
	ck_assert_uint_eq(state.gone, 2);
	must_end(fd, "{\"error\":\"one command on one line");
	/* We stop. */
	fd = ask("wait\n");
	control_stop(state.control);
	ck_assert_uint_eq(state.gone, 3);
	must_end(fd, "{\"error\":\"spurnd is stopping\"}\n");
	fd = join();
	ck_assert_str_eq(hear(fd, &is_end), "");
	close(fd);
	end();
}
END_TEST

/* How many descriptors come with the next message of `fd`, which are closed. */
static unsigned receive_descriptors(int fd)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int) * 8)];
	} rights;
	char text[256];
	struct iovec piece = { text, sizeof(text) };
	struct msghdr message = {
		.msg_iov = &piece,
		.msg_iovlen = 1,
		.msg_control = &rights,
		.msg_controllen = sizeof(rights),
	};
	unsigned count = 0;

	ck_assert_int_gt(recvmsg(fd, &message, MSG_DONTWAIT), 0);
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	if (header == NULL)
		return 0;
	ck_assert_int_eq(header->cmsg_type, SCM_RIGHTS);
	count = (unsigned)((header->cmsg_len - CMSG_LEN(0)) / sizeof(int));
	for (unsigned i = 0; i < count; i++) {
		int got;
		struct stat status;

		memcpy(&got, CMSG_DATA(header) + i * sizeof(int), sizeof(got));
		ck_assert_int_eq(fstat(got, &status), 0);
		close(got);
	}
	return count;
}

START_TEST(test_conversation)
{
	uid_t uid;
	pid_t pid;
	int fd;

	begin(control_default_limits);
	fd = ask("talk\n");
	ck_assert_uint_eq(receive_descriptors(fd), 2);
	ck_assert_uint_eq(receive_descriptors(fd), 0);
	ck_assert(control_is_sent(state.waiting));
	ck_assert(control_client_is_of(state.waiting, &uid, &pid));
	ck_assert_int_eq(uid, getuid());
	ck_assert_int_eq(pid, getpid());
	/* Several lines at once, and one in pieces. */
	say(fd, "one\ntwo\nthr");
	turn();
	ck_assert_uint_eq(state.lines, 2);
	ck_assert_str_eq(state.last_line, "two");
	say(fd, "ee\nend\nmore\n");
	turn();
	ck_assert_uint_eq(state.lines, 4);
	ck_assert_uint_eq(state.gone, 0);
	must_end(fd, "{}\n");
	/* Here the end of its side is the end. */
	fd = ask("talk\n");
	shutdown(fd, SHUT_WR);
	turn();
	ck_assert_uint_eq(state.gone, 1);
	close(fd);
	end();
}
END_TEST

START_TEST(test_crowd)
{
	enum { MOST = 4 };
	control_limits_t limits = control_default_limits;
	int fds[MOST];
	int fd;

	limits.clients = MOST;
	begin(limits);
	for (unsigned i = 0; i < MOST; i++)
		fds[i] = ask("");
	/* The one that has been silent the longest has to go. */
	must_end(ask("echo\n"), "{\"count\":0}\n");
	must_end(fds[0], "{\"error\":\"others want to ask");
	must_be_open(fds[1]);
	/* Those that wait for something stay. */
	for (unsigned i = 1; i < MOST; i++)
		say(fds[i], "wait\n");
	turn();
	fds[0] = ask("wait\n");
	fd = ask("echo\n");
	must_end(fd, "{\"error\":\"4 clients are being served already; try again later\"}\n");
	for (unsigned i = 0; i < MOST; i++) {
		must_be_open(fds[i]);
		close(fds[i]);
	}
	turn();
	ck_assert_uint_eq(state.gone, MOST);
	/* Those that do not take what they asked for do not. */
	for (unsigned i = 0; i < MOST; i++)
		fds[i] = ask("much 3000000\n");
	must_end(ask("echo\n"), "{\"count\":0}\n");
	for (unsigned i = 0; i < MOST; i++)
		close(fds[i]);
	end();
}
END_TEST

START_TEST(test_much_to_take)
{
	control_limits_t limits = control_default_limits;
	bool is_end = false;
	size_t size = 0;
	int fds[2];

	limits.reply_bytes = 4000000;
	begin(limits);
	fds[0] = ask("much 3000000\n");
	fds[1] = ask("much 3000000\n");
	must_end(fds[1], "{\"error\":\"too many clients do not take their replies");
	/* What is small fits, and the first one is whole. */
	must_end(ask("echo\n"), "{\"count\":0}\n");
	while (!is_end) {
		size += strlen(hear(fds[0], &is_end));
		turn();
	}
	ck_assert_uint_eq(size, 3000000 + strlen("{\"much\":\"\"}\n"));
	close(fds[0]);
	/* One alone may be larger than the limit. */
	fds[0] = ask("much 5000000\n");
	size = strlen(hear(fds[0], &is_end));
	ck_assert(!is_end && size > 1000);
	close(fds[0]);
	turn();
	end();
}
END_TEST

/* Lets the loop run until `fd` has something to be heard, or is at its end. */
static void wait_for(int fd)
{
	char byte;

	while (recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && errno == EAGAIN)
		ev_run(state.loop, EVRUN_ONCE);
}

START_TEST(test_time_limits)
{
	control_limits_t limits = control_default_limits;
	bool is_end = false;
	int silent;
	int slow;

	limits.line_s = 0.05;
	limits.reply_s = 0.05;
	begin(limits);
	silent = ask("ec");
	wait_for(silent);
	must_end(silent, "{\"error\":\"no command came within 0.05 seconds\"}\n");
	/* Nobody who waits is in a hurry; nor is a reply that has been taken. */
	silent = ask("wait\n");
	slow = ask("much 3000000\n");
	double start_s = clock_monotonic_s();
	while (clock_monotonic_s() < start_s + 0.1)
		ev_run(state.loop, EVRUN_ONCE | EVRUN_NOWAIT);
	must_be_open(silent);
	close(silent);
	/* What could not be sent in time never comes. */
	size_t size = 0;
	while (!is_end) {
		size += strlen(hear(slow, &is_end));
		turn();
	}
	ck_assert_uint_lt(size, 3000000);
	close(slow);
	end();
}
END_TEST

START_TEST(test_kept)
{
	bool is_end;
	int fd;

	begin(control_default_limits);
	fd = ask("keep\n");
	ck_assert_str_eq(hear(fd, &is_end), "{}\n");
	ck_assert(!is_end);
	end();
	/* Not closed with everything else: only by the end of the process. */
	must_be_open(fd);
	close(fd);
}
END_TEST

START_TEST(test_socket_file)
{
	const identity_t identity = { .must_change = false };
	control_socket_t other;
	struct stat status;
	FILE *out;
	int fd;

	begin(control_default_limits);
	ck_assert_int_eq(stat(state.path, &status), 0);
	ck_assert_uint_eq(status.st_mode, S_IFSOCK | 0660);
	/* One in use is not taken, nor removed by who did not get it. */
	ck_assert_int_eq(control_socket_open(state.path, &identity, false, &other), -EADDRINUSE);
	ck_assert_int_eq(other.listener, -1);
	control_socket_close(&other);
	must_end(ask("echo\n"), "{\"count\":0}\n");
	/* One that is left over by who was killed is replaced. */
	fd = state.file.directory;
	close(state.file.listener);
	state.file = CONTROL_SOCKET_NONE;
	ck_assert_int_eq(access(state.path, F_OK), 0);
	ck_assert_int_eq(control_socket_open(state.path, &identity, false, &other), ERR_OK);
	/* Somebody else's file is left alone. */
	ck_assert_int_eq(unlink(state.path), 0);
	out = fopen(state.path, "w");
	fclose(out);
	control_socket_close(&other);
	ck_assert_int_eq(access(state.path, F_OK), 0);
	ck_assert_int_eq(control_socket_open(state.path, &identity, false, &other), -EEXIST);
	ck_assert_int_eq(unlinkat(fd, "socket", 0), 0);
	close(fd);
	/* None is wanted. */
	ck_assert_int_eq(control_socket_open("none", &identity, false, &other), ERR_OK);
	ck_assert_int_eq(other.listener, -1);
	ck_assert_int_eq(control_socket_open(NULL, &identity, false, &other), ERR_OK);
	ck_assert_int_eq(other.listener, -1);
	ck_assert_int_ne(control_socket_open("/nowhere/at/all", &identity, false, &other), ERR_OK);
	ck_assert_int_ne(control_socket_open("/tmp/", &identity, false, &other), ERR_OK);
	end();
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		test_commands,     test_line_limit,  test_waiting, test_conversation, test_crowd,
		test_much_to_take, test_time_limits, test_kept,    test_socket_file,
	};

	return run_tests("control", tests, COUNT_OF(tests));
}
