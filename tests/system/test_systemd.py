# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""What a service manager is told, as systemd would hear it: ready, reloading, well, stopping; and
whether the unit of contrib/systemd is one that systemd takes, and hardened."""

import contextlib
import ctypes
import os
import re
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

import conftest
import pytest

from lib import wire
from lib.daemon import (
    PATIENCE_S,
    environment,
    free_port,
    strict_options,
    user_options,
    wait_until,
)
from test_background import is_alive
from test_file_watch import line, zone
from test_reload import STORM, replace, value_of

pytestmark = pytest.mark.tsan

UNIT = Path(conftest.TOP) / "contrib" / "systemd" / "spurnd.service"
# What `systemd-analyze security` makes of the unit, from 0 (nothing can happen) to 100.
EXPOSURE_MAX = 25


class Manager:
    """The socket on which systemd listens, and what it has heard."""

    def __init__(self, path):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.sock.bind(path.replace("@", "\0"))
        if not path.startswith("@"):
            os.chmod(path, 0o777)
        self.sock.setblocking(False)
        self.path, self.heard = path, []

    def listen(self):
        """All messages so far, each as a dictionary."""
        with contextlib.suppress(BlockingIOError):
            while True:
                text = self.sock.recv(4096).decode()
                self.heard.append(dict(one.split("=", 1) for one in text.splitlines()))
        return self.heard

    def states(self):
        """What is not the watchdog's, nor a mere status, in order."""
        names = ("READY", "RELOADING", "STOPPING", "MAINPID")
        return [name for message in self.listen() for name in names if name in message]

    def status(self):
        """The last status line, None without one."""
        told = [message["STATUS"] for message in self.listen() if "STATUS" in message]
        return told[-1] if told else None

    def wait_states(self, *wanted):
        """Waits until what has been heard is `wanted`, and forgets it; returns it."""
        wait_until(lambda: len(self.states()) >= len(wanted), f"{wanted}, not {self.heard}")
        assert tuple(self.states()) == wanted
        heard, self.heard = self.heard, []
        return heard


@pytest.fixture(name="manager", params=["path", "abstract"])
def _manager(request, workdir):
    path = str(workdir / "notify") if request.param == "path" else f"@spurn-test-{os.getpid()}"
    manager = Manager(path)
    yield manager
    manager.sock.close()


@pytest.fixture(name="quiet_manager")
def _quiet_manager(workdir):
    manager = Manager(str(workdir / "notify"))
    yield manager
    manager.sock.close()


def start(spurnd, manager, zones, files, options=(), **how):
    """A server with a manager."""
    return spurnd.start(zones, files, options, env={"NOTIFY_SOCKET": manager.path}, **how)


def test_life(spurnd, spurn_path, manager, workdir):
    """Proves that systemd is told when the server serves and not before, is asked for patience until
    then, hears of each reload when it begins and when it is over, with what Type=notify-reload needs,
    and of the end; and that the status tells what is served, and what is stale."""
    server = start(
        spurnd,
        manager,
        [zone("a"), zone("b")],
        {"a": line(2), "b": "1.2.3.4\n1.2.3.5\n"},
        ("--watch", "on", "--control", str(workdir / "control")),
    )
    heard = manager.wait_states("READY")
    assert [message.get("STATUS") for message in heard if "STATUS" in message] == [
        "Loading",
        "Serving 2 zones, 3 entries",
    ]
    assert int(heard[1]["EXTEND_TIMEOUT_USEC"]) > 10_000_000 and "READY" not in heard[1]
    assert heard[-1]["READY"] == "1" and "WATCHDOG" not in str(heard)
    # A reload by signal.
    before = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
    server.send_signal(signal.SIGHUP)
    heard = manager.wait_states("RELOADING", "READY")
    assert before <= int(heard[0]["MONOTONIC_USEC"]) < before + PATIENCE_S * 1_000_000
    assert heard[-1]["STATUS"] == "Serving 2 zones, 3 entries"
    # By the control socket.
    subprocess.run(
        [spurn_path, "reload", "--control", str(workdir / "control")],
        check=True,
        timeout=PATIENCE_S,
    )
    manager.wait_states("RELOADING", "READY")
    # By itself: that is nothing that anybody waits for.
    replace(workdir / "b", "1.2.3.4\n")
    wait_until(lambda: manager.status() == "Serving 2 zones, 2 entries", "the new status")
    (workdir / "b").unlink()
    wait_until(
        lambda: manager.status() == "Serving 2 zones, 2 entries; 1 data set stale or not loaded",
        "that it is stale",
    )
    assert manager.states() == []
    server.stop()
    manager.wait_states("STOPPING")


