# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""`spurn query` against spurnd and rbldnsd: what it prints, in each form, and its exit status."""

import json
import os
import pty
import subprocess

import pytest

from lib import daemon
from lib.daemon import run

FILES = {
    "ip4": "$SOA 0 a b 0 1h 1h 1h 1h\n:2:Spam from $\n127.0.0.2\n192.0.2.0/24 :9:net\n10.0.0.1 :4:\n",
    "ip6": ":3:Spam from $\n2001:db8::/32\n0:0:0:0:0:ffff:7f00:2/128\n",
    "names": ":5:Bad name $\n.spam.example\nonly.example\n",
    "generic": "two A 127.0.0.2\ntwo A 127.0.0.4\ntwo TXT first\ntwo TXT second\n"
    "far A 192.0.2.1\ntext TXT only a text\n"
    'odd A 127.0.0.2\nodd TXT q"b\\s\tt\x7f\n',
}
ZONES = [
    "ip4.test:ip4set:ip4",
    "ip6.test:ip6trie:ip6",
    "n.test:dnset:names",
    "g.test:generic:generic",
]
NET = "2001:db8::1"


@pytest.fixture(name="server", params=["spurnd", "rbldnsd"])
def _server(request, spurnd_path, rbldnsd_path, workdir):
    """A running server with FILES, spurnd or rbldnsd."""
    for name, content in FILES.items():
        (workdir / name).write_bytes(content.encode("latin-1"))
    binary = spurnd_path if request.param == "spurnd" else rbldnsd_path
    running = daemon.Daemon(binary, ZONES, workdir)
    yield running
    running.stop()


@pytest.fixture(name="query")
def _query(spurn_path, server, workdir):
    """Runs `spurn query @server arguments`; returns the CompletedProcess."""

    def go(*arguments):
        return run(spurn_path, ["query", f"@127.0.0.1/{server.port}", *arguments], workdir)

    return go


# Arguments, exit status, and the lines with | for TAB.
CASES = {
    "IPv4 listed": (
        ["ip4.test", "127.0.0.2"],
        0,
        ['127.0.0.2|ip4.test|LISTED|127.0.0.2|"Spam from 127.0.0.2"'],
    ),
    "IPv4 not listed": (["ip4.test", "127.0.0.1"], 1, ["127.0.0.1|ip4.test|not listed"]),
    "IPv4 without a text": (["ip4.test", "10.0.0.1"], 0, ["10.0.0.1|ip4.test|LISTED|127.0.0.4|"]),
    "IPv6 listed": (["ip6.test", NET], 0, [f'{NET}|ip6.test|LISTED|127.0.0.3|"Spam from {NET}"']),
    "IPv6 not listed": (["ip6.test", "2001:db9::1"], 1, ["2001:db9::1|ip6.test|not listed"]),
    "IPv6 in another form": (
        ["ip6.test", "2001:0DB8:0::0001"],
        0,
        [f'2001:0DB8:0::0001|ip6.test|LISTED|127.0.0.3|"Spam from {NET}"'],
    ),
    "name listed": (
        ["n.test", "a.spam.example"],
        0,
        ['a.spam.example|n.test|LISTED|127.0.0.5|"Bad name spam.example"'],
    ),
    "name with a dot": (
        ["n.test.", "Only.Example."],
        0,
        ['Only.Example.|n.test.|LISTED|127.0.0.5|"Bad name only.example"'],
    ),
    "name not listed": (["n.test", "good.example"], 1, ["good.example|n.test|not listed"]),
    "one of several": (
        ["ip4.test", "1.2.3.4", "192.0.2.7"],
        0,
        ["1.2.3.4|ip4.test|not listed", '192.0.2.7|ip4.test|LISTED|127.0.0.9|"net"'],
    ),
    "several lists": (
        ["-l", "ip4.test", "127.0.0.1", "--list=g.test", "10.0.0.1"],
        0,
        [
            "127.0.0.1|ip4.test|not listed",
            "127.0.0.1|g.test|not listed",
            "10.0.0.1|ip4.test|LISTED|127.0.0.4|",
            "10.0.0.1|g.test|not listed",
        ],
    ),
    "not in 127/8": (
        ["g.test", "far"],
        0,
        [
            "far|g.test|LISTED|192.0.2.1||(not in 127.0.0.0/8: is this a list, and is it still alive?)"
        ],
    ),
    "text without an address": (["g.test", "text"], 1, ["text|g.test|not listed"]),
    "odd text": (["g.test", "odd"], 0, ['odd|g.test|LISTED|127.0.0.2|"q\\"b\\\\s\\009t\\127"']),
    "quiet": (["-q", "ip4.test", "127.0.0.2"], 0, []),
    "quiet, not listed": (["--quiet", "ip4.test", "127.0.0.1"], 1, []),
}


