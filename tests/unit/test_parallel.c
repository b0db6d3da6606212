/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* Each task is run once, with one CPU and with two, and one that reads what is not there any more ends
 * neither the process nor the other thread. */

#include "base/parallel.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/processors.h"
#include "test.h"

#define TASKS 1000u

typedef struct tasks {
	atomic_uint runs[TASKS];
	const volatile char *gone; /* read by the last of them */
} tasks_t;

static void run(void *context, unsigned number)
{
	tasks_t *tasks = context;

	atomic_fetch_add(&tasks->runs[number], 1);
	if (number == TASKS - 1 && tasks->gone != NULL)
		(void)*tasks->gone;
}

START_TEST(test_each_once)
{
	for (unsigned processors = 1; processors <= 2; processors++) {
		tasks_t tasks = { .gone = NULL };

		processors_pretend(processors);
		ck_assert_int_eq(parallel_run(0, run, &tasks), ERR_OK);
		ck_assert_uint_eq(tasks.runs[0], 0);
		ck_assert_int_eq(parallel_run(1, run, &tasks), ERR_OK);
		ck_assert_int_eq(parallel_run(TASKS, run, &tasks), ERR_OK);
		ck_assert_uint_eq(tasks.runs[0], 2);
		for (unsigned i = 1; i < TASKS; i++)
			ck_assert_uint_eq(tasks.runs[i], 1);
	}
	processors_pretend(0);
}
END_TEST

START_TEST(test_fault)
{
	char path[] = "/tmp/test_parallel.XXXXXX";
	int file = mkstemp(path);

	ck_assert_int_ge(file, 0);
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(ftruncate(file, 1), 0);
	void *page = mmap(NULL, 1, PROT_READ, MAP_SHARED, file, 0);
	ck_assert(page != MAP_FAILED);
	ck_assert_int_eq(ftruncate(file, 0), 0);
	for (unsigned processors = 1; processors <= 2; processors++) {
		tasks_t tasks = { .gone = page };

		processors_pretend(processors);
		ck_assert_int_eq(parallel_run(TASKS, run, &tasks), ERR_CHANGED);
		ck_assert_uint_eq(tasks.runs[TASKS - 1], 1);
	}
	processors_pretend(0);
	munmap(page, 1);
	close(file);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { test_each_once, test_fault };

	return run_tests("parallel", tests, COUNT_OF(tests));
}