def test_failed_start(spurnd, quiet_manager):
    """Proves that nothing is ready that cannot be loaded."""
    server = start(spurnd, quiet_manager, [zone("a", "nowhere")], {}, expect_started=False)
    server.expected_status = 1
    server.process.wait(PATIENCE_S)
    assert "READY" not in quiet_manager.states()


def test_storm(spurnd, quiet_manager, workdir):
    """Proves that after many reloads at once the last word is that the server is ready, with the data
    of the last one."""
    server = start(spurnd, quiet_manager, [zone("a")], {"a": line(2)})
    for number in range(STORM):
        replace(workdir / "a", "1.2.3.4\n" + "".join(f"1.2.4.{n}\n" for n in range(number % 250)))
        server.send_signal(signal.SIGHUP)
    last = f"Serving 1 zone, {(STORM - 1) % 250 + 1} entries"
    wait_until(
        lambda: quiet_manager.states()[-1:] == ["READY"] and quiet_manager.status() == last,
        "the end of the last reload",
    )
    heard = [message for message in quiet_manager.heard if "STATUS" in message]
    assert heard[-1].get("READY") == "1"


PTRACE_SEIZE, PTRACE_INTERRUPT, PTRACE_DETACH, WALL = 0x4206, 0x4207, 17, 0x40000000


