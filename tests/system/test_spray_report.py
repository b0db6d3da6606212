# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""What `spurn spray` shows: the spread over three spurnds behind one address, as text, JSON and picture, whose
numbers agree and are true; advice where all queries end at one server; names of servers that are evil to
terminals and XML; and a line that tells how far it is, on terminals only."""

import contextlib
import fcntl
import json
import os
import pty
import re
import signal
import struct
import subprocess
import termios
from xml.etree import ElementTree

import pytest

from conftest import work_directory
from lib import daemon, director
from lib.daemon import run

ZONE = "bl.test:ip4set:list"
NAMES = ["alpha", "beta", "gamma"]
QUERIES = 600
# Nothing is lost because a machine is slow.
COUNT = ("-n", str(QUERIES), "-w", "60")
# All that a terminal and a file are to see.
PLAIN = re.compile(r"[\n -~]*")
EVIL = [
    b"<a b='\"&]]>\x1b[2J\r\n\t\x01",
    b"\x7f\x80\x9b\xff\xc2\x9b\xe2\x80\xae",
    b"&lt;-->\\",
    b"x" * 128,
    b"\x00",
]


@pytest.fixture(name="directory", scope="module")
def _directory():
    """A directory with a list, as a zone file and as a plain one."""
    entries = "".join(f"192.0.2.{i}\n" for i in range(1, 200))
    with work_directory() as path:
        (path / "list").write_text(f"$SOA 0 a b 0 1h 1h 1h 1h\n:2:Spam\n{entries}")
        (path / "plain").write_text(entries)
        yield path


@pytest.fixture(name="ports", scope="module")
def _ports(spurnd_path, directory):
    """The ports of three spurnds, with NAMES."""
    with contextlib.ExitStack() as stack:
        servers = []
        for name in NAMES:
            place = directory / name
            place.mkdir()
            (place / "list").write_text((directory / "list").read_text())
            place.chmod(0o755)
            server = daemon.Daemon(spurnd_path, ["--nsid", name, ZONE], place)
            stack.callback(server.stop)
            servers.append(server)
        yield [server.port for server in servers]


@pytest.fixture(name="spray")
def _spray(spurn_path, directory):
    """Runs `spurn spray` against a port; returns the CompletedProcess with text."""

    def go(port, *arguments, what=(ZONE,)):
        return run(
            spurn_path,
            ["spray", f"@127.0.0.1:{port}", *COUNT, *arguments, *what],
            directory,
        )

    return go


def rows_of(text):
    """The rows of the table: a list of (server, answers)."""
    head, _, body = text.partition("SERVER ")
    assert head and body, text
    rows = []
    for line in body.splitlines()[1:]:
        if not line:
            break
        name, answers = re.match(r"(.*?) +([\d,]+) +[<>]? ?[\d.]+ % ", line + " ").groups()
        rows.append((name, int(answers.replace(",", ""))))
    return rows


def picture_of(path):
    """What a picture says: its description, and (server, answers) of its bars."""
    tree = ElementTree.parse(path).getroot()
    space = "{http://www.w3.org/2000/svg}"
    assert tree.tag == f"{space}svg" and tree.get("version") == "1.1"
    assert tree.find(f"{space}title").text
    bars = []
    for group in tree.iter(f"{space}g"):
        name, _, answers = group.find(f"{space}title").text.rpartition(": ")
        bars.append((name, int(answers)))
    return tree.find(f"{space}desc").text, bars


def test_spread(spray, ports, directory):
    """Three servers, 60 flows by turns: each has its share, and all forms say the same."""
    picture = directory / "spread.svg"
    with director.Director(ports) as front:
        done = spray(front.port, "--pool", "60", "--svg", str(picture), "--json")
    assert done.returncode == 0 and done.stderr == ""
    told = json.loads(done.stdout)
    assert (told["sent"], told["answered"], told["lost"]) == (QUERIES, QUERIES, 0)
    assert front.queries == QUERIES
    assert told["wrong_rcode"] == told["wrong_answer"] == 0
    assert [server["nsid"] for server in told["servers"]] == NAMES
    assert [bytes.fromhex(server["nsid_hex"]).decode() for server in told["servers"]] == NAMES
    answers = [server["answered"] for server in told["servers"]]
    assert sum(answers) == QUERIES
    spread = told["spread"]
    assert spread["max"] == max(answers) and spread["min"] == min(answers)
    assert spread["max_to_mean"] == pytest.approx(max(answers) * 3 / QUERIES)
    assert spread["servers"] == 3 and spread["unnamed"] == 0
    assert told["ports"]["used"] == len(front.flows)
    assert 0 < told["ports"]["entropy"] <= told["ports"]["entropy_max"]
    latency = told["latency_us"]
    assert 0 < latency["p50"] <= latency["p90"] <= latency["p99"] <= latency["max"]
    words, bars = picture_of(picture)
    assert bars == list(zip(NAMES, answers))
    assert f"answered {QUERIES} of {QUERIES} queries" in words


def test_each_packet_by_itself(spray, ports, directory):
    """One socket and one-packet scheduling: exactly a third each; table and picture have it."""
    picture = directory / "packets.svg"
    with director.Director(ports, one_packet=True) as front:
        done = spray(front.port, "--sockets", "1", "--svg", str(picture))
    assert done.returncode == 0 and done.stderr == ""
    assert rows_of(done.stdout) == [(name, QUERIES // 3) for name in NAMES]
    assert done.stdout.endswith("\nmax/mean 1.00: even\n")
    assert picture_of(picture)[1] == rows_of(done.stdout)
    assert PLAIN.fullmatch(done.stdout)


def test_one_socket_is_pinned(spray, ports):
    """One socket is one flow: one server has all, and it says what to do about that."""
    with director.Director(ports) as front:
        done = spray(front.port, "--sockets", "1")
    assert done.returncode == 0
    assert rows_of(done.stdout) == [(NAMES[0], QUERIES)]
    assert done.stdout.endswith("\nmax/mean 1.00: pinned to 1 of 1 seen\n")
    assert "doc/forwarders.md" in done.stdout and "-s wrr -o" in done.stdout
    with director.Director(ports) as front:
        done = spray(front.port, "--sockets", "1", "--servers", "3")
    assert "\nand 2 more that gave no answer\n" in done.stdout
    assert done.stdout.endswith("\nmax/mean 3.00: pinned to 1 of 3\n")


@pytest.mark.parametrize("locale", ["C", "C.UTF-8"])
def test_evil_names(spurn_path, directory, locale):
    """Whatever servers call themselves: nothing but printable ASCII comes out, and what came in can be
    told from it."""
    picture = directory / f"evil-{locale}.svg"
    command = [spurn_path, "spray", "-n", "100", "-w", "60", "--list", "-", "--svg", str(picture)]
    with director.Pretender(EVIL) as server:
        command += [f"@127.0.0.1:{server.port}", "bl.test"]
        outputs = [
            subprocess.run(
                command + more,
                input=b"192.0.2.1\n",
                capture_output=True,
                timeout=daemon.PATIENCE_S,
                env=dict(daemon.environment(), LC_ALL=locale),
                check=True,
            ).stdout.decode("ascii")
            for more in ([], ["--json"])
        ]
    assert all(PLAIN.fullmatch(output) for output in outputs)
    told = json.loads(outputs[1])["servers"]
    assert {bytes.fromhex(server["nsid_hex"]) for server in told} == set(EVIL)
    assert {server["answered"] for server in told} == {100 // len(EVIL)}
    assert sorted(rows_of(outputs[0])) == sorted((server["nsid"], 20) for server in told)
    assert sorted(picture_of(picture)[1]) == sorted((server["nsid"], 20) for server in told)


def test_servers_without_names(spray):
    """It says what is missing, and how to have it."""
    what = ("--list", "plain", "bl.test")
    with director.Pretender([None]) as server:
        done = spray(server.port, what=what)
        unasked = spray(server.port, "--no-nsid", what=what)
        told = json.loads(spray(server.port, "--json", what=what).stdout)
    assert rows_of(done.stdout) == [("(no NSID)", QUERIES)]
    assert "'--nsid NAME'" in done.stdout
    assert done.stdout.endswith("\nmax/mean: not known\n")
    assert "were not asked" in unasked.stdout
    assert told["spread"]["verdict"] == "unknown" and told["spread"]["max_to_mean"] is None
    assert told["servers"] == [{"nsid": None, "nsid_hex": None, "answered": QUERIES}]
    with director.Pretender([b"a", b"b", None]) as server:
        done = spray(server.port, what=what)
    assert rows_of(done.stdout) == [(name, QUERIES // 3) for name in ("a", "b", "(no NSID)")]
    assert "Some answers do not say" in done.stdout
    assert done.stdout.endswith("\nmax/mean 1.00: even\n")


def test_nobody_there(spray, directory):
    """Status 1, and a look at the right place; the picture says so, too."""
    picture = directory / "nobody.svg"
    done = spray(daemon.free_port(), "-n", "100", "-w", "0.2", "--svg", str(picture))
    assert done.returncode == 1
    assert "Nobody listens at 127.0.0.1" in done.stdout
    assert "max/mean" not in done.stdout
    assert picture_of(picture)[1] == []


def test_picture_that_cannot_be(spray, directory):
    """Told before anything is asked, and nothing is left behind."""
    before = sorted(os.listdir(directory))
    with director.Pretender([b"a"]) as server:
        done = spray(server.port, "--svg", str(directory / "no" / "such.svg"))
        assert done.returncode == 2 and done.stdout == ""
        assert "such.svg: No such file or directory" in done.stderr
        done = spray(server.port, "--svg", str(directory))
        assert done.returncode == 2 and "Is a directory" in done.stderr
        assert server.queries == 0
    assert sorted(os.listdir(directory)) == before


def watch(command, directory, columns, *, until=None, is_stdout_terminal=True):
    """Runs a command whose stderr, and perhaps stdout, is a terminal of so many columns; with Ctrl-C when
    the terminal has got what the pattern `until` matches. Returns what it got, and stdout if that is not the
    same."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    with subprocess.Popen(
        command,
        cwd=directory,
        stdin=subprocess.DEVNULL,
        stdout=theirs if is_stdout_terminal else subprocess.PIPE,
        stderr=theirs,
        env=dict(daemon.environment(), LC_ALL="C.UTF-8"),
    ) as process:
        os.close(theirs)
        seen = b""
        with contextlib.suppress(OSError):  # the end of a terminal
            while piece := os.read(ours, 65536):
                seen += piece
                if until and re.search(until, seen):
                    process.send_signal(signal.SIGINT)
                    until = None
        output = "" if is_stdout_terminal else process.stdout.read().decode()
    os.close(ours)
    assert process.returncode in (0, 1), seen
    return seen.decode(), output


