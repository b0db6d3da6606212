# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""What `spurnd -d` writes loads into BIND and NSD without an error, and means the same: both serve
dumps of random zones, and answer thousands of questions as spurnd itself does. What master files
cannot say stands in UNSAYABLE, each with its reason.

SPURN_SEED chooses the zones."""

import contextlib
import gzip
import os
import random
import re

import pytest

import conftest
from lib import daemon, masters, process, udp, wire
from lib.zonefuzz import queries, zoneset

SETS = 3 if daemon.SANITIZED else 10
QUERIES = 3000
# Larger dumps, of lists with the whole Internet in them, only cost time.
DUMP_MAX = 8_000_000
TYPES = (wire.A, wire.A, wire.TXT, wire.TXT, wire.MX, wire.SOA, wire.NS, wire.AAAA)
DATA = (wire.A, wire.TXT, wire.MX, wire.SOA, wire.NS)
ADDRESS_LABEL = re.compile(rb"\d{1,3}|[0-9a-f]")


@pytest.fixture(scope="session")
def name_servers():
    """BIND and NSD are there."""
    for tool in ("named", "named-checkzone", "nsd", "nsd-checkzone"):
        if process.find_program(tool) is None:
            conftest.cannot_run(f"no {tool}: install Debian's packages bind9, bind9-utils and nsd")


def dump(path, arguments, directory):
    """The dump of these zones, as text."""
    done = daemon.run(path, ["-d", *arguments], directory)
    assert done.returncode == 0, done.stderr
    return done.stdout


class World:
    """The zones of a dump, and its wildcards: those of addresses, and those whose texts are not
    right for all names."""

    def __init__(self, zones, subzones):
        self.zones, self.subzones = zones, subzones
        self.has_starred = any("\n; Left out: " in text for text in zones.values())
        self.addresses, self.one_subject = set(), set()
        for zone, text in zones.items():
            for note, below in re.findall(r"^(; \$ in .*\n)?\*(\S*)\t", text, re.MULTILINE):
                labels = tuple(below[1:].split(".")) if below else ()
                name = (*(label.encode() for label in labels), *zone.encode().split(b"."))
                if note:
                    self.one_subject.add(name)
                for subzone in ((), *subzones):
                    rest = name[: len(labels) - len(subzone)]
                    if name[len(rest) : len(labels)] == subzone and all(
                        ADDRESS_LABEL.fullmatch(label) for label in rest
                    ):
                        self.addresses.add(name)

    @staticmethod
    def covers(blocks, qname):
        """Is a name below one of `blocks`?"""
        return any(qname[start:] in blocks for start in range(1, len(qname) + 1))


def is_octets(labels):
    """Are these labels octets without leading zeros?"""
    octet = re.compile(rb"[1-9]?\d|1\d\d|2[0-4]\d|25[0-5]")
    return len(labels) <= 4 and all(octet.fullmatch(label) for label in labels)


def is_nibbles(labels):
    """Are these labels nibbles?"""
    return len(labels) <= 32 and all(re.fullmatch(rb"[0-9a-f]", label) for label in labels)


def is_address(labels):
    """Are these labels an address, or the first of one?"""
    return is_octets(labels) or is_nibbles(labels)


def is_whole_address(labels):
    """Are they a whole one?"""
    return len(labels) == 4 and is_octets(labels) or len(labels) == 32 and is_nibbles(labels)


def relative(qname, zones):
    """The labels of `qname` below the zone that it lies in; None outside of all."""
    for start in range(len(qname)):
        if ".".join(label.decode("latin-1") for label in qname[start:]) in zones:
            return qname[:start]
    return None


def unsayable_address(labels, qname, reply, other, world):
    """The same, for labels that may be an address or something like one."""
    if all(re.fullmatch(rb"\d{1,3}", label) for label in labels) and not is_address(labels):
        return "leading zeros: 01.2.3.4 is 1.2.3.4"
    if is_whole_address(labels):
        if b"".join(labels) in (b"0000", b"2002") and reply.rcode == wire.NXDOMAIN:
            return "IPv4 addresses with names of IPv6 form below" if not other.answer else None
        return None
    if world.covers(world.addresses, qname) and not reply.answer:
        return "*.2.1 matches x.2.1 and 3.2.1 as well, not only 4.3.2.1"
    if is_address(labels) and reply.rcode == wire.NXDOMAIN and not other.answer:
        return "IPv6 names above listed ones, which spurnd only looks up whole in IPv4 data"
    return None


def unsayable(qname, reply, other, world):
    """Why `other` may differ from `reply`, None if it may not."""
    labels = relative(qname, world.zones)
    if labels is None:
        return "outside"
    if b"*" in labels:
        return "a star in a name is a wildcard in a master file"
    if (reply.rcode, len(reply.answer), other.rcode) == (wire.NOERROR, 0, wire.NXDOMAIN):
        if world.has_starred or len(qname) + sum(map(len, qname)) > 200:
            return "an empty non-terminal has only names with a star below it, or too long ones"
    # Below a subzone of a combined data set an address is one as it is below a zone.
    inside = [
        labels[: -len(subzone)]
        for subzone in world.subzones
        if len(labels) > len(subzone) and labels[-len(subzone) :] == subzone
    ]
    reasons = [unsayable_address(one, qname, reply, other, world) for one in [labels, *inside]]
    return next((reason for reason in reasons if reason), None)


def records(reply, qtype, with_text):
    """What counts of an answer: the data, with the TTL as everyone understands it."""
    return {
        (record.type, record.ttl if record.ttl < 1 << 31 else 0, record.rdata)
        for record in reply.answer
        if record.type == qtype and (with_text or record.type != wire.TXT)
    }


def compare(query, reply, other, world):
    """What is wrong with the reply of a server of the dump; None if nothing is."""
    if unsayable(query.qname, reply, other, world):
        return None
    if (reply.rcode, wire.NXDOMAIN)[reply.rcode == wire.NXDOMAIN] != other.rcode:
        return f"rcode {other.rcode} where spurnd has {reply.rcode}"
    if reply.flags & wire.FLAG_TC or other.flags & wire.FLAG_TC:
        return None
    with_text = not world.covers(world.one_subject, query.qname)
    ours, theirs = (records(one, query.qtype, with_text) for one in (reply, other))
    if query.qtype in (wire.SOA, wire.NS):
        # Stand-ins, and servers without an address in the zone.
        if not ours or theirs < ours or b"\2ns\7invalid\0" in {data for *_, data in theirs}:
            return None
    if ours != theirs:
        return f"{sorted(theirs)} where spurnd has {sorted(ours)}"
    return None


def ask(port, asked):
    """The parsed replies to all questions."""
    packets = [query.numbered(index) for index, query in enumerate(asked)]
    with udp.Client("127.0.0.1", port) as client:
        return [wire.parse(reply) for reply in udp.exchange_all(client.sock, packets)]


def plain_questions(zones, seed):
    """Questions about the zones as any resolver may ask them."""
    rng = random.Random(seed)
    return [
        query.changed(
            qname=tuple(label.lower() for label in query.qname),
            qtype=rng.choice(TYPES),
            qclass=wire.IN,
            flags=0,
            edns=wire.Edns(size=4096),
        )
        for query in queries.Asker(zones, seed).make(QUERIES)
    ]


def light_zones(seed):
    """Random zones whose dump is small: either no text names the address, so that all blocks are
    wildcards, or no block is wide, so that all such texts can be spelled out."""
    maker = zoneset.Maker(seed)
    maker.is_quick = maker.has_stamps = maker.has_acl = False
    zones = maker.make()
    has_subjects = random.Random(seed).random() < 0.5
    for name, content in zones.files.items():
        if content[:2] == b"\x1f\x8b":
            content = gzip.decompress(content)
        if not has_subjects:
            content = re.sub(rb"(?<=[^\r\n#;:])\$", b"S", content)
        elif not name.startswith("generic"):
            content = b"$MAXRANGE4 64\n" + content
        zones.files[name] = content
    return zones


def check_dump(servers, text, specs, asked, directory, subzones=()):
    """Has BIND and NSD check and serve a dump, and compares."""
    zones = masters.cut(text)
    files = {}
    for number, (zone, content) in enumerate(zones.items()):
        files[zone] = f"dump.{number}"
        (directory / files[zone]).write_text(content, encoding="ascii")
        masters.check(zone, str(directory / files[zone]))
    world = World(zones, subzones)
    server = servers.start(specs)
    replies = ask(server.port, asked)
    for kind in ("named", "nsd"):
        with contextlib.closing(closable(masters.Master(kind, directory, files))) as master:
            others = ask(master.port, asked)
        wrong = []
        for query, reply, other in zip(asked, replies, others):
            what = compare(query, reply, other, world)
            if what:
                wrong.append(f"{b'.'.join(query.qname)!r} type {query.qtype}: {what}")
        assert not wrong, f"{kind}: {len(wrong)} of {len(asked)}:\n" + "\n".join(wrong[:8])


def closable(master):
    """For contextlib.closing."""
    master.close = master.end
    return master


@pytest.mark.parametrize("number", range(SETS))
def test_random_zones(name_servers, spurnd, spurnd_path, workdir, number):
    """Proves it for all types, alone and several in one zone, one zone inside another."""
    # pylint: disable=unused-argument,redefined-outer-name
    seed = int(os.environ.get("SPURN_SEED", "1")) * 1000 + number
    while True:
        zones = light_zones(seed)
        zones.write(workdir)
        specs = [*zones.options, *zones.specs]
        text = dump(spurnd_path, specs, workdir)
        if len(text) < DUMP_MAX:
            break
        seed += 100
    check_dump(spurnd, text, specs, plain_questions(zones, seed), workdir, zones.subzones)


def test_wildcards(name_servers, spurnd, spurnd_path, workdir):
    """Proves that names between wildcards and what they cover, exclusions, several data sets of one
    zone, zones inside, odd names and texts of several strings come out right."""
    # pylint: disable=unused-argument,redefined-outer-name
    files = {
        "names": "$SOA 60 ns.example.com a.b 1 2 3 4 5\n$NS 60 ns.example.com\n:2:names $\n"
        ".example.com\nsub.example.com :3:\n!bad.example.com\n!.worse.example.com\n"
        "ok.worse.example.com\na.b.c.example.org\n*.example.org\n4.3.2.1\n*.7.10\n"
        'odd\\"\\;\\$\\@\\000\\[x.test :4:\\"quoted\\" \\ $\n',
        "addresses": ":5:addresses\n1.2.3.0/24\n10.0.0.0/8\n!10.7.8.9\n",
        "records": "mail MX 10 mx.example.net\nwww.a 300 A 127.0.0.9\n@ TXT apex\n"
        f"long TXT {'long ' * 120}end\nlonger TXT {'x' * 510}\n",
        "inside": "5.6.7.8\n",
    }
    specs = ["bl.test:dnset:names", "bl.test:ip4set:addresses", "bl.test:generic:records"]
    specs += ["in.x.bl.test:ip4set:inside"]
    names = """sub.example.com x.sub.example.com bad.example.com z.bad.example.com worse.example.com
        ok.worse.example.com no.worse.example.com a.ok.worse.example.com example.com b.c.example.org
        x.c.example.org c.example.org example.org x.a.b.c.example.org 4.3.2.1 5.3.2.1 3.2.1 4.3.2.2
        1.2.7.10 1.7.10 x.7.10 7.10 9.8.7.10 8.8.7.10 1.1.8.10 mail www.a a nothing 8.7.6.5.in.x in.x
        long longer
        x y.x 4.0.3.0.2.0.1.0.f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0""".split()
    labels = [tuple(name.encode().split(b".")) for name in names]
    labels += [(b'odd";$@\0[x', b"test"), (b"q", b'odd";$@\0[x', b"test"), ()]
    asked = [
        queries.build((*name, b"bl", b"test"), qtype, wire.IN, 0, wire.Edns(size=4096), "name")
        for name in labels
        for qtype in DATA
    ]
    for name, content in files.items():
        (workdir / name).write_text(content, encoding="latin-1")
    check_dump(spurnd, dump(spurnd_path, specs, workdir), specs, asked, workdir)


def test_wide_text(name_servers, spurnd, spurnd_path, workdir):
    """Proves that texts with the address in them are right for all addresses of up to a /16, and
    that of a wider block it is told that they are not."""
    # pylint: disable=unused-argument,redefined-outer-name
    (workdir / "list").write_text(":2:see $\n10.1.0.0/20\n172.16.0.0/12\n", encoding="ascii")
    specs = ["bl.test:ip4trie:list"]
    text = dump(spurnd_path, specs, workdir)
    assert "; $ in the texts below stands for one address of many\n*.16.172\t" in text
    asked = [
        queries.build((*labels, b"bl", b"test"), qtype, wire.IN, 0, None, "address")
        for labels in (
            (b"7", b"3", b"1", b"10"),
            (b"0", b"16", b"1", b"10"),
            (b"1", b"2", b"31", b"172"),
        )
        for qtype in DATA
    ]
    check_dump(spurnd, text, specs, asked, workdir)


def test_not_loaded(spurnd_path, workdir):
    """Proves that nothing is written if a file cannot be read or has expired, with status 1."""
    (workdir / "old").write_text("$TIMESTAMP 2020:01:01 2021:01:01\n1.2.3.4\n", encoding="ascii")
    (workdir / "good").write_text("1.2.3.4\n", encoding="ascii")
    for name in ("old", "missing"):
        specs = ["bl.test:ip4set:good", f"other.test:ip4set:{name}"]
        done = daemon.run(spurnd_path, ["-d", *specs], workdir)
        assert (done.returncode, done.stdout) == (1, "")
        assert name in done.stderr or "expired" in done.stderr
