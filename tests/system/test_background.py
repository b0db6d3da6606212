# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""spurnd as a daemon in the background, and what it shows on a terminal."""

import contextlib
import os
import pty
import re
import select
import signal
import time

import pytest

from lib import udp, wire
from lib.daemon import PATIENCE_S, free_port, run, strict_options, user_options, wait_until

NAME = "4.3.2.1.bl.test"
# Some 30 MB: for less no progress is shown.
PROGRESS_ENTRIES = 3_000_000


def is_alive(pid):
    """Whether a process is there and no zombie."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as text:
            return text.read().rsplit(")", 1)[1].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


def start(spurnd_path, workdir, port, *arguments):
    """The CompletedProcess of a spurnd that goes into the background, with its pid in workdir/pid."""
    options = ["-b", f"127.0.0.1/{port}", "-w", str(workdir), "-p", str(workdir / "pid")]
    options += strict_options(spurnd_path)
    return run(spurnd_path, [*user_options(), *options, *arguments], workdir)


@contextlib.contextmanager
def in_background(spurnd_path, workdir, *arguments):
    """A spurnd in the background: (CompletedProcess of what was started, pid, port)."""
    port = free_port()
    pidfile = workdir / "pid"
    done = start(spurnd_path, workdir, port, *arguments)
    pid = int(pidfile.read_text() or 0) if pidfile.exists() else 0
    try:
        yield done, pid, port
    finally:
        if pid and is_alive(pid):
            with open(f"/proc/{pid}/cmdline", "rb") as command:
                if os.fsencode(spurnd_path) in command.read():
                    os.kill(pid, signal.SIGKILL)


def test_daemon(spurnd_path, workdir):
    """Proves that without -n the start returns (status 0) when the zones are served and not before,
    leaves a process with no tie to the terminal, and that its pid file is good for stopping it."""
    (workdir / "list").write_text(
        "".join(f"10.{i >> 8}.{i & 255}.1\n" for i in range(50_000)) + "1.2.3.4\n"
    )
    with in_background(spurnd_path, workdir, "bl.test:ip4set:list") as (done, pid, port):
        assert done.returncode == 0
        with udp.Client("127.0.0.1", port) as one:
            assert one.ask(NAME).rcode == wire.NOERROR
        assert pid and is_alive(pid)
        with open(f"/proc/{pid}/stat", encoding="ascii") as text:
            fields = text.read().rsplit(")", 1)[1].split()
        session, terminal = int(fields[3]), int(fields[4])
        assert session != os.getsid(0) and terminal == 0
        for stream in (0, 1, 2):
            assert os.readlink(f"/proc/{pid}/fd/{stream}") == "/dev/null"
        os.kill(pid, signal.SIGTERM)
        wait_until(lambda: not is_alive(pid), "the end on SIGTERM")
        assert not (workdir / "pid").exists() or (workdir / "pid").read_text() == ""


@pytest.mark.parametrize(
    "arguments, status, says",
    [
        (["bl.test:ip4set:absent"], 1, "absent"),
        (["bl.test:ip4set"], 2, "bl.test"),
        (["-w", "/nonexistent", "bl.test:ip4set:list"], 1, "/nonexistent"),
    ],
)
def test_errors_reach_the_terminal(spurnd_path, workdir, arguments, status, says):
    """Proves that whoever starts the daemon sees the error and its status, also of what fails after
    it has forked; and that nothing is left running."""
    (workdir / "list").write_text("1.2.3.4\n")
    with in_background(spurnd_path, workdir, *arguments) as (done, pid, port):
        assert done.returncode == status
        assert says in done.stderr
        assert pid == 0 or not is_alive(pid)
        with udp.open_socket("127.0.0.1", port, 0.2) as sock:
            sock.send(wire.query(NAME))
            with pytest.raises(ConnectionRefusedError):
                sock.recv(512)


def test_second_daemon_leaves_the_first_alone(spurnd_path, workdir):
    """Proves that a second start on the same port fails with status 1 and keeps its hands off the
    first one's pid file."""
    (workdir / "list").write_text("1.2.3.4\n")
    with in_background(spurnd_path, workdir, "bl.test:ip4set:list") as (done, pid, port):
        assert done.returncode == 0
        second = start(spurnd_path, workdir, port, "bl.test:ip4set:list")
        assert second.returncode == 1 and "in use" in second.stderr
        assert int((workdir / "pid").read_text()) == pid and is_alive(pid)


def read_all(descriptor, until, patience_s=PATIENCE_S):
    """What comes out of a terminal until `until` is in it."""
    got = b""
    deadline = time.monotonic() + patience_s
    while until not in got:
        assert time.monotonic() < deadline, got[-500:]
        if select.select([descriptor], [], [], 0.1)[0]:
            got += os.read(descriptor, 65536)
    return got


def write_many(path, count):
    """A file of `count` addresses, whole blocks of the same text for speed."""
    block = "".join(f"{{0}}.{i >> 8}.{i & 255}\n" for i in range(0, 65536, 2))
    with open(path, "w", encoding="ascii") as out:
        for number in range(count // 32768):
            out.write(block.replace("{0}", f"{number >> 8 & 127 | 1}.{number & 255}"))


def test_progress_on_a_terminal(spurnd, workdir):
    """Proves that a long load shows progress on a terminal, each overwriting the last, and that the
    messages after it stand on lines of their own."""
    write_many(workdir / "big", PROGRESS_ENTRIES)
    ours, theirs = pty.openpty()
    try:
        spurnd.start(["bl.test:ip4trie:big"], {}, stderr=theirs, expect_started=False)
        got = read_all(ours, b"started")
        shown = re.findall(rb"\r[^\r\n]*big[^\r\n]*", got)
        assert len(shown) >= 2, got[-2000:]
        assert re.search(rb"(\n|\r|\x1b\[K)spurnd: [^\r\n]*started", got), got[-500:]
    finally:
        os.close(theirs)
        os.close(ours)


def test_no_progress_without_a_terminal(spurnd, workdir):
    """Proves that a log that is no terminal gets whole lines only, without a trace of progress."""
    write_many(workdir / "big", PROGRESS_ENTRIES)
    server = spurnd.start(["bl.test:ip4trie:big"])
    assert "\r" not in server.log() and "\x1b" not in server.log()
    assert len(server.log().splitlines()) == 2
