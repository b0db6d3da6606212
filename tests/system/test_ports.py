# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""`spurn ports` in network namespaces of its own, where all sockets are known: which of them are
services, which are at risk from a pool of random ports, and that what it writes keeps the kernel
from giving their ports away."""

import contextlib
import errno
import json
import os
import re
import socket
import subprocess
import sys

import pytest

import conftest
from lib import netns
from lib.daemon import PATIENCE_S, run, unprivileged_ids, wait_until

FILE = "50-spurn-ports.conf"
KEY = "net.ipv4.ip_local_reserved_ports"
# The kernel's range in these tests: 10,000 ports.
FIRST, LAST = 40000, 49999
# A daemon: binds sockets that "ADDRESS PORT [PEER_PORT]" name, says so, and waits for its end. With
# "churn" it also opens and closes others all the time, as forwarders do; with "fork" it has a child.
DAEMON = """
import os, select, socket, sys
kept = []
def bind(address, port, peer=None):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_DGRAM)
    if family == socket.AF_INET6:
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    sock.bind((address, int(port)))
    if peer:
        sock.connect((address, int(peer)))
    return sock
for words in sys.argv[2:]:
    kept.append(bind(*words.split()))
if sys.argv[1] == "churn":
    print(flush=True)
    passing = []
    while not select.select([0], [], [], 0.02)[0]:
        passing.append(bind("127.0.0.1", 0))
        if len(passing) > 8:
            passing.pop(0).close()
elif sys.argv[1] == "fork" and (child := os.fork()) != 0:
    print(child, flush=True)
elif sys.argv[1] != "fork":
    print(flush=True)
