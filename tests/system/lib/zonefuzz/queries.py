# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""Questions that fit a ZoneSet: at every edge, beside it, and nowhere near."""

import random
from typing import NamedTuple, Optional

from .. import wire
from . import acl, ip6

TYPES = (wire.A,) * 9 + (wire.TXT,) * 7 + (wire.ANY,) * 3 + (wire.SOA, wire.NS, wire.MX, wire.AAAA)
ODD_TYPES = (
    0,
    5,
    12,
    33,
    35,
    41,
    43,
    64,
    65,
    99,
    128,
    248,
    249,
    250,
    251,
    252,
    253,
    254,
    256,
    257,
    258,
    32769,
    65280,
    65535,
)
ODD_CLASSES = (wire.CLASS_ANY, wire.CLASS_ANY, wire.CH, wire.HS, wire.CLASS_NONE, 0, 2, 5, 65535)
SIZES = (0, 1, 511, 512, 513, 600, 1000, 1231, 1232, 1233, 1400, 2048, 4096, 65535)
ODD_FLAGS = (
    0,
    wire.FLAG_AD,
    wire.FLAG_CD,
    wire.FLAG_Z,
    wire.FLAG_RA,
    0x0170,
    0x000F,
    0x0003,
    0x0105,
    wire.FLAG_AA,
    wire.FLAG_TC,
    0x0700,
    0x0800,
    0x1000,
    0x2000,
    0x2800,
    0x7800,
    0x6900,
)
NAMED = (
    b"www",
    b"mail",
    b"a.b",
    b"@",
    b"*",
    b"x",
    b"b.c",
    b"2.0.0.127",
    b"1.0.0.127",
    b"ns1",
    b"ns",
    b"host",
    b"host.sub",
    b"example.com",
)


class Query(NamedTuple):
    """A packet without its ID, and what is in it."""

    packet: bytes
    qname: tuple
    qtype: int
    qclass: int
    flags: int
    edns: Optional[wire.Edns]
    kind: str
    source: str = acl.FREE

    def numbered(self, ident):
        """The packet with an ID."""
        return ident.to_bytes(2, "big") + self.packet[2:]

    def changed(self, **changes):
        """The same question with some fields changed, as a new Query."""
        return build(
            **(
                dict(
                    qname=self.qname,
                    qtype=self.qtype,
                    qclass=self.qclass,
                    flags=self.flags,
                    edns=self.edns,
                    kind=self.kind,
                    source=self.source,
                )
                | changes
            )
        )


# The label of a nibble, by its digit.
NIBBLE = [bytes((digit,)) for digit in range(128)]


def build(qname, qtype, qclass, flags, edns, kind, source=acl.FREE):
    """A well-formed Query."""
    packet = wire.query(wire.name(*qname), qtype, qclass, ident=0, flags=flags, edns=edns)
    return Query(packet, qname, qtype, qclass, flags, edns, kind, source)


def fits(qname):
    """Whether labels make a name of at most 255 bytes."""
    return sum(map(len, qname)) + len(qname) < 255