@pytest.mark.parametrize("columns", [40, 80, 200])
def test_progress(spurn_path, ports, directory, columns):
    """On a terminal a line tells how far it is: one that fits, in one place, and gone at the end. The bars are
    blocks there, and the table fits, too."""
    command = [spurn_path, "spray", f"@127.0.0.1:{ports[0]}", "-r", "200", "-n", "100000"]
    seen, _ = watch(command + ["-w", "60", ZONE], directory, columns, until=rb"\d %, .* to go")
    progress, _, report = seen.rpartition("\r\x1b[K")
    lines = progress.split("\r\x1b[K")[1:]
    assert lines and all(len(line) < columns for line in lines)
    assert not any(ord(letter) < 32 for line in lines for letter in line)
    assert any(re.match(r"\d+ s   \d+ %, \d+ \w+ to go   ", line) for line in lines), lines
    assert any("answered" in line for line in lines) or columns < 60
    assert "- Interrupted" in report and "\x1b" not in report
    assert re.search("\nalpha +[1-9]", report)
    assert all(len(line) <= columns for line in report.split("\r\n"))
    assert "\N{FULL BLOCK}" in report or columns < 60


def test_progress_is_for_people(spurn_path, ports, directory):
    """Not with --json for a program, and not where stderr is no terminal."""
    command = [spurn_path, "spray", f"@127.0.0.1:{ports[0]}", "-r", "300", *COUNT[2:], "-n", "100"]
    command.append(ZONE)
    seen, output = watch(command + ["--json"], directory, 80, is_stdout_terminal=False)
    assert seen == "" and json.loads(output)["answered"] == 100
    done = run(spurn_path, command[1:], directory)
    assert done.returncode == 0 and done.stderr == ""
    assert "\x1b" not in done.stdout


