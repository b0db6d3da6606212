# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""A server that does to each query what a test says: for clients that count what becomes of
them."""

import socket

from . import director

NOERROR, SERVFAIL, NXDOMAIN, REFUSED = 0, 2, 3, 5
QR, TC = 0x80, 0x02


def question_end(query):
    """Where the question of a query ends."""
    at = 12
    while query[at]:
        at += 1 + query[at]
    return at + 5


def reply(query, rcode=NOERROR, has_record=True, flags=QR):
    """A reply to a query, without EDNS."""
    end = question_end(query)
    count = int(has_record)
    head = query[:2] + bytes([flags, rcode, 0, 1, 0, count, 0, 0, 0, 0])
    record = b"\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4\x7f\0\0\2" * count
    return head + query[12:end] + record


class Server(director.Front):
    """Calls `rule(server, number, query)` for each query, counted from 0; what that returns, a
    packet or a list of packets, is sent back."""

    def __init__(self, rule=lambda server, number, query: reply(query), sock=None):
        super().__init__(sock)
        self.rule = rule
        self.clients = []  # (address, port) of each query
        self.elsewhere = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)

    def __exit__(self, *arguments):
        super().__exit__(*arguments)
        self.elsewhere.close()

    def take(self, query, client):
        self.clients.append(client[:2])
        packets = self.rule(self, len(self.clients) - 1, query)
        for packet in packets if isinstance(packets, list) else [packets]:
            self.socket.sendto(packet, client)

    def ports(self):
        """The source ports of all queries."""
        return [port for _, port in self.clients]
