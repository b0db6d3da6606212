/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* The filter of system calls: what is refused, and how; what is not; whom it holds for. Each in a
 * process of its own, for there is no way back. */

#include "daemon/sandbox.h"

#include <fcntl.h>
#include <linux/sched.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <seccomp.h>
#include <semaphore.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <syslog.h>
#include <unistd.h>

#include "base/thread.h"
#include "daemon/descriptors.h"
#include "test.h"

/* Exit statuses of children that are no errno values. */
#define NO_SANDBOX 200
#define FAILED     201

/* A system call, by its number and with its arguments. */
typedef struct call {
	const char *what;
	long number;
	long arguments[6];
	bool is_sanitizers; /* allowed in their builds */
} call_t;

static char program[] = "/bin/true";
static char root_directory[] = "/";
static char some_file[] = "/nonexistent/file";
static char filesystem[] = "tmpfs";
static struct sockaddr_in any_address = { .sin_family = AF_INET };
static struct clone_args thread_args;
static struct rlimit limit;
static int on = 1;

#define AT(object) ((long)&(object))

static const call_t refused[] = {
	/* Other programs and processes. */
	{ "another program", SYS_execve, { AT(program) }, false },
	{ "and by descriptor", SYS_execveat, { AT_FDCWD, AT(program) }, false },
	{ "a child", SYS_clone, { SIGCHLD }, true },
	{ "one in the same memory", SYS_clone, { CLONE_VM | CLONE_VFORK | SIGCHLD }, true },
	{ "a user namespace", SYS_clone, { CLONE_NEWUSER | SIGCHLD }, true },
	{ "and for oneself", SYS_unshare, { CLONE_NEWUSER }, false },
	{ "another's namespace", SYS_setns, { 0 }, false },
	{ "being traced", SYS_ptrace, { PTRACE_TRACEME }, true },
	{ "tracing", SYS_ptrace, { PTRACE_SEIZE, 1 }, true },
	{ "another's memory", SYS_process_vm_writev, { 1 }, false },
	{ "a signal to another process", SYS_kill, { 1, 0 }, true },
	{ "and to its thread", SYS_tgkill, { 1, 1, 0 }, true },
	/* The network. */
	{ "a socket for UDP", SYS_socket, { AF_INET, SOCK_DGRAM }, false },
	{ "and IPv6", SYS_socket, { AF_INET6, SOCK_DGRAM }, false },
	{ "a socket for TCP", SYS_socket, { AF_INET, SOCK_STREAM }, false },
	{ "packets as they are", SYS_socket, { AF_PACKET, SOCK_RAW }, false },
	{ "the kernel's tables", SYS_socket, { AF_NETLINK, SOCK_RAW }, false },
	{ "a stream to a service of the system",
	  SYS_socket,
	  { AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC },
	  false },
	{ "binding", SYS_bind, { 0, AT(any_address), sizeof(any_address) }, false },
	{ "an option of a socket",
	  SYS_setsockopt,
	  { 0, SOL_SOCKET, SO_REUSEPORT, AT(on), sizeof(on) },
	  false },
	{ "a program for a socket that no part of the kernel has looked through",
	  SYS_setsockopt,
	  { 0, SOL_SOCKET, SO_ATTACH_REUSEPORT_EBPF, AT(on), sizeof(on) },
	  false },
	/* Somebody else's rights. */
	{ "root", SYS_setuid, { 0 }, false },
	{ "all of root", SYS_setresuid, { 0, 0, 0 }, false },
	{ "another group", SYS_setgid, { 0 }, false },
	{ "capabilities", SYS_capset, { 0, 0 }, false },
	{ "secure bits", SYS_prctl, { PR_SET_SECUREBITS, 0 }, true },
	{ "core dumps", SYS_prctl, { PR_SET_DUMPABLE, 1 }, true },
	{ "limits", SYS_prlimit64, { 0, RLIMIT_NPROC, AT(limit) }, true },
	{ "another's open files", SYS_prlimit64, { 1, RLIMIT_NOFILE, AT(limit) }, true },
	/* The file system. */
	{ "another root", SYS_chroot, { AT(root_directory) }, false },
	{ "a mount", SYS_mount, { AT(filesystem), AT(root_directory), AT(filesystem) }, false },
	{ "a file's mode", SYS_fchmodat, { AT_FDCWD, AT(some_file), 0777 }, false },
	{ "a file's owner", SYS_fchownat, { AT_FDCWD, AT(some_file), 0, 0, 0 }, false },
	{ "a file's name",
	  SYS_renameat2,
	  { AT_FDCWD, AT(some_file), AT_FDCWD, AT(program) },
	  false },
	{ "a link", SYS_symlinkat, { AT(program), AT_FDCWD, AT(some_file) }, false },
	{ "a directory", SYS_mkdirat, { AT_FDCWD, AT(some_file), 0777 }, false },
	/* Memory to run, and memory to run from. */
	{ "code in memory",
	  SYS_mmap,
	  { 0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1 },
	  false },
	{ "code made of data", SYS_mprotect, { 0, 0, PROT_READ | PROT_EXEC }, false },
	{ "a file of memory", SYS_memfd_create, { AT(program), 0 }, false },
	/* Large parts of the kernel that are rarely needed, and often broken. */
	{ "BPF", SYS_bpf, { 0 }, false },
	{ "io_uring", SYS_io_uring_setup, { 1, 0 }, false },
	{ "keys", SYS_keyctl, { 0 }, false },
	{ "performance events", SYS_perf_event_open, { 0 }, false },
	{ "page faults", SYS_userfaultfd, { 0 }, false },
	{ "kernel modules", SYS_init_module, { 0 }, false },
	{ "what a terminal reads", SYS_ioctl, { 0, TIOCSTI, AT(program) }, false },
	{ "signals for descriptors", SYS_fcntl, { 0, F_SETOWN, 1 }, false },
	{ "another filter", SYS_seccomp, { SECCOMP_SET_MODE_STRICT }, false },
};

