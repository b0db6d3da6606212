/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "daemon/sandbox.h"

#include <asm/termbits.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"

/* System calls go by their names: the same function of the C library is another call on another
 * architecture, and one with 64 bits of time on those with 32; a name that is not known there, or
 * not yet to this libseccomp, is left out.
 *
 * What a call is about matters only where the kernel sees it in a register: a filter cannot follow
 * pointers, so paths are chroot's business. Those without conditions cost nothing, for since Linux
 * 5.11 the kernel remembers them in a bitmap; so there are none on what is called for each batch. */

/* For each batch of packets; the most frequent first, for kernels that go through the filter. */
static const char *const for_packets[] = {
	"recvmmsg", "recvmmsg_time64", "sendmmsg",     "poll",        "ppoll",
	"write",    "ppoll_time64",    "epoll_wait",   "epoll_pwait", "futex",
	"read",     "futex_time64",    "epoll_pwait2",
};

/* Connections by TCP, syslog, the service manager. New sockets are for syslog alone, see below: those
 * for the network are bound already, with all options that connections inherit. To listen comes
 * late, when there is something to serve; on other sockets there would be nothing to hear. */
static const char *const for_connections[] = {
	"listen",     "accept4",  "recvfrom", "recv",      "recvmsg",     "readv",
	"sendto",     "send",     "sendmsg",  "writev",    "getsockname", "getpeername",
	"getsockopt", "shutdown", "connect",  "epoll_ctl",
};

/* Zone files, logs, the pid file. Where we are is looked up for the command that compiles a list of another format
 * anew. */
static const char *const for_files[] = {
	"open",      "openat",     "close", "pread64",   "lseek",        "_llseek",
	"fstat",     "fstat64",    "stat",  "stat64",    "lstat",        "lstat64",
	"fstatat64", "newfstatat", "statx", "fadvise64", "fadvise64_64", "arm_fadvise64_64",
	"dup",       "dup2",       "dup3",  "unlinkat",  "ftruncate",    "ftruncate64",
	"getcwd",
};

/* Who is told when zone files change; the way to them is looked up link by link. */
static const char *const for_notices[] = {
	"inotify_init1", "inotify_add_watch", "inotify_rm_watch", "readlink", "readlinkat",
};

/* Memory that is not to be run. sodium_malloc locks secrets into it. */
static const char *const for_memory[] = {
	"brk", "munmap", "mremap", "madvise", "mlock", "munlock", "sysinfo",
};

/* Threads, signals, clocks; the loop's own descriptors; the end. */
static const char *const for_threads[] = {
	"rt_sigreturn",
	"sigreturn",
	"rt_sigprocmask",
	"rt_sigaction",
	"sigaltstack",
	"clock_gettime",
	"clock_gettime64",
	"gettimeofday",
	"time",
	"clock_getres",
	"clock_getres_time64",
	"nanosleep",
	"clock_nanosleep",
	"clock_nanosleep_time64",
	"restart_syscall",
	"rseq",
	"set_robust_list",
	"membarrier",
	"sched_yield",
	"sched_getaffinity",
	"getcpu",
	"getpid",
	"getppid",
	"gettid",
	"getrandom",
	"epoll_create1",
	"eventfd2",
	"pipe2",
	"uname",
	"setsid",
	"wait4",
	"exit",
	"exit_group",
};

static const struct {
	const char *const *names;
	size_t count;
} always[] = {
	{ for_packets, COUNT_OF(for_packets) }, { for_connections, COUNT_OF(for_connections) },
	{ for_files, COUNT_OF(for_files) },     { for_memory, COUNT_OF(for_memory) },
	{ for_threads, COUNT_OF(for_threads) }, { for_notices, COUNT_OF(for_notices) },
};

/* A register's lower half: all that the kernel takes of an int, whatever stands in the other. */
#define INT_BITS UINT32_MAX
/* The type of a socket without the flags that go with it; the kernel's SOCK_TYPE_MASK. */
#define SOCK_TYPE_BITS 0xf
/* clone()'s argument that has the flags. */
#ifdef __s390__
#define CLONE_FLAGS 1
#else
#define CLONE_FLAGS 0
#endif
/* What makes a thread of a child, and what would take it to namespaces of its own. */
#define THREAD_FLAGS (CLONE_THREAD | CLONE_SIGHAND | CLONE_VM)
#define OTHER_FLAGS                                                                                \
	(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | \
	 CLONE_NEWCGROUP)

