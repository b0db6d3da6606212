# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""Debian's ways to start rbldnsd, with spurnd in its place: the package's own init script and the
wrapper of its systemd unit, with /etc/default/rbldnsd as its comment recommends. Each test also
runs with rbldnsd itself, which shows that it asks for nothing else."""

import os
import pwd
import socket
import stat
import subprocess
from pathlib import Path

import pytest

import conftest
from lib import daemon, udp, wire
from lib.daemon import PATIENCE_S, free_port, wait_until

INIT_SCRIPT = Path("/etc/init.d/rbldnsd")
WRAPPER = Path("/usr/sbin/rbldnsd.wrapper")
ADDRESS = "127.0.0.2"
DEFAULTS = """
RBLDNSD="dsbl {strict} -r{root} -b127.2/{dsbl} dsbl.test:ip4set:list \\
  www.test:generic:names
# a comment

- {strict} -w {root} -b 127.2/{main} -q -f -c5m -t 60 -sstats \\
  bl.test:ip4trie:list \\
"
"""


def is_alive(pid):
    """Whether a process is there and no zombie."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as text:
            return text.read().rsplit(")", 1)[1].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


@pytest.fixture(name="binary", params=["spurnd", "rbldnsd"])
def _binary(request, spurnd_path, rbldnsd_path):
    """Which server is started."""
    return {"spurnd": spurnd_path, "rbldnsd": rbldnsd_path}[request.param]


class System:
    """The package's files, with paths that a test may use, and what they start."""

    def __init__(self, binary, directory):
        if os.geteuid() != 0:
            conftest.cannot_run("needs root")
        for path in (INIT_SCRIPT, WRAPPER):
            if not path.exists():
                conftest.cannot_run(f"no {path}: install Debian's package rbldnsd")
        self.directory, self.root = directory, directory / "root"
        self.is_reference = os.path.basename(binary) == "rbldnsd"
        self.ports = {"dsbl": free_port((ADDRESS,)), "main": free_port((ADDRESS,))}
        self.root.mkdir()
        self.root.chmod(0o755)
        (directory / "run").mkdir()
        (self.root / "list").write_text("1.2.3.4 :5:\n")
        (self.root / "names").write_text("a A 1\n")
        options = {"root": self.root, "strict": " ".join(daemon.strict_options(binary))}
        (directory / "default").write_text(DEFAULTS.format(**options, **self.ports))
        self.script = self._adapt(
            INIT_SCRIPT,
            ("DAEMON=/usr/sbin/$NAME", f"DAEMON={binary}"),
            ("/etc/default/$NAME", f"{directory}/default"),
            ("/var/run/", f"{directory}/run/"),
        )
        self.wrapper = self._adapt(
            WRAPPER,
            ("exec /usr/sbin/rbldnsd", f"exec {binary}"),
            ("/etc/default/rbldnsd", f"{directory}/default"),
        )
        self.started = set()

    def _adapt(self, path, *changes):
        text = path.read_text()
        for old, new in changes:
            assert old in text, f"{path} is not the one that was known when this test was written"
            text = text.replace(old, new)
        copy = self.directory / path.name
        copy.write_text(text)
        copy.chmod(stat.S_IRWXU)
        return str(copy)

    def environment(self):
        """What the servers are started with. In a chroot the leak sanitizer cannot work."""
        return daemon.environment(look_for_leaks=False)

    def run(self, verb):
        """Runs the init script to its end."""
        done = subprocess.run(
            [self.script, verb],
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            timeout=PATIENCE_S,
            check=False,
        )
        self.started |= {self.pid("dsbl"), self.pid("main")} - {None}
        return done

    def pid(self, key):
        """What the pid file of an instance says; None without one."""
        name = "rbldnsd.pid" if key == "main" else f"rbldnsd-{key}.pid"
        path = self.directory / "run" / name
        text = path.read_text().strip() if path.exists() else ""
        return int(text) if text else None

    def ask(self, key, name):
        """The last octet of the A record that an instance has for a name, None if it has none."""
        with udp.Client(ADDRESS, self.ports[key]) as one:
            answer = one.ask(name).answer
        return answer[0].rdata[3] if answer else None

    def is_silent(self, key):
        """Whether nothing listens for an instance."""
        with udp.open_socket(ADDRESS, self.ports[key], 0.2) as sock:
            sock.send(wire.query("x"))
            try:
                return not sock.recv(512)
            except ConnectionRefusedError:
                return True

    def end(self):
        """Kills what was started and has not ended."""
        for pid in self.started:
            if is_alive(pid):
                with open(f"/proc/{pid}/cmdline", "rb") as command:
                    if os.fsencode(str(self.directory)) in command.read():
                        os.kill(pid, 9)


