# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""spurnd --replace: one spurnd takes another one's place, or fails to, and no query is lost."""

import contextlib
import json
import os
import re
import signal
import socket

import pytest

from lib import control, daemon, load, tcp, udp, wire
from lib.reading import LONG_BLOCKS, long_list, wait_reading
from lib.daemon import PATIENCE_S, run, strict_options, unprivileged_ids, user_options, wait_until
from test_background import is_alive

NAME = "4.3.2.1.bl.test"
ZONE = "bl.test:ip4set:list"
ADDRESSES = ("127.0.0.1", "127.0.0.2", "::1")
ENTRIES = 20_000
# Workers and addresses of one after the other; all serve 127.0.0.1.
ROUNDS = (
    (2, ("127.0.0.1",)),
    (1, ("127.0.0.1", "::1")),
    (4, ("127.0.0.2", "127.0.0.1")),
    (3, ("0.0.0.0",)),
    (1, ("127.0.0.1",)),
    (2, ("::",)),
    (2, ("::", "0.0.0.0")),
    (1, ("::1", "127.0.0.1", "127.0.0.2")),
    (5, ("127.0.0.1",)),
    (2, ("127.0.0.1",)),
)


class Family:
    """Spurnds of which each takes the place of the one before, and a client under way."""

    def __init__(self, spurnd, out, port=None):
        self.spurnd, self.socket, self.pidfile = spurnd, out / "control.sock", out / "pid"
        self.port = port or daemon.free_port(ADDRESSES)
        self.server = None

    def options(self):
        """What all have in common."""
        return ["--control", str(self.socket), "-p", str(self.pidfile), "--watch", "off", "-c", "0"]

    def listen(self, addresses):
        """The -b of these addresses."""
        return [word for one in addresses for word in ("-b", f"{one}/{self.port}")]

    def start(self, zone, *options, addresses=("127.0.0.1",), **how):
        """One that takes the place, or the first one; returns when it has it."""
        first = [] if self.server is None else ["--replace"]
        new = self.spurnd.start(
            [zone],
            None,
            [*self.options(), *first, *options],
            port=self.port,
            listen=lambda _: self.listen(addresses),
            **how,
        )
        if how.get("expect_started", True):
            self.settle(new)
        return new

    def settle(self, new):
        """The one that had the place goes in peace; `new` has it."""
        old, self.server = self.server, new
        if old is not None:
            old.process.wait(PATIENCE_S)
            old.check()
            assert old.has_logged("has taken over; this one ends")
        self.check_place()

    def check_place(self):
        """The pid file, and whoever listens at the control socket, are the server's."""
        assert self.pidfile.read_text() == f"{self.server.process.pid}\n"
        with control.connect(self.socket) as sock:
            peer = sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
            assert int.from_bytes(peer[:4], "little") == self.server.process.pid

    def fails(self, zone, *options, addresses=("127.0.0.1",)):
        """One that cannot take the place: its messages. The server has it all the time."""
        new = self.start(zone, *options, addresses=addresses, expect_started=False)
        new.expected_status = 1
        assert new.process.wait(PATIENCE_S) == 1, new.log()
        new.check()
        wait_until(lambda: not self.is_awaited(), "the server to go on alone")
        self.check_place()
        return new.log()

    def is_awaited(self):
        """Whether there is one that has asked for the place and not ended."""
        log = self.server.log()
        return log.count("is about to take over") != log.count("goes on as before")

    def hesitate(self, path):
        """One that stands still in the middle of its load, before it is ready. (Not earlier: the sockets
        that it has bound and not yet lent to the server answer nobody meanwhile.)"""
        before = len(self.server.log())
        new = self.start(f"bl.test:ip4trie:{path.name}", expect_started=False)
        self.server.wait_log("is about to take over", before)
        wait_reading(new, path)
        new.send_signal(signal.SIGSTOP)
        assert not new.has_logged("started") and self.server.process.poll() is None
        return new


@pytest.fixture(name="family")
def _family(spurnd, out):
    return Family(spurnd, out)


@pytest.fixture(name="lists")
def _lists(spurnd_path, workdir):
    """A list, of which generation 1 is there."""
    return load.List(load.find_client(spurnd_path), workdir, entries=ENTRIES)


@contextlib.contextmanager
def under_load(family, lists):
    """Queries over UDP and TCP all the time; none may be lost, and each answer has to be right. While
    two answer, one may be of new data before another one is of old data."""
    one = load.Load(lists.client, family.server, lists, udp=12, tcp=3)
    try:
        one.more(500)
        yield one
        one.more(500)
        report = one.stop()
        print(report)
        faults = load.faults(report)
        faults.pop("backward", None)
        assert not faults, report
    finally:
        one.kill()


