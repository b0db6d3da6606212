/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "net/steering.h"

#include <errno.h>
#include <stdint.h>
#include <sys/socket.h>

const char *steering_name(steering_t steering)
{
	static const char *const names[STEERING_MODES] = {
		[STEERING_RANDOM] = "random",
		[STEERING_CPU] = "cpu",
		[STEERING_HASH] = "hash",
	};

	return names[steering];
}

size_t steering_program(steering_t steering, size_t sockets,
			struct sock_filter program[STEERING_PROGRAM_MAX])
{
	/* Negative offsets are no places of the packet, but facts about it. A random number has 32
	 * bits, and of all numbers of 32 bits the sockets with the lowest numbers get one more than
	 * the others: with 256 sockets, and with any number that one may have, less than one
	 * datagram in ten million is where it would not be without that. */
	const uint32_t fact =
		(uint32_t)SKF_AD_OFF + (steering == STEERING_CPU ? SKF_AD_CPU : SKF_AD_RANDOM);

	if (steering == STEERING_HASH) {
		program[0] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, UINT32_MAX);
		return 1;
	}
	program[0] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, fact);
	program[1] = (struct sock_filter)BPF_STMT(BPF_ALU | BPF_MOD | BPF_K, (uint32_t)sockets);
	program[2] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_A, 0);
	return 3;
}

err_t steering_apply(steering_t steering, int fd, size_t sockets)
{
	struct sock_filter instructions[STEERING_PROGRAM_MAX];
	struct sock_fprog program = { .filter = instructions };
	const int none = 0;

	/* Linux 5.3 and later; ENOENT says that there was none. */
	if (steering == STEERING_HASH &&
	    (setsockopt(fd, SOL_SOCKET, SO_DETACH_REUSEPORT_BPF, &none, sizeof(none)) == 0 ||
	     errno == ENOENT))
		return ERR_OK;
	program.len = (unsigned short)steering_program(steering, sockets, instructions);
	if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &program, sizeof(program)) == 0)
		return ERR_OK;
	return err_from_errno();
}