/* Does `work` in a child that has entered the sandbox; returns how it ended. */
static int in_sandbox(sandbox_mode_t mode, int (*work)(const void *), const void *argument)
{
	const struct rlimit no_core = { 0, 0 };
	int status;
	pid_t child = fork();

	ck_assert_int_ge(child, 0);
	if (child == 0) {
		setrlimit(RLIMIT_CORE, &no_core);
		if (sandbox_enter(mode) != ERR_OK)
			_exit(NO_SANDBOX);
		_exit(work(argument));
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	return status;
}

/* 0, or the call's errno. */
static int make_call(const void *argument)
{
	const call_t *call = argument;
	const long *a = call->arguments;

	return syscall(call->number, a[0], a[1], a[2], a[3], a[4], a[5]) == -1 ? errno : 0;
}

START_TEST(test_refused_on)
{
	for (size_t i = 0; i < COUNT_OF(refused); i++) {
		int status;

		if (SANDBOX_IS_SANITIZED && refused[i].is_sanitizers)
			continue;
		status = in_sandbox(SANDBOX_ON, make_call, &refused[i]);
		MUST(WIFEXITED(status) && WEXITSTATUS(status) == EPERM, "%s: status %#x, not EPERM",
		     refused[i].what, (unsigned)status);
	}
}
END_TEST

START_TEST(test_refused_strict)
{
	for (size_t i = 0; i < COUNT_OF(refused); i++) {
		int status;

		if (SANDBOX_IS_SANITIZED && refused[i].is_sanitizers)
			continue;
		status = in_sandbox(SANDBOX_STRICT, make_call, &refused[i]);
		MUST(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS,
		     "%s: status %#x, not SIGSYS", refused[i].what, (unsigned)status);
	}
}
END_TEST

/* Without the filter it is the call itself that fails, or not. */
START_TEST(test_off)
{
	const call_t bad_bind = { "binding", SYS_bind, { -1 }, false };
	const call_t udp = { "a socket for UDP", SYS_socket, { AF_INET, SOCK_DGRAM }, false };

	ck_assert_int_eq(WEXITSTATUS(in_sandbox(SANDBOX_OFF, make_call, &bad_bind)), EBADF);
	ck_assert_int_eq(WEXITSTATUS(in_sandbox(SANDBOX_OFF, make_call, &udp)), 0);
	ck_assert_int_eq(WEXITSTATUS(in_sandbox(SANDBOX_ON, make_call, &udp)), EPERM);
}
END_TEST

/* The C library has to believe that there is no clone3(), or it starts no threads. */
START_TEST(test_clone3)
{
	const call_t call = {
		"clone3", SYS_clone3, { AT(thread_args), sizeof(thread_args) }, false
	};

	ck_assert_int_eq(WEXITSTATUS(in_sandbox(SANDBOX_ON, make_call, &call)), ENOSYS);
	ck_assert_int_eq(WEXITSTATUS(in_sandbox(SANDBOX_STRICT, make_call, &call)), ENOSYS);
}
END_TEST

static void *add_one(void *argument)
{
	int *number = argument;
	char *text = malloc(1 << 20); /* in an arena of its own */

	if (text != NULL)
		*number += 1;
	free(text);
	return NULL;
}

/* Connects to syslog, as when it was started anew; nobody may be listening. */
static bool can_reach_syslog(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = "/dev/log" };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool is_refused =
		connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0 && errno == EPERM;

	return fd >= 0 && !is_refused && close(fd) == 0;
}

