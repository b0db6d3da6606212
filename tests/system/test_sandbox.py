# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""What a server that runs is still able to do, asked of the kernel, and tried from within: a library
that is loaded into it (lib/probe.c) does what somebody would who has taken it over."""

import errno
import os
import shutil
import signal
import socket
import subprocess
from pathlib import Path

import pytest

import conftest
from lib import daemon, udp, wire
from lib.daemon import wait_until
from lib.reading import long_list

ZONE = "bl.test:ip4set:list"
NAME = "4.3.2.1.bl.test"
# What the kernel says of a thread: capabilities by their sets, filters, and who it is.
NO_CAPABILITIES = {key: ["0000000000000000"] for key in ("CapInh", "CapPrm", "CapEff", "CapAmb")}
CONFINED = NO_CAPABILITIES | {"NoNewPrivs": ["1"], "Seccomp": ["2"]}
PROBE = Path(__file__).parent / "lib" / "probe.c"


def needs_root():
    """Skips (or, in CI, fails) a test that only root can run."""
    if os.geteuid() != 0:
        conftest.cannot_run("needs root")


def threads_of(pid):
    """For each thread its name, and what /proc says about it: a list of dictionaries."""
    found = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        try:
            lines = (task / "status").read_text().splitlines()
        except (FileNotFoundError, ProcessLookupError):  # it has ended
            continue
        fields = dict(line.split(":", 1) for line in lines)
        found.append({key: value.split() for key, value in fields.items()})
    return found


def check(thread, expected):
    """Compares what /proc says about a thread with what is expected."""
    got = {key: thread[key] for key in expected}
    assert got == expected, thread["Name"]


def is_free(port):
    """Whether nobody has a port of ours."""
    try:
        for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
            with socket.socket(socket.AF_INET, kind) as probe:
                probe.bind(("127.0.0.1", port))
    except OSError:
        return False
    return True


def answers(server):
    """Whether the server still has its list."""
    with udp.Client(server.addresses[0], server.port) as one:
        return one.ask(NAME).rcode == wire.NOERROR


@pytest.fixture(name="probe")
def _probe(workdir, monkeypatch):
    """Has the probe loaded into every server that is started from now on. Returns a function that
    lets it try, and returns what came of each attempt; None if that ended the server."""
    compiler = shutil.which(os.environ.get("CC", "cc")) or conftest.cannot_run("no compiler")
    library, results = workdir / "probe.so", workdir / "probe"
    command = [compiler, "-shared", "-fPIC", "-O", "-Wall", "-Werror", "-D_GNU_SOURCE", str(PROBE)]
    subprocess.run([*command, "-o", str(library)], check=True, timeout=daemon.PATIENCE_S)
    monkeypatch.setenv("PROBE", str(results))
    monkeypatch.setenv("LD_PRELOAD", str(library))
    # The address sanitizer wants to come first.
    monkeypatch.setenv("ASAN_OPTIONS", "verify_asan_link_order=0")

    def probe(server):
        server.send_signal(signal.SIGRTMAX)
        wait_until(
            lambda: server.process.poll() is not None or results.read_text().endswith("end\n"),
            "the end of the attempts",
        )
        if server.process.poll() is not None:
            return None
        lines = [line.split() for line in results.read_text().splitlines()[:-1]]
        return {name: int(code) for name, code in lines}

    return probe


REFUSED = dict.fromkeys(
    ("exec", "udp", "tcp", "setuid", "setgid", "chroot", "chmod", "unshare"), errno.EPERM
)


def test_every_thread(spurnd, workdir):
    """Proves that a server started by root is another user in every thread, workers and the loader
    of a later load included, has no capabilities, not even in the bounding set, cannot gain any, and
    is filtered."""
    needs_root()
    server = spurnd.start([ZONE], {"list": "1.2.3.4\n"}, ("--workers", "3"))
    uid, gid = (str(number) for number in daemon.unprivileged_ids())
    expected = CONFINED | {"Uid": [uid] * 4, "Gid": [gid] * 4, "Groups": [gid]}
    if not any(thread["Name"] == ["udp-0"] for thread in threads_of(server.process.pid)):
        pytest.fail(f"no worker among {threads_of(server.process.pid)}")
    # The thread sanitizer's own thread is older than main.
    if not daemon.SANITIZED:
        expected["CapBnd"] = ["0000000000000000"]
    seen = set()

    def has_seen_all():
        for thread in threads_of(server.process.pid):
            check(thread, expected)
            seen.add(thread["Name"][0])
        return {"spurnd", "loader", "udp-0", "udp-1", "udp-2"} <= seen

    long_list(workdir / "list")
    server.send_signal(signal.SIGHUP)
    wait_until(has_seen_all, "all threads")
    assert answers(server)


def test_capabilities_of_a_plain_user(spurnd, workdir):
    """Proves that a plain user with the capability for low ports, as service managers give it, can
    use it, and has none left when serving."""
    needs_root()
    uid, gid = daemon.unprivileged_ids()
    prefix = ["setpriv", f"--reuid={uid}", f"--regid={gid}", "--clear-groups"]
    prefix += ["--inh-caps=+net_bind_service", "--ambient-caps=+net_bind_service"]
    workdir.chmod(0o777)
    port = next(port for port in range(1023, 1, -1) if is_free(port))
    server = spurnd.start([ZONE], {"list": "1.2.3.4\n"}, prefix=prefix, user=[], port=port)
    for thread in threads_of(server.process.pid):
        check(thread, CONFINED)
    assert answers(server)


def test_refused_system_calls(spurnd, probe):
    """Proves that what serving does not need is refused to the process that serves, that files of
    others cannot be read, and that it goes on to serve."""
    server = spurnd.start([ZONE], {"list": "1.2.3.4\n"}, ("--sandbox", "on"))
    tried = probe(server)
    assert {name: tried[name] for name in REFUSED} == REFUSED
    assert (tried["list"], tried["shadow"]) == (0, errno.EACCES)
    assert answers(server)


def test_strict(spurnd, probe):
    """Proves that --sandbox strict, with which the other tests run, ends the process at the first
    system call that is refused."""
    server = spurnd.start([ZONE], {"list": "1.2.3.4\n"}, ("--sandbox", "strict"))
    server.expected_status = -signal.SIGSYS
    assert probe(server) is None
    server.process.wait(daemon.PATIENCE_S)


def test_going_into_the_background(spurnd_path, probe, workdir, monkeypatch):
    """Proves that nothing of a server is root while it loads on its way into the background: neither
    the process that will serve, nor the one that waits for it."""
    needs_root()
    assert probe is not None
    uid, gid = (str(number) for number in daemon.unprivileged_ids())
    expected = CONFINED | {"Uid": [uid] * 4, "Gid": [gid] * 4, "Groups": [gid]}
    monkeypatch.setenv("PROBE_STOP", "1")
    (workdir / "list").write_text("1.2.3.4\n")
    pidfile = workdir / "pid"
    where = ["-b", f"127.0.0.1/{daemon.free_port()}", "-p", str(pidfile), "-w", str(workdir), ZONE]
    command = [spurnd_path, *daemon.user_options(), *daemon.strict_options(spurnd_path), *where]
    child = None
    with subprocess.Popen(command, env=daemon.environment()) as parent:
        try:
            child = int(wait_until(lambda: pidfile.exists() and pidfile.read_text(), "the child"))
            wait_until(lambda: threads_of(child)[0]["State"][0] == "T", "the end of the load")
            for thread in threads_of(child):
                check(thread, expected)
            wait_until(lambda: threads_of(parent.pid)[0]["NoNewPrivs"] == ["1"], "the parent")
            for thread in threads_of(parent.pid):
                check(thread, expected | {"Seccomp": ["0"]})
            os.kill(child, signal.SIGCONT)
            assert parent.wait(daemon.PATIENCE_S) == 0
        finally:
            parent.kill()
            if child is not None:
                os.kill(child, signal.SIGKILL)


def test_off(spurnd):
    """Proves that --sandbox off takes the filter away, and nothing else."""
    needs_root()
    server = spurnd.start([ZONE], {"list": "1.2.3.4\n"}, ("--sandbox", "off"))
    for thread in threads_of(server.process.pid):
        check(thread, CONFINED | {"Seccomp": ["0"]})


def test_etc_cannot_be_read(spurnd, probe, workdir):
    """Proves that in the root of -r there is no way to /etc: not for the process, whatever path it
    takes, and not for a zone file that is a link."""
    needs_root()
    root = workdir / "root"
    root.mkdir()
    root.chmod(0o755)
    (root / "list").write_text("1.2.3.4\n")
    (root / "absolute").symlink_to("/etc/passwd")
    (root / "relative").symlink_to("../../../../../../../../etc/passwd")
    server = spurnd.start(
        [ZONE, "absolute.test:ip4set:absolute", "relative.test:ip4set:relative"],
        {},
        ("-r", str(root), "-w", "/", "-q", "--sandbox", "on"),
        look_for_leaks=False,
    )
    server.wait_log("2 of 3 data sets could not be loaded")
    for name in ("absolute", "relative"):
        server.wait_log(f"{name}: .*No such file or directory")
    tried = probe(server)
    assert tried["list"] == 0
    for name in ("passwd", "passwd-above", "passwd-proc", "shadow"):
        assert tried[name] == errno.ENOENT
    assert answers(server)
