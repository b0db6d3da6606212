# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""combined: several data sets in one file, each for its own subzones."""

import re

import pytest

from lib import udp, wire
from lib.daemon import NO_CONTROL, free_port, run, user_options
from test_acl import says
from test_reload import hang_up, replace

FILE = """\
$SOA 1h ns.bl.test hostmaster.bl.test 7 1h 15m 7d 10m
$NS 1d ns.bl.test
$TTL 100
$1 (one)
$DATASET ip4set:black black @
:2:black $1 $
1.2.3.4
$DATASET ip6trie six @
2001:db8::/32 :6:six $
$DATASET dnset names
$TTL 200
.bad.example :4:name $
$DATASET generic @ # names beside the list
ns A 192.0.2.53
$DATASET ip4set a.b
1.2.3.4 :7:deep
"""
SIX = "1." * 24 + "8.b.d.0.1.0.0.2."


def reply_of(server, name, qtype=wire.A):
    """The parsed reply to 127.0.0.1."""
    with udp.client_from("127.0.0.1", server.port) as one:
        return one.ask(name, qtype)


@pytest.mark.parametrize("options", [[], ["-a"]])
def test_whole_file(spurnd, options):
    """Proves that each name is answered from the sets of its subzone, with the file's SOA, NS and
    glue around, and the TTL of its section."""
    server = spurnd.start(["bl.test:combined:c"], {"c": FILE}, options)
    rows = {
        "4.3.2.1.bl.test": "127.0.0.2",
        "4.3.2.1.black.bl.test": "127.0.0.2",
        "4.3.2.1.a.b.bl.test": "127.0.0.7",
        "4.3.2.1.b.bl.test": wire.NXDOMAIN,
        "4.3.2.1.six.bl.test": wire.NXDOMAIN,
        SIX + "bl.test": "127.0.0.6",
        SIX + "six.bl.test": "127.0.0.6",
        SIX + "black.bl.test": wire.NXDOMAIN,
        "www.bad.example.names.bl.test": "127.0.0.4",
        "www.bad.example.bl.test": wire.NXDOMAIN,
        "ns.bl.test": "192.0.2.53",
        # the subzones themselves, what is above one, and what is above an entry
        "black.bl.test": wire.NOERROR,
        "a.b.bl.test": wire.NOERROR,
        "b.bl.test": wire.NOERROR,
        "c.b.bl.test": wire.NXDOMAIN,
        "2.1.black.bl.test": wire.NOERROR,
        "example.names.bl.test": wire.NOERROR,
        "bl.test": wire.NOERROR,
    }
    for name, said in rows.items():
        assert says(server, "127.0.0.1", name) == said, name
    reply = reply_of(server, "4.3.2.1.black.bl.test", wire.TXT)
    assert [(record.ttl, record.rdata) for record in reply.answer] == [
        (100, wire.txt("black (one) 1.2.3.4"))
    ]
    assert [record.type for record in reply.authority] == ([] if options else [wire.NS])
    glue = [record.rdata for record in reply.additional]
    assert glue == ([] if options else [wire.ip4("192.0.2.53")])
    reply = reply_of(server, "bad.example.names.bl.test", wire.TXT)
    assert [(record.ttl, record.rdata) for record in reply.answer] == [
        (200, wire.txt("name bad.example"))
    ]
    reply = reply_of(server, "black.bl.test")
    assert [(record.type, record.ttl) for record in reply.authority] == [(wire.SOA, 600)]


@pytest.mark.parametrize(
    "text, line",
    [
        ("1.2.3.4\n", 1),
        ("# c\n:2:x\n", 2),
        ("$DATASET ip4 @\n", 1),
        ("$DATASET ip4set @\n1.2.3.4\n$DATASET acl @\n", 3),
        ("$DATASET combined @\n", 1),
    ],
)
def test_refused_files(spurnd, spurnd_path, workdir, text, line):
    """Proves that a file which says of some lines not what they are is not started with, the message
    names the line, and a reload keeps the old data."""
    (workdir / "c").write_text(text)
    where = [
        "-n",
        *user_options(),
        *NO_CONTROL,
        "-b",
        f"127.0.0.1/{free_port()}",
        "-w",
        str(workdir),
    ]
    done = run(spurnd_path, [*where, "bl.test:combined:c"], workdir)
    assert done.returncode == 1 and re.search(rf"\bc:{line}: ", done.stderr), done.stderr
    server = spurnd.start(["bl.test:combined:c"], {"c": FILE})
    replace(workdir / "c", text)
    assert f"c:{line}: " in hang_up(server)
    assert says(server, "127.0.0.1", "4.3.2.1.a.b.bl.test") == "127.0.0.7"


def test_bad_lines_of_sections(spurnd):
    """Proves that bad lines in sections are skipped and named, five in all and not of each."""
    text = "".join(f"$DATASET ip4set s{i}\nbad\n1.2.3.4\n" for i in range(20))
    server = spurnd.start(["bl.test:combined:c"], {"c": text})
    assert re.findall(r"spurnd: c:(\d+): ", server.log()) == ["2", "5", "8", "11", "14"]
    assert "15 more" in server.log()
    assert all(says(server, "127.0.0.1", f"4.3.2.1.s{i}.bl.test") == "127.0.0.2" for i in (0, 19))


def test_beside_other_data_sets(spurnd):
    """Proves what an IPv4 address in IPv6 clothes means: the zone's own data sets and those of the
    subzone decide each for themselves (RBLDNSD.md section 6)."""
    server = spurnd.start(
        ["bl.test:combined:c", "bl.test:ip4set:four"],
        {"c": "$DATASET ip6trie @\n::ffff:a00:1 :6:\n", "four": "10.0.0.1 :4:\n"},
    )
    mapped = wire.reversed_ip6(0xFFFF0A000001, "bl.test")
    with udp.client_from("127.0.0.1", server.port) as one:
        reply = wire.parse(one.raw(wire.query(mapped, ident=1)))
    assert sorted(record.rdata[3] for record in reply.answer) == [4, 6]
