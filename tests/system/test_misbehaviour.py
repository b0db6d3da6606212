# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""What hostile clients do to the others: nothing. While all kinds of floods and bad connections go
on, a well-behaved client at 500 queries a second loses nothing, and nothing is left of it
afterwards."""

import os
import random
import signal
from time import monotonic

import pytest

from lib import hostile, steady, wire
from lib.daemon import SANITIZED, wait_until

ZONES = ["bl.test:ip4set:list", "bl.test:generic:names"]
FILES = {
    "list": "$SOA 50 ns.bl.test host.bl.test 7 1h 2h 3h 40\n:5:Listed $ for good reasons\n"
    "1.0.0.0/8\n1.2.3.4 :9:x\n",
    "names": "".join(f"many A 10.0.0.{i}\n" for i in range(80))
    + "".join(f"text TXT {i}{'y' * 240}\n" for i in range(8))
    + f"one TXT {'z' * 250}\n",
}
GOOD = [
    wire.query("4.3.2.1.bl.test"),
    wire.query("4.3.2.1.bl.test", wire.TXT),
    wire.query("9.8.7.1.bl.test", wire.TXT, edns=wire.Edns(1232)),
    wire.query("9.8.7.2.bl.test"),
    wire.query("7.1.bl.test"),
    wire.query("bl.test", wire.SOA),
    wire.query("one.bl.test", wire.TXT, edns=wire.Edns(1232)),
]
ANY = [
    wire.query(name, wire.ANY, edns=wire.Edns(4096)) for name in ("many.bl.test", "text.bl.test")
]
UDP_RATE, TCP_RATE = 500, 50
# How long it all goes on: queries of the well-behaved client.
QUERIES = 1000
# More than a well-behaved client needs, also when it has had to wait for a CPU: steady.WAITING_MAX and
# what it makes up for.
RATE, BURST = 600, 1500
# What a server may have more afterwards.
LINES_MORE = 20
MEMORY_MORE_KB = 8 << 10

# Each address is another client, and each in another network, for who limits networks.
BAD_SOURCES = [f"127.{i}.1.{i}" for i in range(1, 9)]


class Snapshot:
    """What a server has, to be compared later."""

    def __init__(self, server):
        self.descriptors = self._descriptors(server)
        self.memory_kb = server.memory_kb()
        self.lines = len(server.log().splitlines())

    @staticmethod
    def _descriptors(server):
        return len(os.listdir(f"/proc/{server.process.pid}/fd"))

    def compare(self, server):
        """Fails if the server keeps more now, or has had too much to say."""
        assert server.process.poll() is None, server.log()
        wait_until(lambda: self._descriptors(server) <= self.descriptors, "closed descriptors")
        assert len(server.log().splitlines()) <= self.lines + LINES_MORE, server.log()
        # Sanitizers keep freed memory.
        assert SANITIZED or server.memory_kb() <= self.memory_kb + MEMORY_MORE_KB


def counters(server):
    """What the server says that it has done: received, answered, dropped, not sent."""
    since = len(server.log())
    server.send_signal(signal.SIGUSR1)
    said = server.wait_log(
        r"queries: (\d+) received, (\d+) answered, (\d+) dropped, (\d+) replies not sent", since
    )
    return [int(number) for number in said.groups()]


def all_counted(server, least=0):
    """Waits until the server has counted so many datagrams, and what became of each: what has left
    its queue is counted a moment later, one number after the other. Returns how many it received.
    """

    def look():
        received, *became = counters(server)
        return received >= least and received == sum(became) and [received]

    return wait_until(look, f"{least} in the counters, and the sum of them")[0]


@pytest.fixture(name="crowd")
def _crowd():
    """Starts well-behaved clients and others, see Crowd."""
    crowd = Crowd()
    yield crowd
    crowd.kill()


class Crowd:
    """Clients of one server, good and bad ones."""

    def __init__(self):
        self.good, self.bad, self.others = [], [], []

    def add_good(self, server, address, rate=UDP_RATE, is_stream=False):
        """A well-behaved client. They come first, while the server is quiet."""
        self.good.append(steady.Client(address, server.port, GOOD, rate=rate, is_stream=is_stream))

    def add_floods(self, server, address, sources):
        """Floods of all kinds from `sources`."""
        rng = random.Random(1)
        bad = hostile.garbage(rng, 100) + hostile.replies(GOOD + ANY)
        for packets in (ANY, bad):
            self.bad.append(hostile.Flood(address, server.port, packets, sources, 40))

    def add_any_flood(self, server, source):
        """A flood of ANY from one address, which `run` does not end."""
        self.others.append(hostile.Flood("127.0.0.1", server.port, ANY, [source], 40))
        return self.others[-1]

    def add_spoofed(self, server):
        """A flood from everywhere, ordinary queries among it; as far as one may forge packets."""
        if os.geteuid() == 0:
            self.bad.append(hostile.Spoofed(server.port, ANY + GOOD))

    def add_connections(self, server, address, sources):
        """All kinds of TCP connections, 260 of them, that keep something open as long as they may,
        and some that come again and again."""
        query, long = GOOD[1], ANY[1]
        kinds = {
            hostile.is_silent: 40,
            hostile.sends_one_byte: 40,
            hostile.sends_a_length: 40,
            hostile.sends_too_long_a_length: 20,
            hostile.trickles(query): 40,
            hostile.never_reads(long): 40,
            hostile.speaks_http: 20,
            hostile.sends_garbage: 5,
            hostile.closes: 5,
            hostile.resets(long): 5,
        }
        if os.geteuid() == 0:
            kinds[hostile.vanishes(query)] = 5
        behaviours = [kind for kind, count in kinds.items() for _ in range(count)]
        self.bad.append(hostile.Connections(address, server.port, sources, behaviours))

    def run(self, meanwhile=lambda: None):
        """Lets all have their way, and ends them; fails if a well-behaved client has noticed. Calls
        `meanwhile` again and again."""

        def is_enough():
            meanwhile()
            return all(one.asked() >= QUERIES * one.rate / UDP_RATE for one in self.good)

        wait_until(is_enough, "honest queries")
        bad = [one.stop() for one in self.bad]
        tallies = [one.stop() for one in self.good]
        print(tallies, bad)
        for tally in tallies:
            assert tally.lost == 0 and not tally.wrong and not tally.trouble, tally
        assert all(bad), "somebody did nothing"
        return sum(tally.asked for tally in tallies), sum(bad)

    def kill(self):
        """The last resort; never fails."""
        for one in self.good + self.bad + self.others:
            one.kill()


@pytest.mark.parametrize(
    "limits",
    [
        pytest.param((), id="unlimited"),
        pytest.param(
            ("--rate-limit", f"{RATE}:{BURST}", "--rate-limit-exempt", "::1"),
            id="limited",
            marks=pytest.mark.tsan,
        ),
    ],
)
def test_floods(spurnd, crowd, limits):
    """Proves that floods of ANY, of garbage, of replies and of forged queries, from many ports and
    addresses, IPv4 and IPv6, cost a well-behaved client no answer, whether there is a rate limit or
    not; that each datagram is counted once; and that there is nothing more in memory or log
    afterwards."""
    server = spurnd.start(ZONES, FILES, ("--workers", "2", *limits), addresses=("127.0.0.1", "::1"))
    before = Snapshot(server)
    for address in server.addresses:
        crowd.add_good(server, address)
    crowd.add_floods(server, "127.0.0.1", BAD_SOURCES)
    crowd.add_floods(server, "::1", ["::1"])
    crowd.add_spoofed(server)
    flood, started = crowd.add_any_flood(server, "127.9.9.9"), monotonic()
    good, bad = crowd.run()
    # On a slow machine it takes longer to be too fast.
    wait_until(
        lambda: flood.count() > BURST + RATE * (monotonic() - started) + 4 * hostile.BURST,
        "more than the limit",
    )
    bad += flood.stop()
    before.compare(server)
    wait_until(lambda: hostile.queues(server.port)[0] == 0, "the rest of the floods")
    lost = hostile.queues(server.port)[1]
    # And those that told the well-behaved clients what to expect.
    sent = good + bad - lost + 2 * len(GOOD)
    assert all_counted(server, sent) == sent
    if limits:
        hit = server.wait_log(r"limits: (\d+) replies dropped, (\d+) truncated")
        assert all(int(number) > 0 for number in hit.groups())


@pytest.mark.parametrize(
    "limits",
    [
        pytest.param((), id="room for all"),
        pytest.param(
            ("--tcp-connections", "200", "--tcp-per-client", "40"),
            id="not room for all",
            marks=pytest.mark.tsan,
        ),
    ],
)
def test_connections(spurnd, crowd, limits):
    """Proves that TCP connections that say nothing, stop in the middle, trickle, never read, send
    garbage or vanish, and more of them than there may be, with floods besides, cost a well-behaved
    client no answer, over UDP, over a TCP connection that it keeps, or over one for each query; and
    that nothing of them is left afterwards."""
    server = spurnd.start(
        ZONES,
        FILES,
        ("--workers", "2", "--tcp-message", "1", *limits),
        addresses=("127.0.0.1", "::1"),
    )
    before = Snapshot(server)
    for address in server.addresses:
        crowd.add_good(server, address)
        crowd.add_good(server, address, rate=TCP_RATE, is_stream=True)
    crowd.add_connections(server, "127.0.0.1", BAD_SOURCES)
    crowd.add_floods(server, "127.0.0.1", BAD_SOURCES)

    def visit():
        for address in server.addresses:
            with steady.Visitor(address, server.port) as visitor:
                assert visitor.ask(GOOD[1])[2:] == expected

    with steady.Visitor("127.0.0.1", server.port) as visitor:
        expected = visitor.ask(GOOD[1])[2:]
    crowd.run(visit)
    before.compare(server)
    wait_until(lambda: hostile.queues(server.port)[0] == 0, "the rest of the floods")
    all_counted(server)
    assert int(server.wait_log(r"TCP connections: \d+ accepted, (\d+) open").group(1)) == 0
