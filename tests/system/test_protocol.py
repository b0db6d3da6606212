# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""What doc/protocol.md promises of answers, over every way in: IPv4 and IPv6, UDP and TCP."""

import os
import shutil
import signal
import socket
import struct
import subprocess

import pytest

import test_replies
from conftest import cannot_run
from lib import daemon, tcp, udp, wire
from lib.replies import ask_and_check, check
from lib.wire import A, ANY, CH, MX, NS, SOA, TXT, NOERROR, NOTIMP, NXDOMAIN, REFUSED, SERVFAIL

ADDRESSES = ("127.0.0.1", "::1")
DOORS = [(address, kind) for address in ADDRESSES for kind in ("UDP", "TCP")]
LISTED = "4.3.2.1.bl.test"
EDNS = wire.Edns(1232)


@pytest.fixture(name="door", params=DOORS, ids=[f"{kind}-{address}" for address, kind in DOORS])
def _door(request):
    """Makes clients that ask over one address and transport: door(server)."""
    address, kind = request.param
    made = []

    def make(server):
        made.append({"UDP": udp.Client, "TCP": tcp.Client}[kind](address, server.port))
        return made[-1]

    make.is_udp = kind == "UDP"
    yield make
    for one in made:
        one.close()


# ---- answers ----


def test_answers_table(spurnd, door):
    """Proves that the table of answers holds over TCP as over UDP."""
    one = door(spurnd.start(test_replies.ZONES, test_replies.FILES, addresses=ADDRESSES))
    for row, (question, expected) in test_replies.ROWS.items():
        print(row)
        if row == "mapped address":
            continue
        for edns in (None, wire.Edns(4096), wire.Edns(512, flags=wire.EDNS_DO)):
            expected = {**expected, "edns": edns and wire.Edns(flags=edns.flags)}
            ask_and_check(one, question, query={"edns": edns}, **expected)


def test_letter_case(spurnd, door):
    """Proves that a name comes back byte for byte (0x20), whatever bytes it is of."""
    one = door(spurnd.start(["bl.test:ip4set:f"], {"f": "1.2.3.4\n"}, addresses=ADDRESSES))
    for name in (
        wire.name_of("4.3.2.1.bL.TeST"),
        wire.name_of("4.3.2.1.BL.TEST"),
        wire.name(b"\0\xff.", b"\x40[`{", b"@Z", b"bL", b"tEST"),
        wire.name(b"A" * 63, b"z" * 63, b"Q" * 63, b"x" * 53, b"Bl", b"tesT"),
    ):
        for edns in (None, EDNS):
            reply = one.ask(name, A, edns=edns)
            assert reply.question == name + struct.pack("!HH", A, wire.IN)
            assert [record.owner for record in reply.answer] in ([], [name])
            assert bool(reply.answer) == name.lower().startswith(b"\x014")


def test_any(spurnd, door):
    """Proves that ANY gets one RRset (RFC 8482 section 4.1), the first that there is, over TCP too,
    and that it is not a way to more than the same question for that type."""
    files = {
        "l": "$SOA 5 a b 1 2 3 4 7\n$NS 5 a.b\n1.2.3.4 :5:a\n1.2.3.4 :6:b\n",
        "g": "t TXT a\nt TXT b\nt MX 5 m\nm MX 5 m\n@ A 1\nboth A 1\nboth TXT b\n",
    }
    one = door(spurnd.start(["bl.test:ip4set:l", "bl.test:generic:g"], files, addresses=ADDRESSES))
    for name, first in (
        (LISTED, A),
        ("bl.test", SOA),
        ("t.bl.test", TXT),
        ("m.bl.test", MX),
        ("both.bl.test", A),
    ):
        got, same = one.ask(name, ANY), one.ask(name, first)
        assert {record.type for record in got.answer} == {first}
        assert sorted(got.answer) == sorted(same.answer) and got.size == same.size
    for name, rcode in (("3.2.1.bl.test", NOERROR), ("none.bl.test", NXDOMAIN)):
        reply = one.ask(name, ANY)
        assert (reply.rcode, reply.answer) == (rcode, ()) and len(reply.authority) == 1


