# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""A client for what `spurn spray` (spray.py) does not tell: of each query, when it was asked, which server has
answered it, when, and what, or that it was lost, while it goes on; and for TCP. Each query is sent once, and
for a listed name."""

import collections
import random
import selectors
import socket
import struct
import threading
import time

ZONE = "bl.example"
LISTED_A = bytes([0, 4, 127, 0, 0])  # a record's length and data, but for the last octet
NSID = 3  # RFC 5001 section 2.3
RD = 0x0100  # a forwarder has to be asked for recursion
IN_FLIGHT = 64  # as a busy resolver has
HOPELESS = 200  # so many lost: no need to wait for the rest
LOST_AFTER_S = 10.0  # longer than anybody waits: what is lost is lost, not late on a slow machine

# `sent`, `received`: seconds, from time.monotonic(); `socket`: its number; `server`: the NSID; `value`:
# the last octet of the A record, None if there is none; `rcode`.
Answer = collections.namedtuple("Answer", "sent received socket server value rcode")


class Report:
    """What became of the queries."""

    def __init__(self):
        self.sent = 0
        self.answers = []
        self.servers = collections.Counter()  # answers by NSID
        self.wrong = []  # answers without an address
        self.lost = []  # when they were sent

    def add(self, answer):
        """Counts one."""
        self.answers.append(answer)
        self.servers[answer.server] += 1
        if answer.rcode != 0 or answer.value is None:
            self.wrong.append(answer)

    def table(self, names):
        """The counts of the servers `names`, for people."""
        return " ".join(f"{name}:{self.servers[name]}" for name in names)


def query(number, question):
    """A query for A with the message ID `number`, which asks for the NSID, too."""
    labels = b"".join(bytes([len(label)]) + label.encode() for label in question.split("."))
    header = struct.pack("!6H", number, RD, 1, 0, 0, 1)
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


def value_of(reply):
    """The last octet of the first A record."""
    at = reply.find(LISTED_A)
    return reply[at + len(LISTED_A)] if at >= 0 else None


class Client:
    """`sockets` UDP sockets of `host`, each with a port that the system chooses; they stay open, as
    the pool of a resolver does, and take turns. At most `in_flight` queries are on the way where no
    rate is asked for; each is lost after `lost_after_s`, and all is `hopeless` when so many are."""

    def __init__(
        self,
        host,
        server,
        sockets=1,
        port=53,
        in_flight=IN_FLIGHT,
        lost_after_s=LOST_AFTER_S,
        hopeless=HOPELESS,
    ):
        self._in_flight = in_flight
        self._lost_after_s = lost_after_s
        self._hopeless = hopeless
        family = socket.AF_INET6 if ":" in server else socket.AF_INET
        self._ready = selectors.EpollSelector()
        self._sockets = []
        self._looked = 0.0
        with host.inside():
            for number in range(sockets):
                one = socket.socket(family, socket.SOCK_DGRAM)
                one.setblocking(False)
                one.connect((server, port))
                self._ready.register(one, selectors.EVENT_READ, (number, {}))
                self._sockets.append(one)
        random.shuffle(self._sockets)

    def ask(self, count, rate=None, stop=None, report=None):
        """Sends `count` queries for different names (rate: so many a second; else as fast as they are
        answered), or until stop.is_set(), and waits for what is under way."""
        report = report or Report()
        start = time.monotonic()
        in_flight = 0
        while (report.sent < count or in_flight > 0) and len(report.lost) < self._hopeless:
            if stop is not None and stop.is_set():
                count = report.sent
            due = count if rate is None else min(count, int((time.monotonic() - start) * rate) + 1)
            while report.sent < due and (rate is not None or in_flight < self._in_flight):
                self._send(report)
                in_flight += 1
            wait_s = 0.1 if report.sent == due else 0
            if rate is not None and report.sent < count:
                wait_s = max(0.0, start + report.sent / rate - time.monotonic())
            in_flight -= self._receive(report, wait_s)
            in_flight -= self._give_up(report)
        return report

    def _send(self, report):
        one = self._sockets[report.sent % len(self._sockets)]
        _, waiting = self._ready.get_key(one).data
        octets = report.sent & 255, report.sent >> 8 & 255, report.sent >> 16 & 255
        number = report.sent & 0xFFFF
        message = query(number, f"{octets[0]}.{octets[1]}.{octets[2]}.10.{ZONE}")
        waiting[number] = time.monotonic()
        report.sent += 1
        for _ in range(2):
            try:
                one.send(message)
                break
            except OSError:  # what an ICMP message said of the query before; this one was not sent
                pass

    def _receive(self, report, wait_s):
        done = 0
        for key, _ in self._ready.select(wait_s):
            socket_number, waiting = key.data
            while True:
                try:
                    reply = key.fileobj.recv(4096)
                except OSError:
                    break
                sent = waiting.pop(struct.unpack_from("!H", reply)[0], None)
                if sent is None:
                    continue  # given up already
                done += 1
                what = nsid_of(reply), value_of(reply), reply[3] & 15
                report.add(Answer(sent, time.monotonic(), socket_number, *what))
        return done

    def _give_up(self, report):
        now, lost = time.monotonic(), 0
        if now - self._looked < 0.5:
            return 0
        self._looked = now
        for key in self._ready.get_map().values():
            _, waiting = key.data
            for number, sent in list(waiting.items()):
                if now - sent > self._lost_after_s:
                    del waiting[number]
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
            index = number % len(self._sockets)
            one = self._sockets[index]
            message = query(number, f"{number & 255}.{number >> 8}.0.10.{ZONE}")
            report.sent += 1
            sent = time.monotonic()
            try:
                one.sendall(struct.pack("!H", len(message)) + message)
                reply = self._read(one, struct.unpack("!H", self._read(one, 2))[0])
            except OSError:
                report.lost.append(sent)
                continue
            what = nsid_of(reply), value_of(reply), reply[3] & 15
            report.add(Answer(sent, time.monotonic(), index, *what))
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
    """A client that asks in the background, at a rate, `count` times or until it is told to stop. What
    `report` has can be looked at meanwhile."""

    def __init__(self, host, server, sockets, rate, count=1 << 30, **how):
        super().__init__()
        self.report = Report()
        self.started = time.monotonic()
        self._client = Client(host, server, sockets, **how)
        self._rate = rate
        self._count = count
        self._must_stop = threading.Event()
        self.start()

    def run(self):
        self._client.ask(self._count, self._rate, self._must_stop, self.report)
        self._client.close()

    def stop(self):
        """Lets it ask no more; finish() waits for what is under way."""
        self._must_stop.set()

    def finish(self):
        """Stops it, and returns the report."""
        self.stop()
        self.join()
        return self.report