@contextlib.contextmanager
def held(server, name):
    """Stops the thread `name` of the server, and that alone."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
    tasks = Path(f"/proc/{server.process.pid}/task")
    thread = next(
        int(task.name) for task in tasks.iterdir() if (task / "comm").read_text().strip() == name
    )
    for request in (PTRACE_SEIZE, PTRACE_INTERRUPT):
        assert libc.ptrace(request, thread, None, None) == 0, os.strerror(ctypes.get_errno())
    os.waitpid(thread, WALL)
    try:
        yield
    finally:
        assert libc.ptrace(PTRACE_DETACH, thread, None, None) == 0


def test_watchdog(spurnd, client, quiet_manager):
    """Proves that systemd hears twice in the time it allows that the server is well, and not when a
    worker takes no queries; and that workers that have nothing to do are well."""
    # $$ is the process that the shell becomes.
    mine = ("sh", "-c", 'WATCHDOG_PID=$$ exec "$@"', "sh")
    server = start_with_watchdog(spurnd, quiet_manager, mine)
    first = quiet_manager.wait_states("READY")
    assert "WATCHDOG" in str(first)

    def count():
        return sum("WATCHDOG" in message for message in quiet_manager.listen())

    wait_until(lambda: count() >= 6, "six signs of life")
    with held(server, "udp-0"), contextlib.closing(client(server)) as one:
        one.sock.send(wire.query("4.3.2.1.a.test"))
        server.wait_log("worker 0 takes no queries")
        silent = count()
        server.wait_log("(?s)takes no queries.*takes no queries")
        assert count() == silent
    assert value_of(client(server), "4.3.2.1.a.test") == 2
    wait_until(lambda: count() >= silent + 3, "signs of life again")


def start_with_watchdog(spurnd, manager, prefix):
    """A server that shall be heard of every 0.2 seconds."""
    return spurnd.start(
        [zone("a")],
        {"a": line(2)},
        ("--workers", "1"),
        prefix=prefix,
        port=free_port(),
        env={"NOTIFY_SOCKET": manager.path, "WATCHDOG_USEC": "400000", "WATCHDOG_PID": "1"},
    )


def test_watchdog_of_another(spurnd, quiet_manager):
    """Proves that a watchdog for another process is none of ours."""
    server = start_with_watchdog(spurnd, quiet_manager, ())
    server.stop()
    assert "WATCHDOG" not in str(quiet_manager.listen())


def test_replaced(spurnd, spurnd_path, quiet_manager, workdir):
    """Proves that systemd learns which process is the service now, from a successor whose command has
    come to its end, before the predecessor goes, which says nothing; and that the watchdog, of which
    a reload's command is not told, and the end are the successor's then."""
    control, pidfile = workdir / "out" / "control", workdir / "out" / "pid"
    control.parent.mkdir()
    control.parent.chmod(0o777)
    mine = ("sh", "-c", 'WATCHDOG_PID=$$ exec "$@"', "sh")
    env = {"NOTIFY_SOCKET": quiet_manager.path}
    common = ["--control", str(control), "-p", str(pidfile), zone("a")]
    old = spurnd.start(
        [],
        {"a": line(2)},
        common,
        prefix=mine,
        port=free_port(),
        env={**env, "WATCHDOG_USEC": "400000"},
    )
    quiet_manager.wait_states("READY")
    options = [*strict_options(spurnd_path), *user_options(), "-b", f"127.0.0.1/{old.port}"]
    done = subprocess.run(
        [spurnd_path, "--replace", *options, "-w", str(workdir), *common],
        env={**environment(), **env},
        timeout=PATIENCE_S,
        check=False,
    )
    assert done.returncode == 0
    heard = quiet_manager.wait_states("MAINPID", "READY")
    successor = next(int(message["MAINPID"]) for message in heard if "MAINPID" in message)
    try:
        assert "Loading" not in str(heard)
        old.process.wait(PATIENCE_S)
        old.check()
        assert successor != old.process.pid
        wait_until(lambda: pidfile.read_text() == f"{successor}\n", "its number")
        wait_until(lambda: str(quiet_manager.listen()).count("WATCHDOG") > 4, "its watchdog")
        assert quiet_manager.states() == []
        os.kill(successor, signal.SIGTERM)
        quiet_manager.wait_states("STOPPING")
        wait_until(lambda: not is_alive(successor), "its end")
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(successor, signal.SIGKILL)


@pytest.mark.parametrize("path", ["relative", "/nowhere/notify", "vsock:2:1234", ""])
def test_no_manager(spurnd, client, path):
    """Proves that without a manager, or with one that cannot be reached, nothing is missing."""
    server = spurnd.start(
        [zone("a")], {"a": line(2)}, env={"NOTIFY_SOCKET": path, "WATCHDOG_USEC": "100000"}
    )
    assert value_of(client(server), "4.3.2.1.a.test") == 2


def analyze(*arguments):
    """What systemd-analyze says."""
    tool = shutil.which("systemd-analyze")
    if tool is None:
        conftest.cannot_run("no systemd-analyze: install Debian's package systemd")
    done = subprocess.run(
        [tool, "--no-pager", *arguments],
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.fixture(name="unit")
def _unit(spurnd_path, workdir):
    """The unit, for the daemon under test."""
    path = workdir / "spurnd.service"
    text = UNIT.read_text(encoding="utf-8")
    path.write_text(re.sub(r"^(Exec\w+)=spurnd ", rf"\1={spurnd_path} ", text, flags=re.M))
    return path


def test_unit_is_valid(unit):
    """Proves that systemd understands the unit, without a word; of other units of this machine it says
    what it likes (Debian's ldirectord.service)."""
    status, text = analyze("verify", "--man=no", str(unit))
    ours = [line for line in text.splitlines() if not line.startswith(("/lib/", "/usr/lib/"))]
    assert (status, ours) == (0, [])


def test_unit_is_hardened(unit):
    """Proves that systemd finds little to wish for."""
    status, text = analyze("security", "--offline=true", f"--threshold={EXPOSURE_MAX}", str(unit))
    print(text)
    assert status == 0
