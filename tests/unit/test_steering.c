/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */

/* The programs that choose a socket: what they make of any number, and what the kernel makes of them,
 * counted in sockets on loopback. */

#include <arpa/inet.h>
#include <check.h>
#include <sched.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/attributes.h"
#include "net/steering.h"

/* As many as a server has at most. */
#define SOCKETS_MAX 256

/* ---- the programs ---- */

/* What a program of these few instructions returns where the kernel says `random` and `cpu`. */
static uint32_t run_program(const struct sock_filter *program, size_t size, uint32_t random,
			    uint32_t cpu)
{
	uint32_t a = 0;

	for (size_t i = 0; i < size; i++) {
		switch (program[i].code) {
		case BPF_LD | BPF_W | BPF_ABS:
			if (program[i].k == (uint32_t)(SKF_AD_OFF + SKF_AD_RANDOM))
				a = random;
			else if (program[i].k == (uint32_t)(SKF_AD_OFF + SKF_AD_CPU))
				a = cpu;
			else
				ck_abort_msg("loads %u", program[i].k);
			break;
		case BPF_ALU | BPF_MOD | BPF_K:
			ck_assert_uint_ne(program[i].k, 0);
			a %= program[i].k;
			break;
		case BPF_RET | BPF_A:
			ck_assert_uint_eq(i, size - 1);
			return a;
		case BPF_RET | BPF_K:
			ck_assert_uint_eq(i, size - 1);
			return program[i].k;
		default:
			ck_abort_msg("code %u", program[i].code);
		}
	}
	ck_abort_msg("no end");
}

START_TEST(test_programs)
{
	static const uint32_t sockets[] = { 1, 2, 3, 4, 7, 8, 255, SOCKETS_MAX, 65536 };
	struct sock_filter program[STEERING_PROGRAM_MAX];

	for (size_t i = 0; i < COUNT_OF(sockets); i++) {
		const uint32_t n = sockets[i];
		const uint32_t values[] = { 0,     1,         n - 1,          n,
					    n + 1, INT32_MAX, UINT32_MAX - 1, UINT32_MAX };

		for (size_t k = 0; k < COUNT_OF(values); k++) {
			const uint32_t value = values[k];
			size_t size = steering_program(STEERING_RANDOM, n, program);

			ck_assert_uint_eq(run_program(program, size, value, 0), value % n);
			size = steering_program(STEERING_CPU, n, program);
			ck_assert_uint_eq(run_program(program, size, 0, value), value % n);
			/* There is no such socket: the kernel goes by its hash. */
			size = steering_program(STEERING_HASH, n, program);
			ck_assert_uint_eq(run_program(program, size, value, value), UINT32_MAX);
		}
	}
}
END_TEST

START_TEST(test_names)
{
	ck_assert_str_eq(steering_name(STEERING_RANDOM), "random");
	ck_assert_str_eq(steering_name(STEERING_CPU), "cpu");
	ck_assert_str_eq(steering_name(STEERING_HASH), "hash");
}
END_TEST

/* ---- the kernel ---- */

/* Sockets on one address, and one that sends to them. */
typedef struct group {
	int fds[SOCKETS_MAX];
	size_t count;
	int client;
	unsigned got[SOCKETS_MAX]; /* datagrams, by socket */
} group_t;

static void group_open(group_t *group, size_t count)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t size = sizeof(address);
	const int on = 1;

	memset(group, 0, sizeof(*group));
	group->count = count;
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	for (size_t i = 0; i < count; i++) {
		int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);

		ck_assert_int_ge(fd, 0);
		ck_assert_int_eq(setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)), 0);
		ck_assert_int_eq(bind(fd, (const struct sockaddr *)&address, size), 0);
		/* The first one gets a port from the kernel, the others have that as well. */
		ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&address, &size), 0);
		group->fds[i] = fd;
	}
	group->client = socket(AF_INET, SOCK_DGRAM, 0);
	ck_assert_int_eq(connect(group->client, (const struct sockaddr *)&address, size), 0);
}

static void group_close(group_t *group)
{
	for (size_t i = 0; i < group->count; i++)
		close(group->fds[i]);
	close(group->client);
}

/* Sends `count` datagrams and counts anew who has got them. On loopback they are there at once; a few at
 * a time, so that there is room for them. */
static void group_send(group_t *group, unsigned count)
{
	char byte;

	memset(group->got, 0, sizeof(group->got));
	for (unsigned sent = 0; sent < count;) {
		for (unsigned i = 0; i < 32 && sent < count; i++, sent++)
			ck_assert_int_eq(send(group->client, "x", 1, 0), 1);
		for (size_t i = 0; i < group->count; i++) {
			while (recv(group->fds[i], &byte, 1, 0) == 1)
				group->got[i]++;
		}
	}
	for (size_t i = 0; i < group->count; i++)
		count -= group->got[i];
	ck_assert_uint_eq(count, 0);
}