# Arguments that are wrong, and what the message says; the server is never asked.
WRONG = {
    "nothing": ([], "no server to ask; as in: spurn spray @192.0.2.100 bl.example:ip4set:spam"),
    "no zone": (["@127.0.0.1"], "nothing to ask for; give zone files as spurnd has them"),
    "no files": (["@127.0.0.1", "bl.test"], "bl.test: expected zone:type:file,file...; or --list"),
    "no such file": (["@127.0.0.1", "bl.test:ip4set:no"], "no: No such file"),
    "nothing listed": (["@127.0.0.1", "bl.test:ip4set:/dev/null"], "--list FILE asks for what"),
    "a list and files": (["@127.0.0.1", "--list", "plain", ZONE], "only the zone is given"),
    "a list and zones": (["@127.0.0.1", "--list", "plain", "a.test", "b.test"], "one zone"),
    "two servers": (["@127.0.0.1", "@127.0.0.2", ZONE], "one server at a time"),
    "two policies": (["@127.0.0.1", "--pool", "9", "--per-query", ZONE], "--pool and --per-query"),
    "no number": (["@127.0.0.1", "--pool", "many", ZONE], "--pool many: give a number, 1 to 65535"),
    "no duration": (["@127.0.0.1", "-d", "0", ZONE], "give seconds, 0.001 to 31622400"),
    "few ports": (
        ["@127.0.0.1", "--pool", "102", "--port-range", "40000-40100", ZONE],
        "--pool 102: not enough free ports: of 40000-40100 101 may be used",
    ),
}


@pytest.mark.parametrize("case", list(WRONG))
def test_wrong_command_line(spurn_path, directory, case):
    """Status 2, and words that tell what to do."""
    arguments, words = WRONG[case]
    done = run(spurn_path, ["spray", *arguments], directory)
    assert done.returncode == 2 and done.stdout == ""
    assert words in done.stderr
