# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""Questions over UDP: one with patience, or thousands with many outstanding."""

import math
import os
import select
import socket
import time

from . import wire
from .daemon import PATIENCE_S

# rbldnsd's socket holds about 157 packets (RBLDNSD.md section 8): stay below it.
OUTSTANDING = 96
# After this long a query is asked again, and after RETRIES times it counts as dropped.
RETRY_S = 0.25
RETRIES = 3
# So many queries reach each worker, of which there are four, or one per CPU, at most, with a chance of 1 - 1e-9.
FENCES = 20 * max(4, len(os.sched_getaffinity(0)))
# A silence that is long for an idle machine: whoever takes it for "dropped" asks again where it matters.
SHORT_S = 0.03


def open_socket(address, port, timeout_s=PATIENCE_S, source=None):
    """A UDP socket connected to the server: it only takes replies from where it sends to."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_DGRAM)
    if source is not None:
        sock.bind((source, 0))
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 21)
    sock.connect((address, port))
    sock.settimeout(timeout_s)
    return sock


def ask_raw(sock, packet, tries=RETRIES, wait_s=None):
    """The raw reply to one packet with the same ID, asked again if none comes; None for none."""
    for _ in range(tries):
        sock.send(packet)
        deadline = time.monotonic() + (wait_s or PATIENCE_S / 10)
        while (left := deadline - time.monotonic()) > 0:
            if not select.select([sock], [], [], left)[0]:
                break
            reply = sock.recv(65535)
            if reply[:2] == packet[:2]:
                return reply
    return None


class Client:
    """Asks one server over one connected socket; every query has an ID of its own."""

    def __init__(self, address, port, source=None):
        self.sock = open_socket(address, port, source=source)
        self.ident = 0

    def close(self):
        """Closes the socket."""
        self.sock.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def raw(self, packet):
        """The reply to raw bytes; fails if there is none."""
        reply = ask_raw(self.sock, packet)
        assert reply is not None, f"no reply to {wire.show(packet)}"
        return reply

    def ask(self, qname, qtype=wire.A, qclass=wire.IN, **options):
        """The parsed reply to a query as wire.query makes it; fails if there is none."""
        self.ident = (self.ident + 1) & 0xFFFF
        return wire.parse(self.raw(wire.query(qname, qtype, qclass, ident=self.ident, **options)))

    def is_dropped(self, packet):
        """Whether `packet` gets no reply, though honest queries sent behind it, so many that every
        worker has some, do. (Time is only waited where a reply must not come.)"""
        ident = int.from_bytes(packet[:2], "big") ^ 0x8000
        fence = wire.query("fence.invalid", ident=ident)
        self.sock.send(packet)
        for _ in range(FENCES):
            self.sock.send(fence)
            if self.sock.recv(65535)[:2] != fence[:2]:
                return False
        return not select.select([self.sock], [], [], 0.02)[0]


def client_from(source, port):
    """A Client that asks 127.0.0.1, or ::1, from the loopback address `source`."""
    return Client("::1" if ":" in source else "127.0.0.1", port, source)


def drain(sock, replies):
    """Takes what has come into `replies` (by ID); returns how many were new."""
    new = 0
    while True:
        try:
            reply = sock.recv(65535)
        except BlockingIOError:
            return new
        except ConnectionRefusedError as error:
            raise AssertionError("nothing listens any more") from error
        ident = reply[0] << 8 | reply[1]
        if ident < len(replies) and replies[ident] is None:
            replies[ident] = reply
            new += 1


def exchange(sock, packets, retries=RETRIES, retry_s=RETRY_S):
    """Sends all `packets` (the ID of packet n is n) with up to OUTSTANDING on the way; returns the
    list of raw replies, None for a packet that is dropped however often it is sent. The socket is
    fit for nothing else afterwards: late replies to what was sent twice may still come."""
    replies = [None] * len(packets)
    sock.setblocking(False)
    todo = range(len(packets))
    for _ in range(retries):
        _exchange_once(sock, packets, todo, replies, retry_s)
        todo = [index for index in todo if replies[index] is None]
        if not todo:
            break
    sock.setblocking(True)
    return replies


def exchange_all(sock, packets):
    """The same where each packet has a reply: those that have none yet are sent again and again, for a
    server that is not given a CPU loses none, but may let one wait."""
    replies = exchange(sock, packets, retries=math.ceil(PATIENCE_S / RETRY_S))
    assert None not in replies, f"no reply to {wire.show(packets[replies.index(None)])}"
    return replies


def _exchange_once(sock, packets, todo, replies, retry_s):
    """Sends each packet of `todo` once; a silence of `retry_s` gives up those on the way."""
    poll = select.poll()
    poll.register(sock, select.POLLIN)
    on_the_way = 0
    for index in todo:
        sock.send(packets[index])
        on_the_way += 1
        if on_the_way >= OUTSTANDING:
            on_the_way -= drain(sock, replies)
            while on_the_way >= OUTSTANDING // 2:
                if not poll.poll(retry_s * 1000):
                    on_the_way = 0
                    break
                on_the_way -= drain(sock, replies)
    while on_the_way > 0 and poll.poll(retry_s * 1000):
        on_the_way -= drain(sock, replies)
