# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""Hostile clients, each kind in a process of its own: floods of datagrams from many source ports and
addresses, and TCP connections that are good for nothing.

Floods are as fast as the server can take them, and not faster: what the kernel cannot keep for a
server that is not given a CPU is lost by nobody's fault, on a busy machine sooner than on an idle
one. So they look at the server's queues, and wait while these are long."""

import contextlib
import itertools
import os
import random
import re
import select
import socket
import struct
import time

from . import forked
from .daemon import PATIENCE_S

# Bytes of kernel memory in the server's longest queue from which on a flood waits, and packets that
# it sends between two looks. The queue of a server without privileges holds 416 KiB, else 32 MiB.
_IS_ROOT = os.geteuid() == 0
QUEUE_ENOUGH = 1 << 20 if _IS_ROOT else 64 << 10
BURST = 500 if _IS_ROOT else 25

TCP_REPAIR = 19  # linux/tcp.h


def queues(port):
    """(bytes in the longest queue, datagrams lost for want of room) of the UDP sockets of a port."""
    # sl local_address rem_address st tx_queue:rx_queue ... drops
    # A client can have the same port at another address; it is connected, the server's are not.
    line = re.compile(rb"^ *\d+: \w+:%04X \w+:0000 \w+ \w+:(\w+) .* (\d+) *$" % port, re.MULTILINE)
    found = []
    for path in ("/proc/net/udp", "/proc/net/udp6"):
        with open(path, "rb") as table:
            found += line.findall(table.read())
    return max(int(size, 16) for size, _ in found), sum(int(lost) for _, lost in found)


class _Process:
    """Something hostile in a process of its own, until `stop`."""

    def __init__(self, *arguments):
        self._stop = forked.CONTEXT.Event()
        self._count = forked.CONTEXT.Value("Q", 0)
        self._process = forked.start(self._run, *arguments)

    def count(self):
        """How much it has done so far."""
        return self._count.value

    def stop(self):
        """Ends it; returns how much it has done."""
        self._stop.set()
        self._process.join(PATIENCE_S)
        assert self._process.exitcode == 0, f"{type(self).__name__}: {self._process.exitcode}"
        return self.count()

    def kill(self):
        """The last resort; never fails."""
        self._process.kill()
        self._process.join()

    def _run(self, *arguments):
        try:
            for done in self._work(random.Random(1), *arguments):
                self._count.value += done
                if self._stop.is_set():
                    return
        except KeyboardInterrupt:
            pass

    def _work(self, rng, *arguments):
        """Does something, again and again, and yields how much each time."""
        raise NotImplementedError


class Flood(_Process):
    """Datagrams, each of `packets`, from `ports` ports of each of the addresses `sources`, to
    `address`. Nobody reads the replies. Counts datagrams."""

    def _work(self, rng, address, port, packets, sources, ports):
        socks = []
        for source in sources:
            for _ in range(ports):
                sock = socket.socket(
                    socket.AF_INET6 if ":" in source else socket.AF_INET, socket.SOCK_DGRAM
                )
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
                sock.bind((source, 0))
                sock.connect((address, port))
                socks.append(sock)
        while True:
            for _ in range(BURST):
                rng.choice(socks).send(rng.choice(packets))
            yield BURST
            while queues(port)[0] > QUEUE_ENOUGH:
                time.sleep(0.001)


class Spoofed(_Process):
    """A flood of `packets` to 127.0.0.1 whose source addresses and ports are forged, another one for each
    datagram. All are of this host, and such that nobody is there. Needs CAP_NET_RAW. Counts
    datagrams."""

    def _work(self, rng, port, packets):
        with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW) as sock:
            while True:
                for _ in range(BURST):
                    source = bytes((127, rng.randrange(1, 255))) + rng.randbytes(2)
                    forged = forge(source, rng.randrange(1, 1024), port, rng.choice(packets))
                    sock.sendto(forged, ("127.0.0.1", 0))
                yield BURST
                while queues(port)[0] > QUEUE_ENOUGH:
                    time.sleep(0.001)


def forge(source, source_port, port, payload):
    """An IPv4 packet to 127.0.0.1 for a raw socket. (The kernel fills in sums and lengths; UDP may
    have none.)"""
    return (
        struct.pack("!BBHHHBBH", 0x45, 0, 0, 0, 0, 64, socket.IPPROTO_UDP, 0)
        + source
        + bytes((127, 0, 0, 1))
        + struct.pack("!HHHH", source_port, port, 8 + len(payload), 0)
        + payload
    )