sys.stdin.read()
"""


class Host:
    """A network namespace with a directory for files of sysctl, and daemons."""

    def __init__(self, namespace, spurn, directory):
        self.namespace, self.spurn, self.directory = namespace, spurn, directory
        self.files = directory / "sysctl.d"
        self.files.mkdir()
        self.running = []
        self.errors = None  # what it last wrote to stderr

    def start(self, name, *sockets, mode="plain", prefix=()):
        """A daemon with this process name; returns its number, with "fork" its child's as well."""
        program = self.directory / name
        if not program.exists():
            program.symlink_to(os.path.realpath(sys.executable))
        process = subprocess.Popen(
            [*self.namespace.command, *prefix, program, "-c", DAEMON, mode, *sockets],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.running.append(process)
        line = process.stdout.readline()
        assert line, f"{name} {sockets} has ended"
        return (process.pid, int(line)) if mode == "fork" else process.pid

    def end(self):
        """Ends the daemons."""
        for process in self.running:
            process.stdin.close()
            process.wait(PATIENCE_S)
            process.stdout.close()
        self.running = []

    def reserve(self, ports):
        """What the kernel reserves."""
        self.namespace.run("sysctl", "-qw", f"{KEY}={ports}")

    def reserved(self):
        """What the kernel reserves, in its own words."""
        done = subprocess.run(
            [*self.namespace.command, "cat", f"/proc/sys/{KEY.replace('.', '/')}"],
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip()

    def write(self, name, ports):
        """A file of the administrator's."""
        (self.files / name).write_text(f"{KEY} = {ports}\n")

    def ports(self, *options, prefix=(), status, is_given=True):
        """Runs it in the namespace, with the host's directory of files; returns its stdout."""
        directory = ["--directory", str(self.files)] if is_given else []
        command = [*self.namespace.command, *prefix, self.spurn]
        done = run(command[0], [*command[1:], "ports", *options, *directory], self.directory)
        assert done.returncode == status, done.stdout + done.stderr
        self.errors = done.stderr
        return done.stdout

    def json(self, *options, status, **how):
        """The same, its JSON."""
        return json.loads(self.ports("--json", *options, status=status, **how))

    def line(self):
        """The line of the file that it has written, without the key; and no other one."""
        lines = (self.files / FILE).read_text().splitlines()
        settings = [line for line in lines if not line.startswith("#")]
        assert len(settings) == 1 and settings[0].startswith(f"{KEY} = ")
        return settings[0][len(KEY) + 3 :]


@pytest.fixture(name="host")
def _host(spurn_path, workdir):
    """A host with nothing on it."""
    if not netns.is_possible():
        conftest.cannot_run("needs root, for a network namespace")
    with netns.namespaces("ports") as (namespace,):
        namespace.run("sysctl", "-qw", f"net.ipv4.ip_local_port_range={FIRST} {LAST}")
        made = Host(namespace, spurn_path, workdir)
        try:
            yield made
        finally:
            made.end()


def rows(answer):
    """Listeners as (address, port, process, state)."""
    return [
        (one["address"], one["port"], one["process"], one["state"]) for one in answer["listeners"]
    ]


def test_nothing(host):
    """Proves that a host without sockets is well, and that there is nothing to fix."""
    answer = host.json(status=0)
    assert answer["listeners"] == [] and answer["line"] is None and answer["chance_any"] == 0
    assert (answer["range"], answer["candidates"]) == ({"first": FIRST, "last": LAST}, 10000)
    assert "Nothing is at risk" in host.ports(status=0)
    assert host.json("--fix", status=0)["fix"]["result"] == "needless"
    assert os.listdir(host.files) == []


def nobody():
    """A command that has the next one run as nobody, and the name of that user."""
    uid, gid = unprivileged_ids()
    return ["setpriv", "--reuid", str(uid), "--regid", str(gid), "--clear-groups"], "nobody"


def test_rows(host):
    """Proves that each service is there, with its address, port, name, process and user, over IPv4
    and IPv6, and nothing else: neither a connected socket nor one of another host."""
    become, user = nobody()
    dns = host.start("dnsd", "127.0.0.1 53", "::1 53", "0.0.0.0 40053", ":: 40053")
    edge = host.start(
        "edge", "127.0.0.1 39999", "0.0.0.0 40000", "127.0.0.2 49999", ":: 50000", mode="fork"
    )
    workers = host.start("workers", *["127.0.0.9 40100"] * 5)
    other = host.start("other", "127.0.0.3 40054", "127.0.0.1 45000 53", prefix=become)
    answer = host.json(status=1)
    assert rows(answer) == [
        ("127.0.0.1", 53, "dnsd", "outside"),
        ("::1", 53, "dnsd", "outside"),
        ("127.0.0.1", 39999, "edge", "outside"),
        ("0.0.0.0", 40000, "edge", "at risk"),
        ("0.0.0.0", 40053, "dnsd", "at risk"),
        ("::", 40053, "dnsd", "at risk"),
        ("127.0.0.3", 40054, "other", "at risk"),
        ("127.0.0.9", 40100, "workers", "at risk"),
        ("127.0.0.2", 49999, "edge", "at risk"),
        ("::", 50000, "edge", "outside"),
    ]
    by_address = {(one["address"], one["port"]): one for one in answer["listeners"]}
    assert by_address["::1", 53]["service"] == "domain"
    assert by_address["0.0.0.0", 40000]["service"] is None
    assert by_address["::1", 53]["pids"] == [dns]
    assert by_address["::", 50000]["pids"] == sorted(edge)
    assert by_address["127.0.0.9", 40100]["pids"] == [workers]
    assert by_address["127.0.0.3", 40054]["pids"] == [other]
    assert by_address["127.0.0.3", 40054]["user"] == user
    assert by_address["127.0.0.1", 53]["user"] == "root"
    assert answer["connected"] == 1 and answer["left_out"] == []
    assert (answer["at_risk"], answer["at_risk_count"]) == ("40000,40053-40054,40100,49999", 5)
    assert answer["chance_each"] == pytest.approx(0.25, rel=1e-9)
    none = 7500 / 10000 * 7499 / 9999 * 7498 / 9998 * 7497 / 9997 * 7496 / 9996
    assert answer["chance_any"] == pytest.approx(1 - none, rel=1e-9)
    assert answer["line"] == f"{KEY} = 40000,40053-40054,40100,49999"
    assert answer["until_boot"] == "" and answer["files"] == []


def test_text(host):
    """Proves what people read."""
    number = host.start("radiusd", "0.0.0.0 1812", "127.0.0.1 41812")
    host.reserve("7000-7001")
    assert (
        host.ports("--exclude", "nothing", status=1)
        == f"""\
ADDRESS     PORT  SERVICE  PROCESS  {'PID'.rjust(len(str(number)))}  USER  AT RISK
0.0.0.0     1812  radius   radiusd  {number}  root       no
127.0.0.1  41812           radiusd  {number}  root   25.0 %

At risk: 1 port. A forwarder that binds a pool of 2,500 random UDP ports at
boot, of the 10,000 that are not reserved (in 40000-49999, the kernel's range),
takes it with a chance of 25.0 %: at about one boot in 4. The service that
starts after it then finds its port taken, and fails to start.

Perhaps chosen by the kernel, and others after the next start: ports without a
name, of processes that have another port. If so:

--exclude 41812

Prevented by this line in /etc/sysctl.d, which spurn ports --fix writes:

{KEY} = 7000-7001,41812

Reserved until the next boot only, as no file of sysctl has them:

7000-7001
"""
    )


def test_range_and_pool(host):
    """Proves that other pools are judged by their own range and size."""
    host.start("daemon", "0.0.0.0 1645", "0.0.0.0 50000", "0.0.0.0 65535")
    answer = host.json("--range", "49152-65535", status=1)
    assert (answer["at_risk"], answer["candidates"]) == ("50000,65535", 16384)
    assert answer["chance_each"] == pytest.approx(2500 / 16384, rel=1e-9)
    answer = host.json("--range=1024-65535", "--pool", "64512", status=1)
    assert (answer["at_risk"], answer["chance_each"]) == ("1645,50000,65535", 1)
    text = host.ports("-r", "1645", "-p", "1", status=1)
    assert "at every boot" in re.sub(r"\s+", " ", text)
    assert host.json("-r", "1646-49999", status=0)["line"] is None


def test_excluded(host):
    """Proves that processes and ports can be left out."""
    host.start("chosen", "0.0.0.0 40001")
    host.start("a.very.long.process.name", "0.0.0.0 40002")
    host.start("service", "0.0.0.0 40003", "0.0.0.0 40004")
    options = ["--exclude", "chosen", "--exclude", "40004", "--exclude", "a.very.long.process.name"]
    answer = host.json(*options, status=1)
    assert [one["state"] for one in answer["listeners"]] == ["excluded"] * 2 + [
        "at risk",
        "excluded",
    ]
    assert answer["line"] == f"{KEY} = 40003"
    host.json(*options, "--exclude=40000-40003", status=0)


def test_services_that_do_not_run(host):
    """Proves that services which could run are at risk, too, if that is asked."""
    host.start("radiusd", "0.0.0.0 1812")
    answer = host.json("--range", "1800-1830", status=1)
    assert answer["at_risk"] == "1812" and answer["not_running"] == []
    answer = host.json("--range", "1800-1830", "--services", status=1)
    assert answer["at_risk"] == "1812-1813"
    assert [(one["port"], one["service"]) for one in answer["not_running"]] == [
        (1813, "radius-acct")
    ]


def test_reserved(host):
    """Proves that reserved ports are safe, and that none of them is lost from the line."""
    host.start("daemon", "0.0.0.0 40001", "0.0.0.0 40003")
    host.reserve("53,40003,49990-50010")
    host.write("20-admin.conf", "8080,40002")
    answer = host.json(status=1)
    assert [one["state"] for one in answer["listeners"]] == ["at risk", "reserved"]
    assert (answer["reserved"], answer["candidates"]) == ("53,40003,49990-50010", 10000 - 11)
    assert answer["chance_each"] == pytest.approx(2500 / (10000 - 11), rel=1e-9)
    assert answer["line"] == f"{KEY} = 53,8080,40001-40003,49990-50010"
    assert answer["until_boot"] == answer["reserved"]
    path = str(host.files / "20-admin.conf")
    assert answer["files"] == [{"path": path, "line": 1, "ports": "8080,40002"}]
    host.reserve("40001-40003")
    assert host.json(status=0)["line"] is None


def test_fix(host):
    """Proves that --fix writes a file that the kernel takes, once, and that nothing is at risk then."""
    host.start("daemon", "0.0.0.0 40001", ":: 40002", "127.0.0.1 40009")
    host.reserve("123")
    text = host.ports("--fix", status=0)
    path = host.files / FILE
    assert f"sysctl -p {path}" in re.sub(r"\s+", " ", text)
    assert host.line() == "123,40001-40002,40009" and os.listdir(host.files) == [FILE]
    assert path.stat().st_mode & 0o7777 == 0o644
    # With a directory of one's own the kernel is left alone.
    assert host.reserved() == "123"
    before = path.stat()
    answer = host.json("--fix", status=0)
    assert (answer["fix"]["result"], answer["fix"]["in_effect"]) == ("needless", False)
    host.namespace.run("sysctl", "-q", "-p", str(path))
    assert host.reserved() == "123,40001-40002,40009"
    answer = host.json("--fix", status=0)
    assert answer["fix"]["in_effect"] is True and answer["at_risk"] == ""
    after = path.stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)
    # A service that ends loses nothing, and one that comes is added.
    host.end()
    host.start("next", "0.0.0.0 40003")
    assert host.json("--fix", status=0)["fix"]["result"] == "written"
    assert host.line() == "123,40001-40003,40009"


def test_fix_among_other_files(host):
    """Proves that what other files reserve stays, and that one which wins is named."""
    host.start("daemon", "0.0.0.0 40001")
    host.write("10-early.conf", "111")
    host.write("49-bad.conf", "1,2,x")
    assert host.json("--fix", status=0)["fix"]["result"] == "written"
    assert "49-bad.conf:1: 'x' is no port" in host.errors
    assert host.line() == "111,40001"
    host.write("90-late.conf", "222")
    text = host.ports("--fix", status=1)
    assert host.line() == "111,222,40001"
    assert f"{host.files}/90-late.conf:1 is read behind it" in re.sub(r"\s+", " ", text)
    answer = host.json("--fix", status=1)
    assert answer["fix"]["result"] == "overridden"
    assert [os.path.basename(one["path"]) for one in answer["files"]] == [
        "10-early.conf",
        FILE,
        "90-late.conf",
    ]
    # Who has all of it may win.
    host.write("90-late.conf", "100-300,40001")
    assert host.json("--fix", status=0)["fix"]["result"] == "needless"


def mounted(host):
    """A command that has the next one find the host's directory at /etc/sysctl.d, in a mount
    namespace."""
    script = f'mount --bind {host.files} /etc/sysctl.d && exec "$@"'
    return ["unshare", "-m", "sh", "-c", script, "sh"]


def test_fix_takes_effect(host):
    """Proves that --fix without a directory writes the system's file (in a mount namespace here, which
    has another /etc/sysctl.d) and reserves the ports at once."""
    host.start("daemon", "0.0.0.0 40001")
    host.reserve("77")
    mount = mounted(host)
    text = host.ports("--fix", status=0, prefix=mount, is_given=False)
    assert "in effect now" in re.sub(r"\s+", " ", text)
    assert host.reserved() == "77,40001"
    reserved = set(host.line().split(","))
    assert reserved >= {"77", "40001"} and not os.path.exists(f"/etc/sysctl.d/{FILE}")
    assert host.json(status=0, prefix=mount, is_given=False)["at_risk"] == ""


def test_a_pool_takes_no_service(host):
    """Proves what all of this is for: a pool that takes all ports that the kernel gives has the
    services' ports, and with the line it does not."""
    host.namespace.run("sysctl", "-qw", "net.ipv4.ip_local_port_range=40000 40063")
    services = [40005, 40006, 40063]
    host.start("daemon", *(f"0.0.0.0 {port}" for port in services))
    host.ports("--fix", status=0)
    host.end()

    def taken():
        with contextlib.ExitStack() as stack:
            pool = []
            while True:
                sock = stack.enter_context(host.namespace.socket())
                try:
                    sock.bind(("0.0.0.0", 0))
                except OSError as error:
                    assert error.errno == errno.EADDRINUSE
                    return sorted(pool)
                pool.append(sock.getsockname()[1])

    assert taken() == list(range(40000, 40064))
    host.namespace.run("sysctl", "-q", "-p", str(host.files / FILE))
    assert taken() == [port for port in range(40000, 40064) if port not in services]
    host.start("daemon", *(f"0.0.0.0 {port}" for port in services))
    assert host.json(status=0)["chance_any"] == 0


def test_long_lists(host):
    """Proves that lists longer than a page of memory, which the kernel writes and takes in parts, are
    whole. (They are written and read by spurn itself here: sysctl -p of procps gives the kernel the
    first page only, while systemd-sysctl, at boot, gives all.)"""
    host.start("daemon", "0.0.0.0 40000")
    ports = ",".join(str(port) for port in range(30001, 50001, 2))
    expected = ports.replace("39999,40001", "39999-40001")
    host.write("10-long.conf", ports)
    text = host.ports("--fix", status=0, prefix=mounted(host), is_given=False)
    assert "first 4,092 bytes" in re.sub(r"\s+", " ", text)
    answer = host.json(status=0)
    assert answer["reserved"] == expected and host.line() == expected
    assert [one["state"] for one in answer["listeners"]] == ["reserved"]


def test_pool_is_no_service(host):
    """Proves that a process with many scattered ports is taken for a forwarder with a pool, and told;
    and that one can say it is not."""
    scattered = [f"0.0.0.0 {port}" for port in range(40100, 40140, 2)]
    number = host.start("forwarder", "0.0.0.0 53", "0.0.0.0 40053", *scattered)
    host.start("rtp", *(f"0.0.0.0 {port}" for port in range(40200, 40230)))
    text = re.sub(r"\s+", " ", host.ports(status=1))
    assert f"Left out: 21 ports of forwarder ({number})" in text
    answer = host.json("--exclude", "rtp", status=0)
    pool = {"reason": "pool", "process": "forwarder", "pid": number, "user": "root", "ports": 21}
    assert answer["left_out"] == [pool]
    assert len(answer["listeners"]) == 1 + 30
    answer = host.json("--include", "forwarder", status=1)
    assert answer["left_out"] == [] and answer["at_risk_count"] == 21 + 30
    answer = host.json("--include", "40053", "--exclude", "rtp", status=1)
    assert answer["left_out"] == [dict(pool, ports=20)] and answer["at_risk"] == "40053"


def test_sockets_that_come_and_go(host):
    """Proves that sockets of queries on their way are left out, and services of the same process are
    not."""
    host.start("forwarder", "0.0.0.0 53", "0.0.0.0 40053", mode="churn")
    services = [
        ("0.0.0.0", 53, "forwarder", "outside"),
        ("0.0.0.0", 40053, "forwarder", "at risk"),
    ]
    answers = []

    def is_right():
        # Not at once, if the forwarder stands still for want of a CPU just then.
        answers.append(host.json(status=1))
        return rows(answers[-1]) == services and answers[-1]["left_out"] != []

    wait_until(is_right, "sockets to come and go")
    (passing,) = answers[-1]["left_out"]
    assert (passing["reason"], passing["user"]) == ("passing", "root") and passing["sockets"] > 2


def test_forwarders_that_choose(host):
    """Proves that those which do not ask the kernel get lines of their own."""
    host.start("unbound", "127.0.0.1 53", "0.0.0.0 40001")
    host.start("named", "127.0.0.2 53", "0.0.0.0 40002")
    host.start("kresd", "127.0.0.3 53")
    answer = host.json(status=1)
    assert answer["forwarders"] == [
        {
            "process": "unbound",
            "file": "unbound.conf",
            "lines": "server:\n\toutgoing-port-avoid: 40001-40002",
        },
        {
            "process": "named",
            "file": "named.conf",
            "lines": "options {\n\tavoid-v4-udp-ports { range 40001 40002; };\n"
            "\tavoid-v6-udp-ports { range 40001 40002; };\n};",
        },
    ]


def test_socket_without_a_process(host):
    """Proves that a socket that no process has open (as one of the kernel's own: this one is on its way
    to another process) is listed as such."""
    one, other = socket.socketpair(socket.AF_UNIX)
    with one, other:
        with host.namespace.socket() as sock:
            sock.bind(("127.0.0.1", 40001))
            socket.send_fds(one, [b"x"], [sock.fileno()])
        answer = host.json(status=1)
        assert rows(answer) == [("127.0.0.1", 40001, None, "at risk")]
        (listener,) = answer["listeners"]
        assert listener["pids"] == [] and listener["user"] == "root"
        # Where even root may not look into all processes, it could be one of theirs.
        assert listener["is_kernel"] is not answer["is_partial"]
        for sock in socket.recv_fds(other, 1, 1)[1]:
            os.close(sock)
    assert host.json(status=0)["listeners"] == []


def test_who_is_not_root(host):
    """Proves that others see all ports, and the processes that are theirs; and cannot write where
    they must not."""
    become, user = nobody()
    host.start("roots", "0.0.0.0 40001")
    mine = host.start("mine", "0.0.0.0 40002", prefix=become)
    answer = host.json(status=1, prefix=become)
    assert rows(answer) == [
        ("0.0.0.0", 40001, None, "at risk"),
        ("0.0.0.0", 40002, "mine", "at risk"),
    ]
    assert [one["user"] for one in answer["listeners"]] == ["root", user]
    assert answer["listeners"][1]["pids"] == [mine] and answer["is_partial"] is True
    assert "root sees them all" in host.ports(status=1, prefix=become)
    assert host.ports("--fix", status=2, prefix=become) == ""
    assert f"cannot write {host.files}/{FILE}: Permission denied; run this as root" in host.errors
    assert os.listdir(host.files) == []


@pytest.mark.parametrize(
    "options, message",
    [
        (["--pool", "0"], "--pool 0: give the number of ports that a pool has, 1 to 65536"),
        (["--pool", "65537"], "1 to 65536"),
        (["--pool", "x"], "--pool x"),
        (["--range", "5-"], "--range 5-: '5-' is no port"),
        (["--range", "9-8"], "--range 9-8: '9-8' ends before it begins"),
        (["--range", "1-70000"], "more than 65535"),
        (["--exclude", "70000"], "--exclude 70000: '70000' is more than 65535"),
        (["--include", ""], "--include: give the name of a process, or ports"),
        (["40000"], "'40000': nothing but options"),
        (["--nonsense"], "nonsense"),
    ],
)
def test_mistakes(spurn_path, workdir, options, message):
    """Proves that a command line that is wrong is told so, and status 2."""
    done = run(spurn_path, ["ports", *options], workdir)
    assert done.returncode == 2 and message in done.stderr