/* That an argument is `value`, in the bits of `mask`. */
typedef struct condition {
	unsigned argument;
	uint32_t mask;
	uint32_t value;
} condition_t;

/* Those that are allowed under one condition, or under two, unless the second has no mask. A call that
 * stands here more than once is allowed if one of its lines holds. */
static const struct {
	const char *name;
	condition_t conditions[2];
} limited[] = {
	{ "clone", { { CLONE_FLAGS, THREAD_FLAGS | OTHER_FLAGS, THREAD_FLAGS } } },
	/* How many files may be open, by ourselves: a new configuration can have more of those that stay so. */
	{ "prlimit64", { { 0, INT_BITS, 0 }, { 1, INT_BITS, RLIMIT_NOFILE } } },
	/* For syslog, when it was started anew. The buses of a system and its services that give
	 * orders are spoken to by streams. */
	{ "socket", { { 0, INT_BITS, AF_UNIX }, { 1, SOCK_TYPE_BITS, SOCK_DGRAM } } },
	{ "mmap", { { 2, PROT_EXEC, 0 } } },
	{ "mmap2", { { 2, PROT_EXEC, 0 } } },
	{ "mprotect", { { 2, PROT_EXEC, 0 } } },
	{ "prctl", { { 0, INT_BITS, PR_SET_NAME } } },
	{ "ioctl", { { 1, INT_BITS, TCGETS } } },
#ifdef TCGETS2 /* not on PowerPC */
	{ "ioctl", { { 1, INT_BITS, TCGETS2 } } },
#endif
	{ "ioctl", { { 1, INT_BITS, TIOCGWINSZ } } },
	/* Which of our sockets gets a query, when a successor is ready or has failed. */
	{ "setsockopt",
	  { { 1, INT_BITS, SOL_SOCKET }, { 2, INT_BITS, SO_ATTACH_REUSEPORT_CBPF } } },
	{ "setsockopt", { { 1, INT_BITS, SOL_SOCKET }, { 2, INT_BITS, SO_DETACH_REUSEPORT_BPF } } },
	{ "fcntl", { { 1, INT_BITS, F_GETFD } } },
	{ "fcntl", { { 1, INT_BITS, F_SETFD } } },
	{ "fcntl", { { 1, INT_BITS, F_GETFL } } },
	{ "fcntl", { { 1, INT_BITS, F_SETFL } } },
	{ "fcntl", { { 1, INT_BITS, F_DUPFD_CLOEXEC } } },
	{ "fcntl64", { { 1, INT_BITS, F_GETFD } } },
	{ "fcntl64", { { 1, INT_BITS, F_SETFD } } },
	{ "fcntl64", { { 1, INT_BITS, F_GETFL } } },
	{ "fcntl64", { { 1, INT_BITS, F_SETFL } } },
	{ "fcntl64", { { 1, INT_BITS, F_DUPFD_CLOEXEC } } },
};

/* What only the sanitizers' run-time libraries do: they look for leaks from a process of their own,
 * which traces this one, and read about threads and memory. Never in a release. */
static const char *const for_sanitizers[] = {
	"clone",     "ptrace",     "prctl",       "kill",       "getdents",
	"tgkill",    "getdents64", "access",      "mincore",    "prlimit64",
	"getrlimit", "getuid",     "personality", "arch_prctl", "process_vm_readv",
};

/* A filter in the making. */
typedef struct filter {
	scmp_filter_ctx context;
	int error; /* of the first step that failed, -errno; later ones do nothing */
} filter_t;

/* A filter that does `action` with every call, until others are allowed. */
static filter_t filter_new(uint32_t action, bool is_logged)
{
	filter_t filter = { .context = seccomp_init(action) };

	if (filter.context == NULL) {
		filter.error = -ENOMEM;
		return filter;
	}
	/* Calls that come the way of another architecture (i386 on amd64) are no better. */
	filter.error = seccomp_attr_set(filter.context, SCMP_FLTATR_ACT_BADARCH, action);
	/* What follows is for systems that know it. Errors as they are: */
	(void)seccomp_attr_set(filter.context, SCMP_FLTATR_API_SYSRAWRC, 1);
	/* Threads that are there already: the thread sanitizer has one of its own. */
	(void)seccomp_attr_set(filter.context, SCMP_FLTATR_CTL_TSYNC, 1);
	/* No brake on speculation because there is a filter: before Linux 5.16 the kernel would
	 * put it on, against programs that one does not trust. */
	(void)seccomp_attr_set(filter.context, SCMP_FLTATR_CTL_SSB, 1);
	(void)seccomp_attr_set(filter.context, SCMP_FLTATR_CTL_LOG, is_logged);
	return filter;
}

