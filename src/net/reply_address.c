/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "net/reply_address.h"

#include <string.h>

err_t reply_address_enable(int fd, int family)
{
	const int on = 1;
	int result;

	/* An IPv6 socket that also serves IPv4 reports IPv4 destinations as mapped IPv6 ones, and
	 * takes them back in that form: one option is enough. */
	if (family == AF_INET6)
		result = setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof(on));
	else
		result = setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof(on));
	return result == 0 ? ERR_OK : err_from_errno();
}

/* The interface on which the query came is forgotten: routing chooses that of the reply. In a
 * tunnel of IPVS queries arrive on tunl0, and replies must leave through eth0. */
static bool turn_ip4(struct cmsghdr *control)
{
	struct in_pktinfo info;

	memcpy(&info, CMSG_DATA(control), sizeof(info));
	/* ipi_addr is the destination in the header, ipi_spec_dst the local address that stands for
	 * it. They differ when the datagram was sent to a broadcast or multicast address. A reply
	 * cannot leave from such an address, from another one the client will not take it, and all
	 * servers on the wire would answer the one datagram. */
	if (info.ipi_addr.s_addr != info.ipi_spec_dst.s_addr)
		return false;
	info.ipi_ifindex = 0;
	memcpy(CMSG_DATA(control), &info, sizeof(info));
	return true;
}

static bool turn_ip6(struct cmsghdr *control)
{
	struct in6_pktinfo info;

	memcpy(&info, CMSG_DATA(control), sizeof(info));
	if (IN6_IS_ADDR_MULTICAST(&info.ipi6_addr))
		return false;
	/* As for IPv4; but a link-local address means nothing without its link. A mapped IPv4
	 * broadcast address is not told from others here: sending will fail with EINVAL. */
	if (!IN6_IS_ADDR_LINKLOCAL(&info.ipi6_addr))
		info.ipi6_ifindex = 0;
	memcpy(CMSG_DATA(control), &info, sizeof(info));
	return true;
}

bool reply_address_turn(struct msghdr *message)
{
	/* Nothing else was asked for, so it is the first one if it is there at all. */
	struct cmsghdr *control = CMSG_FIRSTHDR(message);

	if (control == NULL || (message->msg_flags & MSG_CTRUNC) != 0)
		return false;
	if (control->cmsg_level == IPPROTO_IP && control->cmsg_type == IP_PKTINFO) {
		message->msg_controllen = CMSG_LEN(sizeof(struct in_pktinfo));
		return turn_ip4(control);
	}
	if (control->cmsg_level == IPPROTO_IPV6 && control->cmsg_type == IPV6_PKTINFO) {
		/* Not CMSG_SPACE: with the padding behind it, it would be just too long for the room that
		 * Linux has on its stack, and memory would be allocated for each reply. */
		message->msg_controllen = CMSG_LEN(sizeof(struct in6_pktinfo));
		return turn_ip6(control);
	}
	return false;
}
