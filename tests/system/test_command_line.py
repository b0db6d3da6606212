# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""The command line: what is refused and how, and what a start and a stop look like."""

import gzip
import os
import re
import signal
import stat
import subprocess

import pytest

import conftest
from lib import daemon, udp, wire
from lib.daemon import NO_CONTROL, free_port, run, user_options, wait_until

GOOD = "bl.test:ip4set:list"
FILES = {"list": "1.2.3.4\n"}
NAME = "4.3.2.1.bl.test"


@pytest.fixture(name="spurnd_run")
def _spurnd_run(spurnd_path, workdir):
    """Runs spurnd to its end with -n, a good -b and the arguments; returns the CompletedProcess."""
    (workdir / "list").write_text(FILES["list"])

    def go(*arguments, plain=False):
        port = free_port()
        base = [] if plain else ["-n", *user_options(), *NO_CONTROL, "-b", f"127.0.0.1/{port}"]
        done = run(spurnd_path, [*base, *arguments], workdir)
        with udp.open_socket("127.0.0.1", port, 0.2) as sock:
            sock.send(wire.query(NAME))
            with pytest.raises(ConnectionRefusedError):
                sock.recv(512)
        return done

    return go


def test_help_teaches(spurnd_path, workdir):
    """Proves that --help goes to stdout with status 0, fits a terminal, and names every option and
    data set type."""
    done = run(spurnd_path, ["--help"], workdir)
    assert (done.returncode, done.stderr) == (0, "")
    assert [line for line in done.stdout.splitlines() if len(line) > 80] == []
    for word in (
        "-u",
        "-r",
        "-w",
        "-b",
        "-4",
        "-6",
        "-t",
        "-c",
        "-e",
        "-q",
        "-p",
        "-n",
        "-a",
        "-A",
        "-v",
        "--workers",
        "--no-tcp",
        "--tcp-connections",
        "--tcp-per-client",
        "--tcp-idle",
        "--tcp-message",
        "--tcp-total",
        "--version",
        "-f",
        "-l",
        "-s",
        "-F",
        "-C",
        "zone:type:file",
        "ip4set",
        "ip4tset",
        "ip4trie",
        "ip6trie",
        "ip6tset",
        "dnset",
        "generic",
        "HUP",
    ):
        assert word in done.stdout, word
    for name in ("combined", "compiled", "cdb", "acl", "aclkey"):
        assert f"          {name} " in done.stdout, name


def test_version(spurnd_path, workdir):
    """Proves that --version goes to stdout with status 0, and is a program and a number."""
    done = run(spurnd_path, ["--version"], workdir)
    assert (done.returncode, done.stderr) == (0, "")
    assert re.match(r"spurnd? \d+\.\d+", done.stdout)


# Arguments, and what the message has to say.
WRONG = {
    "unknown option": (["-Z", GOOD], "-Z"),
    "unknown long option": (["--bogus", GOOD], "--bogus"),
    "option without its value": ([GOOD, "-t"], "-t"),
    "no zone": ([], "zone"),
    "zone alone": (["bl.test"], "bl.test"),
    "no files": (["bl.test:ip4set"], "bl.test:ip4set"),
    "empty files": (["bl.test:ip4set:"], "bl.test:ip4set:"),
    "files of commas": (["bl.test:ip4set:,:,"], "files"),
    "empty zone": ([":ip4set:list"], ":ip4set:list"),
    "root zone": ([".:ip4set:list"], "root"),
    "no type": (["bl.test::list"], "type"),
    "unknown type": (["bl.test:ip5set:list"], "ip5set"),
    "label too long": (["x" * 64 + ".test:ip4set:list"], "name"),
    "name too long": ([".".join(["x" * 60] * 5) + ":ip4set:list"], "name"),
    "second zone bad": ([GOOD, "bl.test:ip4set"], "bl.test:ip4set"),
    "TTL zero": (["-t", "0", GOOD], "-t 0"),
    "TTL no number": (["-t", "x", GOOD], "-t x"),
    "TTL of two units": (["-t", "1h30m", GOOD], "-t 1h30m"),
    "TTL outside of its bounds": (["-t", "10:50:200", GOOD], "-t 10:50:200"),
    "TTL bounds crossed": (["-t", "60:120:30", GOOD], "-t 60:120:30"),
    "four TTLs": (["-t", "1:2:3:4", GOOD], "-t 1:2:3:4"),
    "check no time": (["-c", "often", GOOD], "-c often"),
    "facility unknown": (["-F", "local8", GOOD], "-F local8"),
    "no workers": (["--workers", "0", GOOD], "--workers 0"),
    "workers no number": (["--workers", "many", GOOD], "--workers many"),
    "port too large": (["-b", "127.0.0.1/65536", GOOD], "65536"),
    "port no service": (["-b", "127.0.0.1/nosuchservice", GOOD], "nosuchservice"),
    "address no address": (["-b", "127.0.0.1.1/5300", GOOD], "127.0.0.1.1"),
    "IPv6 where IPv4 is wanted": (["-4", "-b", "::1/5300", GOOD], "::1"),
    "IPv4 where IPv6 is wanted": (["-6", GOOD], "127.0.0.1"),
    "unknown user": (["-u", "nosuchuser-spurn", GOOD], "nosuchuser-spurn"),
    "unknown group": (["-u", "nobody:nosuchgroup-spurn", GOOD], "nosuchgroup-spurn"),
    "user root": (["-u", "root", GOOD], "root"),
    **{
        f"rbldnsd's -{letter}": ([f"-{letter}", *value, GOOD], f"-{letter}")
        for letter, value in (("x", ["ext"]), ("X", ["arg"]))
    },
}