class Asker:
    """Makes questions for one ZoneSet."""

    def __init__(self, zones, seed):
        self.rng = random.Random(seed ^ 0x5350524E)
        self.set = zones
        self.apexes = [tuple(zone.encode().split(b".")) for zone in zones.zones]
        self.roots = self.apexes + [
            (*subzone, *apex) for subzone in zones.subzones for apex in self.apexes
        ]
        has_ip4 = any("ip4" in spec or "combined" in spec for spec in zones.specs)
        has_ip6 = any("ip6" in spec or "combined" in spec for spec in zones.specs)
        shares = (
            (self._address, 30 if has_ip4 else 3),
            (self._wrong_address, 5 if has_ip4 else 1),
            (self._partial, 6 if has_ip4 else 1),
            (self._ip6, 25 if has_ip6 else 2),
            (self._wrong_ip6, 6 if has_ip6 else 1),
            (self._mapped, 5),
            (self._named, 25 if zones.names else 0),
            (self._apex, 5),
            (self._stranger, 4),
        )
        self.kinds = [maker for maker, share in shares for _ in range(share)]

    def make(self, count):
        """`count` Queries; the first ones go through all edges, as far as there is room."""
        walk = [
            self._quad(edge + delta & 0xFFFFFFFF) for edge in self.set.edges for delta in (-1, 0, 1)
        ]
        if any("ip6" in spec or "combined" in spec for spec in self.set.specs):
            walk += [
                self.nibbles(edge + delta & ip6.ALL)
                for edge in self.set.edges6
                for delta in (-1, 0, 1)
            ]
        walk += self.set.names
        if len(walk) > count // 2:
            walk = self.rng.sample(walk, count // 2)
        queries = [self._dress(self._under_zone(labels), "edge") for labels in walk]
        queries += [self._version() for _ in range(3)]
        while len(queries) < count:
            queries.append(self._dress(*self.rng.choice(self.kinds)()))
        return queries

    def _under_zone(self, labels):
        root = self.rng.choice(self.apexes if self.rng.random() < 0.5 else self.roots)
        return tuple(labels) + root

    @staticmethod
    def _quad(address):
        return tuple(b"%d" % (address >> shift & 255) for shift in (0, 8, 16, 24))

    def _near(self):
        """An address near something listed, mostly."""
        if not self.set.edges or self.rng.random() < 0.1:
            return self.rng.randrange(1 << 32)
        edge = self.rng.choice(self.set.edges)
        return edge ^ self.rng.choice(
            (0, 1, 2, 127, 128, 255, 256, 0x10000, self.rng.randrange(512), 0x1000000)
        )

    def _address(self):
        labels = self._quad(self._near())
        if self.rng.random() < 0.05:
            labels = tuple(label.zfill(self.rng.choice((2, 3))) for label in labels)
        return self._under_zone(labels), "address"

    def _wrong_address(self):
        labels = list(self._quad(self._near()))
        place = self.rng.randrange(4)
        labels[place] = self.rng.choice(
            (
                b"256",
                b"999",
                b"0001",
                b"0%03d" % int(labels[place]),
                b"x",
                b"1x",
                b"-1",
                b"1-",
                b" 1",
                b"*",
                b"0x1",
                b"\0",
                b"1.2",
                b"%d" % (256 + int(labels[place])),
                b"1000",
            )
        )
        return self._under_zone(labels), "wrong-address"

    def _partial(self):
        labels = self._quad(self._near())
        cut = self.rng.choice((1, 1, 2, 2, 3))
        labels = labels[cut:] if self.rng.random() < 0.8 else (b"1",) * cut + labels
        if self.rng.random() < 0.05:
            labels = tuple(label.zfill(3) for label in labels)
        return self._under_zone(labels), "partial"

    def _apex(self):
        apex = self.rng.choice(self.roots)
        if self.rng.random() < 0.1:
            apex = apex[self.rng.randrange(len(apex)) :]
        return apex, "apex"

    def _named(self):
        rng = self.rng
        labels = list(
            rng.choice(self.set.wild if self.set.wild and rng.random() < 0.3 else self.set.names)
        )
        change = rng.random()
        if change < 0.15:
            labels = labels[rng.choice((1, 1, 2)) :]
        elif change < 0.4:
            labels[:0] = rng.choice(
                (
                    (b"www",),
                    (b"*",),
                    (b"1",),
                    (b"\0",),
                    (b"a", b"b"),
                    (b"x" * 63,),
                    (b"bad",),
                    (b"foo",),
                )
            )
        elif change < 0.45 and labels:
            labels[0] = rng.choice((b"abc", b"sp ace", b"*", labels[0] + b"x", labels[0][1:]))
        elif change < 0.48 and len(labels) > 1:
            labels[:2] = [b".".join(labels[:2])]
        elif change < 0.5:
            # As long as a name may be.
            room = 253 - sum(map(len, labels)) - len(labels) - len(b"bl.test")
            while room > 1:
                take = min(63, room - 1)
                labels.insert(0, b"f" * take)
                room -= take + 1
        labels = [label for label in labels if 0 < len(label) <= 63]
        return self._under_zone(labels), "name"

    def _stranger(self):
        name = self.rng.choice(NAMED)
        labels = tuple(name.split(b"."))
        ending = self.rng.random()
        if ending < 0.5:
            return self._under_zone(labels), "stranger"
        if ending < 0.8:
            return labels + self.rng.choice(((b"test",), (b"example",), (b"org",), ())), "outside"
        return (
            self.rng.choice(
                (
                    (),
                    (b"xbl", b"test"),
                    (b"bl", b"test", b"org"),
                    (b"bl.test",),
                    (b"version", b"bind"),
                )
            ),
            "outside",
        )

    def _version(self):
        """A question for the program's version."""
        return build(
            self._case((b"version", self.rng.choice((b"bind", b"server", b"bond")))),
            self.rng.choice((wire.TXT, wire.TXT, wire.A)),
            wire.CH,
            0,
            None,
            "version",
        )

    @staticmethod
    def nibbles(address):
        """The labels of an IPv6 address."""
        return tuple(map(NIBBLE.__getitem__, reversed(b"%032x" % address)))

    def _near6(self):
        """An IPv6 address near something listed, mostly."""
        if not self.set.edges6 or self.rng.random() < 0.1:
            return self.rng.getrandbits(128)
        return self.rng.choice(self.set.edges6) ^ self.rng.choice(
            (0, 0, 1, 2, 255, 1 << self.rng.randrange(128), self.rng.getrandbits(64))
        )

    def _ip6(self):
        labels = self.nibbles(self._near6())
        if self.rng.random() < 0.2:
            labels = labels[self.rng.randrange(1, 32) :]
        return self._under_zone(labels), "ip6"

    def _wrong_ip6(self):
        labels = list(self.nibbles(self._near6()))
        change = self.rng.random()
        if change < 0.5:
            labels[self.rng.randrange(32)] = self.rng.choice(
                (b"g", b"00", b"10", b"-", b"\0", b"a0")
            )
        elif change < 0.6:
            labels[self.rng.randrange(32)] = self.rng.choice((b"/", b":", b"@", b"`", b"G"))
        elif change < 0.8:
            labels.insert(0, b"1")
        else:
            del labels[self.rng.randrange(32)]
        return self._under_zone(labels), "wrong-ip6"

    def _mapped(self):
        if self.rng.random() < 0.5:
            address = 0xFFFF << 32 | self._near()
        else:
            address = (
                0x2002 << 112
                | self._near() << 80
                | self.rng.choice((0, 0, 1, self.rng.getrandbits(80), 1 << 79))
            )
        labels = self.nibbles(address)
        if self.rng.random() < 0.2:
            labels = labels[self.rng.randrange(1, 32) :]
        return self._under_zone(labels), "mapped"

    def _case(self, labels):
        """Letters in mixed case, as a resolver with 0x20 randomisation sends them."""
        return tuple(
            bytes(
                c ^ 0x20 if 65 <= c & 0xDF <= 90 and self.rng.random() < 0.5 else c for c in label
            )
            for label in labels
        )

    def _dress(self, qname, kind):
        """The Query: type, class, flags and EDNS at random, most of the time ordinary ones."""
        rng = self.rng
        if not fits(qname):
            qname = qname[-4:]
        if rng.random() < 0.15:
            qname = self._case(qname)
        qtype = rng.choice(TYPES) if rng.random() < 0.95 else rng.choice(ODD_TYPES)
        if kind == "apex" and rng.random() < 0.6:
            qtype = rng.choice((wire.SOA, wire.NS, wire.ANY))
        qclass = wire.IN if rng.random() < 0.97 else rng.choice(ODD_CLASSES)
        flags = wire.FLAG_RD if rng.random() < 0.9 else rng.choice(ODD_FLAGS)
        edns = None
        if rng.random() < 0.25:
            edns = wire.Edns(size=rng.choice(SIZES) if rng.random() < 0.5 else 1232)
        return build(qname, qtype, qclass, flags, edns, kind, rng.choice(self.set.clients))
