# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""A client that counts: each query is sent once, from one of its sockets, and either answered by one
of the servers or lost."""

import collections
import random
import selectors
import socket
import struct
import threading
import time

ZONE = "bl.example"
LISTED_A = bytes([127, 0, 0, 2])
NSID = 3  # RFC 5001 section 2.3
IN_FLIGHT = 64  # as a busy resolver has
HOPELESS = 200  # so many lost: no need to wait for the rest
LOST_AFTER_S = 5.0  # the patience of one try of a stub resolver


class Report:
    """What became of the queries."""

    def __init__(self):
        self.sent = 0
        self.servers = collections.Counter()  # answers by NSID
        self.wrong = []  # replies that are not what they have to be
        self.lost = []  # when they were sent, in seconds from the start

    def spread(self, count):
        """How uneven the answers are spread over `count` servers: the most of one server over the
        mean. 1.0 is even; `count`: one has all."""
        return max(self.servers.values()) * count / sum(self.servers.values())

    def table(self, names):
        """The counts of the servers `names`, for people."""
        return " ".join(f"{name}:{self.servers[name]}" for name in names)


def query(number, question):
    """A query for A with the message ID `number`, which asks for the NSID, too."""
    labels = b"".join(bytes([len(label)]) + label.encode() for label in question.split("."))
    header = struct.pack("!6H", number, 0, 1, 0, 0, 1)
    option = struct.pack("!BHHIHHH", 0, 41, 1232, 0, 4, NSID, 0)
    return header + labels + b"\0" + struct.pack("!2H", 1, 1) + option


def nsid_of(reply):
    """The NSID in a reply's OPT record, which stands last."""
    at = reply.rfind(struct.pack("!BH", 0, 41)) + 11
    while at + 4 <= len(reply):
        code, size = struct.unpack_from("!2H", reply, at)
        if code == NSID:
            return reply[at + 4 : at + 4 + size].decode()
        at += 4 + size
    return "?"


def judge(report, reply, listed):
    """Counts a reply to a name that is listed, or not."""
    rcode, answers = reply[3] & 15, struct.unpack_from("!H", reply, 6)[0]
    is_right = (rcode == 0 and LISTED_A in reply) if listed else (rcode == 3 and answers == 0)
    report.servers[nsid_of(reply)] += 1
    if not is_right:
        report.wrong.append(reply)


class Client:
    """`sockets` UDP sockets of `host`, each with a port that the system chooses; they stay open, as
    the pool of a resolver does."""

    def __init__(self, host, server, sockets=1, port=53):
        self._family = socket.AF_INET6 if ":" in server else socket.AF_INET
        self._ready = selectors.EpollSelector()
        self._sockets = []
        with host.inside():
            for _ in range(sockets):
                one = socket.socket(self._family, socket.SOCK_DGRAM)
                one.setblocking(False)
                one.connect((server, port))
                self._ready.register(one, selectors.EVENT_READ, {})
                self._sockets.append(one)

    def ask(self, count, rate=None, listed=True, stop=None):
        """Sends `count` queries for different names (rate: so many a second; else as fast as they
        are answered), all of them listed or none, and waits for what is under way."""
        report = Report()
        start = time.monotonic()
        in_flight = 0
        while (report.sent < count or in_flight > 0) and len(report.lost) < HOPELESS:
            now = time.monotonic()
            if stop is not None and stop.is_set():
                count = report.sent
            due = count if rate is None else min(count, int((now - start) * rate) + 1)
            while report.sent < due and (rate is not None or in_flight < IN_FLIGHT):
                self._send(report, listed, now - start)
                in_flight += 1
            wait = 0.1 if report.sent == due else 0
            in_flight -= self._receive(
                report, listed, 0.001 if rate and report.sent < count else wait
            )
            in_flight -= self._give_up(report, time.monotonic() - start)
        return report

    def _send(self, report, listed, now):
        one = random.choice(self._sockets)
        waiting = self._ready.get_key(one).data
        octets = report.sent & 255, report.sent >> 8 & 255, report.sent >> 16 & 255
        number = report.sent & 0xFFFF
        net = 10 if listed else 11
        name = f"{octets[0]}.{octets[1]}.{octets[2]}.{net}.{ZONE}"
        waiting[number] = now
        report.sent += 1
        try:
            one.send(query(number, name))
        except OSError:  # what an ICMP message said about the query before; this one is not sent
            try:
                one.send(query(number, name))
            except OSError:
                pass  # lost, like any other that nobody answers

    def _receive(self, report, listed, wait_s):
        done = 0
        for key, _ in self._ready.select(wait_s):
            while True:
                try:
                    reply = key.fileobj.recv(4096)
                except OSError:
                    break
                if key.data.pop(struct.unpack_from("!H", reply)[0], None) is None:
                    continue  # given up already
                done += 1
                judge(report, reply, listed)
        return done

    def _give_up(self, report, now):
        lost = 0
        if now - getattr(self, "_looked", 0) < 0.5:
            return 0
        self._looked = now
        for key in self._ready.get_map().values():
            for number, sent in list(key.data.items()):
                if now - sent > LOST_AFTER_S:
                    del key.data[number]
                    report.lost.append(sent)
                    lost += 1
        return lost

    def close(self):
        """Closes the sockets."""
        self._ready.close()
        for one in self._sockets:
            one.close()


class StreamClient:
    """The same over TCP: `sockets` connections, one query after the other on each."""

    def __init__(self, host, server, sockets=1, port=53):
        family = socket.AF_INET6 if ":" in server else socket.AF_INET
        self._sockets = []
        with host.inside():
            for _ in range(sockets):
                one = socket.socket(family, socket.SOCK_STREAM)
                one.settimeout(LOST_AFTER_S)
                self._sockets.append(one)
                one.connect((server, port))

    def ask(self, count):
        """Sends `count` queries, turn by turn on all connections, each when that before it has been
        answered."""
        report = Report()
        for number in range(count):
            one = self._sockets[number % len(self._sockets)]
            message = query(number, f"{number & 255}.{number >> 8}.0.10.{ZONE}")
            report.sent += 1
            try:
                one.sendall(struct.pack("!H", len(message)) + message)
                size = struct.unpack("!H", self._read(one, 2))[0]
                judge(report, self._read(one, size), True)
            except OSError:
                report.lost.append(number)
        return report

    @staticmethod
    def _read(one, size):
        data = b""
        while len(data) < size:
            more = one.recv(size - len(data))
            if not more:
                raise ConnectionError("closed")
            data += more
        return data

    def close(self):
        """Ends the connections."""
        for one in self._sockets:
            one.close()


class Asking(threading.Thread):
    """A client that asks in the background, at a rate, until it is told to stop."""

    def __init__(self, host, server, sockets, rate):
        super().__init__()
        self._client = Client(host, server, sockets)
        self._rate = rate
        self._must_stop = threading.Event()
        self._report = None
        self.started = time.monotonic()
        self.start()

    def run(self):
        self._report = self._client.ask(1 << 30, self._rate, stop=self._must_stop)
        self._client.close()

    def stop(self):
        """Lets it ask no more; finish() waits for what is under way."""
        self._must_stop.set()

    def finish(self):
        """Stops it, and returns the report."""
        self.stop()
        self.join()
        return self._report