@pytest.mark.parametrize("arguments, says", WRONG.values(), ids=WRONG.keys())
def test_wrong_command_line(spurnd_run, arguments, says):
    """Proves that a wrong command line is status 2 with a message that names what is wrong, and
    starts nothing. What rbldnsd has and spurnd has not is refused by name."""
    done = spurnd_run(*arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    assert says in done.stderr
    assert "started" not in done.stderr


def test_no_address(spurnd_run):
    """Proves that without -b nothing starts (status 2)."""
    done = spurnd_run("-n", GOOD, plain=True)
    assert done.returncode == 2 and "-b" in done.stderr


@pytest.mark.parametrize(
    "spec, says",
    [
        ("bl.test:ip4set:absent", "absent"),
        ("bl.test:ip4trie:list,absent", "absent"),
        ("bl.test:generic:.", "."),
        ("bl.test:ip4tset:unreadable", "unreadable"),
        ("bl.test:ip4set:packed", "packed: is compressed"),
        ("bl.test:ip4set:pipe", "pipe"),
    ],
)
def test_load_failure(spurnd_run, workdir, spec, says):
    """Proves that a file that is missing, unreadable, cut, a directory or a pipe (which would make
    it wait for ever) ends the start with status 1 and the file's name, though another zone is
    fine."""
    (workdir / "packed").write_bytes(gzip.compress(b"1.2.3.4\n")[:-1])
    os.mkfifo(workdir / "pipe")
    if says == "unreadable" and os.geteuid() != 0:
        (workdir / "unreadable").write_text("1.2.3.4\n")
        (workdir / "unreadable").chmod(0)
    elif says == "unreadable":
        (workdir / "unreadable").write_text("1.2.3.4\n")
        (workdir / "unreadable").chmod(stat.S_IRUSR)
    done = spurnd_run("good.test:ip4set:list", spec)
    assert done.returncode == 1
    assert says in done.stderr and "started" not in done.stderr


@pytest.mark.parametrize("option", ["-t", "--ttl"])
@pytest.mark.parametrize(
    "value, ttl",
    [
        ("1h", 3600),
        ("60", 60),
        ("60:", 60),
        (":10m", 2100),
        ("::1h", 2100),
        ("5m:1m", 300),
        ("30:20:3600", 30),
        ("2W", 1209600),
    ],
)
def test_ttl_forms(spurnd, client, option, value, ttl):
    """Proves each form of -t by the TTL of an answer."""
    server = spurnd.start([GOOD], FILES, (option, value))
    (answer,) = client(server).ask(NAME).answer
    assert answer.ttl == ttl


def test_ttl_bounds(spurnd, client):
    """Proves that -t clamps the TTLs that data give, but not the MINIMUM of a SOA."""
    server = spurnd.start(
        [GOOD, "g.test:generic:g"],
        {
            "list": "$SOA 5 a b 1 2 3 4 7\n$NS 9999 c\n$TTL 5\n1.2.3.4\n",
            "g": "a 7 A 1\nb 5000 A 1\nc 100 A 1\n",
        },
        ("-t", "100:60:3600"),
    )
    one = client(server)
    assert [record.ttl for record in one.ask(NAME).answer] == [60]
    assert [record.ttl for record in one.ask(NAME).authority] == [3600]
    assert [record.ttl for record in one.ask("5.3.2.1.bl.test").authority] == [7]
    assert [record.ttl for record in one.ask("bl.test", wire.SOA).answer] == [60]
    assert [one.ask(f"{name}.g.test").answer[0].ttl for name in "abc"] == [60, 3600, 100]


def test_quick_start(spurnd, client, workdir):
    """Proves that -q serves although a file is missing: its zone answers SERVFAIL, the others do,
    and the file is taken as soon as it is there."""
    server = spurnd.start([GOOD, "late.test:ip4set:late"], FILES, ("-q",))
    one = client(server)
    wait_until(lambda: one.ask(NAME).rcode == wire.NOERROR, "the loaded zone")
    for name, qtype in (("4.3.2.1.late.test", wire.A), ("late.test", wire.SOA)):
        reply = one.ask(name, qtype)
        assert (reply.rcode, reply.answer, reply.authority) == (wire.SERVFAIL, (), ())
    (workdir / "late").write_text("1.2.3.4\n")
    server.send_signal(signal.SIGHUP)
    wait_until(lambda: one.ask("4.3.2.1.late.test").rcode == wire.NOERROR, "the late zone")


def test_started_line(spurnd):
    """Proves what is logged at the start: a line with sockets, zones and workers, and before it one
    for each data set with entries, bytes and seconds; shared data sets once."""
    second = free_port()
    server = spurnd.start(
        [
            "a.test:ip4set:list",
            "b.test:ip4set:list",
            "b.test:generic:names",
            "c.test:ip4trie:nets,list",
        ],
        {
            "list": "1.2.3.4\n1.2.3.5\n10.0.0.0/24\n",
            "names": "a A 1\nb A 2\n",
            "nets": "10.0.0.0/8\n!10.1.0.0/16\n",
        },
        ("--workers", "3", "-b", f"127.0.0.1/{second}"),
    )
    lines = server.log().splitlines()
    started = next(number for number, line in enumerate(lines) if "started" in line)
    for text in ("2 sockets", "3 zones", "3 workers"):
        assert text in lines[started]
    for dataset, entries in (("ip4set:list", 3), ("generic:names", 2), ("ip4trie:nets,list", 5)):
        found = [line for line in lines[:started] if f"{dataset}: " in line]
        assert len(found) == 1, dataset
        assert re.search(
            rf"\b{entries} entries\b.*\b\d+ bytes\b.*\b\d+\.\d+ seconds", found[0]
        ), found


def test_signals_end_it(spurnd):
    """Proves that SIGTERM and SIGINT end it with status 0, and that SIGUSR1 and SIGUSR2 do not."""
    for number in (signal.SIGTERM, signal.SIGINT):
        server = spurnd.start([GOOD], FILES)
        for other in (signal.SIGUSR1, signal.SIGUSR2):
            server.send_signal(other)
        server.wait_log("queries")
        server.stop(number)


def test_port_in_use(spurnd, spurnd_run):
    """Proves that a second server on the same port does not start (status 1), says so, and does not
    take queries from the first, though both share ports among their workers."""
    server = spurnd.start([GOOD], FILES)
    done = spurnd_run("-b", f"127.0.0.1/{server.port}", GOOD)
    assert done.returncode == 1 and str(server.port) in done.stderr and "in use" in done.stderr
    with udp.Client("127.0.0.1", server.port) as one:
        assert all(one.ask(NAME).rcode == wire.NOERROR for _ in range(50))


def test_long_options(spurnd, client):
    """Proves that the long options do what the short ones do."""
    server = spurnd.start(
        [GOOD],
        {"list": "$NS 5 a\n1.2.3.4/24\n"},
        (
            "--ttl=77",
            "--allow-host-bits",
            "--minimal-answers",
            "--hide-version",
            "--workers=1",
            "--check=1h",
            "--ent=nxdomain",
        ),
    )
    one = client(server)
    reply = one.ask(NAME)
    assert [record.ttl for record in reply.answer] == [77] and reply.authority == ()
    assert one.ask("3.2.1.bl.test").rcode == wire.NXDOMAIN
    assert one.ask("version.bind", wire.TXT, wire.CH).answer[0].rdata[1:].isalpha()


def needs_root():
    """Skips (or, in CI, fails) a test that only root can run."""
    if os.geteuid() != 0:
        conftest.cannot_run("needs root")


def test_becomes_the_user(spurnd):
    """Proves that a server started by root becomes the user of -u, with that user's groups alone,
    and can write a pid file before that."""
    needs_root()
    uid, gid = daemon.unprivileged_ids()
    for spec, group in (("nobody", gid), ("nobody:daemon", 1), (f"{uid}:{gid}", gid)):
        server = spurnd.start([GOOD], FILES, user=["-u", spec])
        with open(f"/proc/{server.process.pid}/status", encoding="ascii") as status:
            fields = dict(line.rstrip("\n").split(":\t", 1) for line in status if ":\t" in line)
        assert set(fields["Uid"].split()) == {str(uid)} and set(fields["Gid"].split()) == {
            str(group)
        }
        assert set(fields["Groups"].split()) <= {str(group)}
        assert int(fields["CapEff"], 16) == 0


def test_root_needs_a_user(spurnd_run, spurnd_path, workdir):
    """Proves that a server never runs as root: without -u it becomes rbldns or does not start."""
    needs_root()
    if (
        subprocess.run(["getent", "passwd", "rbldns"], capture_output=True, check=False).returncode
        == 0
    ):
        server = daemon.Daemon(spurnd_path, [GOOD], workdir, user=[])
        try:
            assert os.stat(f"/proc/{server.process.pid}").st_uid != 0
            server.stop()
        finally:
            server.kill()
    else:
        done = spurnd_run("-n", "-b", f"127.0.0.1/{free_port()}", GOOD, plain=True)
        assert done.returncode == 2 and "rbldns" in done.stderr


def test_chroot(spurnd, client, workdir):
    """Proves that -r makes the files' paths those of the new root, -w is inside of it, a reload
    works there, and the pid file is of the old root."""
    needs_root()
    (workdir / "root" / "zones").mkdir(parents=True)
    (workdir / "root").chmod(0o755)
    (workdir / "root" / "zones" / "list").write_text("1.2.3.4\n")
    pidfile = workdir / "pid"
    server = spurnd.start(
        ["bl.test:ip4set:list", "b.test:ip4set:/zones/list"],
        None,
        ("-r", str(workdir / "root"), "-w", "/zones", "-p", str(pidfile)),
        look_for_leaks=False,
    )
    one = client(server)
    assert one.ask(NAME).rcode == wire.NOERROR and one.ask("4.3.2.1.b.test").rcode == wire.NOERROR
    assert int(pidfile.read_text()) == server.process.pid
    (workdir / "root" / "zones" / "list").write_text("1.2.3.40\n")
    server.send_signal(signal.SIGHUP)
    wait_until(lambda: one.ask("40.3.2.1.bl.test").rcode == wire.NOERROR, "the reload")


def test_pid_file(spurnd, workdir):
    """Proves that -p writes the number of the process, and that it is gone, or empty where the
    directory belongs to somebody else, after the end."""
    pidfile = workdir / "pid"
    server = spurnd.start([GOOD], FILES, ("-p", str(pidfile)))
    assert pidfile.read_text() == f"{server.process.pid}\n"
    server.stop()
    assert not pidfile.exists() or pidfile.read_text() == ""


@pytest.mark.parametrize("kind", ["directory", "symbolic link", "absent directory"])
def test_pid_file_fails(spurnd_run, workdir, kind):
    """Proves that a pid file that cannot be written stops the start, and that a symbolic link is
    not followed: root could be made to overwrite any file."""
    victim = workdir / "victim"
    victim.write_text("precious")
    pidfile = workdir / "pid"
    if kind == "directory":
        pidfile.mkdir()
    elif kind == "symbolic link":
        pidfile.symlink_to(victim)
    else:
        pidfile = workdir / "absent" / "pid"
    done = spurnd_run("-p", str(pidfile), GOOD)
    assert done.returncode == 1 and str(pidfile) in done.stderr
    assert victim.read_text() == "precious"