/* How many sockets have got something. */
static size_t count_used(const group_t *group)
{
	size_t used = 0;

	for (size_t i = 0; i < group->count; i++)
		used += group->got[i] > 0;
	return used;
}

static const size_t group_rows[] = { 1, 2, 3, 4, 7, 8, 255, SOCKETS_MAX };

START_TEST(test_random)
{
	/* That one of n gets nothing of 64n has a chance of n/e^64; that one gets more than three
	 * times the mean, which is 16 times the standard deviation above it, less than that. */
	const unsigned mean = 64;
	const size_t n = group_rows[_i];
	group_t group;

	group_open(&group, n);
	ck_assert_int_eq(steering_apply(STEERING_RANDOM, group.fds[n - 1], n), ERR_OK);
	group_send(&group, mean * (unsigned)n);
	ck_assert_uint_eq(count_used(&group), n);
	for (size_t i = 0; i < n; i++)
		ck_assert_uint_le(group.got[i], 3 * mean);
	group_close(&group);
}
END_TEST

START_TEST(test_cpu)
{
	const size_t n = group_rows[_i];
	cpu_set_t allowed;
	group_t group;

	ck_assert_int_eq(sched_getaffinity(0, sizeof(allowed), &allowed), 0);
	group_open(&group, n);
	ck_assert_int_eq(steering_apply(STEERING_CPU, group.fds[0], n), ERR_OK);
	for (size_t cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		cpu_set_t one;

		if (!CPU_ISSET(cpu, &allowed))
			continue;
		CPU_ZERO(&one);
		CPU_SET(cpu, &one);
		ck_assert_int_eq(sched_setaffinity(0, sizeof(one), &one), 0);
		group_send(&group, 100);
		ck_assert_uint_eq(group.got[cpu % n], 100);
	}
	ck_assert_int_eq(sched_setaffinity(0, sizeof(allowed), &allowed), 0);
	group_close(&group);
}
END_TEST

START_TEST(test_changes)
{
	/* Of one group, from one socket: one of the five gets all. */
	struct sock_filter instructions[STEERING_PROGRAM_MAX];
	struct sock_fprog program = { .filter = instructions };
	size_t one = 0;
	group_t group;

	group_open(&group, 5);
	/* There is none yet that could be taken off. */
	ck_assert_int_eq(steering_apply(STEERING_HASH, group.fds[0], 5), ERR_OK);
	group_send(&group, 200);
	ck_assert_uint_eq(count_used(&group), 1);
	while (group.got[one] == 0)
		one++;
	/* The first ones alone, more, fewer, and all. */
	for (size_t i = 0; i < 6; i++) {
		const size_t first = (size_t[]){ 2, 4, 1, 3, 5, 2 }[i];

		ck_assert_int_eq(steering_apply(STEERING_RANDOM, group.fds[i % 5], first), ERR_OK);
		group_send(&group, 500);
		ck_assert_uint_eq(count_used(&group), first);
		ck_assert_uint_gt(group.got[first - 1], 0);
	}
	/* The same one as before has all, whichever way that is said. */
	ck_assert_int_eq(steering_apply(STEERING_HASH, group.fds[1], 2), ERR_OK);
	group_send(&group, 200);
	ck_assert_uint_eq(group.got[one], 200);
	program.len = (unsigned short)steering_program(STEERING_HASH, 5, instructions);
	ck_assert_int_eq(setsockopt(group.fds[0], SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &program,
				    sizeof(program)),
			 0);
	group_send(&group, 200);
	ck_assert_uint_eq(group.got[one], 200);
	/* More than there are: what is for those behind goes by the hash. */
	ck_assert_int_eq(steering_apply(STEERING_RANDOM, group.fds[0], 50), ERR_OK);
	group_send(&group, 1000);
	ck_assert_uint_gt(group.got[one], 500);
	group_close(&group);
}
END_TEST

START_TEST(test_no_group)
{
	/* A socket that shares its address with none, and no socket at all. */
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	ck_assert_int_ne(steering_apply(STEERING_RANDOM, fd, 1), ERR_OK);
	close(fd);
	ck_assert_int_eq(steering_apply(STEERING_CPU, fd, 1), (err_t)-EBADF);
	ck_assert_int_eq(steering_apply(STEERING_HASH, fd, 1), (err_t)-EBADF);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("steering");
	TCase *tcase = tcase_create("all");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tcase, 120);
	tcase_add_test(tcase, test_programs);
	tcase_add_test(tcase, test_names);
	tcase_add_loop_test(tcase, test_random, 0, (int)COUNT_OF(group_rows));
	tcase_add_loop_test(tcase, test_cpu, 0, (int)COUNT_OF(group_rows));
	tcase_add_test(tcase, test_changes);
	tcase_add_test(tcase, test_no_group);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
