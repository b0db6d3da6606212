# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""What the system tests share: the daemon under test, the reference server, a place for files.

Environment: SPURND (the daemon; else it is looked for beside the tree), SPURN_SANITIZED=1 (a
sanitizer build: fewer questions, more patience), RBLDNSD (the reference, /usr/sbin/rbldnsd), CI
(nothing may be skipped), SPURN_KEEP=1 (leave the files of the tests behind), SPURN_PATIENCE_S (how
long anything may take)."""

import contextlib
import os
import shutil
import signal
import sys
import tempfile
import threading
from pathlib import Path

import pytest

sys.path.insert(0, os.path.dirname(__file__))

from lib import daemon, udp  # noqa: E402 pylint: disable=wrong-import-position

TOP = Path(__file__).resolve().parents[2]
# Real input that some checkouts have beside them.
IPSUM = TOP.parent / "shared" / "data" / "ipsum.txt"
collect_ignore = [] if IPSUM.exists() else ["test_ipsum.py"]
PLACES = ("build/release/spurnd", "build/spurnd", "build/src/spurnd", "spurnd", "src/spurnd")


def pytest_configure(config):
    """The marks of these tests."""
    config.addinivalue_line(
        "markers", "tsan: run under the thread sanitizer, too (reloads, several workers)"
    )

    # Whoever ends a test run that takes too long sends SIGTERM: servers shall not outlive it. (Where
    # xdist has put this into another thread, it is xdist that ends it.)
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, _end)


def _end(number, _frame):
    """Ends the run as Ctrl-C does, with all fixtures torn down."""
    signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt("SIGTERM")


# What takes longest comes first, so that no processor waits for another one's last file.
FIRST = (
    "differential",
    "real_ip6",
    "never_stops",
    "check",
    "resolvers",
    "dump",
    "steer",
    "file_watch",
)


def pytest_collection_modifyitems(items):
    """Sorts the files, and leaves the tests of each in their order."""
    first = {f"test_{name}.py": place for place, name in enumerate(FIRST)}
    items.sort(key=lambda item: first.get(item.path.name, len(FIRST)))


def pytest_report_header():
    """What is tested, and what cannot be."""
    return [
        f"spurnd: {_find_spurnd()}",
        f"ipsum.txt: {IPSUM if IPSUM.exists() else 'not there, so test_ipsum.py is left out'}",
    ]


def _find_spurnd():
    """The path of spurnd; None if there is none."""
    if os.environ.get("SPURND"):
        return os.path.abspath(os.environ["SPURND"])
    for base in (Path.cwd(), TOP):
        for place in PLACES:
            if os.access(base / place, os.X_OK) and (base / place).is_file():
                return str(base / place)
    return None


def cannot_run(why):
    """For a test that lacks something: a skip, but a failure where nothing may be skipped."""
    if os.environ.get("CI", "") not in ("", "false", "0"):
        pytest.fail(f"cannot run in CI: {why}")
    pytest.skip(why)


@pytest.fixture(scope="session")
def spurnd_path():
    """The daemon under test. Its absence fails every test."""
    path = _find_spurnd()
    if path is None or not os.access(path, os.X_OK):
        pytest.fail(f"no spurnd at {path or PLACES}: build it, or set SPURND")
    return path


@pytest.fixture(scope="session")
def spurn_path(spurnd_path):  # pylint: disable=redefined-outer-name
    """The tool, which is where the daemon is. Its absence fails every test."""
    path = os.path.join(os.path.dirname(spurnd_path), "spurn")
    if not os.access(path, os.X_OK):
        pytest.fail(f"no tool at {path}: build it")
    return path


@pytest.fixture(scope="session")
def rbldnsd_path():
    """Debian's rbldnsd."""
    path = os.environ.get("RBLDNSD", "/usr/sbin/rbldnsd")
    if not os.access(path, os.X_OK):
        cannot_run(f"no rbldnsd at {path}: install Debian's package, or set RBLDNSD")
    return path


@contextlib.contextmanager
def work_directory():
    """A directory that a daemon which has become another user can read, unlike tmp_path."""
    path = Path(tempfile.mkdtemp(prefix="spurn-test-"))
    path.chmod(0o755)
    try:
        yield path
    finally:
        if not os.environ.get("SPURN_KEEP"):
            shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def workdir():
    """As work_directory, for one test."""
    with work_directory() as path:
        yield path


@pytest.fixture(name="out")
def _out(workdir):  # pylint: disable=redefined-outer-name
    """A directory in workdir that a daemon which has become another user can write to."""
    path = workdir / "out"
    path.mkdir()
    path.chmod(0o777)
    return path


class Servers:
    """Starts servers for one test, and ends them after it."""

    def __init__(self, path, directory):
        self.path, self.directory = path, directory
        self.running = []

    def start(self, zones, files=None, options=(), **how):
        """A running server with these zone specifications, files (name to bytes or text) and
        options; `how` as for daemon.Daemon. It is ended and checked after the test."""
        for name, content in (files or {}).items():
            mode = "wb" if isinstance(content, bytes) else "w"
            with open(self.directory / name, mode) as out:
                out.write(content)
        server = daemon.Daemon(self.path, [*options, *zones], self.directory, **how)
        self.running.append(server)
        return server

    def end(self):
        """Ends all servers; kills them whatever happens, then fails if one was not well."""
        failures = []
        for server in self.running:
            try:
                server.stop(signal.SIGTERM)
            except AssertionError as error:
                failures.append(str(error))
            finally:
                server.kill()
        assert not failures, "\n".join(failures)


@pytest.fixture
def spurnd(spurnd_path, workdir):  # pylint: disable=redefined-outer-name
    """Starts spurnd, see Servers.start."""
    servers = Servers(spurnd_path, workdir)
    yield servers
    servers.end()


@pytest.fixture
def client():
    """Makes clients of servers: client(server) or client(server, address)."""
    made = []

    def make(server, address=None):
        made.append(udp.Client(address or server.addresses[0], server.port))
        return made[-1]

    yield make
    for one in made:
        one.close()