@pytest.mark.parametrize("arguments, status, lines", CASES.values(), ids=CASES.keys())
def test_answers(query, arguments, status, lines):
    """Proves that each answer is a line with TABs, in the order of the command line, and makes the
    exit status."""
    done = query(*arguments)
    assert done.stdout.splitlines() == [line.replace("|", "\t") for line in lines]
    assert (done.returncode, done.stderr) == (status, "")


def test_several_records(query):
    """Proves that all records are there, in whatever order the server sends them."""
    done = query("g.test", "two")
    subject, name, word, addresses, texts = done.stdout.rstrip("\n").split("\t")
    assert (subject, name, word) == ("two", "g.test", "LISTED")
    assert sorted(addresses.split(",")) == ["127.0.0.2", "127.0.0.4"]
    assert texts in ('"first" "second"', '"second" "first"')


def test_errors_count(query, server):
    """Proves that a list which the server does not serve is an error with a reason, and status 2
    although another one lists the address."""
    done = query("-l", "other.test", "-l", "ip4.test", "127.0.0.2")
    first, second = done.stdout.splitlines()
    assert first.startswith(f"127.0.0.2\tother.test\tERROR\tREFUSED by 127.0.0.1/{server.port}: ")
    says_why = not server.binary.endswith("rbldnsd")
    assert first.endswith(" (EDE 20: Not Authoritative)") == says_why
    assert second.startswith("127.0.0.2\tip4.test\tLISTED\t")
    assert done.returncode == 2


def test_json(query, server):
    """Proves that --json is an object for each answer, with all that a program may want."""
    done = query("--json", "-l", "ip4.test", "-l", "x.test", "127.0.0.2", "127.0.0.1")
    listed, refused, not_listed, _ = map(json.loads, done.stdout.splitlines())
    where = f"127.0.0.1/{server.port}"
    assert listed == {
        "subject": "127.0.0.2",
        "list": "ip4.test",
        "name": "2.0.0.127.ip4.test",
        "server": where,
        "listed": True,
        "a": ["127.0.0.2"],
        "ttl": 2100,
        "txt": ["Spam from 127.0.0.2"],
    }
    assert refused["listed"] is None and refused["error"].startswith(f"REFUSED by {where}")
    assert not_listed == {
        "subject": "127.0.0.1",
        "list": "ip4.test",
        "name": "1.0.0.127.ip4.test",
        "server": where,
        "listed": False,
    }
    assert done.returncode == 2


def test_json_text_is_text(query):
    """Proves that --json is JSON also when the text has quotes, backslashes and control characters."""
    done = query("--json", "g.test", "odd")
    assert json.loads(done.stdout)["txt"] == ['q"b\\s\tt\x7f']
    assert "note" in json.loads(query("-j", "g.test", "far").stdout)


def test_many(query):
    """Proves that many more questions than are on the way at a time are all answered, in order."""
    subjects = [f"192.0.{third}.{last}" for third in (1, 2) for last in range(256)]
    done = query("-l", "ip4.test", "-l", "g.test", *subjects)
    rows = [line.split("\t")[:3] for line in done.stdout.splitlines()]
    assert rows == [
        [subject, name, "LISTED" if name == "ip4.test" and ".2." in subject else "not listed"]
        for subject in subjects
        for name in ("ip4.test", "g.test")
    ]
    assert done.returncode == 0


def run_with_input(spurn_path, server, text, *arguments):
    """`spurn query` with `text` on stdin."""
    return subprocess.run(
        [spurn_path, "query", f"@127.0.0.1/{server.port}", *arguments],
        input=text,
        capture_output=True,
        text=True,
        timeout=daemon.PATIENCE_S,
        env=daemon.environment(),
        check=False,
    )