def test_long_texts(spurnd, door):
    """Proves that texts of up to 4,096 bytes come whole, as strings of 255 bytes, over TCP always and
    over UDP where they fit, else with TC."""
    sizes = (255, 256, 511, 1100, 1200, 4000, 4096)
    files = {
        "l": "".join(f"1.0.{n}.1 {'x' * size}\n" for n, size in enumerate(sizes)),
        "d": f":2:{'see $ or ' * 300}\nexample.com\n",
        "g": "".join(f"n{n} TXT {'y' * size}\n" for n, size in enumerate(sizes)),
    }
    zones = ["bl.test:ip4set:l", "n.test:dnset:d", "g.test:generic:g"]
    one = door(spurnd.start(zones, files, addresses=ADDRESSES))
    asked = [(f"1.{n}.0.1.bl.test", "x" * size) for n, size in enumerate(sizes)]
    asked += [(f"n{n}.g.test", "y" * size) for n, size in enumerate(sizes)]
    asked.append(("example.com.n.test", ("see example.com or " * 300)[:4096]))
    for name, text in asked:
        reply = one.ask(name, TXT, edns=EDNS)
        need = 12 + len(reply.question) + 12 + len(wire.txt(text)) + 11
        if door.is_udp and need > 1232:
            assert reply.flags & wire.FLAG_TC and not reply.answer
        else:
            assert not reply.flags & wire.FLAG_TC and reply.size == need
            assert [record.rdata for record in reply.answer] == [wire.txt(text)]


def test_as_much_as_tcp_takes(spurnd, door):
    """Proves that thousands of records come in one reply over TCP, up to 65,535 bytes, without what
    is behind the reach of pointers, and that over UDP they are TC; and that more than TCP takes is
    TC, not a part."""
    most = (65535 - 12 - 19 - 11) // 16
    files = {
        "g": "$SOA 5 a b 1 2 3 4 7\n$NS 5 ns.example\n"
        + "".join(f"most A 10.1.{n >> 8}.{n & 255}\n" for n in range(most))
        + "".join(f"more A 10.2.{n >> 8}.{n & 255}\n" for n in range(most + 1))
        + "".join(f"some A 10.3.{n >> 8}.{n & 255}\n" for n in range(1000)),
    }
    one = door(spurnd.start(["bl.test:generic:g"], files, addresses=ADDRESSES))
    for name, count, authority in (("some", 1000, 1), ("most", most, 0), ("more", 0, 0)):
        reply = one.ask(f"{name}.bl.test", A, edns=EDNS)
        assert reply.flags & wire.FLAG_AA
        if door.is_udp or not count:
            assert reply.flags & wire.FLAG_TC and not reply.answer and reply.size < 100
            continue
        assert not reply.flags & wire.FLAG_TC and reply.rcode == NOERROR
        assert len({record.rdata for record in reply.answer}) == len(reply.answer) == count
        assert len(reply.authority) == authority and reply.size > 65500 * (name == "most")


def test_large_apex(spurnd, door):
    """Proves that 32 name servers with the longest names, and their addresses, come whole where they
    are asked for, over TCP, and that none of that costs an answer."""
    filler = ".".join(letter * 50 for letter in "abcd")
    names = [f"n{n:02d}{'x' * 30}.{filler}.bl.test" for n in range(32)]
    files = {
        "g": f"$SOA 5 a b 1 2 3 4 7\n$NS 5 {' '.join(names)}\n"
        + "".join(f"{name.removesuffix('.bl.test')} A 10.0.0.{n}\n" for n, name in enumerate(names))
        + "www A 1\n",
    }
    one = door(spurnd.start(["bl.test:generic:g"], files, addresses=ADDRESSES))
    reply = one.ask("bl.test", NS, edns=EDNS)
    if door.is_udp:
        # Their names are the same but for the first label, so they are short.
        assert reply.size <= 1232
    else:
        assert {record.rdata for record in reply.answer} == set(map(wire.name_of, names))
    for name, qtype in (("bl.test", SOA), ("bl.test", ANY), ("www.bl.test", A)):
        assert len(one.ask(name, qtype, edns=EDNS).answer) == 1


# ---- EDNS ----


