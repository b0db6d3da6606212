# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""Statistics: the file of -s and the log on SIGUSR1 and SIGUSR2 say, column by column, what
rbldnsd says after the same queries."""

import re
import signal
import socket

import pytest

from lib import daemon, traffic, udp, wire
from lib.daemon import wait_until
from lib.traffic import lines_of

# Longer than it takes to count.
SAME_S = 10
LOGGED = re.compile(r"stats for \d+secs? ?(zone (\S+))?: (tot=.*)|stats for \d+sec: (tot=.*)")


def parse(line):
    """[(name, [five numbers])] of a line of a statistics file."""
    entries = [entry.rsplit(":", 5) for entry in line.split(" ")[1:]]
    return [(name, [int(number) for number in numbers]) for name, *numbers in entries]


def total_of(line):
    """The number of all queries in a line, 0 in a bare one."""
    return parse(line)[-1][1][0] if " " in line else 0


def logged(server, since=0):
    """The lines "stats for" in a server's output behind `since`, without their times."""
    return re.findall(r"stats for \d+(secs? ?[^\n]*)", server.log()[since:])


class Pair:
    """rbldnsd and spurnd side by side, each with a statistics file."""

    def __init__(self, binaries, workdir, out, prefix="", zones=traffic.ZONES, files=None):
        for name, text in {**traffic.FILES, **(files or {})}.items():
            (workdir / name).write_text(text)
        self.paths = [out / "reference", out / "tested"]
        self.servers = []
        try:
            for binary, path in zip(binaries, self.paths):
                options = ["-q", "-c", "0", "-s", f"{prefix}{path}", *zones]
                self.servers.append(daemon.Daemon(binary, options, workdir))
        except BaseException:
            self.end()
            raise
        # Both load in the background with -q.
        for server in self.servers:
            with udp.Client("127.0.0.1", server.port) as one:
                wait_until(lambda one=one: one.ask("bl.test").rcode == wire.NOERROR, "the load")
        self.lines(wire.NOERROR, signal.SIGUSR2)

    def end(self):
        """Kills both."""
        for server in self.servers:
            server.kill()

    def ask(self, packets, is_answered=True):
        """Sends the packets to both."""
        for server in self.servers:
            with udp.Client("127.0.0.1", server.port) as one:
                for packet in packets:
                    if is_answered:
                        # Asked once: twice would count twice.
                        assert udp.ask_raw(one.sock, packet, 1, daemon.PATIENCE_S)
                    else:
                        one.sock.send(packet)

    def lines(self, least, number=signal.SIGUSR1):
        """Lets both write lines until all have counted `least` queries; their last full lines."""
        found = []
        for server, path in zip(self.servers, self.paths):

            def line(server=server, path=path):
                before = len(lines_of(path))
                server.send_signal(number)
                wait_until(lambda: len(lines_of(path)) > before, "a line of statistics")
                full = [text for text in lines_of(path)[before:] if " " in text]
                return full[-1] if full and total_of(full[-1]) >= least else None

            found.append(wait_until(line, f"{least} queries in {path}"))
        return found

    def same(self, least):
        """Lets both write lines until these have counted `least` queries and say the same: one number is
        counted after the other, so a line may come in between. What they say."""
        seen = []

        def are_same():
            seen[:] = [parse(line) for line in self.lines(least)]
            return seen[0] == seen[1]

        try:
            wait_until(are_same, "the same numbers", SAME_S)
        except AssertionError:
            assert seen[1] == seen[0]
        return seen[1]


@pytest.fixture(name="pair")
def _pair(rbldnsd_path, spurnd_path, workdir, out):
    """Makes a Pair."""
    made = []

    def make(**options):
        made.append(Pair((rbldnsd_path, spurnd_path), workdir, out, **options))
        return made[-1]

    yield make
    for one in made:
        one.end()


def test_same_columns_as_rbldnsd(pair):
    """Proves that after the same queries, some of which get no reply, zones stand in the same order
    with the same numbers as in rbldnsd's file, and that SIGUSR1 logs the same."""
    both = pair()
    both.ask(traffic.answered())
    both.ask(traffic.dropped(), is_answered=False)
    count = len(traffic.answered()) + len(traffic.dropped()) - 1  # the empty one
    tested = both.same(count)
    assert [name for name, _ in tested] == [
        "a.bl.test",
        "bl.test",
        "x.y.other.test",
        "y.other.test",
        "other.test",
        "late.test",
        "*",
    ]
    total = dict(tested)["*"]
    assert total[0] == count and all(total)

    zones = len(tested)
    said = []
    for server in both.servers:
        since = len(server.log())
        server.send_signal(signal.SIGUSR1)
        wait_until(lambda s=server, b=since: len(logged(s, b)) >= zones, "the lines in the log")
        said.append(logged(server, since))
    assert said[1] == said[0]


ACLS = {"ignored": "ignore", "refused": "refuse", "emptied": "empty", "listed": "9:always"}
ACL_ZONES = [
    *traffic.ZONES,
    *(spec for name in ACLS for spec in (f"{name}.test:ip4set:list", f"{name}.test:acl:{name}")),
    "expired.test:ip4set:expired",
]
ACL_FILES = {
    **{name: f"127.0.0.1 :{action}\n" for name, action in ACLS.items()},
    "expired": "$TIMESTAMP 2020:01:01 2021:01:01\n1.2.3.4\n",
    "most": "127.0.0.1 :pass\n127.0.0.2 :ignore\n",
}