@pytest.fixture(name="system")
def _system(binary, workdir):
    """A System, cleaned up after the test."""
    made = System(binary, workdir)
    yield made
    made.end()


def test_init_script(system):
    """Proves that all instances of the defaults file start, as daemons that have become rbldns, in
    their root, with pid files that the script finds them by; that they reload, restart and stop."""
    done = system.run("start")
    assert done.returncode == 0, done.stderr
    pids = {key: system.pid(key) for key in ("dsbl", "main")}
    wait_until(lambda: system.ask("main", "4.3.2.1.bl.test") == 5, "-q's load")
    assert system.ask("dsbl", "4.3.2.1.dsbl.test") == 5 and system.ask("dsbl", "a.www.test") == 1
    for pid in pids.values():
        assert is_alive(pid) and os.stat(f"/proc/{pid}").st_uid == pwd.getpwnam("rbldns").pw_uid
        assert os.getsid(pid) != os.getsid(0)
    assert os.readlink(f"/proc/{pids['dsbl']}/root") == str(system.root)
    assert os.readlink(f"/proc/{pids['main']}/cwd") == str(system.root)

    # Those that run are left alone.
    assert system.run("start").returncode == 0
    assert {key: system.pid(key) for key in ("dsbl", "main")} == pids

    (system.root / "new").write_text("1.2.3.4 :77:\n")
    (system.root / "new").rename(system.root / "list")
    assert system.run("reload").returncode == 0
    wait_until(lambda: system.ask("dsbl", "4.3.2.1.dsbl.test") == 77, "the reload")
    wait_until(lambda: system.ask("main", "4.3.2.1.bl.test") == 77, "the other reload")

    assert system.run("restart").returncode == 0
    assert system.pid("dsbl") != pids["dsbl"]
    wait_until(lambda: not is_alive(pids["dsbl"]), "the end of the one before")
    assert system.ask("dsbl", "4.3.2.1.dsbl.test") == 77
    pids = {key: system.pid(key) for key in ("dsbl", "main")}

    assert system.run("stop").returncode == 0
    for key, pid in pids.items():
        wait_until(lambda pid=pid: not is_alive(pid), "the end")
        assert system.is_silent(key) and system.pid(key) is None


@pytest.mark.parametrize("kind", ["no file", "bad option"])
def test_init_script_fails(system, kind):
    """Proves that the reason why a start fails reaches the terminal and the script's status, and
    that nothing is left running."""
    if kind == "no file":
        (system.root / "names").unlink()
    else:
        path = system.directory / "default"
        path.write_text(path.read_text().replace("-r", "-Z -r"))
    done = system.run("start")
    assert done.returncode != 0
    assert ("names" if kind == "no file" else "Z") in done.stdout + done.stderr
    pid = system.pid("dsbl")
    # It has told why before it ends, which takes it a moment.
    wait_until(lambda: pid is None or not is_alive(pid), "that nothing is left running")
    assert system.is_silent("dsbl")


@pytest.fixture(name="manager")
def _manager(workdir):
    """The socket on which systemd waits to be told."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.bind(str(workdir / "notify"))
        (workdir / "notify").chmod(0o777)
        sock.settimeout(PATIENCE_S)
        yield sock


def start_wrapper(system, workdir, instance):
    """What ExecStart of the unit starts."""
    process = subprocess.Popen(
        [system.wrapper, instance],
        env=dict(system.environment(), NOTIFY_SOCKET=str(workdir / "notify")),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    system.started.add(process.pid)
    return process


def test_unit(system, manager, workdir):
    """Proves that with Type=notify the server stays the process that was started, though -n is not
    there, tells when it serves and not before, also from a chroot, and stops with status 0."""
    process = start_wrapper(system, workdir, "dsbl")
    while b"READY=1" not in manager.recv(4096):  # rbldnsd has more to tell
        assert process.poll() is None
    assert system.ask("dsbl", "4.3.2.1.dsbl.test") == 5
    assert process.poll() is None
    assert os.readlink(f"/proc/{process.pid}/root") == str(system.root)
    process.terminate()
    assert process.wait(PATIENCE_S) == 0


def test_unit_fails(system, manager, workdir):
    """Proves that a start that fails ends with a status and a reason, and is not called ready, as
    rbldnsd calls it before it fails."""
    (system.root / "list").unlink()
    process = start_wrapper(system, workdir, "dsbl")
    output, _ = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 1 and b"load" in output  # of rbldnsd only syslog has the file
    manager.setblocking(False)
    told = b""
    try:
        while True:
            told += manager.recv(4096)
    except BlockingIOError:
        pass
    assert (b"READY=1" in told) == system.is_reference