def test_payload_sizes(spurnd, door):
    """Proves that whatever size the client says, of UDP replies none is longer than that, 512 or
    1232, and that it means nothing over TCP; and that the bits Z of OPT are cleared."""
    files = {"g": "".join(f"a A 10.0.0.{n}\n" for n in range(70))}
    one = door(spurnd.start(["z.test:generic:g"], files, addresses=ADDRESSES))
    for size in (0, 1, 511, 512, 513, 1161, 1162, 1231, 1232, 1233, 4096, 65535):
        room = min(max(size, 512), 1232) if door.is_udp else 65535
        for flags in (0, wire.EDNS_DO, 0x7FFF, 0xFFFF):
            reply = one.ask("a.z.test", A, edns=wire.Edns(size, flags=flags))
            assert reply.edns == wire.Edns(1232, flags=flags & wire.EDNS_DO)
            assert len(reply.answer) == (70 if room >= 12 + 14 + 70 * 16 + 11 else 0)
            assert bool(reply.flags & wire.FLAG_TC) != bool(reply.answer)


@pytest.mark.parametrize("most", [512, 700, 1232])
def test_max_udp_size(spurnd, door, most):
    """Proves that --max-udp-size bounds UDP replies further, and not those over TCP."""
    files = {"g": "".join(f"a{n} A 10.0.0.{i}\n" for n in range(20, 75) for i in range(n))}
    options = ("--max-udp-size", str(most))
    one = door(spurnd.start(["z.test:generic:g"], files, options, addresses=ADDRESSES))
    for offered in (None, 600, 4096):
        edns = offered and wire.Edns(offered)
        room = min(max(offered or 512, 512), most) if door.is_udp else 65535
        for count in range(20, 75):
            reply = one.ask(f"a{count}.z.test", A, edns=edns)
            need = 12 + 16 + count * 16 + (11 if edns else 0)
            assert len(reply.answer) == (count if need <= room else 0)
            assert reply.size <= room


def test_opt_in_every_reply(spurnd, door):
    """Proves that any reply has OPT exactly if the query has: answers, refusals, FORMERR, NOTIMP and
    BADVERS; and that BADVERS has nothing but that, whatever is behind its version."""
    options = ("-q",)
    zones = ["bl.test:ip4set:f", "absent.test:ip4set:absent"]
    one = door(spurnd.start(zones, {"f": "1.2.3.4\n"}, options, addresses=ADDRESSES))
    daemon.wait_until(lambda: one.ask(LISTED).answer, "the load")
    good = wire.query(LISTED)
    opt = wire.opt_record(EDNS)
    head = struct.pack("!6H", 7, 0, 1, 0, 0, 1)
    for packet, rcode, has_opt in (
        (good, NOERROR, False),
        (wire.query(LISTED, edns=EDNS), NOERROR, True),
        (wire.query("5.3.2.1.bl.test", edns=EDNS), NXDOMAIN, True),
        (wire.query("example", edns=EDNS), REFUSED, True),
        (wire.query("absent.test", edns=EDNS), SERVFAIL, True),
        (wire.query(LISTED, 252, edns=EDNS), NOTIMP, True),
        (wire.query(LISTED, flags=0x2800, edns=EDNS), NOTIMP, True),
        (wire.query(LISTED, flags=wire.FLAG_TC, edns=EDNS), NOTIMP, True),
        (struct.pack("!6H", 7, 0, 0, 0, 0, 1) + opt, wire.FORMERR, True),
        (struct.pack("!6H", 7, 0x2000, 0, 0, 0, 1) + opt, NOTIMP, True),
        (struct.pack("!6H", 7, 0, 0, 0, 0, 0), wire.FORMERR, False),
        (head + b"\x01a\xc0\x0c\0\1\0\1" + opt, wire.FORMERR, False),
        (head + good[12:] + opt[:-1], wire.FORMERR, True),
        (head[:11] + b"\2" + good[12:] + opt + opt, wire.FORMERR, True),
    ):
        reply = wire.parse(one.raw(packet))
        assert reply.rcode == rcode and (reply.edns is not None) == has_opt, packet.hex()
        assert reply.id == int.from_bytes(packet[:2], "big")
    for version in (1, 255):
        for tail in (b"", b"\0", b"\xff" * 30, wire.option(3), wire.option(10, b"x" * 8)):
            edns = wire.Edns(4096, 0xFF, version, 0xFFFF, tail)
            for name in (LISTED, "example"):
                reply = one.ask(name, edns=edns)
                assert reply.edns == wire.Edns(1232, 1, 0, wire.EDNS_DO)
                check(reply, (name, A, wire.IN), rcode=16, flags=wire.FLAG_RD, edns=reply.edns)