/* What a server does all day that the system tests may not come to. */
static int serve(const void *argument)
{
	char *own = NULL;
	char byte;
	pthread_t thread;
	int number = 0;
	int fd;

	(void)argument;
	if (thread_start(&thread, "thread", 0, add_one, &number) != ERR_OK ||
	    pthread_join(thread, NULL) != 0 || number != 1)
		return FAILED;
	fd = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	if (fd < 0 || read(fd, &byte, 1) != 1 || close(fd) != 0)
		return FAILED;
	own = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (own == MAP_FAILED || mprotect(own, 4096, PROT_READ) != 0 || munmap(own, 1 << 20) != 0)
		return FAILED;
	if (!can_reach_syslog() || signal(SIGUSR1, SIG_IGN) == SIG_ERR || raise(SIGUSR1) != 0 ||
	    pthread_kill(pthread_self(), SIGUSR1) != 0)
		return FAILED;
	openlog("test_sandbox", LOG_PID, LOG_USER);
	syslog(LOG_DEBUG, "from a sandbox");
	closelog();
	if (descriptors_raise(descriptors_raise(0) + 1) == 0)
		return FAILED;
	(void)isatty(STDOUT_FILENO);
	(void)waitpid(-1, NULL, WNOHANG); /* what libev does on SIGCHLD */
	return 0;
}

START_TEST(test_allowed)
{
	ck_assert_int_eq(in_sandbox(SANDBOX_STRICT, serve, NULL), 0);
	ck_assert_int_eq(in_sandbox(SANDBOX_ON, serve, NULL), 0);
}
END_TEST

/* abort() ends the process as ever. */
static int call_abort(const void *argument)
{
	(void)argument;
	abort();
}

START_TEST(test_abort)
{
	int status = in_sandbox(SANDBOX_STRICT, call_abort, NULL);

	ck_assert(WIFSIGNALED(status));
	ck_assert_int_eq(WTERMSIG(status), SIGABRT);
}
END_TEST

/* Waits for the sandbox, then tries to get out of it. */
static void *try_socket(void *argument)
{
	sem_t *entered = argument;
	static int result;

	while (sem_wait(entered) != 0)
		continue;
	result = socket(AF_INET, SOCK_DGRAM, 0) < 0 ? errno : 0;
	return &result;
}

/* A thread that was there before is in the sandbox as well. */
START_TEST(test_all_threads)
{
	pid_t child = fork();
	int status;

	ck_assert_int_ge(child, 0);
	if (child == 0) {
		pthread_t thread;
		sem_t entered;
		void *result = NULL;

		if (sem_init(&entered, 0, 0) != 0 ||
		    thread_start(&thread, "thread", 0, try_socket, &entered) != ERR_OK ||
		    sandbox_enter(SANDBOX_ON) != ERR_OK || sem_post(&entered) != 0 ||
		    pthread_join(thread, &result) != 0)
			_exit(FAILED);
		_exit(*(const int *)result);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_eq(WEXITSTATUS(status), EPERM);
}
END_TEST

/* A container whose own filter allows no other one: only "strict" gives up. */
static err_t enter_without_seccomp(sandbox_mode_t mode)
{
	scmp_filter_ctx container = seccomp_init(SCMP_ACT_ALLOW);

	if (seccomp_rule_add(container, SCMP_ACT_ERRNO(EINVAL), SCMP_SYS(seccomp), 0) != 0 ||
	    seccomp_load(container) != 0)
		_exit(NO_SANDBOX);
	seccomp_release(container);
	return sandbox_enter(mode);
}

START_TEST(test_no_seccomp)
{
	const sandbox_mode_t modes[] = { SANDBOX_ON, SANDBOX_OFF, SANDBOX_STRICT };

	for (size_t i = 0; i < COUNT_OF(modes); i++) {
		pid_t child = fork();
		int status;

		ck_assert_int_ge(child, 0);
		if (child == 0)
			_exit(-(int)enter_without_seccomp(modes[i]));
		ck_assert_int_eq(waitpid(child, &status, 0), child);
		ck_assert_int_eq(WEXITSTATUS(status), modes[i] == SANDBOX_STRICT ? EINVAL : 0);
	}
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		test_refused_on, test_refused_strict, test_off,         test_clone3,
		test_allowed,    test_abort,          test_all_threads, test_no_seccomp,
	};

	return run_tests("sandbox", tests, COUNT_OF(tests));
}
