# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""Lines of ip6trie and ip6tset (RBLDNSD.md section 6)."""

import re

from . import text

ALL = (1 << 128) - 1
MAPPED = 0xFFFF << 32
SIX_TO_FOUR = 0x2002 << 112
# Whatever might be read as an address or a prefix, by whatever rules.
NUMBERS = re.compile(rb"([0-9a-fA-F]*:[0-9a-fA-F:]*|[0-9a-fA-F]{1,4}(?=/))(?:/(\d+))?")
PREFIXES = (128, 128, 128, 127, 126, 124, 120, 113, 112, 96, 80, 65, 64, 64, 64, 63, 56, 52, 48, 48)
PREFIXES += (47, 36, 33, 32, 32, 29, 20, 16, 12, 8, 4, 3, 1)


class Addresses:
    """IPv6 addresses that often fall into the same few networks; some are IPv4 ones in disguise."""

    def __init__(self, rng, ip4):
        """`ip4` is an ip4.Addresses."""
        self.rng, self.ip4 = rng, ip4
        self.words = [rng.sample(range(0x10000), 2) + [0] for _ in range(8)]
        self.words[0] = rng.sample((0x2001, 0x2605, 0xFE80, 0x2002, 0x1, 0xFD00, 0xFFFF), 2)

    def address(self):
        """A random address as a number."""
        kind = self.rng.random()
        if kind < 0.05:
            return MAPPED | self.ip4.address()
        if kind < 0.1:
            return SIX_TO_FOUR | self.ip4.address() << 80 | self.rng.choice((0, 0, 1, 1 << 64))
        if kind < 0.13:
            return self.rng.choice((0, 1, 2, self.ip4.address(), ALL, ALL - 1))
        address = 0
        for place, words in enumerate(self.words):
            near = self.rng.random() < (0.95, 0.9, 0.9, 0.8, 0.9, 0.9, 0.9, 0.5)[place]
            address = address << 16 | (
                self.rng.choice(words) if near else self.rng.randrange(0x10000)
            )
        return address


def _value_of(written):
    """The address that text with colons means, most liberally, and how many bits it has."""
    head, gap, tail = written.partition(b"::")
    words = [[int(word[-4:], 16) for word in part.split(b":") if word] for part in (head, tail)]
    if gap:
        words = [words[0] + [0] * max(0, 8 - len(words[0]) - len(words[1])) + words[1]]
    address = 0
    for word in (words[0] + [0] * 8)[:8]:
        address = address << 16 | word
    return address, 128 if gap else min(128, 16 * len(words[0]))


def edges_in(content):
    """The ends of all that looks like an IPv6 address or prefix in a file."""
    edges = set()
    for written, bits in NUMBERS.findall(content):
        # With a second gap it is an address with a value glued to it: 1::2::3 is 1::2 with :3.
        glued = b"::".join(written.split(b"::")[:2])
        for address, known in {_value_of(written), _value_of(glued)}:
            for size in {known, min(int(bits[-5:]), 128) if bits else known}:
                host = (1 << (128 - size)) - 1
                edges |= {address & ~host, address | host}
    return edges


def words_of(address):
    """The eight words of an address."""
    return [address >> shift & 0xFFFF for shift in range(112, -1, -16)]


def written(rng, address, count=8):
    """The first `count` words of an address as someone might type them; all eight of them with or
    without "::"."""
    form = rng.choice((b"%x", b"%x", b"%x", b"%04x", b"%X", b"%03x"))
    words = words_of(address)[:count]
    zeros = [place for place, word in enumerate(words) if word == 0]
    if count == 8 and zeros and rng.random() < 0.7:
        first = last = rng.choice(zeros)
        while last + 1 in zeros and rng.random() < 0.9:
            last += 1
        while first - 1 in zeros and rng.random() < 0.9:
            first -= 1
        return (
            b":".join(form % word for word in words[:first])
            + b"::"
            + b":".join(form % word for word in words[last + 1 :])
        )
    return b":".join(form % word for word in words)


def prefix(rng, places, host_bits=0.04):
    """A prefix with or without its length."""
    address = places.address()
    bits = rng.choice(PREFIXES)
    mask = ALL ^ ((1 << (128 - bits)) - 1)
    if rng.random() >= host_bits:
        address &= mask
    needed = (bits + 15) // 16
    if bits % 16 == 0 and bits >= 32 and rng.random() < 0.4:
        return written(rng, address, needed)
    slash = b"/%d" % bits
    if rng.random() < 0.03:
        slash = rng.choice(
            (b"/129", b"/0", b"/", b"/x", b"/-1", b"/64/64", b"/064", b"/ 64", b"/999999999999")
        )
    return written(rng, address, rng.choice((needed, needed, 8))) + slash


def broken(rng, places):
    """Something near an address, or an odd way to write one."""
    good = written(rng, places.address())
    return rng.choice(
        (
            good + b":",
            b":" + good,
            good + b"::",
            good + b":1",
            good + b"%eth0",
            good.replace(b":", b"::", 1),
            b"g" + good,
            b"12345:" + good,
            good + b"/64-65",
            b"::ffff:1.2.3.4",
            b"1.2.3.4",
            b"1.2.3.4/24",
            b"2001",
            b"2001:",
            b"2001/16",
            b"2001:db8",
            b"0/0",
            b"::/0",
            b"::",
            b"::1",
            b":::",
            b"::1::",
            b"1::2::3",
            b"[" + good + b"]",
            good + b"\xff",
            good + b"x",
            good + b"-" + good,
            good + b",",
            b"!!" + good,
            b"0x2001::",
            b"1:2:3:4:5:6:7",
            b"1:2:3:4:5:6:7::",
            b"::2:3:4:5:6:7:8",
            b"1::3:4:5:6:7:8",
            b"1:2:3:4:5:6:7:8:9",
            good + b"\0:7:cut",
            b"::5:text",
            b"8000::/1",
        )
    )


def entry(rng, places, dataset):
    """An entry of the data set type, mostly valid."""
    kind = rng.random()
    excluded = rng.random() < 0.15
    if kind < 0.04:
        line = broken(rng, places)
    elif dataset == "ip6tset" and kind < 0.9:
        address = places.address()
        line = written(rng, address, 8 if excluded else 4)
        if rng.random() < 0.05:
            line = written(rng, address, rng.randint(1, 8)) + rng.choice((b"", b"/64", b"/128"))
    else:
        line = prefix(rng, places)
    if excluded:
        line = rng.choice((b"!", b"!", b"!", b"!", b"! ")) + line
    return line + text.value(rng)
