/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* Somebody who has taken spurnd over: loaded into it by test_sandbox.py (LD_PRELOAD), this tries, on
 * SIGRTMAX and so as spurnd itself, what it should not be able to do, and appends to the file $PROBE
 * a line for each attempt, "name errno", 0 where it succeeded, and a line "end". With $PROBE_STOP the
 * process that goes into the background stops (SIGSTOP) on its way there. */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static int output = -1;

static void tell(const char *what, int code)
{
	char line[64];
	int size = code < 0 ? snprintf(line, sizeof(line), "%s\n", what)
			    : snprintf(line, sizeof(line), "%s %d\n", what, code);

	(void)!write(output, line, (size_t)size);
}

/* Opens a file for reading and closes it again. */
static long read_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	return fd < 0 ? -1 : close(fd);
}

static void on_signal(int number)
{
	static char *const arguments[] = { NULL };
	const int saved_errno = errno;

	(void)number;
#define TRY(name, attempt) tell(name, (attempt) < 0 ? errno : 0)
	TRY("list", read_file("list"));
	TRY("passwd", read_file("/etc/passwd"));
	TRY("passwd-above", read_file("../../../../../../../../etc/passwd"));
	TRY("passwd-proc", read_file("/proc/self/root/etc/passwd"));
	TRY("shadow", read_file("/etc/shadow"));
	TRY("exec", execve("/bin/true", arguments, arguments));
	TRY("udp", socket(AF_INET, SOCK_DGRAM, 0));
	TRY("tcp", socket(AF_INET6, SOCK_STREAM, 0));
	TRY("setuid", setuid(0));
	TRY("setgid", setgid(0));
	TRY("chroot", chroot("/"));
	TRY("chmod", chmod("list", 0777));
	TRY("unshare", syscall(SYS_unshare, 0x10000000)); /* CLONE_NEWUSER */
#undef TRY
	tell("end", -1);
	errno = saved_errno;
}

/* In place of the C library's: what the process calls when it is through with loading. */
pid_t setsid(void)
{
	if (getenv("PROBE_STOP") != NULL)
		raise(SIGSTOP);
	return (pid_t)syscall(SYS_setsid);
}

static void __attribute__((constructor)) start(void)
{
	const char *path = getenv("PROBE");
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESTART };

	if (path == NULL)
		return;
	output = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	sigaction(SIGRTMAX, &action, NULL);
}
