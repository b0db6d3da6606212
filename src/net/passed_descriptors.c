/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "net/passed_descriptors.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

/* Room for a control message with all descriptors that there can be. */
typedef union rights {
	struct cmsghdr header;
	char room[CMSG_SPACE(sizeof(int) * PASSED_DESCRIPTORS_MAX)];
} rights_t;

ssize_t passed_descriptors_send(int fd, const void *bytes, size_t size, const int *fds,
				size_t count, int flags)
{
	struct iovec piece = { (void *)(uintptr_t)bytes, size };
	struct msghdr message = { .msg_iov = &piece, .msg_iovlen = 1 };
	size_t fds_size = count * sizeof(int);
	rights_t rights;

	assert(count <= PASSED_DESCRIPTORS_MAX);
	if (count > 0) {
		message.msg_control = &rights;
		message.msg_controllen = CMSG_SPACE(fds_size);
		memset(&rights, 0, message.msg_controllen);
		rights.header.cmsg_level = SOL_SOCKET;
		rights.header.cmsg_type = SCM_RIGHTS;
		rights.header.cmsg_len = CMSG_LEN(fds_size);
		memcpy(CMSG_DATA(&rights.header), fds, fds_size);
	}
	return sendmsg(fd, &message, MSG_NOSIGNAL | flags);
}

ssize_t passed_descriptors_receive(int fd, void *bytes, size_t size, int flags,
				   passed_descriptors_t *passed)
{
	rights_t rights;
	struct iovec piece = { bytes, size };
	struct msghdr message = {
		.msg_iov = &piece,
		.msg_iovlen = 1,
		.msg_control = &rights,
		.msg_controllen = sizeof(rights),
	};
	ssize_t received = recvmsg(fd, &message, MSG_CMSG_CLOEXEC | flags);
	const struct cmsghdr *found = received >= 0 ? CMSG_FIRSTHDR(&message) : NULL;

	passed->count = 0;
	passed->is_cut = received >= 0 && (message.msg_flags & MSG_CTRUNC) != 0;
	/* The kernel puts all of them into one control message. */
	if (found != NULL && found->cmsg_level == SOL_SOCKET && found->cmsg_type == SCM_RIGHTS) {
		passed->count = (found->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		memcpy(passed->fds, CMSG_DATA(found), passed->count * sizeof(int));
	}
	return received;
}