@pytest.mark.tsan
def test_ten_in_a_row(family, lists):
    """Proves that ten replacements in a row, with other data, other numbers of workers and other
    addresses each time, lose no query, over UDP and over TCP connections that stay open, and that no
    answer is wrong; and that addresses that are left are free."""
    family.start(lists.zone)
    with under_load(family, lists) as one:
        for workers, addresses in ROUNDS:
            path = lists.prepare_next()
            one.announce(lists.generation)
            lists.put(path)
            one.server = family.start(lists.zone, "--workers", str(workers), addresses=addresses)
            one.wait_settled()
            one.more(200)
    for sort in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
        with socket.socket(socket.AF_INET, sort) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.2", family.port))


@pytest.mark.tsan
def test_failures_change_nothing(family, lists, workdir):
    """Proves that whatever becomes of the new one before it is ready, the old one goes on as if
    nothing had been: a list that cannot be loaded, a port of somebody else, a kill -9, one that hangs
    until it is killed; and that the next one that is well takes the place."""
    family.start(lists.zone)
    long_list(workdir / "long")
    with under_load(family, lists), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.2", family.port))
        log = family.fails(f"{load.ZONE}:ip4trie:absent")
        assert "absent: No such file" in log
        log = family.fails(lists.zone, addresses=("127.0.0.1", "127.0.0.2"))
        assert "127.0.0.2" in log and "in use" in log
        assert "No such file" in family.fails(lists.zone, "-w", "/nonexistent")
        # In the middle of its load, before and after it has stood still for a while.
        for _ in range(2):
            new = family.hesitate(workdir / "long")
            # Nobody can take a place that somebody else is about to take.
            log = Family.start(family, lists.zone, expect_started=False)
            log.expected_status = 1
            log.process.wait(PATIENCE_S)
            assert f"process {new.process.pid} is about to take over already" in log.log()
            new.expected_status = -signal.SIGKILL
            new.process.kill()
            new.process.wait()
            wait_until(lambda: not family.is_awaited(), "the end to be noticed")
            family.check_place()
        family.start(lists.zone)


def test_pid_file_is_taken_back(family, workdir):
    """Proves that the pid file has the old one's number again if the new one has written its own there,
    and ends before it is ready after all."""
    (workdir / "list").write_text("1.2.3.4\n")
    family.start(ZONE)
    with control.connect(family.socket) as sock:
        sock.sendall(b"take-over\n")
        assert b"take_over" in sock.recv(4096)
        family.pidfile.write_text("123456789\n")
    wait_until(lambda: not family.is_awaited(), "the end to be noticed")
    family.check_place()
    family.start(ZONE)


@pytest.mark.parametrize("wildcard", [pytest.param("0.0.0.0", marks=pytest.mark.tsan), "::"])
def test_address_instead_of_wildcard(family, lists, workdir, wildcard):
    """Proves that an address that takes the place of a wildcard, and gets its queries from the moment on at
    which its socket is bound, is answered all the time: while the new one loads, after it has failed,
    and after one has taken the place."""
    long_list(workdir / "long")
    family.start(lists.zone, addresses=(wildcard,))
    with under_load(family, lists) as one:
        for _ in range(2):
            new = family.hesitate(workdir / "long")
            one.more(500)
            new.expected_status = -signal.SIGKILL
            new.process.kill()
            new.process.wait()
            wait_until(lambda: not family.is_awaited(), "the end to be noticed")
            one.more(500)
        one.server = family.start(lists.zone, "--workers", "3")
        one.more(500)
        one.server = family.start(lists.zone, "--workers", "2")