# ---- extended errors ----

ERRORS = {
    "outside": (("www.example", A), REFUSED, wire.EDE_NOT_AUTHORITATIVE, {}),
    "class": ((LISTED, A, wire.HS), REFUSED, wire.EDE_NOT_SUPPORTED, {}),
    "class CH": ((LISTED, TXT, CH), REFUSED, wire.EDE_NOT_SUPPORTED, {}),
    "AXFR": (("bl.test", 252), NOTIMP, wire.EDE_NOT_SUPPORTED, {}),
    "NOTIFY": (("bl.test", SOA), NOTIMP, wire.EDE_NOT_SUPPORTED, {"flags": 0x2000}),
    "UPDATE": (("bl.test", SOA), NOTIMP, wire.EDE_NOT_SUPPORTED, {"flags": 0x2800}),
    "expired": (("old.test", SOA), SERVFAIL, wire.EDE_INVALID_DATA, {}),
    "not there": (("absent.test", SOA), SERVFAIL, wire.EDE_NOT_READY, {}),
    "refused": (("4.3.2.1.refuse.test", A), REFUSED, wire.EDE_PROHIBITED, {}),
    "refused, the apex": (("refuse.test", SOA), REFUSED, wire.EDE_PROHIBITED, {}),
    "refused by key": (("4.3.2.1.bad.key.test", A), REFUSED, wire.EDE_PROHIBITED, {}),
    "empty": (("4.3.2.1.empty.test", A), NXDOMAIN, wire.EDE_FILTERED, {}),
    "empty, the apex": (("empty.test", A), NOERROR, None, {}),
    "everything": (("9.9.9.9.list.test", A), NOERROR, wire.EDE_FORGED, {}),
    "everything, but no such type": (("9.9.9.9.list.test", MX), NOERROR, None, {}),
    "everything, no name": (("x.list.test", A), NXDOMAIN, None, {}),
    "listed": ((LISTED, A), NOERROR, None, {}),
    "not listed": (("5.3.2.1.bl.test", A), NXDOMAIN, None, {}),
}
ERROR_ZONES = [
    "bl.test:ip4set:f",
    "old.test:ip4set:old",
    "absent.test:ip4set:absent",
    *(f"{what}.test:ip4set:f" for what in ("refuse", "empty", "list", "key")),
    *(f"{what}.test:acl:{what}" for what in ("refuse", "empty", "list")),
    "key.test:aclkey:keys",
]
ERROR_FILES = {
    "f": "1.2.3.4\n",
    "old": "$TIMESTAMP 2020:01:01 2020:01:02\n1.2.3.4\n",
    "keys": ":pass\nbad :refuse\n",
    **{what: f"0/0 :{what}\n::/0 :{what}\n" for what in ("refuse", "empty")},
    "list": "0/0 :9:you\n::/0 :9:you\n",
}


def test_extended_errors(spurnd, door):
    """Proves that each refusal, and each answer that is another one for this client, has the extended
    error that fits (RFC 8914), if the query has OPT, and no other reply has one."""
    one = door(spurnd.start(ERROR_ZONES, ERROR_FILES, ("-q",), addresses=ADDRESSES))
    daemon.wait_until(lambda: one.ask(LISTED).answer, "the load")
    for row, ((*question,), rcode, error, query) in ERRORS.items():
        reply = one.ask(*question, edns=EDNS, **query)
        assert (reply.rcode, wire.error_of(reply)) == (rcode, error), row
        assert reply.edns.options == (wire.error(error) if error else b""), row
        reply = one.ask(*question, **query)
        assert (reply.rcode, reply.edns) == (rcode, None), row


def test_stale(spurnd, door, workdir):
    """Proves that answers from data that are not the newest, as those could not be loaded, say so
    until others can be."""
    server = spurnd.start(["bl.test:ip4set:f"], {"f": "1.2.3.4\n"}, addresses=ADDRESSES)
    one = door(server)

    def errors():
        return [wire.error_of(one.ask(n, edns=EDNS)) for n in (LISTED, "5.3.2.1.bl.test")]

    assert errors() == [None, None]
    os.rename(workdir / "f", workdir / "away")
    server.send_signal(signal.SIGHUP)
    daemon.wait_until(lambda: errors() == [wire.EDE_STALE, wire.EDE_STALE_NXDOMAIN], "staleness")
    assert one.ask(LISTED).edns is None
    os.rename(workdir / "away", workdir / "f")
    server.send_signal(signal.SIGHUP)
    daemon.wait_until(lambda: errors() == [None, None], "fresh answers")


