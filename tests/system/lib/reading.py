# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""Loads that are under way: seen, made long, and held, however fast the server and slow the test."""

import contextlib
import gzip
import os
import signal
import time

from .daemon import PATIENCE_S, SANITIZED, wait_until

# Copies of a block of some MB of comments, compressed: they take seconds to read, so that there is time to
# do something in the middle of that, also on a busy machine, which takes longer itself.
LONG_BLOCKS = 40 if SANITIZED else 200


def long_list(path, blocks=LONG_BLOCKS, lines=b"1.2.3.4\n"):
    """A list that takes long to load, with one entry."""
    block = gzip.compress(b"# nothing here\n" * 1_000_000, 1)
    fresh = path.with_name(path.name + ".new")
    fresh.write_bytes(gzip.compress(lines) + block * blocks)
    os.rename(fresh, path)


def is_reading(server, path):
    """Whether the server has the file open (or mapped)."""
    base = f"/proc/{server.process.pid}"
    assert server.process.poll() is None, server.log()
    try:
        links = [os.readlink(f"{base}/fd/{number}") for number in os.listdir(f"{base}/fd")]
    except FileNotFoundError:
        return False
    return str(path) in links


def wait_reading(server, path):
    """Waits until the server reads the file, which has to be a long one."""
    wait_until(lambda: is_reading(server, path), f"the server to read {path}")


@contextlib.contextmanager
def stopped(server):
    """The server stands still, every thread of it."""
    server.send_signal(signal.SIGSTOP)
    try:
        wait_until(lambda: _stands_still(server.process.pid), "the server to stand still")
        yield
    finally:
        server.send_signal(signal.SIGCONT)


def _stands_still(pid):
    """Whether a signal has stopped all threads of a process."""
    for task in os.listdir(f"/proc/{pid}/task"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            with open(f"/proc/{pid}/task/{task}/stat", encoding="ascii") as stat:
                if stat.read().rsplit(") ", 1)[1][0] not in "TtZX":
                    return False
    return True


def cut_while_read(server, path, size, is_over):
    """Cuts the file to `size` bytes while the server has it open, unless `is_over()` comes first: looks all
    the time, and lets the server stand still then, so that the load is not over before the file is cut.
    Returns whether it was cut; a load that is quick, and a test that is not, may come again."""
    deadline = time.monotonic() + PATIENCE_S
    while not is_over():
        assert time.monotonic() < deadline, f"the server does not read {path}:\n{server.log()}"
        if is_reading(server, path):
            with stopped(server):
                if is_reading(server, path):
                    os.truncate(path, size)
                    return True
    return False
