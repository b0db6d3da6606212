# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""RFC 8020 to the letter, for every data set type: a name that has listed names below it exists,
whatever is asked of it, and NXDOMAIN is only said where nothing at all is below, so that a resolver
may take it for all of that. SPURN_SEED chooses other lists than usual."""

import os
import random

import pytest

from lib import naive, udp, wire
from lib.daemon import SANITIZED

ZONE = (b"bl", b"test")
TYPES = (wire.A, wire.TXT, wire.NS, wire.AAAA)
ROUNDS = 2 if SANITIZED else 4
NAMES = 1200
LABELS = [b"%d" % number for number in (0, 1, 2, 10, 127, 255)]
LABELS += [b"a", b"b", b"f", b"com", b"sub", b"00", b"256", naive.FRESH]


class Zone:
    """A zone with some data sets, maybe with other zones inside of it."""

    def __init__(self, rng, kind):
        self.combined, datasets = [], []
        if kind == "combined":
            self.combined = [naive.Combined(rng)]
        elif kind == "several":
            self.combined = [naive.Combined(rng)] if rng.random() < 0.3 else []
            datasets = [naive.random_dataset(rng) for _ in range(3)]
        elif kind.startswith("ip"):
            datasets = [(naive.Ip4 if kind[2] == "4" else naive.Ip6)(rng, kind)]
        else:
            datasets = [naive.Names(rng) if kind == "dnset" else naive.Generic(rng)]
        self.parts = [naive.Part(datasets), *self.combined]
        self.files = [(dataset.kind, dataset.lines) for dataset in datasets]
        self.files += [("combined", combined.lines) for combined in self.combined]
        self.inner = rng.choice(((), (), (b"in", b"deep"), (b"0", b"2")))

    def write(self):
        """(specifications, files)"""
        specs, files = [], {}
        for number, (kind, lines) in enumerate(self.files):
            specs.append(f"bl.test:{kind}:list{number}")
            files[f"list{number}"] = "".join(f"{line}\n" for line in lines)
        if self.inner:
            specs.append(f"{b'.'.join(self.inner).decode()}.bl.test:generic:inner")
            files["inner"] = "www A 127.0.0.2\n"
        return specs, files

    def has(self, name):
        """Is the name listed?"""
        return any(part.has(name) for part in self.parts)

    def exists(self, name):
        """Is the name, or one below it, or a zone?"""
        return self.inner[-len(name) :] == name or any(part.exists(name) for part in self.parts)

    def is_inside(self, name):
        """Is the name one of the zone inside of this one?"""
        return bool(self.inner) and name[-len(self.inner) :] == self.inner

    def names(self, rng):
        """Names to ask for: all that could be listed, all above them, and names beside those."""
        names = set().union(*(part.edges for part in self.parts), {self.inner})
        names = {name[cut:] for name in names for cut in range(len(name))}
        names |= {(rng.choice(LABELS), *name[1:]) for name in names}
        names |= {(rng.choice(LABELS), *name) for name in names}
        names |= {tuple(rng.choices(LABELS, k=rng.choice((1, 2, 3, 4, 4, 6)))) for _ in range(100)}
        return [name for name in names if not self.is_inside(name)]


@pytest.mark.parametrize(
    "kind",
    (
        "ip4set",
        "ip4trie",
        "ip4tset",
        "ip6trie",
        "ip6tset",
        "dnset",
        "generic",
        "combined",
        "several",
        "several",
    ),
)
def test_exactly_what_exists(spurnd, kind):
    """Proves that of random lists of a type, of several in a zone and of zones inside of zones, every
    name above a listed one is NOERROR for any type, without records of its own, and that all others
    are NXDOMAIN: IPv4 addresses also as v4-mapped and 6to4 ones, at every nibble."""
    seed = os.environ.get("SPURN_SEED", "8020")
    rng = random.Random(f"{seed} {kind}")
    counts = {wire.NOERROR: 0, wire.NXDOMAIN: 0}
    for _ in range(ROUNDS):
        zone = Zone(rng, kind)
        server = spurnd.start(*zone.write())
        names = zone.names(rng)
        names = rng.sample(sorted(names), min(len(names), NAMES))
        packets = [
            wire.query(wire.name(*name, *ZONE), qtype, ident=number * len(TYPES) + which)
            for number, name in enumerate(names)
            for which, qtype in enumerate(TYPES)
        ]
        with udp.Client("127.0.0.1", server.port) as client:
            replies = iter(udp.exchange_all(client.sock, packets))
        for name in names:
            exists, has = zone.exists(name), zone.has(name)
            assert exists or not has
            for qtype in TYPES:
                reply = wire.parse(next(replies))
                what = (b".".join(name), qtype, zone.write())
                assert reply.rcode == (wire.NOERROR if exists else wire.NXDOMAIN), what
                assert bool(reply.answer) == (has and qtype == wire.A), what
                counts[reply.rcode] += 1
        server.stop()
    assert min(counts.values()) > 0, counts
