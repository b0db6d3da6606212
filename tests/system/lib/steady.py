# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""A well-behaved client in a process of its own: it asks at a steady rate, counts every query, and
knows each answer before it asks."""

import collections
import dataclasses
import select
import socket
import struct
import time

from . import forked, udp
from .daemon import PATIENCE_S

# A well-behaved client waits for answers before it has asked more than so many questions, and does not
# make up for more than this time that it was late. So a server sees no more than its rate and these,
# also where both have had to wait for a CPU.
WAITING_MAX = 1000
LATE_S = 0.4


@dataclasses.dataclass
class Tally:
    """What became of the queries."""

    asked: int = 0
    answered: int = 0
    wrong: list = dataclasses.field(default_factory=list)
    worst_s: float = 0.0  # how long the slowest answer took
    trouble: str = ""  # what ended a connection

    @property
    def lost(self):
        """How many got no answer."""
        return self.asked - self.answered


class _Channel:
    """UDP: a datagram is a message."""

    def __init__(self, address, port, source):
        self.sock = udp.open_socket(address, port, source=source)
        self.sock.setblocking(False)

    def send(self, packet):
        """Sends a message."""
        self.sock.send(packet)

    def receive(self):
        """The messages that have come."""
        while True:
            try:
                yield self.sock.recv(65535)
            except BlockingIOError:
                return


class _Stream:
    """TCP: a message has its length before it (RFC 1035 section 4.2.2)."""

    def __init__(self, address, port, source):
        self.sock = socket.create_connection((address, port), PATIENCE_S, (source, 0))
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = bytearray()

    def send(self, packet):
        """Sends a message."""
        self.sock.sendall(struct.pack("!H", len(packet)) + packet)

    def receive(self):
        """The messages that have come."""
        try:
            data = self.sock.recv(1 << 16, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return
        if not data:
            raise ConnectionError("the server closed the connection")
        self.buffer += data
        while len(self.buffer) >= 2:
            end = 2 + int.from_bytes(self.buffer[:2], "big")
            if len(self.buffer) < end:
                return
            yield bytes(self.buffer[2:end])
            del self.buffer[:end]


class Visitor(_Stream):
    """A TCP connection for single questions."""

    def __init__(self, address, port, source=None):
        super().__init__(address, port, source or address)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.sock.close()

    def ask(self, query):
        """The reply to it."""
        self.send(query)
        while select.select([self.sock], [], [], PATIENCE_S)[0]:
            for reply in self.receive():
                return reply
        raise AssertionError("no reply over TCP")


class Client:
    """Asks `queries` (packets; their IDs do not count) in turn, `rate` of them a second, from the
    address `source`, over UDP or, if `is_stream`, one TCP connection. Start it on a quiet server:
    what that answers at first is what it has to answer ever after."""

    def __init__(self, address, port, queries, *, rate, source=None, is_stream=False):
        self.rate = rate
        channel = (_Stream if is_stream else _Channel)(address, port, source or address)
        self.pairs = [(query[2:], self._reference(channel, query)) for query in queries]
        self.theirs, self.ours = forked.CONTEXT.Pipe()
        self.process = forked.start(self._run, channel)
        channel.sock.close()
        self.theirs.close()
        assert self.asked() >= 0

    @staticmethod
    def _reference(channel, query):
        channel.send(query)
        assert select.select([channel.sock], [], [], PATIENCE_S)[0], "no reply on a quiet server"
        (reply,) = channel.receive()
        return reply[2:]

    def _tell(self, word, patience_s):
        self.ours.send(word)
        assert self.ours.poll(patience_s), "the well-behaved client itself hangs"
        return self.ours.recv()

    def asked(self):
        """How many queries it has asked so far; fails if it cannot go on."""
        asked, trouble = self._tell("count", PATIENCE_S)
        assert not trouble, trouble
        return asked

    def stop(self):
        """Lets it wait for what is missing, and returns its Tally."""
        tally = self._tell("stop", 2 * PATIENCE_S)
        self.process.join(PATIENCE_S)
        return tally

    def kill(self):
        """The last resort; never fails."""
        self.process.kill()
        self.process.join()

    # ---- in the other process ----

    def _run(self, channel):
        tally, waiting = Tally(), collections.OrderedDict()
        poll = select.poll()
        poll.register(channel.sock, select.POLLIN)
        poll.register(self.theirs, select.POLLIN)
        due, last = time.monotonic(), None
        try:
            while last is None or (waiting and time.monotonic() < last + PATIENCE_S):
                now = time.monotonic()
                if last is None and now >= due and len(waiting) < WAITING_MAX:
                    self._ask(channel, tally, waiting)
                    due = max(due, now - LATE_S) + 1 / self.rate
                may_ask = last is None and len(waiting) < WAITING_MAX
                pause_s = max(0, due - now) if may_ask else 0.1
                for fd, _ in poll.poll(pause_s * 1000):
                    if fd == self.theirs.fileno():
                        last = self._obey(tally) or last
                    else:
                        self._take(channel, tally, waiting)
        except OSError as error:
            tally.trouble = f"{type(error).__name__}: {error}, {len(waiting)} on the way"
            while last is None:
                last = self._obey(tally)
        self.theirs.send(tally)

    def _obey(self, tally):
        """Does what the test says; returns the time if it is to stop."""
        word = self.theirs.recv()
        if word == "stop":
            return time.monotonic()
        self.theirs.send((tally.asked, tally.trouble))
        return None

    def _ask(self, channel, tally, waiting):
        ident = tally.asked & 0xFFFF
        query, reply = self.pairs[tally.asked % len(self.pairs)]
        waiting[ident] = (reply, time.monotonic())
        tally.asked += 1
        channel.send(ident.to_bytes(2, "big") + query)

    @staticmethod
    def _take(channel, tally, waiting):
        for reply in channel.receive():
            wanted, since = waiting.pop(int.from_bytes(reply[:2], "big"), (None, 0))
            if reply[2:] != wanted:
                tally.wrong.append(reply.hex())
            else:
                tally.answered += 1
                tally.worst_s = max(tally.worst_s, time.monotonic() - since)
