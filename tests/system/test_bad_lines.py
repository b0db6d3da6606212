# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""What is said about lines that are not right, and that all others count (RBLDNSD.md section 1)."""

import os
import random
import re

import pytest

from lib import wire
from lib.daemon import NO_CONTROL, free_port, run, user_options
from lib.zonefuzz import text, zoneset

SHOWN = 5
# Of each type: a bad line, and a good one that lists 1.2.3.4, 2001:db8::, or a.
LINES = {
    "ip4set": ("1.2.3.4.5", "1.2.3.4"),
    "ip4tset": ("1.2.3.0/24", "1.2.3.4"),
    "ip4trie": ("1.2.3.4-1.2.3.7", "1.2.3.4"),
    "ip6trie": ("2001:db8::1.2.3.4", "2001:db8::"),
    "ip6tset": ("2001:db8::", "2001:db8:0:0"),
    "dnset": ("*.", "a"),
    "generic": ("a 99x A 127.0.0.2", "a A 127.0.0.2"),
}


def name_in(kind):
    """What the good line lists."""
    if kind.startswith("ip6"):
        return "0." * 24 + "8.b.d.0.1.0.0.2.bl.test"
    return "a.bl.test" if kind in ("generic", "dnset") else "4.3.2.1.bl.test"


@pytest.mark.parametrize("kind", LINES)
def test_bad_line_is_named_and_skipped(spurnd, client, kind):
    """Proves that a bad line is reported as file:line: reason, once, and the lines around it
    count."""
    bad, good = LINES[kind]
    server = spurnd.start(
        [f"bl.test:{kind}:first,second"],
        {"first": "# comment\n\n", "second": f"# comment\n{bad}\n{good}\n"},
    )
    reports = re.findall(r"^spurnd: second:2: (.+)$", server.log(), re.MULTILINE)
    assert len(reports) == 1 and len(reports[0]) > 10
    assert len(re.findall(r":\d+: ", server.log())) == 1
    assert client(server).ask(name_in(kind)).rcode == wire.NOERROR


@pytest.mark.parametrize("kind", LINES)
@pytest.mark.parametrize("count", [SHOWN, SHOWN + 1, 1000])
def test_reports_are_limited(spurnd, client, kind, count):
    """Proves that only the first reports of a data set are shown, and how many more there were,
    over all of its files; and that even a file of bad lines is served."""
    bad, good = LINES[kind]
    server = spurnd.start(
        [f"bl.test:{kind}:one,two"],
        {"one": f"{bad}\n" * (count - 2), "two": f"{bad}\n{bad}\n{good}\n"},
    )
    reports = re.findall(r"^spurnd: (one|two):\d+: ", server.log(), re.MULTILINE)
    assert len(reports) == SHOWN
    more = re.findall(rf"^spurnd: {kind}:one,two: (\d+) more", server.log(), re.MULTILINE)
    assert more == ([] if count == SHOWN else [str(count - SHOWN)])
    assert client(server).ask(name_in(kind)).rcode == wire.NOERROR


# Lines for which rbldnsd refuses the whole file.
REFUSED_BY_RBLDNSD = [
    "foo 99x A 1.2.3.4",
    "foo MX 10",
    "foo MX 10 a.b extra",
    "foo MX 10 " + "l" * 64 + ".example",
    "foo MX x a.b",
    "foo 99999999999 A 1.2.3.4",
]


@pytest.mark.parametrize("bad", REFUSED_BY_RBLDNSD)
def test_generic_goes_on_after_a_bad_line(spurnd, client, bad):
    """Proves that a bad line in generic costs that line, not the whole zone, unlike in rbldnsd."""
    server = spurnd.start(["bl.test:generic:g"], {"g": f"a A 1\n{bad}\nb A 2\n"})
    one = client(server)
    assert "g:2: " in server.log()
    assert [one.ask(f"{name}.bl.test").rcode for name in ("a", "b", "foo")] == [
        wire.NOERROR,
        wire.NOERROR,
        wire.NXDOMAIN,
    ]


