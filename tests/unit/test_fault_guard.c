/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* That reading a mapped file which is cut short ends the reading, and nothing else: on any thread, more
 * than once, nested, with sanitizers; and that everything outside of a guard ends the process as ever. */

#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fault_guard.h"
#include "base/thread.h"
#include "test.h"

#define FILE_SIZE 65536

typedef struct mapped {
	int fd;
	const volatile uint8_t *bytes;
	size_t at;
	unsigned sum; /* of what was read */
	bool is_through;
} mapped_t;

static mapped_t map_file(void)
{
	char path[] = "/tmp/spurn-fault.XXXXXX";
	static uint8_t bytes[FILE_SIZE];
	mapped_t mapped = { .fd = mkstemp(path) };

	ck_assert_int_ge(mapped.fd, 0);
	unlink(path);
	memset(bytes, 1, sizeof(bytes));
	ck_assert_int_eq(write(mapped.fd, bytes, sizeof(bytes)), FILE_SIZE);
	mapped.bytes = mmap(NULL, FILE_SIZE, PROT_READ, MAP_SHARED, mapped.fd, 0);
	ck_assert(mapped.bytes != MAP_FAILED);
	return mapped;
}

static void unmap(const mapped_t *mapped)
{
	munmap((void *)(uintptr_t)mapped->bytes, FILE_SIZE);
	close(mapped->fd);
}

static void read_all(void *context)
{
	mapped_t *mapped = context;

	mapped->is_through = false;
	mapped->sum = 0;
	for (mapped->at = 0; mapped->at < FILE_SIZE; mapped->at++)
		mapped->sum += mapped->bytes[mapped->at];
	mapped->is_through = true;
}

START_TEST(test_truncated)
{
	mapped_t mapped = map_file();

	ck_assert(fault_guard_run(read_all, &mapped));
	ck_assert_uint_eq(mapped.sum, FILE_SIZE);
	/* Again and again: the signal is not blocked after the first time. */
	for (unsigned pages = 8; pages-- > 0;) {
		ck_assert_int_eq(ftruncate(mapped.fd, pages * 4096L), 0);
		ck_assert(!fault_guard_run(read_all, &mapped));
		ck_assert(!mapped.is_through);
		ck_assert_uint_eq(mapped.at, pages * 4096);
		ck_assert_uint_eq(mapped.sum, pages * 4096);
	}
	ck_assert_int_eq(ftruncate(mapped.fd, FILE_SIZE), 0);
	ck_assert(fault_guard_run(read_all, &mapped));
	ck_assert_uint_eq(mapped.sum, 0);
	unmap(&mapped);
}
END_TEST

/* Reads where an offset leads that somebody made up. */
static void read_far(void *context)
{
	mapped_t *mapped = context;
	const volatile uint8_t *far =
		(const volatile uint8_t *)((uintptr_t)mapped->bytes ^ UINT64_C(0x0100000000000000));

	mapped->is_through = false;
	mapped->sum = *far;
	mapped->is_through = true;
}

static void read_nowhere(void *context)
{
	mapped_t *mapped = context;
	volatile uintptr_t nowhere = 16;

	mapped->is_through = false;
	mapped->sum = *(const volatile uint8_t *)nowhere;
	mapped->is_through = true;
}

START_TEST(test_wild_offset)
{
	mapped_t mapped = map_file();

	for (unsigned i = 0; i < 3; i++) {
		ck_assert(!fault_guard_run(read_nowhere, &mapped));
		ck_assert(!mapped.is_through);
#if defined(__x86_64__) && !defined(__SANITIZE_THREAD__)
		/* An address that is none: the kernel tells it in another way. */
		ck_assert(!fault_guard_run(read_far, &mapped));
		ck_assert(!mapped.is_through);
#else
		(void)read_far;
#endif
	}
	unmap(&mapped);
}
END_TEST

static void read_nested(void *context)
{
	mapped_t *mapped = context;

	ck_assert(!fault_guard_run(read_all, mapped));
	mapped->sum = 12345;
	/* The outer one counts again. */
	(void)mapped->bytes[FILE_SIZE - 1];
	mapped->sum = 0;
}

START_TEST(test_nested)
{
	mapped_t mapped = map_file();

	ck_assert_int_eq(ftruncate(mapped.fd, 4096), 0);
	ck_assert(!fault_guard_run(read_nested, &mapped));
	ck_assert_uint_eq(mapped.sum, 12345);
	unmap(&mapped);
}
END_TEST

static void *read_on_thread(void *context)
{
	mapped_t *mapped = context;
	uintptr_t failures = 0;

	for (unsigned i = 0; i < 100; i++)
		failures += !fault_guard_run(read_all, mapped);
	return (void *)failures;
}

/* Each thread has its own guard, also while others are at it. */
START_TEST(test_threads)
{
	mapped_t whole = map_file();
	mapped_t cut[3];
	pthread_t threads[3];

	for (unsigned i = 0; i < COUNT_OF(cut); i++) {
		cut[i] = map_file();
		ck_assert_int_eq(ftruncate(cut[i].fd, 4096 * i), 0);
		ck_assert_int_eq(thread_start(&threads[i], "reader", 0, read_on_thread, &cut[i]),
				 ERR_OK);
	}
	for (unsigned i = 0; i < 100; i++)
		ck_assert(fault_guard_run(read_all, &whole));
	for (unsigned i = 0; i < COUNT_OF(cut); i++) {
		void *failures;
		ck_assert_int_eq(pthread_join(threads[i], &failures), 0);
		ck_assert_uint_eq((uintptr_t)failures, 100);
		unmap(&cut[i]);
	}
	unmap(&whole);
}
END_TEST

static void do_nothing(void *context)
{
	(void)context;
}

static void send_signal(void *context)
{
	raise(*(const int *)context);
}

/* What becomes of a process that does `run` after it has had a guard. */
static int status_of(void (*run)(void *context), void *context, bool is_guarded)
{
	int status;
	pid_t child = fork();

	ck_assert_int_ge(child, 0);
	if (child == 0) {
		/* What a sanitizer has to say of it is meant to happen. */
		(void)close(2);
		if (!fault_guard_run(do_nothing, NULL))
			_exit(0);
		if (is_guarded)
			(void)!fault_guard_run(run, context);
		else
			run(context);
		_exit(0);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	return status;
}

START_TEST(test_others_still_end)
{
	mapped_t mapped = map_file();
	int bus = SIGBUS;

	ck_assert_int_eq(ftruncate(mapped.fd, 0), 0);
	ck_assert_int_ne(status_of(read_all, &mapped, false), 0);
	ck_assert_int_ne(status_of(read_nowhere, &mapped, false), 0);
	/* A signal that was sent is no fault, wherever it arrives. */
	ck_assert_int_ne(status_of(send_signal, &bus, false), 0);
	ck_assert_int_ne(status_of(send_signal, &bus, true), 0);
	ck_assert_int_eq(status_of(read_all, &mapped, true), 0);
	unmap(&mapped);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		test_truncated, test_wild_offset, test_nested, test_threads, test_others_still_end,
	};

	return run_tests("fault_guard", tests, COUNT_OF(tests));
}