def test_old_one_ends_first(family, workdir):
    """Proves that if the old one ends while the new one loads, the new one still starts, answers what
    has come meanwhile, and is found by its pid file and control socket."""
    (workdir / "list").write_text("1.2.3.4\n")
    # It is read to its end here.
    long_list(workdir / "long", LONG_BLOCKS // 8)
    old = family.start(ZONE)
    new = family.hesitate(workdir / "long")
    old.stop()
    with udp.Client("127.0.0.1", family.port) as one, tcp.Client("127.0.0.1", family.port) as two:
        one.sock.send(wire.query(NAME, ident=7))
        two.send(wire.query(NAME, ident=8))
        new.send_signal(signal.SIGCONT)
        assert wire.parse(one.sock.recv(512)).id == 7
        assert wire.parse(two.receive()).id == 8
    new.wait_log("started")
    family.server = new
    family.check_place()


def sockets_at(port):
    """How many UDP sockets are bound to a port over IPv4."""
    with open("/proc/net/udp", encoding="ascii") as table:
        return sum(line.split()[1].endswith(f":{port:04X}") for line in list(table)[1:])


def test_sockets_are_added_unseen(family, workdir):
    """Proves that the sockets which a new one adds for its workers get no query before these are there,
    though the old one leaves it to the kernel's hash which socket gets it."""
    (workdir / "list").write_text("1.2.3.4\n")
    long_list(workdir / "long", LONG_BLOCKS // 8)
    family.start(ZONE, "--workers", "2", "--steer", "hash")
    new = family.start("bl.test:ip4trie:long", "--workers", "8", expect_started=False)
    wait_until(lambda: sockets_at(family.port) == 8, "more sockets")
    new.send_signal(signal.SIGSTOP)
    assert not new.has_logged("started")
    for number in range(40):
        with udp.Client("127.0.0.1", family.port) as one:
            one.sock.send(wire.query(NAME, ident=number))
            assert wire.parse(one.sock.recv(512)).id == number
    new.send_signal(signal.SIGCONT)
    new.wait_log("started")
    family.settle(new)


def test_tcp_connections_are_kept(family, workdir):
    """Proves that open TCP connections, silent ones and one in the middle of a query, go on with the new
    one, with queries that were sent before it was there."""
    (workdir / "list").write_text("1.2.3.4 :2:\n")
    family.start(ZONE)
    query = tcp.frame(wire.query(NAME, ident=9))
    clients = [tcp.Client("127.0.0.1", family.port) for _ in range(20)]
    try:
        for one in clients:
            assert one.ask(NAME).answer[0].rdata == bytes((127, 0, 0, 2))
        clients[0].sock.sendall(query[:1])
        clients[1].sock.sendall(query + query[:30])
        assert wire.parse(clients[1].receive()).id == 9
        (workdir / "list").write_text("1.2.3.4 :3:\n")
        for _ in range(2):
            family.start(ZONE)
        clients[0].sock.sendall(query[1:])
        clients[1].sock.sendall(query[30:])
        for one in clients[:2]:
            reply = wire.parse(one.receive())
            assert reply.id == 9 and reply.answer[0].rdata == bytes((127, 0, 0, 3))
        for one in clients:
            assert one.ask(NAME).answer[0].rdata == bytes((127, 0, 0, 3))
        # Without TCP in the new one there is nobody to keep them: what has come is answered.
        clients[2].send(wire.query(NAME, ident=10))
        family.start(ZONE, "--no-tcp")
        assert wire.parse(clients[2].receive()).id == 10
        assert all(one.receive() is None for one in clients)
    finally:
        for one in clients:
            one.close()


def test_cookies_and_counts(family, workdir, out):
    """Proves that cookies of the old one are good for the new one; and that in the statistics and the
    query log of both each query stands once."""
    (workdir / "list").write_text("1.2.3.4\n")
    files = ["-s", str(out / "statistics"), "-l", str(out / "log")]
    # One that has a cookie has no limit; who has none, or a bad one, gets one reply in an hour.
    options = [*files, "--rate-limit", "1/h:1", "--rate-limit-slip", "0"]
    family.start(ZONE, *options)
    with udp.Client("127.0.0.1", family.port) as one:
        edns = wire.Edns(options=wire.option(wire.OPTION_COOKIE, b"12345678"))
        reply = one.ask(NAME, edns=edns)
        cookie = dict(wire.options_of(reply.edns))[wire.OPTION_COOKIE]
        edns = wire.Edns(options=wire.option(wire.OPTION_COOKIE, cookie))
        family.start(ZONE, *options)
        for _ in range(3):
            assert one.ask(NAME, edns=edns).rcode == wire.NOERROR
        family.start(ZONE, *options)
        for _ in range(3):
            assert one.ask(NAME, edns=edns).rcode == wire.NOERROR
    family.server.stop()
    assert len((out / "log").read_text().splitlines()) == 7
    lines = (out / "statistics").read_text().splitlines()
    totals = [int(found.group(1)) for line in lines if (found := re.search(r" \*:(\d+):", line))]
    assert totals == [1, 3, 3], lines


@contextlib.contextmanager
def in_background(spurnd_path, family, workdir, *arguments):
    """What comes of starting one that goes into the background: (CompletedProcess, pid)."""
    options = [*strict_options(spurnd_path), *family.options(), *family.listen(["127.0.0.1"])]
    options += ["-w", str(workdir), *arguments]
    done = run(spurnd_path, options, workdir)
    text = family.pidfile.read_text() if family.pidfile.exists() else ""
    yield done, int(text or 0)


def test_background(spurnd_path, family, workdir):
    """Proves that in the background, too, with a chroot and as another user, the command returns when
    the new one has the place (status 0) or has failed (its reason, another status); and that without
    one to replace, or a socket to find it by, it says so."""
    root = workdir / "root"
    root.mkdir()
    (root / "list").write_text("1.2.3.4\n")
    (workdir / "list").write_text("1.2.3.4\n")
    confine = ["-r", str(root), "-w", "/"] if os.geteuid() == 0 else []
    user = user_options()
    pids = []
    try:
        for options in ([], confine, [], ["--workers", "3"]):
            with in_background(
                spurnd_path, family, workdir, "--replace", *user, *options, ZONE
            ) as (done, pid):
                assert done.returncode == 0, done.stderr
                assert ("none to replace" in done.stderr) == (not pids)
                assert pid not in pids and is_alive(pid)
                pids.append(pid)
            with udp.Client("127.0.0.1", family.port) as one:
                assert one.ask(NAME).rcode == wire.NOERROR
            if len(pids) > 1:
                wait_until(lambda: not is_alive(pids[-2]), "the old one's end")
        bad = "bl.test:ip4set:absent"
        with in_background(spurnd_path, family, workdir, "--replace", *user, bad) as (done, pid):
            assert done.returncode == 1 and "absent" in done.stderr
            assert pid == pids[-1] and is_alive(pid)
        arguments = ["--replace", *user, "--control", "none", ZONE]
        with in_background(spurnd_path, family, workdir, *arguments) as (done, pid):
            assert done.returncode != 0 and "--control" in done.stderr
            assert pid == pids[-1] and is_alive(pid)
        os.kill(pids[-1], signal.SIGTERM)
        wait_until(lambda: not is_alive(pids[-1]), "the end on SIGTERM")
    finally:
        for pid in pids:
            if is_alive(pid):
                os.kill(pid, signal.SIGKILL)


def test_plain_user(family, workdir, out):
    """Proves that a user without privileges can replace what is his, and only root and he: others
    are refused, whatever they may do with the socket."""
    if os.geteuid() != 0:
        pytest.skip("only root can be several users")
    (workdir / "list").write_text("1.2.3.4\n")
    uid, gid = unprivileged_ids()
    become = ["setpriv", "--reuid", str(uid), "--regid", str(gid), "--clear-groups"]
    for _ in range(3):
        family.start(ZONE, user=[], prefix=become)
    family.socket.chmod(0o666)
    stranger = ["setpriv", "--reuid", "12345", "--regid", "12345", "--clear-groups"]
    new = family.start(ZONE, user=[], prefix=stranger, expect_started=False)
    new.expected_status = 1
    new.process.wait(PATIENCE_S)
    assert "only root, and the user that spurnd runs as" in new.log()
    family.check_place()
    # Root may, and becomes that user.
    family.start(ZONE)
    assert os.stat(family.socket).st_uid == uid and out.is_dir()


@pytest.mark.parametrize(
    "answer, says",
    [
        ({"take_over": 99, "version": "7.0", "sockets": 3}, "version 7.0.*format 99.*knows only 1"),
        ({"error": "not today"}, "says no: not today"),
        ({"take_over": 1, "version": "1", "sockets": 3}, "has ended the connection"),
        ([], "makes no sense"),
    ],
)
def test_strange_predecessor(family, workdir, answer, says):
    """Proves that one that cannot be understood is left alone, and the new one says why it fails."""
    (workdir / "list").write_text("1.2.3.4\n")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(str(family.socket))
        listener.listen()
        listener.settimeout(PATIENCE_S)
        family.socket.chmod(0o666)
        new = family.start(ZONE, "--replace", expect_started=False)
        new.expected_status = 1
        sock, _ = listener.accept()
        with sock:
            sock.settimeout(PATIENCE_S)
            assert sock.recv(100) == b"take-over\n"
            sock.sendall(json.dumps(answer).encode() + b"\n")
        new.process.wait(PATIENCE_S)
    assert re.search(says, new.log()), new.log()
    assert family.socket.exists()


def test_taken_port(family, workdir):
    """Proves that --replace is no way to share a port with somebody else."""
    (workdir / "list").write_text("1.2.3.4\n")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        other.bind(("127.0.0.1", family.port))
        new = family.start(ZONE, "--replace", expect_started=False)
        new.expected_status = 1
        new.process.wait(PATIENCE_S)
        assert "in use" in new.log() and "none to replace" in new.log()