def garbage(rng, count):
    """Bytes that are no DNS, of all sizes up to the longest datagram."""
    sizes = (0, 1, 2, 11, 12, 17, 33, 500, 1472, 1473, 9000)
    return [rng.randbytes(rng.choice(sizes)) for _ in range(count)] + [bytes(65507)]


def replies(queries):
    """The queries as if they were replies."""
    return [query[:2] + bytes((query[2] | 0x80,)) + query[3:] for query in queries]


class Connections(_Process):
    """TCP connections, one for each of `behaviours`, to `address` from `sources` in turn. A behaviour is
    a function (see below) that is called with the socket and goes on at every tick; when it returns, or
    the server has closed the connection, it begins anew with another one. Counts connections."""

    TICK_S = 0.01

    def _work(self, rng, address, port, sources, behaviours):
        poll = select.poll()
        sources = itertools.cycle(sources)
        slots = [(None, iter(()))] * len(behaviours)
        while True:
            over = {fd for fd, events in poll.poll(0)}
            opened = 0
            for place, (sock, going) in enumerate(slots):
                if sock is not None and sock.fileno() not in over and _goes_on(going):
                    continue
                if sock is not None:
                    if sock.fileno() >= 0:
                        poll.unregister(sock)
                    sock.close()
                sock = _open(next(sources), address, port)
                poll.register(sock, select.POLLRDHUP)
                slots[place] = (sock, behaviours[place](rng, sock))
                opened += 1
            yield opened
            time.sleep(self.TICK_S)


def _open(source, address, port):
    """A connection on its way: it may be written to later."""
    family = socket.AF_INET6 if ":" in source else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.bind((source, 0))
    sock.setblocking(False)
    sock.connect_ex((address, port))
    return sock


def _goes_on(going):
    try:
        next(going)
        return True
    except (StopIteration, ConnectionError):
        return False


def _push(sock, data):
    """Sends all of `data`, however long that takes."""
    while data:
        try:
            data = data[sock.send(data) :]
        except BlockingIOError:
            yield


def _hold():
    """Does nothing any more."""
    while True:
        yield


# ---- behaviours of TCP connections ----


def is_silent(_rng, _sock):
    """Says nothing."""
    yield from _hold()


def sends_one_byte(_rng, sock):
    """Half of a length."""
    yield from _push(sock, b"\0")
    yield from _hold()


def sends_a_length(_rng, sock):
    """And never the query."""
    yield from _push(sock, b"\0\x28")
    yield from _hold()


def sends_too_long_a_length(_rng, sock):
    """The longest message there is, slowly."""
    yield from _push(sock, b"\xff\xff")
    while True:
        yield from _push(sock, bytes(50))
        yield


def trickles(query):
    """Sends the query again and again, a byte at a time, and reads the replies."""

    def behave(_rng, sock):
        for byte in itertools.cycle(struct.pack("!H", len(query)) + query):
            yield from _push(sock, bytes((byte,)))
            with contextlib.suppress(BlockingIOError):
                sock.recv(4096)
            yield

    return behave


def never_reads(query):
    """Asks as much as it can, and reads no reply."""

    def behave(_rng, sock):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
        while True:
            yield from _push(sock, (struct.pack("!H", len(query)) + query) * 100)
            yield

    return behave


def sends_garbage(rng, sock):
    """Whatever it is."""
    while True:
        yield from _push(sock, rng.randbytes(rng.randrange(1, 3000)))
        yield


def speaks_http(_rng, sock):
    """For those who take the port for another one."""
    yield from _push(sock, b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    yield from _hold()


def closes(_rng, _sock):
    """At once."""
    yield from ()


def resets(query):
    """Asks, and resets the connection without reading."""

    def behave(_rng, sock):
        yield from _push(sock, struct.pack("!H", len(query)) + query)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    return behave


def vanishes(query):
    """Asks for half of something, and is never heard of again, as when the power fails: no FIN, no
    RST. Needs CAP_NET_ADMIN."""

    def behave(_rng, sock):
        yield from _push(sock, struct.pack("!H", len(query)) + query[:20])
        sock.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR, 1)

    return behave
