# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""--steer: what a client sends from one socket is spread over the workers, or is not, counted for each
worker by `spurn stats`."""

import contextlib
import math
import os
import shutil
import subprocess
from pathlib import Path

import pytest

import conftest
from lib import control, daemon, udp, wire
from lib.daemon import wait_until

ZONE = "bl.test:ip4set:list"
QUERY = wire.query("4.3.2.1.bl.test")
# No worker has more than this times the mean, as the manual promises.
MOST = 1.05
# The more workers, the more queries it takes; a sanitizer sees no more with many.
WORKERS = (2, 3) if daemon.SANITIZED else (2, 3, 4, 7, 8)
# Chance of a server that chooses at random to be taken for one that does not, each time.
CHANCE = 1e-11
# Queries that are on their way at most: they fit into the smallest socket buffer.
WINDOW = 128
WITHOUT_STEERING = Path(__file__).parent / "lib" / "without_steering.c"


def enough(workers, most=MOST):
    """So many queries that the chance of any worker to get more than `most` times the mean is below
    CHANCE if each is as likely as the others (Chernoff's bound for the binomial distribution)."""
    if workers == 1:
        return 100
    share, high = 1 / workers, most / workers
    distance = high * math.log(high / share) + (1 - high) * math.log((1 - high) / (1 - share))
    return math.ceil(math.log(workers / CHANCE) / distance)


def pour(sock, count):
    """Sends `count` queries from one socket, and takes a reply to each."""
    for start in range(0, count, WINDOW):
        size = min(WINDOW, count - start)
        for _ in range(size):
            sock.send(QUERY)
        for _ in range(size):
            sock.recv(512)


class Counted:
    """A server, with what each worker of it has received."""

    def __init__(self, path):
        self.path = path

    def received(self):
        """By worker, up to now."""
        return [one["received"] for one in control.ask(self.path, "stats")["workers"]]

    def shares(self, address, port, count):
        """Of `count` queries that one socket sends to `address`: what each worker has received."""
        before = self.received()
        with udp.open_socket(address, port) as sock:
            pour(sock, count)
        # The last batch may not be counted yet.
        wait_until(lambda: sum(self.received()) >= sum(before) + count, "the last queries")
        shares = [after - was for after, was in zip(self.received(), before)]
        assert sum(shares) == count
        return shares


def is_even(shares, most=MOST):
    """Whether no worker has too much."""
    print(shares, max(shares) * len(shares) / sum(shares))
    return max(shares) * len(shares) <= most * sum(shares)


@pytest.fixture(name="path")
def _path(out):
    return out / "control.sock"


@pytest.fixture(name="start")
def _start(spurnd, workdir, path):
    """Starts a server with these options; they share a control socket, so one at a time, unless it is to
    be replaced."""
    (workdir / "list").write_text("1.2.3.4\n")

    def start(*options, **how):
        return spurnd.start([ZONE], None, ["--control", str(path), "-c", "0", *options], **how)

    return start


@pytest.mark.parametrize("workers", WORKERS)
def test_random(start, path, workers):
    """Proves that no worker gets more than 1.05 times the mean of what one socket sends, whatever the
    number of workers, at a real address and a VIP that are bound beside a wildcard, at that, and over
    IPv6; and not much more of what comes to each of these, where queries are too few to tell more.
    """
    addresses = ("127.0.0.1", "127.0.0.2", "::1", "0.0.0.0")
    asked = ("127.0.0.1", "127.0.0.2", "::1", "127.0.0.3")
    server = start("--workers", str(workers), addresses=addresses)
    counted = Counted(path)
    assert enough(workers, 1.11) * len(asked) <= enough(workers)
    count = math.ceil(enough(workers) / len(asked))
    for address in asked:
        assert is_even(counted.shares(address, server.port, count), 1.11), address
    assert is_even(counted.received())


def test_random_at_ip6_wildcard(start, path):
    """Proves the same for a :: that has IPv4 as well; and that what `spurn stats` and `spurn status` tell
    is that."""
    server = start("--workers", "3", "--steer", "random", addresses=("::",))
    counted = Counted(path)
    for asked in ("127.0.0.1", "::1"):
        assert is_even(counted.shares(asked, server.port, enough(3, 1.1)), 1.1)
    tool = control.Tool(os.path.join(os.path.dirname(server.binary), "spurn"), path, "/")
    told = [one["received"] for one in tool.json("stats")["workers"]]
    assert told == counted.received()
    assert tool.json("status")["steer"] == "random"
    assert "serving with 3 workers (--steer random)" in tool.run("status").stdout


@pytest.mark.parametrize("address", ("127.0.0.1", "::1"))
def test_hash(start, path, address):
    """Proves that with hash all that one socket sends goes to one worker, and that sockets are spread."""
    server = start("--workers", "4", "--steer", "hash", addresses=(address,))
    counted = Counted(path)
    assert sorted(counted.shares(address, server.port, 1000)) == [0, 0, 0, 1000]
    assert control.ask(path, "status")["steer"] == "hash"
    # The chance that one of four gets none of 100 sockets is 4 * 0.75^100 = 1e-12.
    before = counted.received()
    for _ in range(100):
        counted.shares(address, server.port, 1)
    assert all(after > was for after, was in zip(counted.received(), before))


@contextlib.contextmanager
def on_cpu(number):
    """This process on that CPU alone: what it sends over loopback is taken in there."""
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {number})
    try:
        yield
    finally:
        os.sched_setaffinity(0, allowed)