def test_error_where_there_is_no_room(spurnd, door):
    """Proves that an extended error is left out where it does not fit, and costs no answer."""
    sizes = range(440, 462)
    zones = [f"z{size}.test:{kind}" for size in sizes for kind in ("ip4set:f", f"acl:acl{size}")]
    files = {f"acl{size}": f"0/0 :9:{'t' * size}\n::/0 :9:{'t' * size}\n" for size in sizes}
    one = door(spurnd.start(zones, {"f": "", **files}, addresses=ADDRESSES))
    seen = set()
    for size in sizes:
        reply = one.ask(f"1.1.1.1.z{size}.test", TXT, edns=wire.Edns(512))
        need = 12 + len(reply.question) + 12 + len(wire.txt("t" * size)) + 11
        room = 512 if door.is_udp else 65535
        assert len(reply.answer) == (need <= room)
        assert wire.error_of(reply) == (wire.EDE_FORGED if need + 6 <= room else None)
        assert reply.size <= room
        seen.add((len(reply.answer), wire.error_of(reply)))
    assert len(seen) == (3 if door.is_udp else 1)


# ---- who answers ----

IDENTITIES = {
    "default": ((), socket.gethostname().encode()),
    "given": (("--nsid", "mx1.example"), b"mx1.example"),
    "as it is": (("--nsid", 'a \\"b"\t\u00fc'), 'a \\"b"\t\u00fc'.encode()),
    "long": (("--nsid", "n" * 128), b"n" * 128),
    "none": (("--nsid", ""), None),
    "-vv": (("-vv", "--nsid=x"), b"x"),
}


@pytest.mark.parametrize("options, name", IDENTITIES.values(), ids=IDENTITIES)
def test_identity(spurnd, door, options, name):
    """Proves that NSID (RFC 5001) comes with any reply to a query that asks for it, that id.server
    and hostname.bind (RFC 4892) tell the same, in any case, and that --nsid rules it alone."""
    server = spurnd.start(["bl.test:ip4set:f"], {"f": "1.2.3.4\n"}, options, addresses=ADDRESSES)
    one = door(server)
    wanted = [(wire.OPTION_NSID, name)] if name else []
    for question in ((LISTED,), ("5.3.2.1.bl.test",), ("example",), ("id.server", TXT, CH)):
        for option in (wire.option(3), wire.option(3, b"ignored"), 2 * wire.option(3)):
            reply = one.ask(*question, edns=wire.Edns(512, options=option))
            got = [pair for pair in wire.options_of(reply.edns) if pair[0] != wire.OPTION_EDE]
            assert got == wanted
        assert wire.OPTION_NSID not in dict(wire.options_of(one.ask(*question, edns=EDNS).edns))
        assert one.ask(*question).edns is None
    for owner in ("id.server", "hostname.bind", "ID.Server", "HOSTNAME.BIND"):
        reply = one.ask(owner, TXT, CH)
        if name is None:
            assert (reply.rcode, reply.answer) == (REFUSED, ())
            continue
        assert (reply.rcode, reply.authority, reply.additional) == (NOERROR, (), ())
        assert reply.answer == (wire.RR(wire.name_of(owner), TXT, CH, 0, wire.txt(name)),)
    for question in (("id.server", A, CH), ("id.server", TXT), ("server", TXT, CH)):
        assert one.ask(*question).rcode == REFUSED


def test_dig(spurnd):
    """Proves that dig shows what the extended error says, and who answered."""
    if not shutil.which("dig"):
        cannot_run("no dig")
    server = spurnd.start(["bl.test:ip4set:f"], {"f": ""}, ("--nsid", "mx1"), addresses=ADDRESSES)
    for address in ADDRESSES:
        for transport in ("+notcp", "+tcp"):
            said = subprocess.run(
                ["dig", f"@{address}", "-p", str(server.port), transport, "+nsid", "example"],
                capture_output=True,
                text=True,
                timeout=daemon.PATIENCE_S,
                check=True,
            ).stdout
            assert "status: REFUSED" in said and "; EDE: 20 (Not Authoritative)" in said
            assert '("mx1")' in said
