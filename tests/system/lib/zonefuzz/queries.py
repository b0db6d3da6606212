# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""Questions that fit a ZoneSet: at every edge, beside it, and nowhere near."""

import random
from typing import NamedTuple, Optional

from .. import wire
from . import names

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
                )
                | changes
            )
        )


def build(qname, qtype, qclass, flags, edns, kind):
    """A well-formed Query."""
    packet = wire.query(wire.name(*qname), qtype, qclass, ident=0, flags=flags, edns=edns)
    return Query(packet, qname, qtype, qclass, flags, edns, kind)


class Asker:
    """Makes questions for one ZoneSet."""

    def __init__(self, zones, seed):
        self.rng = random.Random(seed ^ 0x5350524E)
        self.set = zones
        self.apexes = [tuple(zone.encode().split(b".")) for zone in zones.zones]
        self.names = [labels for labels in map(names.labels, zones.names) if labels]
        self.kinds = (
            (0.62, self._address),
            (0.68, self._wrong_address),
            (0.73, self._partial),
            (0.78, self._apex),
            (0.9, self._named if self.names else self._address),
            (0.93, self._ip6),
            (0.97, self._stranger),
            (1.0, self._mapped),
        )

    def make(self, count):
        """`count` Queries; the first ones go through all edges, as far as there is room."""
        walk = [edge + delta & 0xFFFFFFFF for edge in self.set.edges for delta in (-1, 0, 1)]
        if len(walk) > count // 2:
            walk = self.rng.sample(walk, count // 2)
        queries = [self._dress(self._under_zone(self._quad(address)), "edge") for address in walk]
        queries += [self._version() for _ in range(3)]
        while len(queries) < count:
            chance = self.rng.random()
            maker = next(maker for limit, maker in self.kinds if chance < limit)
            queries.append(self._dress(*maker()))
        return queries

    def _under_zone(self, labels):
        return tuple(labels) + self.rng.choice(self.apexes)

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
        apex = self.rng.choice(self.apexes)
        if self.rng.random() < 0.1:
            apex = apex[self.rng.randrange(len(apex)) :]
        return apex, "apex"

    def _named(self):
        labels = list(self.rng.choice(self.names))
        change = self.rng.random()
        if change < 0.15:
            labels = labels[1:]
        elif change < 0.3:
            labels.insert(0, self.rng.choice((b"www", b"*", b"1", b"\0", b"a")))
        elif change < 0.35:
            labels = [b"abc", *labels[1:]] if change < 0.32 else [b"sp ace"]
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

    def _nibbles(self, address):
        return tuple(b"%x" % (address >> shift & 15) for shift in range(0, 128, 4))

    def _ip6(self):
        labels = list(self._nibbles(self.rng.getrandbits(128)))
        change = self.rng.random()
        if change < 0.2:
            labels = labels[self.rng.randrange(1, 31) :]
        elif change < 0.3:
            labels[self.rng.randrange(32)] = self.rng.choice((b"g", b"00", b"10", b"-"))
        elif change < 0.4:
            labels.append(b"1")
        return self._under_zone(labels), "ip6"

    def _mapped(self):
        if self.rng.random() < 0.5:
            address = 0xFFFF << 32 | self._near()
        else:
            address = (
                0x2002 << 112
                | self._near() << 80
                | self.rng.choice((0, 0, 1, self.rng.getrandbits(80), 1 << 79))
            )
        labels = self._nibbles(address)
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
        if sum(map(len, qname)) + len(qname) > 250:
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
        return build(qname, qtype, qclass, flags, edns, kind)