def check_cpu(path, port, workers):
    """What comes in by a CPU is all its worker's."""
    for number in os.sched_getaffinity(0):
        with on_cpu(number):
            shares = Counted(path).shares("127.0.0.1", port, 300)
        assert shares == [300 * (worker == number % workers) for worker in range(workers)]


@pytest.mark.parametrize("workers", (1, 2, 3))
def test_cpu(start, path, workers):
    """Proves that with cpu a query goes to the worker with the number, modulo theirs, of the CPU that it
    came in by; and that the configuration file can say it."""
    server = start("--workers", str(workers), "--steer", "cpu")
    check_cpu(path, server.port, workers)


def test_replacements(start, path):
    """Proves that after --replace with as many, more and fewer workers, and with another way of
    steering, it is the new one's number and the new one's way that count, also where sockets are left
    over; and that a new one which fails changes nothing."""
    rounds = (
        (2, "random"),
        (2, "random"),
        (3, "random"),
        (2, "random"),
        (3, "hash"),
        (3, "cpu"),
        (2, "hash"),
        (4, "random"),
    )
    addresses = ("127.0.0.1", "::1")
    port = daemon.free_port(addresses)
    listen = [word for one in addresses for word in ("-b", f"{one}/{port}")]
    old = None
    for workers, steering in rounds:
        options = ["--workers", str(workers), "--steer", steering]
        options += [] if old is None else ["--replace"]
        new = start(*options, listen=lambda _: listen, port=port)
        if old is not None:
            old.process.wait(daemon.PATIENCE_S)
            old.check()
        old = new
        check_steering(path, port, workers, steering, 1.3 if daemon.SANITIZED else MOST)
        # One that wants more, of another kind, and cannot load; it is noticed in its own time.
        failing = start(
            *["--replace", "--workers", "9", "--steer", "hash" if steering == "cpu" else "cpu"],
            *["absent.test:ip4set:absent"],
            listen=lambda _: listen,
            port=port,
            expect_started=False,
        )
        failing.expected_status = 1
        failing.process.wait(daemon.PATIENCE_S)
        failing.check()
        wait_until(lambda: old.has_logged("this one goes on as before"), "its end to be noticed")
        check_steering(path, port, workers, steering, 1.3)


def check_steering(path, port, workers, steering, most):
    """The server has so many workers, and steers in that way; at random no worse than `most`."""
    counted = Counted(path)
    told = control.ask(path, "status")
    assert (told["workers"], told["steer"]) == (workers, steering)
    if steering == "cpu":
        check_cpu(path, port, workers)
        return
    for address in ("127.0.0.1", "::1"):
        if steering == "random":
            most = max(most, 1.1 if address == "::1" else MOST)
            assert is_even(counted.shares(address, port, enough(workers, most)), most)
        else:
            assert sorted(counted.shares(address, port, 500))[:-1] == [0] * (workers - 1)


def test_more_workers_of_another_user(start, path):
    """Proves that nobody needs privileges to steer; and that where the kernel does not let sockets be added,
    as they are another user's, the new one serves with those that it has, and says so."""
    if os.geteuid() != 0:
        pytest.skip("only root can be several users")
    uid, gid = daemon.unprivileged_ids()
    port = daemon.free_port()
    become = ["setpriv", "--reuid", str(uid), "--regid", str(gid), "--clear-groups"]
    old = start("--workers", "1", port=port, user=[], prefix=become)
    assert control.ask(path, "status")["steer"] == "random"
    new = start("--workers", "3", "--replace", port=port)
    old.process.wait(daemon.PATIENCE_S)
    assert new.has_logged(f"127.0.0.1/{port}: no more sockets")
    assert new.has_logged("3 workers share 1")
    assert sum(Counted(path).shares("127.0.0.1", port, 300)) == 300


def test_system_without(start, path, workdir, monkeypatch):
    """Proves that where the system cannot steer, the server says so once, and serves by the kernel's
    hash; also after a replacement, and silently if that is what was asked for."""
    compiler = shutil.which(os.environ.get("CC", "cc")) or conftest.cannot_run("no compiler")
    library = workdir / "without_steering.so"
    command = [compiler, "-shared", "-fPIC", "-O", "-Wall", "-Werror", "-D_GNU_SOURCE"]
    command += [str(WITHOUT_STEERING), "-o", str(library)]
    subprocess.run(command, check=True, timeout=daemon.PATIENCE_S)
    monkeypatch.setenv("LD_PRELOAD", str(library))
    monkeypatch.setenv("ASAN_OPTIONS", "verify_asan_link_order=0")
    port, old = daemon.free_port(("127.0.0.1", "::1")), None
    for steering in ("random", "cpu", "hash"):
        options = ["--workers", "2", "--steer", steering, *(["--replace"] if old else [])]
        new = start(*options, port=port, addresses=("127.0.0.1", "::1"))
        if old is not None:
            old.process.wait(daemon.PATIENCE_S)
            old.check()
        log = new.log()
        assert log.count("cannot choose a worker") == (steering != "hash"), log
        assert control.ask(path, "status")["steer"] == "hash"
        assert sorted(Counted(path).shares("127.0.0.1", port, 200)) == [0, 200]
        old = new