@pytest.mark.parametrize(
    "content, listed, quiet",
    [
        (b"1.2.3.4\r\n1.2.3.5 text\r\n:7:d\r\n1.2.3.6\r\n", {4: None, 5: b"text", 6: b"d"}, True),
        (b"$TTL 60\r\n1.2.3.4 a\rb\r\r\n", {4: b"a\rb\r"}, True),
        (b"1.2.3.4 no end", {4: b"no end"}, True),
        (
            b"1.2.3.4 " + b" " * 32_000 + b"x" * 8_000 + b"\n1.2.3.5\n",
            {4: b"x" * 760, 5: None},
            False,
        ),
        (b"# " + b"x" * 40_000 + b" 1.2.3.6\n1.2.3.5\n", {5: None, 6: "absent"}, False),
        (b"1.2.3.4 a\0b\n1.2.3.5\0 1.2.3.6\n", {4: b"a", 5: None, 6: "absent"}, True),
        (b"\n\n \t\n#\n;\n1.2.3.4", {4: None}, True),
        (b"", {4: "absent"}, True),
        (b"1.2.3.4 \xff\x80\xc3\xa9\n", {4: b"\xff\x80\xc3\xa9"}, True),
    ],
    ids=[
        "CRLF",
        "CR inside",
        "no newline at the end",
        "long text",
        "long comment",
        "NUL",
        "blank",
        "empty",
        "8 bits",
    ],
)
def test_odd_files(spurnd, client, content, listed, quiet):
    """Proves how lines are cut: CR LF, no newline at the end, lines over 32 KiB, NUL, 8-bit bytes;
    and that what is right is not complained about."""
    server = spurnd.start(["bl.test:ip4set:list"], {"list": content})
    one = client(server)
    for octet, text in listed.items():
        reply = one.ask(f"{octet}.3.2.1.bl.test", wire.TXT, edns=wire.Edns(1232))
        assert reply.rcode == (wire.NXDOMAIN if text == "absent" else wire.NOERROR)
        texts = [wire.txt_text(record.rdata) for record in reply.answer]
        assert texts == ([text] if text not in (None, "absent") else [])
    assert (not re.search(r"list:\d+", server.log())) == quiet


def test_log_lines_cannot_be_forged(spurnd):
    """Proves that nothing in a zone file gets control characters into the log: no line of its own,
    no colour, no bell, nothing that a terminal obeys."""
    evil = b"\x1b[31m\rspurnd: all is well\x07\x08\x0b\x0c\x7f\x9b31m"
    lines = [
        evil,
        b"1.2.3.4" + evil,
        b"1.2.3.4 :" + evil,
        b"$TTL " + evil,
        b"$SOA " + evil,
        b"$NS 5 " + evil,
        b"$MAXRANGE4 " + evil,
        b"$" + evil,
    ]
    files = {}
    for number, line in enumerate(lines):
        files[f"s{number}"] = line + b"\n"
        files[f"g{number}"] = (
            b"a 5 IN " + line + b"\n" + line + b" A 1\na MX " + line + b"\na A " + line + b"\n"
        )
    server = spurnd.start(
        [f"z{name}.test:{'generic' if name[0] == 'g' else 'ip4set'}:{name}" for name in files],
        files,
    )
    log = server.log()
    assert len(re.findall(r"\w:\d+: ", log)) >= len(lines)
    for line in log.splitlines():
        assert line.startswith("spurnd: ") and line.isprintable(), repr(line)
    assert "all is well" not in [line.removeprefix("spurnd: ") for line in log.splitlines()]


def test_names_in_messages_cannot_forge_either(spurnd_path, workdir):
    """Proves the same for names of files and zones."""
    evil = "x\x1b[31m\nspurnd: all is well\x07"
    for spec in (
        f"bl.test:ip4set:{evil}",
        f"{evil}:ip4set:list",
        f"bl.test:{evil}:list",
        f"bl.test:{evil}",
    ):
        done = run(
            spurnd_path,
            [
                "-n",
                *user_options(),
                *NO_CONTROL,
                "-b",
                f"127.0.0.1/{free_port()}",
                "-w",
                str(workdir),
                spec,
            ],
            workdir,
        )
        assert done.returncode in (1, 2)
        for line in done.stderr.splitlines():
            assert (
                line.startswith("spurnd: ") and line.isprintable() and line != "spurnd: all is well"
            ), repr(line)


def test_broken_files_do_no_harm(spurnd, client):
    """Proves that files full of typos and files of random bytes, of every type, hurt nothing: the
    server starts, serves what is good, and no sanitizer complains. SPURN_SEED chooses the files."""
    seed = int(os.environ.get("SPURN_SEED", random.SystemRandom().randrange(1 << 32)))
    print(f"SPURN_SEED={seed}")
    rng = random.Random(seed)
    files = {}
    for number in range(40):
        for name, content in zoneset.make(seed + number).files.items():
            for _ in range(rng.choice((1, 1, 5))):
                content = text.with_typos(rng, content)
            files[f"{name}.{number}"] = content
    files |= {f"{kind}.{size}": rng.randbytes(size) for kind in LINES for size in (1, 100, 70_000)}
    # What looks like a compressed file is refused as such, combined is for some wrong lines, and data
    # may have expired: all of that is meant to silence a zone.
    files = {
        name: content
        for name, content in files.items()
        if content[:1] not in b"\x1f\x28"
        and not name.startswith(("combined", "acl"))
        and b"stamp" not in content.lower()
    }
    zones = [f"z{number}.test:{name.split('.')[0]}:{name}" for number, name in enumerate(files)]
    server = spurnd.start(["bl.test:ip4set:good", *zones], {**files, "good": "1.2.3.4\n"})
    one = client(server)
    for number in range(len(files)):
        for name in (f"4.3.2.1.z{number}.test", f"www.z{number}.test", f"z{number}.test"):
            assert one.ask(name, wire.ANY).rcode in (wire.NOERROR, wire.NXDOMAIN)
    assert one.ask("4.3.2.1.bl.test").rcode == wire.NOERROR
