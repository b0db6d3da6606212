# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""The query log (-l): the lines that rbldnsd would write, whole, in whatever file is there, and
never in the way of an answer."""

import os
import re
import signal
import socket
import threading

import pytest

import conftest
from lib import daemon, traffic, udp, wire
from lib.daemon import wait_until
from lib.traffic import lines_of

pytestmark = pytest.mark.tsan

ZONE = traffic.ZONES[0]
LINE = re.compile(r"\d{10} 127\.0\.0\.1 4\.3\.2\.1\.bl\.test A IN: NOERROR/1/\d+")
LOST = re.compile(r"query log: (\d+) lines? lost: ([^\n]*)")


def ask_many(server, count):
    """Asks for the listed address; every query must be answered."""
    with udp.Client("127.0.0.1", server.port) as one:
        packets = [wire.query(traffic.LISTED, ident=ident) for ident in range(count)]
        udp.exchange_all(one.sock, packets)


def received(server):
    """How many queries the stopped server has had: some may have been asked twice."""
    return int(re.findall(r"queries: (\d+) received", server.log())[-1])


@pytest.mark.parametrize("addresses", [("127.0.0.1",), ("::1",), ("::",)])
def test_same_lines_as_rbldnsd(spurnd_path, rbldnsd_path, workdir, out, addresses):
    """Proves that the lines are those of rbldnsd, word by word but for the time, for names of any
    bytes, types and classes of any number, IPv4, IPv6 and IPv4 on a wildcard of IPv6."""
    for name, text in traffic.FILES.items():
        (workdir / name).write_text(text)
    packets = traffic.answered()
    logs = []
    for number, binary in enumerate((rbldnsd_path, spurnd_path)):
        path = out / f"log{number}"
        # One worker, so that lines have an order.
        more = ["--workers", "1"] if binary == spurnd_path else []
        options = ["-q", "-l", f"+{path}", *more, *traffic.ZONES]
        server = daemon.Daemon(binary, options, workdir, addresses=addresses)
        try:
            with udp.Client("::1" if addresses == ("::",) else addresses[0], server.port) as one:
                wait_until(lambda one=one: one.ask("bl.test").rcode == wire.NOERROR, "the load")
            skipped = len(lines_of(path))
            peer = "127.0.0.1" if addresses == ("::",) else addresses[0]
            with udp.Client(peer, server.port) as one:
                for packet in packets:  # once: twice would be two lines
                    assert udp.ask_raw(one.sock, packet, 1, daemon.PATIENCE_S)
                for packet in traffic.dropped():
                    one.sock.send(packet)
                one.raw(packets[0])
            wait_until(lambda p=path, s=skipped: len(lines_of(p)) > s + len(packets), "the lines")
            server.stop()
        finally:
            server.kill()
        logs.append([line.split(" ", 1) for line in lines_of(path)[-len(packets) - 1 :]])
    assert all(re.fullmatch(r"\d{10}", time) for log in logs for time, _ in log)
    assert [rest for _, rest in logs[1]] == [rest for _, rest in logs[0]]


def test_many_workers_and_rotation(spurnd, workdir, out):
    """Proves that of many workers each line comes whole and once, while the log is renamed again
    and again, and SIGHUP makes them write to a new one."""
    path = out / "log"
    options = ("--workers", "8", "-l", str(path), "-c", "0")
    server = spurnd.start([ZONE], traffic.FILES, options)
    done = threading.Event()
    rotations = 0

    def rotate():
        nonlocal rotations
        while not done.is_set():
            path.rename(out / f"log.{rotations}")
            server.send_signal(signal.SIGHUP)
            wait_until(path.exists, "the new log")
            rotations += 1

    rotating = threading.Thread(target=rotate)
    rotating.start()
    rounds = 0
    try:
        while rounds < 20 or (rotations < 3 and rotating.is_alive()):
            ask_many(server, 100)
            rounds += 1
    finally:
        done.set()
        rotating.join()
    server.stop()
    logs = list(out.iterdir())
    lines = [line for log in logs for line in lines_of(log)]
    assert len(logs) > 3 and not (workdir / "log").exists()
    assert len(lines) == received(server) and all(LINE.fullmatch(line) for line in lines)


def test_standard_output(spurnd):
    """Proves that - is standard output."""
    server = spurnd.start([ZONE], traffic.FILES, ("-l", "-"))
    ask_many(server, 3)
    server.wait_log(r"(\d+ 127\.0\.0\.1 4\.3\.2\.1\.bl\.test A IN: NOERROR/1/\d+\n){3}")
    server.send_signal(signal.SIGHUP)
    server.wait_log("reload: nothing changed")
    ask_many(server, 1)
    server.wait_log(r"(?s)reload: nothing changed.*NOERROR/1/\d+\n")


def test_standard_output_is_a_socket(spurnd):
    """Proves the same where it is a socket, as systemd makes it, which cannot be opened anew."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.settimeout(daemon.PATIENCE_S)
        server = spurnd.start(
            [ZONE], traffic.FILES, ("-l", "-"), stderr=theirs.fileno(), expect_started=False
        )
        text = b""
        while b"started" not in text:
            text += ours.recv(4096)
        ask_many(server, 1)
        while not re.search(
            rb"\n\d+ 127\.0\.0\.1 4\.3\.2\.1\.bl\.test A IN: NOERROR/1/\d+\n", text
        ):
            text += ours.recv(4096)
        server.stop()


