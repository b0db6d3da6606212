# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""Lists in a cdb, made with the standard cdb tool: the lines of the manual page, real lists, reloads, damage, what `spurn
check` says of them, dumps, and memory."""

import json
import os
import random
import re
import shutil
import subprocess
from pathlib import Path

import pytest

import conftest
from lib import compiled, daemon, geoip, udp, wire
from test_public_suffixes import RULES, ascii_name
from test_dump import DATA, check_dump, dump, name_servers  # noqa: F401
from lib.zonefuzz import queries

MANUAL = conftest.TOP / "doc" / "spurnd.8"
# Of the real lists one range in so many.
EVERY = 90 if daemon.SANITIZED else 30


@pytest.fixture(name="make_cdb")
def _make_cdb(workdir):
    """Makes a cdb of lines as the cdb tool does: make_cdb(name, lines)."""
    if shutil.which("cdb") is None:
        conftest.cannot_run("no cdb: install Debian's package tinycdb")

    def make(name, lines):
        subprocess.run(
            ["cdb", "-c", "-m", str(workdir / name)],
            input="".join(f"{line}\n" for line in lines).encode("latin-1"),
            check=True,
            timeout=daemon.PATIENCE_S,
        )
        (workdir / name).chmod(0o644)

    return make


def manual_pipeline():
    """The two lines of spurnd(8) that make a cdb."""
    text = MANUAL.read_text("utf-8")
    found = re.search(r"become a cdb in two lines:\n\.Bd [^\n]*\n(.*?)\.Ed\n", text, re.DOTALL)
    lines = found.group(1).replace(r"\e", "\\").splitlines()
    assert len(lines) == 2
    return lines


def test_manual_page(spurnd, workdir, make_cdb, client):
    """Proves that the two lines of the manual page, as they stand there, make a list that is served."""
    assert make_cdb
    subprocess.run(
        ["sh", "-euc", "\n".join(manual_pipeline())],
        cwd=workdir,
        check=True,
        timeout=daemon.PATIENCE_S,
    )
    os.chmod(workdir / "list.cdb", 0o644)
    asker = client(spurnd.start(["bl.test:cdb:list.cdb"]))
    for name, rdata in (
        ("1.2.0.192.bl.test", (b"\x7f\0\0\2", None)),
        ("77.100.51.198.bl.test", (b"\x7f\0\0\3", b"\x15dynamic 198.51.100.77")),
        ("example.com.bl.test", (b"\x7f\0\0\2", None)),
        ("a.b.example.com.bl.test", (b"\x7f\0\0\2", None)),
    ):
        assert [record.rdata for record in asker.ask(name).answer] == [rdata[0]], name
        texts = [record.rdata for record in asker.ask(name, wire.TXT).answer]
        assert texts == [rdata[1]] * (rdata[1] is not None), name
    assert asker.ask("2.2.0.192.bl.test").rcode == wire.NXDOMAIN
    assert asker.ask("com.bl.test").rcode == wire.NOERROR


def test_manual_page_leaves_texts_alone(spurnd, workdir, make_cdb, client):
    """Proves that the second of them makes keys of any list, and that texts stay as they are, after blanks of any kind."""
    assert make_cdb
    (workdir / "list").write_text(
        "Mail.Example.ORG\t:4:Said $\n:9:Default Text\n2001:DB8::1 Six\nb.example\n"
    )
    subprocess.run(
        ["sh", "-euc", manual_pipeline()[1]], cwd=workdir, check=True, timeout=daemon.PATIENCE_S
    )
    os.chmod(workdir / "list.cdb", 0o644)
    asker = client(spurnd.start(["bl.test:cdb:list.cdb"]))
    nibbles = ".".join(reversed("20010db8" + "0" * 23 + "1"))
    for name, text in (
        ("mail.example.org", b"Said mail.example.org"),
        ("b.example", b"Default Text"),
        (nibbles, b"Six"),
    ):
        texts = [record.rdata for record in asker.ask(f"{name}.bl.test", wire.TXT).answer]
        assert texts == [bytes([len(text)]) + text], name


def real_lines():
    """Lines of real lists: (lines of ip4trie, of ip6trie, of dnset)."""
    if not RULES.exists():
        conftest.cannot_run(f"no {RULES}: install Debian's package publicsuffix")
    ip4, ip6, names = [], [], []
    for number, (first, last, country) in enumerate(geoip.ip4_ranges()[::EVERY]):
        for address, bits in geoip.prefixes(first, last, 32):
            text = ".".join(str(octet) for octet in address.to_bytes(4, "big"))
            ip4.append(f"{text}/{bits} :{1 + number % 99}:{country} $")
    for number, (first, last, country) in enumerate(geoip.ip6_ranges()[::EVERY]):
        for address, bits in geoip.prefixes(first, last, 128):
            ip6.append(f"{to_text(address)}/{bits} :{1 + number % 99}:{country} $")
    for number, line in enumerate(RULES.read_text("utf-8").splitlines()):
        rule = ascii_name(line.split("//")[0].strip().lower())
        if rule[:1] == "!":
            names.append(rule)
        elif rule:
            names.append(f"{rule} :{1 + number % 99}:$ of $1")
    return ip4, ip6, names


def to_number(text):
    """An IPv6 address."""
    return int.from_bytes(daemon.socket.inet_pton(daemon.socket.AF_INET6, text), "big")


def to_text(address):
    """The reverse, as the system writes it."""
    return daemon.socket.inet_ntop(daemon.socket.AF_INET6, address.to_bytes(16, "big"))


def questions(ip4, ip6, names):
    """Names at the ends of prefixes and beside them, names of lists and near them, and parts of all."""
    chance = random.Random(8)
    asked = set()
    for line in ip4:
        text, bits = line.split()[0].split("/")
        first = int.from_bytes(bytes(map(int, text.split("."))), "big")
        for address in (first - 1, first, first + (1 << 32 - int(bits)) - 1):
            labels = [b"%d" % octet for octet in (address & 0xFFFFFFFF).to_bytes(4, "little")]
            asked.add(wire.name(*labels)[:-1])
        asked.add(wire.name(*labels[chance.randrange(1, 4) :])[:-1])
    for line in ip6:
        text, bits = line.split()[0].split("/")
        first = to_number(text)
        for address in (first - 1, first, first + (1 << 128 - int(bits)) - 1):
            labels = [b"%c" % digit for digit in reversed(b"%032x" % (address % (1 << 128)))]
            asked.add(wire.name(*labels)[:-1])
        asked.add(wire.name(*labels[chance.randrange(1, 32) :])[:-1])
    for line in names:
        labels = line.split()[0].lstrip("!").removeprefix("*.").encode().split(b".")
        for name in (labels, [b"www", *labels], [b"a", b"b", *labels], labels[1:] or labels):
            asked.add(wire.name(*name)[:-1])
    asked = sorted(asked)
    chance.shuffle(asked)
    return asked[: 6_000 if daemon.SANITIZED else 30_000]


def test_real_lists(spurnd, workdir, make_cdb):
    """Proves that prefixes of both families and names, all in one cdb, get the replies that they get from text. Where text
    knows that there is nothing, and the name is no network of IPv4, a cdb may have no data instead; seldom.
    """
    ip4, ip6, names = real_lines()
    specials = ["$TTL 900", "$1 public suffixes", "$SOA 1h ns.test host.test 7 1h 15m 4w 10m"]
    make_cdb("all.cdb", specials + ip4 + ip6 + names)
    for name, lines in (("ip4", ip4), ("ip6", ip6), ("names", names)):
        (workdir / name).write_text("\n".join(specials + lines) + "\n", "ascii")
    server = spurnd.start(
        ["a.test:ip4trie:ip4", "a.test:ip6trie:ip6", "a.test:dnset:names", "b.test:cdb:all.cdb"]
    )
    assert "skipped" not in server.log()
    entries = len(ip4) + len(ip6) + len(names)
    assert f"all.cdb: {entries} entries" in server.log()
    asked = questions(ip4, ip6, names)
    rcodes, unsure = {}, 0
    with udp.Client("127.0.0.1", server.port) as one, udp.Client("127.0.0.1", server.port) as two:
        replies = [
            udp.exchange_all(
                client.sock,
                [
                    wire.query(name + zone, wire.TXT if number % 3 else wire.A, ident=number)
                    for number, name in enumerate(asked)
                ],
            )
            for client, zone in ((one, b"\1a\4test\0"), (two, b"\1b\4test\0"))
        ]
    for name, text, reply in zip(asked, *replies):
        if reply == text.replace(b"\1a\4test", b"\1b\4test"):
            rcodes[reply[3] & 15, reply[7]] = rcodes.get((reply[3] & 15, reply[7]), 0) + 1
            continue
        text, reply = wire.parse(text), wire.parse(reply)
        assert (text.rcode, reply.rcode, reply.answer) == (wire.NXDOMAIN, 0, ()), name
        unsure += 1
    assert rcodes[0, 1] > 1000 and rcodes[0, 0] > 100 and rcodes[3, 0] > 100, rcodes
    assert unsure < len(asked) / 50, unsure


def test_reload(spurnd, workdir, make_cdb, client):
    """Proves that a new cdb is taken when it has been renamed into place, that its changes are counted, and that a damaged one
    leaves the old one in service."""
    make_cdb("list.cdb", ["192.0.2.1 :2:", "192.0.2.2 :2:", "gone.test"])
    server = spurnd.start(["bl.test:cdb:list.cdb"])
    asker = client(server)
    assert asker.ask("1.2.0.192.bl.test").answer[0].rdata == b"\x7f\0\0\2"
    make_cdb("list.cdb", ["192.0.2.2 :2:", "192.0.2.1 :3:", "192.0.2.3", "192.0.2.4"])
    seen = len(server.log())
    server.send_signal(1)
    server.wait_log(r"4 entries.*; 2 added, 1 removed, 1 changed", seen)
    daemon.wait_until(
        lambda: asker.ask("1.2.0.192.bl.test").answer[0].rdata == b"\x7f\0\0\3", "the new list"
    )
    assert asker.ask("gone.test.bl.test").rcode == wire.NXDOMAIN
    whole = (workdir / "list.cdb").read_bytes()
    for damaged, why in (
        (whole[:-8], "not a cdb, or one that has been cut"),
        (whole[:-8] + bytes(8) if whole[-4:] != bytes(4) else None, "its hash tables"),
        (whole[:2048] + b"\xff\xff\xff\xff" + whole[2052:], "a record is not whole"),
        (b"192.0.2.1\n", "not a cdb"),
    ):
        if damaged is None:
            continue
        (workdir / "new").write_bytes(damaged)
        (workdir / "new").chmod(0o644)
        os.rename(workdir / "new", workdir / "list.cdb")
        seen = len(server.log())
        server.send_signal(1)
        server.wait_log(re.escape(why), seen)
        assert asker.ask("3.2.0.192.bl.test").rcode == wire.NOERROR


def test_changed_in_place(spurnd, workdir, make_cdb, client):
    """Proves that a cdb that is cut short while it is served ends neither the server nor in a wrong answer."""
    make_cdb(
        "list.cdb", [f"192.0.{number >> 8}.{number & 255} :2:{'x' * 200}" for number in range(900)]
    )
    server = spurnd.start(["bl.test:cdb:list.cdb"])
    asker = client(server)
    assert asker.ask("1.0.0.192.bl.test").rcode == wire.NOERROR
    with open(workdir / "list.cdb", "r+b") as file:
        file.truncate(4096)
    for number in range(1, 60):
        assert asker.ask(f"{number}.3.0.192.bl.test").rcode == wire.SERVFAIL
    make_cdb("list.cdb", ["192.0.3.1"])
    server.send_signal(1)
    daemon.wait_until(
        lambda: asker.ask("1.3.0.192.bl.test").rcode == wire.NOERROR, "the list that was mended"
    )


def test_check(spurn_path, workdir, make_cdb):
    """Proves that spurn check tells of every key that nobody would find, and of every value that makes no sense."""
    make_cdb("good.cdb", ["127.0.0.2", "::ffff:7f00:2/96", "test", "$TTL 5m"])
    make_cdb(
        "bad.cdb", ["192.0.2.1/24", "Example.com", "2001:DB8::1", "192.0.2.1 :0:", "$SOA x", "a.b"]
    )
    done = daemon.run(spurn_path, ["check", "--json", "bl.test:cdb:bad.cdb"], workdir)
    problems = [json.loads(line) for line in done.stdout.splitlines()]
    words = " ".join(str(problem.get("message", problem)) for problem in problems)
    assert done.returncode == 1
    for text in (
        "key '192.0.2.1/24': bits are set",
        "key 'Example.com': it is looked up as 'example.com'",
        "key '2001:DB8::1': it is looked up as '2001:db8::1'",
        "key '192.0.2.1': the A value must not be 0.0.0.0",
        "key '$SOA': expected",
    ):
        assert text in words, words
    make_cdb("good.cdb", ["127.0.0.2", "2001:db8::1", "test", "$TTL 5m"])
    done = daemon.run(spurn_path, ["check", "bl.test:cdb:good.cdb"], workdir)
    assert done.returncode == 0, done.stdout
    assert "3 entries, 0 errors" in done.stdout
    # Of a list of addresses it wants no names.
    make_cdb("ip4.cdb", ["127.0.0.2"])
    done = daemon.run(spurn_path, ["check", "bl.test:cdb:ip4.cdb"], workdir)
    assert "does not list" not in done.stdout
    make_cdb("ip4.cdb", ["127.0.0.1", "example.com"])
    done = daemon.run(spurn_path, ["check", "bl.test:cdb:ip4.cdb"], workdir)
    for words in ("does not list 127.0.0.2", "lists 127.0.0.1", "does not list test"):
        assert words in done.stdout, done.stdout


def test_dump(spurnd_path, workdir, make_cdb):
    """Proves that a dump of a cdb is that of the same lines as text. (Of prefixes inside of others it may be longer, as it
    has each of them with all above it.)"""
    ip4 = ["192.0.2.1 :2:one $", "198.51.100.0/25 :3:", "10.0.0.0/8 :9:"]
    ip6 = ["2001:db8::/32 :6:", "2001:db9::1 :7:$"]
    names = [".example.com :4:name $", "!no.example.com", "*.below.test :5:", "plain.test"]
    soa = ["$SOA 1h ns.test host.test 7 1h 15m 4w 10m", "$NS 1d ns.test"]
    make_cdb("all.cdb", soa + names + ip6 + ip4)
    for name, lines in (("ip4", ip4), ("ip6", ip6), ("names", names)):
        (workdir / name).write_text("\n".join(soa + lines) + "\n")
    dumps = []
    for specs in (
        ["bl.test:cdb:all.cdb"],
        ["bl.test:ip4trie:ip4", "bl.test:ip6trie:ip6", "bl.test:dnset:names"],
    ):
        done = daemon.run(spurnd_path, ["-d", *specs], workdir)
        assert done.returncode == 0, done.stderr
        dumps.append([line for line in done.stdout.splitlines() if line[:1] != ";"])
    assert len(dumps[0]) > 100
    assert dumps[0] == dumps[1]


def test_dump_of_prefixes(
    name_servers, spurnd, spurnd_path, workdir, make_cdb
):  # noqa: F811 pylint: disable=redefined-outer-name
    """Proves that BIND and NSD answer from a dump as spurnd from the cdb: prefixes and exclusions inside of others."""
    soa = ["$SOA 60 ns.example.com a.b 1 2 3 4 5", "$NS 60 ns.example.com"]
    lines = ["10.0.0.0/8 :8:", "!10.20.0.0/14", "10.21.7.0/24 :24:", "10.21.7.7 :32:", "!10.21.7.8"]
    lines += ["10.21.7.128/26 :26:$", ".example.com :1:", "!*.example.com", "a.b.example.com :2:"]
    make_cdb("list.cdb", soa + lines)
    specs = ["bl.test:cdb:list.cdb"]
    addresses = (
        "10.0.0.0 10.19.255.255 10.20.0.0 10.21.7.7 10.21.7.8 10.21.7.9 10.21.7.127 10.21.7.128"
    )
    addresses += (
        " 10.21.7.191 10.21.7.192 10.21.8.0 10.23.255.255 10.24.0.0 11.0.0.0 10.21.7 10.21 10.20 10"
    )
    names = "example.com b.example.com a.b.example.com x.b.example.com com x.a.b.example.com"
    labels = [tuple(reversed(address.encode().split(b"."))) for address in addresses.split()]
    labels += [tuple(name.encode().split(b".")) for name in names.split()]
    asked = [
        queries.build((*name, b"bl", b"test"), qtype, wire.IN, 0, wire.Edns(size=4096), "name")
        for name in labels
        for qtype in DATA
    ]
    check_dump(spurnd, dump(spurnd_path, specs, workdir), specs, asked, workdir)


def own_memory_kb(server):
    """Anonymous memory of a server: what is its own, and no file's."""
    text = Path(f"/proc/{server.process.pid}/status").read_text("ascii")
    return int(re.search(r"RssAnon:\s+(\d+)", text).group(1))


def test_memory(spurnd, make_cdb, client):
    """Proves that the server's own memory does not grow with the list: 50,000 or 500,000 entries all over the address space,
    and as many names."""
    used = []
    for count in (50_000, 60_000 if daemon.SANITIZED else 500_000):
        step = (1 << 32) // count
        lines = [
            ".".join(str(octet) for octet in (number * step).to_bytes(4, "big"))
            for number in range(count)
        ]
        make_cdb(f"{count}.cdb", lines + [f"n{number}.test" for number in range(count)])
        server = spurnd.start([f"bl.test:cdb:{count}.cdb"])
        asker = client(server)
        assert asker.ask("n49999.test.bl.test").rcode == wire.NOERROR
        used.append(own_memory_kb(server))
        server.stop()
    # (Of a sanitizer's memory there is nothing to say.)
    assert daemon.SANITIZED or used[1] < used[0] + 2500, used
    assert daemon.SANITIZED or used[1] < 8192, used


@pytest.mark.parametrize(
    "spec, why",
    [
        ("bl.test:cdb:a.cdb,b.cdb", "give each a specification of its own"),
        ("bl.test:cdb:missing.cdb", "missing.cdb: No such file"),
        ("bl.test:cdb:text", "text: not a cdb"),
        ("bl.test:cdb:compiled.cdb", "compiled.cdb: a compiled list, which type compiled serves"),
    ],
)
def test_refused(spurnd_path, workdir, make_cdb, spec, why):
    """Proves that what cannot be served is refused at the start, with the reason."""
    make_cdb("a.cdb", ["192.0.2.1"])
    make_cdb("b.cdb", ["192.0.2.2"])
    (workdir / "text").write_text("192.0.2.1\n" * 1000)
    compiled.with_header(workdir / "compiled.cdb", {"format": 1})
    done = daemon.run(
        spurnd_path,
        ["-n", *daemon.user_options(), "-b", f"127.0.0.1/{daemon.free_port()}", spec],
        workdir,
    )
    assert done.returncode == 1
    assert why in done.stderr, done.stderr
