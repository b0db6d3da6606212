# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""Lists of each kind, and what should come of asking for names in them and beside them: known from
how the lists are made, not from any server."""

import random
from typing import NamedTuple, Optional

from . import wire

SOA = "$SOA 3600 ns.invalid hostmaster.invalid 1 1h 1h 1w 1h\n$NS 3600 ns.invalid\n"
TLDS = ("com", "net", "org", "example", "test")


class Lookup(NamedTuple):
    """A name, and what it has."""

    qname: bytes
    value: Optional[tuple]  # (last octet of A, text); None: the name does not exist
    is_address: bool

    def rdata(self, qtype):
        """The RDATA of the answer to a question for A or TXT: one record."""
        octet, text = self.value
        return bytes((127, 0, 0, octet)) if qtype == wire.A else text_rdata(text)


def text_rdata(text):
    """TXT rdata: as many character-strings as it takes, full ones first."""
    return b"".join(wire.txt(text[at : at + 255]) for at in range(0, len(text), 255))


class Addresses(NamedTuple):
    """How the lists of one address family are made."""

    bits: int
    reversed_name: callable
    text: callable  # of (address, prefix length)
    blocks: range  # of the bits before `block_bits`
    block_bits: int


def _ip4_text(address, length):
    octets = ".".join(str(address >> shift & 255) for shift in (24, 16, 8, 0))
    return octets if length == 32 else f"{octets}/{length}"


def _ip6_text(address, length):
    words = [f"{address >> shift & 0xFFFF:x}" for shift in range(112, -16, -16)]
    return ":".join(words) + ("" if length == 128 else f"/{length}")


IP4 = Addresses(32, wire.reversed_ip4, _ip4_text, range(0x010000, 0xE00000), 24)
IP6 = Addresses(128, wire.reversed_ip6, _ip6_text, range(0x24000000, 0x2C000000), 32)


class Lists:
    """Zones with lists, to be served by spurnd or rbldnsd: `specs` and `files`; `listed`,
    `unlisted` and those with long texts, `long`, are Lookups."""

    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.specs, self.files = [], {}
        self.listed, self.unlisted, self.long = [], [], []

    @property
    def zones(self):
        """The names of the zones."""
        return sorted({spec.split(":")[0] for spec in self.specs})

    def _add(self, zone, kind, lines):
        name = f"{zone}.{kind}"
        self.specs.append(f"{zone}:{kind}:{name}")
        self.files[name] = SOA + "".join(lines)

    def _value(self):
        """A value that hardly any other entry has."""
        number = self.rng.randrange(1 << 40)
        return 2 + number % 250, f"Reason {number}".encode()

    def add_addresses(self, zone, kind, count, lengths, family):
        """A data set of `kind` with `count` prefixes, each in a block of its own and of one of the
        lengths. Of each block one address is listed, another one, right beside the prefix, and
        an address of another block are not."""
        blocks = self.rng.sample(family.blocks, 2 * count)
        rest = family.bits - family.block_bits
        lines = []

        def lookup(address, value=None):
            return Lookup(family.reversed_name(address, zone), value, True)

        for block, other in zip(blocks[:count], blocks[count:]):
            length = self.rng.choice(lengths)
            value = self._value()
            address = block << rest | self.rng.getrandbits(rest)
            prefix = address >> (family.bits - length) << (family.bits - length)
            if length > family.block_bits:
                self.unlisted.append(lookup(address ^ 1 << (family.bits - length)))
            self.listed.append(lookup(address, value))
            self.unlisted.append(lookup(other << rest | self.rng.getrandbits(rest)))
            lines.append(f"{family.text(prefix, length)} :{value[0]}:{value[1].decode()}\n")
        self._add(zone, kind, lines)

    def add_names(self, zone, count):
        """A dnset with `count` domains: names by themselves and deep below a domain, and wildcards
        with and without their own name."""
        lines = []
        for number in range(count):
            domain = f"d{number}-{self.rng.randrange(1 << 20)}.{self.rng.choice(TLDS)}"
            form = self.rng.choice(("{}", "a.b.{}", "*.{}", ".{}"))
            value = self._value()
            lines.append(f"{form.format(domain)} :{value[0]}:{value[1].decode()}\n")
            listed, unlisted = {
                "{}": (["{}"], ["www.{}", "x{}"]),
                "a.b.{}": (["a.b.{}"], ["b.b.{}", "a.a.{}", "x.a.b.{}"]),
                "*.{}": (["www.{}", "v.w.x.y.{}"], ["y{}"]),
                ".{}": (["{}", "mx.{}", "1.2.3.{}"], ["z{}", "no.z{}"]),
            }[form]
            for names, into, what in (
                (listed, self.listed, value),
                (unlisted, self.unlisted, None),
            ):
                for name in names:
                    qname = wire.name_of(f"{name.format(domain)}.{zone}")
                    into.append(Lookup(qname, what, False))
        self._add(zone, "dnset", lines)

    def add_texts(self, zone, sizes):
        """An ip4set with texts of all these sizes in bytes."""
        lines = []
        for block, size in zip(self.rng.sample(IP4.blocks, len(sizes)), sizes):
            text = f"Text {block} ".ljust(size, "abcdefghijklmnopqrstuvwxyz"[block % 26])
            address, octet = block << 8 | 7, 2 + block % 250
            lines.append(f"{_ip4_text(address, 32)} :{octet}:{text}\n")
            name = wire.reversed_ip4(address, zone)
            self.long.append(Lookup(name, (octet, text.encode()), True))
        self._add(zone, "ip4set", lines)


def make(count, seed=5):
    """Lists of every kind, with `count` entries each or somewhat more."""
    lists = Lists(seed)
    lists.add_addresses("ip4.test", "ip4set", count, (24, 32, 32, 32, 30), IP4)
    lists.add_addresses("prefixes.test", "ip4trie", count, range(24, 33), IP4)
    lists.add_addresses("ip6.test", "ip6trie", count, (32, 36, 47, 48, 56, 64, 128), IP6)
    lists.add_names("names.test", count)
    # One zone with all of them.
    lists.add_addresses("all.test", "ip4set", count, (24, 32), IP4)
    lists.add_addresses("all.test", "ip6trie", count, (48, 64), IP6)
    lists.add_names("all.test", count)
    # Texts of several strings. Half of them do not fit into a reply over UDP.
    lists.add_texts("long.test", [*range(256, 1100)] * 3)
    lists.add_texts("longer.test", range(1233, 3800))
    return lists