def test_full_disk(spurnd):
    """Proves that with a full disk every query is answered, and that the lost lines are told."""
    server = spurnd.start([ZONE], traffic.FILES, ("-l", "/dev/full"))
    ask_many(server, 200)
    server.stop()
    told = LOST.findall(server.log())
    assert sum(int(count) for count, _ in told) == received(server)
    assert all("space" in why for _, why in told)


def test_limited_file(spurnd_path, workdir, out):
    """Proves that a limit on the size of files neither ends nor holds up the server."""
    path = out / "log"
    (workdir / "list").write_text(traffic.FILES["list"])
    server = daemon.Daemon(
        spurnd_path,
        ["-l", str(path), ZONE],
        workdir,
        prefix=("prlimit", "--fsize=10000"),
        port=daemon.free_port(),
    )
    try:
        ask_many(server, 500)
        server.stop()
    finally:
        server.kill()
    assert path.stat().st_size <= 10000
    assert sum(int(count) for count, _ in LOST.findall(server.log())) > 0


def test_slow_pipe(spurnd, out):
    """Proves that a pipe whose reader is too slow costs lines but no answer, that the lines that
    come through are whole, and that none is unaccounted for."""
    path = out / "pipe"
    os.mkfifo(path)
    path.chmod(0o666)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        server = spurnd.start([ZONE], traffic.FILES, ("--workers", "4", "-l", str(path)))
        for _ in range(30):
            ask_many(server, 100)
        server.stop()
        text = b""
        while piece := os.read(reader, 65536):
            text += piece
    finally:
        os.close(reader)
    lines = text.decode().split("\n")[:-1]
    told = LOST.findall(server.log())
    assert lines and all(LINE.fullmatch(line) for line in lines)
    assert told and all("too slow" in why for _, why in told)
    assert len(lines) + sum(int(count) for count, _ in told) == received(server)


def test_opened_later(spurnd, out):
    """Proves that a log that cannot be opened does not stop the start, that the reason and the lost
    lines are told, and that SIGHUP opens it once it can be."""
    path = out / "absent" / "log"
    server = spurnd.start([ZONE], traffic.FILES, ("-l", str(path)))
    assert str(path) in server.log()
    ask_many(server, 10)
    # A worker writes its lines after it has sent the replies: SIGHUP may come before them.
    wait_until(
        lambda: server.send_signal(signal.SIGHUP) or "it was not open" in server.log(),
        "the lost lines to be told",
    )
    path.parent.mkdir()
    path.parent.chmod(0o777)
    server.send_signal(signal.SIGHUP)
    wait_until(path.exists, "the log")
    # It is there a moment before workers write to it.
    wait_until(lambda: ask_many(server, 10) or len(lines_of(path)) >= 10, "lines")
    # And one that cannot be opened anew goes on in the old file.
    path.rename(out / "moved")
    path.parent.rmdir()
    server.send_signal(signal.SIGHUP)
    server.wait_log("the old one stays in use")
    before = len(lines_of(out / "moved"))
    ask_many(server, 1)
    wait_until(lambda: len(lines_of(out / "moved")) > before, "a line in the old file")


def test_paths_in_a_new_root(spurnd, workdir):
    """Proves that the files of -l and -s are opened by the new user, in the new root and from the
    work directory there, as with rbldnsd."""
    if os.geteuid() != 0:
        conftest.cannot_run("needs root")
    logs = workdir / "root" / "logs"
    logs.mkdir(parents=True)
    logs.chmod(0o777)
    (workdir / "root").chmod(0o755)
    (workdir / "root" / "list").write_text(traffic.FILES["list"])
    server = spurnd.start(
        ["bl.test:ip4set:/list"],
        None,
        ("-r", str(workdir / "root"), "-w", "/logs", "-l", "log", "-s", "+stats"),
        look_for_leaks=False,
    )
    ask_many(server, 1)
    wait_until(lambda: lines_of(logs / "log") and lines_of(logs / "stats"), "the lines")
    (logs / "log").rename(logs / "old")
    server.send_signal(signal.SIGHUP)
    wait_until((logs / "log").exists, "the new log")
    for name in ("old", "log", "stats"):
        assert (logs / name).stat().st_uid == daemon.unprivileged_ids()[0]
        assert (logs / name).stat().st_mode & 0o777 == 0o644
