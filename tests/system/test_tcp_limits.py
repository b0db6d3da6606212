# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""What limits TCP connections: how long, how many, how many of one client, and how many files there
may be. Whoever is slow, silent or deaf loses its connection, and nobody else notices."""

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import threading
import time

import pytest

import conftest
from lib import compiled, daemon, netns, tcp, udp, wire
from lib.daemon import SANITIZED, wait_until

ADDRESSES = ("127.0.0.1", "::1")
ZONES = ["bl.test:ip4set:list", "l.test:generic:long"]
FILES = {
    "list": "1.2.3.4\n",
    "long": "".join(f"long TXT {number:03d}{'x' * 250}\n" for number in range(240)),
}
LISTED = wire.query("4.3.2.1.bl.test")
LONG = wire.query("long.l.test", wire.TXT)


class Counts:
    """What a server says about connections."""

    WORDS = re.compile(
        r"TCP connections: (\d+) accepted, (\d+) open; closed: (\d+) idle, (\d+) slow, "
        r"(\d+) to make room, (\d+) no DNS"
    )

    def __init__(self, server):
        since = len(server.log())
        server.send_signal(signal.SIGUSR1)
        said = server.wait_log(self.WORDS.pattern, since)
        self.accepted, self.open, self.idle, self.slow, self.crowded, self.bad = map(
            int, said.groups()
        )


@pytest.fixture(name="start")
def _start(spurnd):
    """Starts a server with the options given, at both addresses."""
    return lambda *options, **how: spurnd.start(ZONES, FILES, options, addresses=ADDRESSES, **how)


@pytest.fixture(name="connect")
def _connect():
    """Makes connections: connect(server), connect(server, address)."""
    made = []

    def make(server, address="127.0.0.1", **how):
        made.append(tcp.Client(address, server.port, **how))
        return made[-1]

    yield make
    for one in made:
        one.close()


def trickle(sock, data, stop):
    """Sends a byte now and then, until the connection breaks or `stop` is set."""
    try:
        for byte in data:
            sock.sendall(bytes((byte,)))
            if stop.wait(0.02):
                return
    except OSError:
        pass


# ---- how long ----


@pytest.mark.parametrize("address", ADDRESSES)
def test_idle(start, connect, address):
    """Proves that a connection is closed when nothing is asked for --tcp-idle: on a new one, and since
    its last query on one that was used."""
    server = start("--tcp-idle", "1", "--tcp-message", "1h")
    began = time.monotonic()
    fresh, used = connect(server, address), connect(server, address)
    while not used.is_open():  # a busy machine may have kept us from asking
        began, used = time.monotonic(), connect(server, address)
    assert fresh.is_closed() and used.is_closed()
    assert time.monotonic() - began > 0.9
    assert Counts(server).idle == Counts(server).accepted


def test_used_is_not_idle(start, connect):
    """Proves that who keeps asking is not idle, however long it takes: while an idle connection comes to
    its end this one lives on."""
    server = start("--tcp-idle", "1")
    asked, one = time.monotonic(), connect(server)
    silent, done = connect(server), threading.Event()
    watcher = threading.Thread(target=lambda: (silent.is_closed(), done.set()))
    watcher.start()
    while not done.is_set():
        before, asked = asked, time.monotonic()
        if not one.is_open():
            # A busy machine may have kept us from asking.
            assert time.monotonic() - before > 0.9
            one = connect(server)
        done.wait(0.01)
    watcher.join()


@pytest.mark.parametrize("address, before", [("127.0.0.1", 0), ("::1", 3)])
def test_trickled_query(start, connect, address, before):
    """Proves that a query must be complete --tcp-message after its first byte, however many bytes
    come meanwhile; also on a connection that has had answers."""
    server = start("--tcp-message", "1", "--tcp-idle", "1h")
    one = connect(server, address)
    for _ in range(before):
        assert one.is_open()
    stop = threading.Event()
    sender = threading.Thread(target=trickle, args=(one.sock, b"\x0f\xff" + bytes(4000), stop))
    began = time.monotonic()
    sender.start()
    try:
        assert one.is_closed()
    finally:
        stop.set()
        sender.join()
    assert time.monotonic() - began > 0.9
    assert Counts(server).slow == 1


def test_total(start, connect):
    """Proves that a connection that is always busy ends after --tcp-total, between two replies and
    without a loss."""
    server = start("--tcp-total", "1")
    began = time.monotonic()
    one = connect(server)
    asked = answered = 0
    try:
        while True:
            one.send(LISTED)
            asked += 1
            if one.receive() is None:
                break
            answered += 1
    except OSError:
        pass
    assert time.monotonic() - began > 0.9
    assert asked - answered <= 1
    assert connect(server).is_open()


@pytest.mark.parametrize("address", ADDRESSES)
def test_deaf_client(start, connect, address):
    """Proves that replies must be taken in --tcp-message; and that a client that takes none is not
    read, so that it costs a bounded amount of memory."""
    server = start("--tcp-message", "1", "--tcp-idle", "1h")
    assert connect(server, address).is_open()
    before_kb = server.memory_kb()
    deaf = connect(server, address, receive_buffer=4096)
    deaf.sock.settimeout(0.05)
    sent = 0
    try:
        while True:
            sent += deaf.sock.send(tcp.frame(LONG) * 10)
    except TimeoutError:
        pass  # nothing is taken any more
    except OSError:
        pass  # nor will be
    queries = sent // len(tcp.frame(LONG))
    assert SANITIZED or server.memory_kb() - before_kb < 2048
    assert wait_until(lambda: Counts(server).slow == 1, "the end of the deaf connection")
    print(f"{queries} queries were taken from a client that took no reply")
    assert connect(server, address).is_open()


def test_slow_client_gets_all(start, connect):
    """Proves that a client that first does not read, and then does, gets all replies in order, and that
    others are served meanwhile."""
    server = start("--tcp-message", "1h", "--tcp-idle", "1h")
    slow, other = connect(server, receive_buffer=4096), connect(server)
    total = 150
    sender = threading.Thread(
        target=lambda: [
            slow.send(wire.query("long.l.test", wire.TXT, ident=ident)) for ident in range(total)
        ]
    )
    sender.start()
    for _ in range(200):
        assert other.is_open()
    for ident in range(total):
        reply = slow.receive()
        assert reply[0] << 8 | reply[1] == ident and len(reply) > 60000
    sender.join()
    assert other.is_open()


def test_rude_clients(start, connect):
    """Proves that connections that break in the middle of a query or of replies leave nothing
    behind."""
    server = start("--tcp-idle", "1h", "--tcp-message", "1h")
    good = connect(server)
    for data in (b"", b"\0", b"\0\x20abc", tcp.frame(LISTED), tcp.frame(LONG) * 30):
        for linger in (None, b"\1\0\0\0\0\0\0\0"):  # the latter: reset
            one = connect(server, receive_buffer=4096)
            if data:
                one.sock.sendall(data)
            if linger:
                one.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            one.close()
            assert good.is_open()
    wait_until(lambda: Counts(server).open == 1, "the end of the rude ones")


# ---- how many ----


@pytest.mark.parametrize("address", ADDRESSES)
def test_most_connections(start, connect, address):
    """Proves that of --tcp-connections and one more the one goes that was of use the longest time ago,
    which is not the oldest one."""
    server = start("--tcp-connections", "8", "--tcp-per-client", "100", "--tcp-idle", "1h")
    old = [connect(server, address) for _ in range(8)]
    for one in reversed(old):
        assert one.is_open()
    for count in range(4):
        new = connect(server, address)
        assert new.is_open()
        assert old[-1 - count].is_closed()
        assert Counts(server).open == 8
    assert all(one.is_open() for one in old[:4])
    assert Counts(server).crowded == 4


def test_who_has_most_makes_room(start, connect):
    """Proves that it is one of the client that has the most connections; whoever has few keeps them,
    however long ago they were of use."""
    server = start("--tcp-connections", "8", "--tcp-per-client", "100", "--tcp-idle", "1h")
    few = [connect(server, "::1"), connect(server, source="127.0.0.2")]
    many = [connect(server, source="127.0.0.3") for _ in range(6)]
    assert all(one.is_open() for one in few + many)
    many += [connect(server, source="127.0.0.3") for _ in range(6)]
    few += [connect(server, source="127.0.0.4"), connect(server, "::1")]
    assert all(one.is_closed() for one in many[:8])
    assert all(one.is_open() for one in few + many[8:])


def test_most_of_one_client(start, connect):
    """Proves that of one client's --tcp-per-client and one more its own goes that was of use the longest
    time ago, and no connection of others; and that clients with other addresses have a count of their
    own."""
    server = start("--tcp-per-client", "2", "--tcp-idle", "1h")
    others = [
        connect(server, source="127.0.0.2"),
        connect(server, source="127.0.0.2"),
        connect(server, "::1"),
    ]
    assert all(one.is_open() for one in others)
    mine = []
    for number in range(6):
        mine.append(connect(server))
        assert mine[-1].is_open()
        if number >= 2:
            assert mine[number - 2].is_closed()
    assert all(one.is_open() for one in others)
    assert Counts(server).crowded == 4


def test_ip6_client_is_a_network(spurnd):
    """Proves that all addresses of an IPv6 /64 count as one client, and other /64s as others."""
    if not netns.is_possible():
        conftest.cannot_run("needs root, for network namespaces")
    with netns.namespaces("tcp") as (space,), contextlib.ExitStack() as stack:
        for address in ("2001:db8:0:1::1", "2001:db8:0:1:ffff::2", "2001:db8:0:2::1"):
            space.add_address("lo", f"{address}/128")
        server = spurnd.start(
            ZONES,
            FILES,
            ("--tcp-per-client", "2", "--tcp-idle", "1h"),
            addresses=("::",),
            prefix=space.command,
        )

        def connect_from(source):
            sock = space.socket(socket.AF_INET6, socket.SOCK_STREAM)
            made = tcp.Client("::1", server.port, source, sock=sock)
            return stack.enter_context(made)

        first = connect_from("2001:db8:0:1::1")
        second = connect_from("2001:db8:0:1:ffff::2")
        other = connect_from("2001:db8:0:2::1")
        assert first.is_open() and second.is_open() and other.is_open()
        third = connect_from("2001:db8:0:1:ffff::2")
        assert third.is_open() and first.is_closed()
        assert second.is_open() and other.is_open()
        assert Counts(server).crowded == 1


def test_slow_ones_do_not_keep_others_out(start, connect):
    """Proves that as many slow connections as there may be, idle, in the middle of a query, deaf, keep
    nobody out."""
    server = start("--tcp-connections", "20", "--tcp-per-client", "20", "--tcp-idle", "1h")
    slow = []
    for number in range(30):
        one = connect(server, receive_buffer=4096)
        slow.append(one)
        if number % 3 == 1:
            one.sock.sendall(b"\0\x20abc")
        elif number % 3 == 2:
            one.sock.sendall(tcp.frame(LONG) * 5)
        good = connect(server)
        assert good.ask("4.3.2.1.bl.test").answer
        good.close()
    assert Counts(server).open <= 20


# ---- files ----


def as_the_server():
    """What goes before a command so that it is run by the user who runs servers."""
    if os.geteuid() != 0:
        return []
    uid, gid = daemon.unprivileged_ids()
    return ["setpriv", f"--reuid={uid}", f"--regid={gid}", "--clear-groups"]


def limit_files(server, most):
    """Changes how many files a running server may have open; returns what it was."""
    # Who runs a server may do that, and root not everywhere.
    command = [*as_the_server(), "prlimit", "--pid", str(server.process.pid)]
    before = most_files(server)
    subprocess.run([*command, f"--nofile={most}:"], check=True)
    return before


def most_files(server):
    """How many files a server may have open."""
    with open(f"/proc/{server.process.pid}/limits", encoding="ascii") as limits:
        return int(re.search(r"Max open files +(\d+)", limits.read()).group(1))


def open_files(server):
    """How many files a server has open."""
    return len(os.listdir(f"/proc/{server.process.pid}/fd"))


def processor_s(server):
    """Seconds of processor time that a server has used."""
    with open(f"/proc/{server.process.pid}/stat", encoding="ascii") as stat:
        fields = stat.read().rsplit(") ", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_out_of_files(start, connect):
    """Proves that when there are no files left for connections, the one that was of use the longest
    time ago gives its own; that UDP does not notice; and that nothing is left of it when there are
    files again."""
    server = start("--tcp-idle", "1h")
    first = [connect(server) for _ in range(5)]
    assert all(one.is_open() for one in first)
    most = limit_files(server, open_files(server))
    second = [connect(server) for _ in range(5)]
    assert all(one.is_open() for one in second)
    assert all(one.is_closed() for one in first)
    server.wait_log(r"cannot take a TCP connection: Too many open files \(5 are open")
    with udp.Client("127.0.0.1", server.port) as one:
        assert one.ask("4.3.2.1.bl.test").answer
    limit_files(server, most)
    third = [connect(server) for _ in range(5)]
    assert all(one.is_open() for one in second + third)
    assert server.log().count("cannot take") == 1


def test_no_files_at_all(start, connect):
    """Proves that without any file for a connection the server does not spin, goes on over UDP, and
    takes the connections that have waited once there are files."""
    server = start()
    most = limit_files(server, open_files(server))
    waiting = [connect(server, address) for address in ADDRESSES]
    for one in waiting:
        one.send(LISTED)
    server.wait_log(r"cannot take a TCP connection: Too many open files \(0 are open")
    began_s, used_s = time.monotonic(), processor_s(server)
    with udp.Client("127.0.0.1", server.port) as one:
        while time.monotonic() - began_s < 0.5:
            assert one.ask("4.3.2.1.bl.test").answer
            time.sleep(0.05)
    # A loop would have used all of it; sanitizers are slow, a busy machine gives less.
    assert processor_s(server) - used_s < (0.4 if SANITIZED else 0.2)
    limit_files(server, most)
    assert all(len(wire.parse(one.receive()).answer) == 1 for one in waiting)


def unprivileged(limit):
    """What goes before a command so that it runs with so few files, and may not raise that."""
    return ["prlimit", f"--nofile={limit}", *as_the_server()]


def test_limit_is_raised(start, connect):
    """Proves that the soft limit of files is raised for the connections that there may be."""
    server = start(
        "--tcp-connections", "300", prefix=unprivileged("100:1000"), user=(), port=free()
    )
    assert 300 < most_files(server) < 400
    assert "room for" not in server.log()
    assert connect(server).is_open()


def test_limit_that_cannot_be_raised(start, connect):
    """Proves that where the limit of files may not be raised there are fewer connections, which the log
    says, and none too many."""
    server = start("--tcp-per-client", "1000", prefix=unprivileged("100:100"), user=(), port=free())
    said = server.wait_log(r"room for (\d+) TCP connections instead of 1000.*may open 100 files")
    room = int(said.group(1))
    assert 20 < room < 100
    kept = [connect(server) for _ in range(room + 5)]
    assert all(one.is_open() for one in kept[5:])
    assert Counts(server).open == room
    assert "cannot take" not in server.log()


def many_compiled(spurn_path, workdir, count):
    """The specifications of so many zones, each with a compiled list of its own."""
    (workdir / "list").write_text(FILES["list"])
    compiled.compile_good(spurn_path, ["-o", "0.cdb", "bl.test:ip4set:list"], workdir)
    (workdir / "0.cdb").chmod(0o644)
    for number in range(1, count):
        shutil.copy(workdir / "0.cdb", workdir / f"{number}.cdb")
    return [f"z{number}.test:compiled:{number}.cdb" for number in range(count)]


def test_room_for_compiled_lists(spurnd, spurn_path, workdir):
    """Proves that the limit of files is raised for those that mapped lists keep open, so that all are there, and
    are replaced, beside as many connections as there may be."""
    specs = many_compiled(spurn_path, workdir, 100)
    options = ("--tcp-connections", "10", "-c", "0")
    prefix = unprivileged("60:1000")
    server = spurnd.start(specs, {}, options, prefix=prefix, user=(), port=free())
    assert 100 < open_files(server) < 200 < most_files(server) < 400
    assert "this process may open" not in server.log()
    for number in range(100):
        shutil.copy(workdir / "0.cdb", workdir / "new")
        (workdir / "new").rename(workdir / f"{number}.cdb")
    server.send_signal(signal.SIGHUP)
    server.wait_log(r"reload: 100 of 100 data sets read anew")
    assert "Too many open files" not in server.log()
    with udp.Client("127.0.0.1", server.port) as client:
        assert all(client.ask(f"4.3.2.1.z{number}.test").answer for number in (0, 50, 99))


@pytest.mark.parametrize("most", [1000, 70])
def test_room_for_compiled_lists_that_are_added(spurnd, spurn_path, workdir, most):
    """Proves that the limit of files is raised for mapped lists that a new configuration adds, and that the log
    says so where it may not be raised as far."""
    specs = many_compiled(spurn_path, workdir, 100)

    def configure(port, count):
        zones = (spec.split(":", 1) for spec in specs[:count])
        text = "".join(f'zone {zone} {{ data = {{ "{data}" }} }}\n' for zone, data in zones)
        (workdir / "spurnd.conf").write_text(
            f"listen = 127.0.0.1/{port}\ntcp-connections = 10\ncheck = 0\n{text}"
        )
        return ["--config", workdir / "spurnd.conf"]

    server = spurnd.start(
        [],
        listen=lambda port: configure(port, 1),
        prefix=unprivileged(f"60:{most}"),
        user=(),
        port=daemon.free_port(),
    )
    assert "this process may open" not in server.log()
    configure(server.port, len(specs))
    server.send_signal(signal.SIGHUP)
    server.wait_log(r"reload: zones: 99 added")
    told = re.search(r"this process may open 70 files, and may need (\d+) for", server.log())
    if most == 1000:
        assert 200 < most_files(server) < 400
        assert told is None and "Too many open files" not in server.log()
        with udp.Client("127.0.0.1", server.port) as client:
            assert all(client.ask(f"4.3.2.1.z{number}.test").answer for number in (0, 50, 99))
    else:
        assert most_files(server) == 70
        assert 200 < int(told.group(1)) < 400


def test_no_room_for_compiled_lists(spurnd, spurn_path, workdir):
    """Proves that the log says what to do where the limit cannot be raised so far; they need not all be loaded anew at
    the same time, so that is no reason not to start."""
    specs = many_compiled(spurn_path, workdir, 20)
    prefix = unprivileged("70:70")
    server = spurnd.start(specs, {}, (), prefix=prefix, user=(), port=free())
    said = server.wait_log(
        r"this process may open 70 files, and may need (\d+) for sockets and comp"
    )
    assert 80 <= int(said.group(1)) < 100
    assert "room for 1 TCP connection instead of 1000" in server.log()


def free():
    """A free port: the daemon is not asked for one where it starts with a prefix."""
    return daemon.free_port(ADDRESSES)
