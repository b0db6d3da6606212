# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""Starts name servers (spurnd or rbldnsd: same command line), waits for them, ends them."""

import errno
import itertools
import os
import pwd
import re
import signal
import socket
import subprocess
import sys
import time

SANITIZED = os.environ.get("SPURN_SANITIZED", "") not in ("", "0")
# Everything that is waited for comes in milliseconds on an idle machine; this is for a busy one.
PATIENCE_S = int(os.environ.get("SPURN_PATIENCE_S") or (120 if SANITIZED else 30))
POLL_S = 0.004
SANITIZER_REPORT = re.compile(
    r"runtime error:|(ERROR|WARNING): (Address|Leak|Thread|Memory|UndefinedBehavior)Sanitizer"
)
IN_USE = re.compile(r"in use", re.IGNORECASE)


# Where servers of tests listen: below what the system gives to clients (ip_local_port_range).
FIRST_PORT, LAST_PORT = 10000, 32000
PORT_TRIES = 1000


def wait_until(condition, what, patience_s=PATIENCE_S):
    """Calls `condition` until it returns something true, and returns that; fails with `what`."""
    deadline = time.monotonic() + patience_s
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {patience_s} s in vain for {what}")
        time.sleep(POLL_S)


def _ports():
    """Ports for servers, over and over: those of this process of pytest alone, none of them soon
    again, and none that the system gives to clients. So no late query of one test reaches the server
    of another."""
    number = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:])
    count = max(int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")), number + 1)
    size = (LAST_PORT - FIRST_PORT) // count
    offset = os.getpid() * 331
    for step in itertools.count():
        yield FIRST_PORT + number * size + (offset + step) % size


_PORTS = _ports()


def free_port(addresses=("127.0.0.1",)):
    """A port that was free for UDP and TCP on all `addresses` a moment ago."""
    for tries in itertools.count(1):
        port = next(_PORTS)
        try:
            # One at a time: addresses may overlap.
            for address, kind in itertools.product(
                addresses, (socket.SOCK_DGRAM, socket.SOCK_STREAM)
            ):
                family = socket.AF_INET6 if ":" in address else socket.AF_INET
                with socket.socket(family, kind) as probe:
                    if family == socket.AF_INET6:
                        probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                    if kind == socket.SOCK_STREAM:
                        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                    probe.bind((address, port))
            return port
        except OSError as error:
            if error.errno != errno.EADDRINUSE or tries == PORT_TRIES:
                raise


def user_options():
    """-u for a daemon that is started by root: a user that exists everywhere."""
    return ["-u", "nobody"] if os.geteuid() == 0 else []


# For spurnd: started by root all would share one control socket.
NO_CONTROL = ["--control", "none"]


def strict_options(binary):
    """For spurnd, not for rbldnsd: a system call that its filter lacks ends the process, so that
    no test can pass without it; and no control socket."""
    if "rbldnsd" in os.path.basename(binary):
        return []
    return ["--sandbox", "strict", *NO_CONTROL]


def unwatched_options(binary, arguments):
    """For spurnd, unless a test is about finding changes by itself (-c, --watch): it shall load when
    it is told to, and no sooner."""
    if "rbldnsd" in os.path.basename(binary) or "-c" in arguments or "--watch" in arguments:
        return []
    return ["--watch", "off"]


def unprivileged_ids():
    """(uid, gid) of the user that user_options names."""
    entry = pwd.getpwnam("nobody")
    return entry.pw_uid, entry.pw_gid


def environment(look_for_leaks=True):
    """For a daemon under test: sanitizers shall report everything, and end it."""
    env = dict(os.environ, LC_ALL="C")
    # A service manager of the test run shall not be told by what it runs.
    env.pop("NOTIFY_SOCKET", None)
    env["ASAN_OPTIONS"] = f"detect_leaks={look_for_leaks:d}:abort_on_error=0:" + env.get(
        "ASAN_OPTIONS", ""
    )
    env["UBSAN_OPTIONS"] = "print_stacktrace=1:halt_on_error=1:" + env.get("UBSAN_OPTIONS", "")
    env["TSAN_OPTIONS"] = "halt_on_error=0:" + env.get("TSAN_OPTIONS", "")
    return env


def readable_by_all(directory):
    """Whether a daemon that has become another user can reach `directory`."""
    path = os.path.realpath(directory)
    while True:
        if not os.stat(path).st_mode & 0o001:
            return False
        if path == "/":
            return True
        path = os.path.dirname(path)


class Daemon:
    """One running name server in the foreground, its output in a file."""

    def __init__(
        self,
        binary,
        arguments,
        directory,
        *,
        addresses=("127.0.0.1",),
        prefix=(),
        expect_started=True,
        listen=None,
        port=None,
        user=None,
        stderr=None,
        look_for_leaks=True,
        env=None,
    ):
        """Starts `binary` with -n, -b for each address, `-w directory` and `arguments`, and
        returns when it serves. `prefix` goes before the command (a namespace), `listen` replaces
        the -b and `port` the free port; `user` the -u options; `stderr` is a descriptor that
        takes the output in place of the log file; `look_for_leaks` is to be off where the leak
        sanitizer cannot work, in a chroot without /proc; `env` is what the environment has
        beside what it has for all."""
        self.binary, self.directory = binary, str(directory)
        self.addresses = addresses
        self.expected_status = 0
        self._checked = False
        self._log_path = os.path.join(
            self.directory, f"log.{os.path.basename(binary)}.{time.monotonic_ns()}"
        )
        user = user_options() if user is None else user
        for _ in range(20):
            self.port = port or (0 if prefix else free_port(addresses)) or 5300
            where = (
                listen(self.port)
                if listen
                else [
                    option for address in addresses for option in ("-b", f"{address}/{self.port}")
                ]
            )
            self.command = [*prefix, binary, "-n", *strict_options(binary)]
            self.command += [*unwatched_options(binary, arguments), *user, *where]
            self.command += ["-w", self.directory, *arguments]
            with open(self._log_path, "wb") as log:
                self.process = subprocess.Popen(
                    self.command,
                    stdin=subprocess.DEVNULL,
                    stdout=stderr or log,
                    stderr=stderr or log,
                    env=dict(environment(look_for_leaks), **(env or {})),
                    start_new_session=True,
                )
            if not expect_started:
                return
            try:
                wait_until(self._has_settled, f"the start of {self.command}")
            except BaseException:
                self.kill()
                raise
            if self.process.poll() is None:
                return
            if port or not IN_USE.search(self.log()):
                break
        raise AssertionError(
            f"{self.command} ended with status {self.process.returncode}:\n" + self.log()
        )

    def _has_settled(self):
        return self.has_logged("started") or self.process.poll() is not None

    def log(self):
        """All output so far."""
        with open(self._log_path, "rb") as log:
            return log.read().decode("utf-8", "backslashreplace")

    def has_logged(self, text):
        """Whether the output so far has `text`."""
        return text in self.log()

    def wait_log(self, pattern, since=0):
        """Waits until `pattern` (a regular expression) comes in the output behind `since`."""

        def search():
            if self.process.poll() is not None:
                raise AssertionError(f"ended while waiting for {pattern!r}:\n{self.log()}")
            return re.search(pattern, self.log()[since:])

        return wait_until(search, f"{pattern!r} in the log of {self.command}")

    def send_signal(self, number):
        """Sends a signal to the server."""
        self.process.send_signal(number)

    def memory_kb(self):
        """Resident memory."""
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as status:
            return int(re.search(r"VmRSS:\s+(\d+)", status.read()).group(1))

    def stop(self, number=signal.SIGTERM):
        """Ends the server with a signal and checks that it goes in peace."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            self.process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"did not end on signal {number}:\n{self.log()}") from None
        self.check()

    def check(self):
        """Fails on a sanitizer's report or a wrong exit status."""
        if self._checked:
            return
        self._checked = True
        log = self.log()
        assert not SANITIZER_REPORT.search(log), f"sanitizer report:\n{log}"
        status = self.process.returncode
        hint = ", for a system call outside of src/daemon/sandbox.c (dmesg has its number)"
        assert status == self.expected_status, (
            f"exit status {status}{hint if status == -signal.SIGSYS else ''}, "
            f"expected {self.expected_status}:\n{log}"
        )

    def kill(self):
        """The last resort; never fails."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def run(binary, arguments, directory, *, patience_s=PATIENCE_S, **options):
    """Runs `binary` with exactly `arguments` to its end; returns the CompletedProcess with text.
    A binary that does not end by itself fails the test."""
    try:
        done = subprocess.run(
            [binary, *arguments],
            cwd=directory,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=patience_s,
            env=environment(),
            check=False,
            **options,
        )
    except subprocess.TimeoutExpired as error:
        raise AssertionError(f"{binary} {arguments} goes on running:\n{error.stderr}") from None
    done.stdout = done.stdout.decode("utf-8", "backslashreplace")
    done.stderr = done.stderr.decode("utf-8", "backslashreplace")
    assert not SANITIZER_REPORT.search(done.stderr), done.stderr
    print(f"{binary} {arguments}: {done.returncode}\n{done.stderr}", file=sys.stderr)
    return done