def test_access_lists(pair):
    """Proves that queries whose client is ignored, refused, told nothing or everything by a zone's
    ACL, those that a global ACL ignores, and those about expired data, count as with rbldnsd."""
    both = pair(zones=[*ACL_ZONES, ":acl:most"], files=ACL_FILES)
    names = ["expired", *ACLS]
    packets = [wire.query(f"{ip}.3.2.1.{name}.test") for ip in (4, 5) for name in names]
    both.ask(packets, is_answered=False)
    for server in both.servers:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ignored:
            ignored.bind(("127.0.0.2", 0))
            for packet in packets[:3]:
                ignored.sendto(packet, ("127.0.0.1", server.port))
    tested = both.same(len(packets) + 3)
    assert dict(tested)["ignored.test"] == [0, 0, 0, 2 * len(packets[1]), 0]


def test_reset(pair):
    """Proves that SIGUSR2 writes and logs a last line, marks the reset with a bare time, and lets
    all count from zero, as rbldnsd does."""
    both = pair()
    packets = traffic.answered()[:5]
    both.ask(packets)
    both.same(len(packets))
    before = [len(lines_of(path)) for path in both.paths]
    first = both.lines(len(packets), signal.SIGUSR2)
    assert parse(first[0]) == parse(first[1])
    for path, old in zip(both.paths, before):
        wait_until(lambda p=path, o=old: len(lines_of(p)) == o + 2, "the mark")
        assert re.fullmatch(r"\d+", lines_of(path)[-1])
    second = both.lines(0)
    assert parse(second[0]) == parse(second[1]) and total_of(second[1]) == 0
    both.ask(packets[:2])
    assert dict(both.same(2))["*"][0] == 2


def test_relative(pair):
    """Proves that with + each line counts from the line before it, as with rbldnsd."""
    both = pair(prefix="+")
    start = [len(lines_of(path)) for path in both.paths]
    asked = 0
    for count in (3, 7, 2):
        both.ask(traffic.answered()[:count])
        asked += count

        def sums(place):
            full = [parse(line) for line in lines_of(both.paths[place])[start[place] :]]
            return [
                [sum(numbers) for numbers in zip(*(entry[zone][1] for entry in full))]
                for zone in range(len(full[0]))
            ]

        def have_all(asked=asked):
            both.lines(0)
            return sums(0) == sums(1) and sums(1)[-1][0] == asked

        wait_until(have_all, f"{asked} queries, and the same numbers of both")


def test_the_end_is_told(pair):
    """Proves that the last line of the file and of the log are the same as rbldnsd's, and that the
    file ends with a bare time."""
    both = pair()
    both.ask(traffic.answered()[:20])
    both.lines(20)
    last = []
    for server, path in zip(both.servers, both.paths):
        server.stop()
        assert re.fullmatch(r"\d+", lines_of(path)[-1])
        last.append((parse(lines_of(path)[-2]), logged(server)[-1]))
    assert last[0] == last[1]


def test_at_intervals(spurnd, client, workdir, out):
    """Proves that a file begins with a bare time, and has a line more at each interval of -c, also
    behind a rename, without any signal; and that an error in writing is told once and forgotten."""
    path = out / "stats"
    server = spurnd.start(traffic.ZONES[:1], traffic.FILES, ("-c", "1", "-s", str(path)))
    client(server).ask(traffic.LISTED)
    wait_until(lambda: len(lines_of(path)) >= 3, "two lines")
    assert re.fullmatch(r"\d+", lines_of(path)[0])
    assert all(re.fullmatch(r"\d+ bl\.test(:\d+){5} \*(:\d+){5}", x) for x in lines_of(path)[1:])
    path.rename(out / "old")
    wait_until(lambda: lines_of(path), "a line in a new file")
    assert parse(lines_of(path)[-1]) == parse(lines_of(out / "old")[-1])
    path.unlink()
    path.mkdir()
    server.wait_log(f"-s {path}: .*directory")
    path.rmdir()
    wait_until(lambda: lines_of(path), "a line behind a failure")
    assert server.log().count(f"-s {path}") == 1
    assert not (workdir / "stats").exists()


@pytest.mark.tsan
def test_many_workers(spurnd, out):
    """Proves that nothing is lost or counted twice when many workers count while others look."""
    path = out / "stats"
    server = spurnd.start(
        traffic.ZONES[:1], traffic.FILES, ("--workers", "8", "-s", str(path), "-c", "0")
    )
    clients, each = 20, 100
    packets = [wire.query(traffic.LISTED, ident=ident) for ident in range(each)]
    for _ in range(clients):
        with udp.Client("127.0.0.1", server.port) as one:
            udp.exchange_all(one.sock, packets)
        server.send_signal(signal.SIGUSR1)
    server.stop()
    # A query that was asked again counts twice; that is rare, for a reply takes a moment.
    received = int(re.findall(r"queries: (\d+) received", server.log())[-1])
    size = len(packets[0])
    last = dict(parse(lines_of(path)[-2]))
    assert received >= clients * each
    assert last["bl.test"][:4] == [received, received, 0, received * size]
    assert last["*"] == last["bl.test"]