/* Puts the filter on, on top of those that are, and frees it. Returns ERR_OK or an errno value. */
static err_t filter_load(filter_t *filter)
{
	if (filter->error == 0)
		filter->error = seccomp_load(filter->context);
	seccomp_release(filter->context);
	return (err_t)filter->error;
}

/* Does `action` with the call `name`; only under conditions[0..count), if there are any. */
static void filter_add(filter_t *filter, uint32_t action, const char *name,
		       const condition_t *conditions, unsigned count)
{
	int number = seccomp_syscall_resolve_name(name);
	struct scmp_arg_cmp comparisons[COUNT_OF(limited[0].conditions)];

	if (filter->error != 0 || number == __NR_SCMP_ERROR)
		return;
	for (unsigned i = 0; i < count; i++) {
		comparisons[i] = (struct scmp_arg_cmp){
			.arg = conditions[i].argument,
			.op = SCMP_CMP_MASKED_EQ,
			.datum_a = conditions[i].mask,
			.datum_b = conditions[i].value,
		};
	}
	filter->error = seccomp_rule_add_array(filter->context, action, number, count, comparisons);
}

/* Allows what the tables above say. */
static void filter_allow_all(filter_t *filter)
{
	/* abort(), and workers that are woken up to stop; but no other process. */
	const condition_t own = { 0, INT_BITS, (uint32_t)getpid() };

	filter_add(filter, SCMP_ACT_ALLOW, "tgkill", &own, 1);
	for (size_t i = 0; i < COUNT_OF(always); i++) {
		for (size_t k = 0; k < always[i].count; k++)
			filter_add(filter, SCMP_ACT_ALLOW, always[i].names[k], NULL, 0);
	}
	for (size_t i = 0; i < COUNT_OF(limited); i++) {
		unsigned count = limited[i].conditions[1].mask != 0 ? 2 : 1;

		filter_add(filter, SCMP_ACT_ALLOW, limited[i].name, limited[i].conditions, count);
	}
	for (size_t i = 0; SANDBOX_IS_SANITIZED && i < COUNT_OF(for_sanitizers); i++)
		filter_add(filter, SCMP_ACT_ALLOW, for_sanitizers[i], NULL, 0);
	/* The first one is asked for first, where the kernel asks one after the other. */
	for (size_t i = 0; i < COUNT_OF(for_packets); i++) {
		int number = seccomp_syscall_resolve_name(for_packets[i]);

		(void)seccomp_syscall_priority(filter->context, number, (uint8_t)(255 - i));
	}
}

/* clone3() has its flags behind a pointer, where no filter sees them; told that there is no such call,
 * the C library takes clone(). That happens whenever a thread is started, and so has a filter of its
 * own, which leaves the kernel's log alone. Of two filters the stricter one decides. */
static err_t refuse_clone3(void)
{
	filter_t filter = filter_new(SCMP_ACT_ALLOW, false);

	filter_add(&filter, SCMP_ACT_ERRNO(ENOSYS), "clone3", NULL, 0);
	return filter_load(&filter);
}

static err_t refuse_others(sandbox_mode_t mode)
{
	bool is_strict = mode == SANDBOX_STRICT;
	filter_t filter =
		filter_new(is_strict ? SCMP_ACT_KILL_PROCESS : SCMP_ACT_ERRNO(EPERM), true);

	filter_add(&filter, SCMP_ACT_ALLOW, "clone3", NULL, 0); /* the other filter's */
	filter_allow_all(&filter);
	return filter_load(&filter);
}

err_t sandbox_enter(sandbox_mode_t mode)
{
	err_t err;

	if (mode == SANDBOX_OFF)
		return ERR_OK;
	err = refuse_clone3();
	if (err == ERR_OK)
		err = refuse_others(mode);
	if (err == ERR_OK)
		return ERR_OK;
	if (mode == SANDBOX_STRICT) {
		log_error("--sandbox strict: the system takes no filter for system calls: %s",
			  err_text(err));
		return err;
	}
	log_warning(
		"the system takes no filter for system calls (seccomp): %s; going on without one "
		"(--sandbox off does so silently)",
		err_text(err));
	return ERR_OK;
}
