# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""Zones, and packets about them that rbldnsd and spurnd answer with replies of the same size: what
statistics and query logs of both are compared by; and how to read these."""

from . import wire

ZONES = (
    "bl.test:ip4set:list",
    "a.bl.test:generic:names",
    "Other.TEST.:ip4trie:list",
    "late.test:ip4set:absent",
    "x.y.other.test:ip4set:list",
    "y.other.test:generic:names",
)
FILES = {
    "list": "$SOA 5 a b 1 2 3 4 7\n$NS 5 ns.example\n1.2.3.4 :5:hello\n127.0.0.2\n",
    "names": "$SOA 5 a b 1 2 3 4 7\nwww A 1\nwww TXT x\n",
}
LISTED = "4.3.2.1.bl.test"


def lines_of(path):
    """The complete lines of a file, [] if there is none."""
    if not path.exists():
        return []
    return path.read_text().split("\n")[:-1]


def answered():
    """Packets that get a reply, every one with an ID of its own."""
    questions = [
        # found
        (LISTED, wire.A),
        (LISTED, wire.TXT),
        ("2.0.0.127.bl.test", wire.ANY),
        ("4.3.2.1.BL.Test", wire.A),
        ("www.a.bl.test", wire.A),
        ("4.3.2.1.other.test", wire.A),
        ("4.3.2.1.x.y.other.test", wire.A),
        ("www.y.other.test", wire.TXT),
        # found, but not this type
        (LISTED, wire.AAAA),
        ("2.0.0.127.bl.test", wire.TXT),
        ("www.a.bl.test", wire.MX),
        *((LISTED, number) for number in [*range(17, 250), 0]),
        # the apex
        ("bl.test", wire.SOA),
        ("bl.test", wire.NS),
        ("bl.test", wire.A),
        # not found
        ("5.3.2.1.bl.test", wire.A),
        ("no.a.bl.test", wire.TXT),
        # of a zone that is not loaded
        ("4.3.2.1.late.test", wire.A),
        # outside
        ("example", wire.A),
        ("", wire.NS),
        ("version.bind", wire.SOA),
        # not data
        *((LISTED, number) for number in range(250, 255)),
    ]
    packets = [(wire.name_of(name), qtype, wire.IN) for name, qtype in questions]
    packets += [(wire.name_of(LISTED), wire.A, qclass) for qclass in (0, 2, 3, 4, 254, 255, 256)]
    packets += [
        (wire.name(bytes((0x2D, byte)), b"bl", b"test"), wire.A, wire.IN) for byte in range(256)
    ]
    packets.append((wire.name(*[b"\xff" * 63] * 3, b"\0" * 61), wire.A, wire.IN))
    result = [
        wire.query(qname, qtype, qclass, ident=ident)
        for ident, (qname, qtype, qclass) in enumerate(packets)
    ]
    for flags in (0x0800, 0x2800, wire.FLAG_AA, wire.FLAG_TC):  # opcodes, bits of replies
        result.append(wire.query(LISTED, flags=flags, ident=len(result)))
    result.append(wire.query(LISTED, tail=b"x" * 100, ident=len(result)))
    return result


def dropped():
    """Packets that get none."""
    return [
        b"abcd",
        wire.query(LISTED)[:11],
        wire.query(LISTED, flags=wire.FLAG_QR),
        wire.query(LISTED, flags=0x8583),
        b"",  # not even counted
    ]