def test_stdin(spurn_path, server):
    """Proves that - stands for subjects on stdin: blanks, comments, CRLF and a missing last newline
    are fine, a line that is no subject is an error that does not stop the others."""
    text = "\n# comment\n 127.0.0.2 \r\n127.0.0.1\n\n1.2.3\n10.0.0.1"
    done = run_with_input(spurn_path, server, text, "ip4.test", "-")
    assert [line.split("\t")[0] for line in done.stdout.splitlines()] == [
        "127.0.0.2",
        "127.0.0.1",
        "10.0.0.1",
    ]
    assert done.stderr == "spurn query: '1.2.3' is no IPv4 address\n"
    assert done.returncode == 2
    done = run_with_input(spurn_path, server, "", "ip4.test", "-")
    assert (done.stdout, done.returncode) == ("", 1)
    count = 2000
    text = "".join(f"192.0.{n >> 8}.{n & 255}\n" for n in range(count))
    done = run_with_input(spurn_path, server, text, "ip4.test", "-")
    assert done.stdout.count("\n") == count and done.stdout.count("LISTED") == 256


def test_terminal(spurn_path, server):
    """Proves that the columns are aligned on a terminal."""
    ours, theirs = pty.openpty()
    arguments = ["-l", "ip4.test", "-l", "g.test", "127.0.0.2", "192.0.2.255"]
    done = subprocess.run(
        [spurn_path, "query", f"@127.0.0.1/{server.port}", *arguments],
        stdout=theirs,
        timeout=daemon.PATIENCE_S,
        check=False,
    )
    os.close(theirs)
    text = os.read(ours, 4096).decode()
    os.close(ours)
    assert done.returncode == 0
    assert text.splitlines() == [
        '127.0.0.2    ip4.test  LISTED      127.0.0.2  "Spam from 127.0.0.2"',
        "127.0.0.2    g.test    not listed",
        '192.0.2.255  ip4.test  LISTED      127.0.0.9  "net"',
        "192.0.2.255  g.test    not listed",
    ]


# Arguments that are wrong, and what the message says.
WRONG = {
    "nothing": ([], "no list to ask"),
    "no subject": (["bl.test"], "nothing to ask bl.test for"),
    "no subject with -l": (["-l", "bl.test"], "nothing to ask bl.test for"),
    "address for list": (["127.0.0.2"], "127.0.0.2 is an address; the list comes first"),
    "address behind -l": (["-l", "::1", "a"], "::1 is an address; the list comes first"),
    "no list": (["", "127.0.0.2"], "'' is no list"),
    "root": ([".", "127.0.0.2"], "'.' is no list"),
    "long label": (["x" * 64, "127.0.0.2"], "is no list"),
    "no IPv4": (["bl.test", "1.2.3"], "'1.2.3' is no IPv4 address"),
    "no octet": (["bl.test", "1.2.3.256"], "'1.2.3.256' is no IPv4 address"),
    "no IPv6": (["bl.test", "2001::db8::"], "'2001::db8::' is no IPv6 address"),
    "network": (["bl.test", "192.0.2.0/24"], "one address at a time"),
    "mail address": (["bl.test", "a@b.test"], "ask for the domain behind the @"),
    "empty": (["bl.test", ""], "is neither an address nor a name"),
    "second wrong": (["bl.test", "127.0.0.2", "1.2"], "'1.2' is no IPv4 address"),
    "too long": (["x." * 100 + "test", "y." * 50 + "test"], "longer than a name may be"),
    "tries": (["-n", "0", "bl.test", "a"], "--tries 0"),
    "tries no number": (["--tries", "x", "bl.test", "a"], "--tries x"),
    "timeout": (["-t", "0", "bl.test", "a"], "--timeout 0"),
    "timeout no number": (["-t", "1s", "bl.test", "a"], "--timeout 1s"),
    "port": (["-p", "65536", "bl.test", "a"], "65536"),
    "server's port": (["@127.0.0.1/0", "bl.test", "a"], "port 0"),
    "two ports": (["@127.0.0.1:5300", "-p", "53", "bl.test", "a"], "-p 53 is another one"),
    "no server": (["@", "bl.test", "a"], "the address is missing"),
    "two servers": (["@127.0.0.1", "@127.0.0.2", "bl.test", "a"], "one server at a time"),
    "no such server": (["@no-such-host.invalid", "bl.test", "a"], "no-such-host.invalid"),
    "all servers": (["@*", "bl.test", "a"], "name one server"),
    "family": (["-6", "@127.0.0.1", "bl.test", "a"], "IPv6"),
    "unknown option": (["--nonsense", "bl.test", "a"], "nonsense"),
}


@pytest.mark.parametrize("arguments, says", WRONG.values(), ids=WRONG.keys())
def test_wrong_command_line(spurn_path, workdir, arguments, says):
    """Proves that a wrong command line is status 2 with a message that names what is wrong, and that
    nothing is asked."""
    done = run(spurn_path, ["query", *arguments], workdir)
    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr and "spurn help query" in done.stderr
