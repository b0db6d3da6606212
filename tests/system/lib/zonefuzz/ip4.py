# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""Lines of ip4set, ip4tset and ip4trie (RBLDNSD.md section 6)."""

import re

from . import text

NUMBERS = re.compile(rb"(\d+(?:\.\d+){0,3})(?:/(\d+)|-(\d+(?:\.\d+){0,3}))?")


class Addresses:
    """Addresses that often fall into the same few networks, so that entries meet; and `edges`,
    the first and last address of all that was written, where questions are worth asking."""

    def __init__(self, rng):
        self.rng = rng
        # Some odd lines name a fixed address.
        self.edges = {0x01020304}
        self.octets = [rng.sample(range(256), 3) for _ in range(4)]
        self.octets[0] = rng.sample(range(1, 224), 2)

    def address(self):
        """A random address as a number."""
        address = 0
        for place in range(4):
            near = self.rng.random() < (0.9, 0.85, 0.75, 0.2)[place]
            address = address << 8 | (
                self.rng.choice(self.octets[place]) if near else self.rng.randrange(256)
            )
        return address

    def seen(self, first, last=None):
        """Remembers the ends of an entry."""
        self.edges.add(first & 0xFFFFFFFF)
        self.edges.add((first if last is None else last) & 0xFFFFFFFF)


def _padded(octets, filler):
    """The address of up to four octets and as many of `filler` as are missing."""
    address = 0
    for octet in (octets + [filler] * 4)[:4]:
        address = address << 8 | octet & 255
    return address


def edges_in(content):
    """The ends of all that looks like an address, a prefix or a range in a file, however it may be
    understood."""
    edges = set()
    for one, bits, other in NUMBERS.findall(content):
        first = [int(octet[-9:]) for octet in one.split(b".")]
        edges |= {_padded(first, 0), _padded(first, 255)}
        if bits and int(bits[-9:]) <= 32:
            host = (1 << (32 - int(bits[-9:]))) - 1
            edges |= {_padded(first, 0) & ~host, _padded(first, 0) | host}
        if other:
            last = [int(octet[-9:]) for octet in other.split(b".")]
            edges |= {_padded(last, 0), _padded(last, 255)}
            edges.add(_padded(first[: len(first) - len(last)] + last, 255))
    return edges


def dotted(rng, address, octets=4):
    """The first `octets` octets of an address, now and then with leading zeros."""
    form = b"%03d" if rng.random() < 0.03 else b"%d"
    return b".".join(form % (address >> shift & 255) for shift in (24, 16, 8, 0)[:octets])


def cidr(rng, places, host_bits=0.04):
    """A prefix in CIDR form; short forms drop zero octets (127.16/12)."""
    bits = rng.choice(
        (
            32,
            32,
            31,
            30,
            29,
            28,
            27,
            26,
            26,
            25,
            25,
            25,
            24,
            24,
            24,
            23,
            22,
            20,
            17,
            16,
            16,
            15,
            12,
            rng.randint(1, 32),
        )
    )
    address = places.address()
    mask = (0xFFFFFFFF << (32 - bits)) & 0xFFFFFFFF
    places.seen(address & mask, address | ~mask & 0xFFFFFFFF)
    if rng.random() >= host_bits:
        address &= mask
    needed = (bits + 7) // 8
    octets = rng.choice((needed, needed, 4, rng.randint(needed, 4)))
    slash = b"/%d" % bits
    if rng.random() < 0.02:
        slash = rng.choice(
            (b"/33", b"/0", b"/", b"/x", b"/-1", b"/24/24", b"/032", b"/ 24", b"/024")
        )
    return dotted(rng, address, octets) + slash


def plain(rng, places):
    """An address, or the network that some of its octets name."""
    octets = rng.choice((4, 4, 4, 4, 3, 3, 2))
    address = places.address()
    low = (1 << (32 - 8 * octets)) - 1
    places.seen(address & ~low, address | low)
    return dotted(rng, address, octets)


def network_range(rng, places):
    """A range of whole octets: 126.1-126.2, 125.16-31, 127.0.0.1-255, 121.0.0.5-121.0.2.3."""
    octets = rng.choice((4, 4, 4, 4, 3, 3, 2))
    low_bits = 32 - 8 * octets
    first = places.address()
    span = rng.choice((0, 1, 2, 5, 30, 127, 255, rng.randrange(700))) << low_bits
    last = min(first + span, 0xFFFFFFFF)
    if rng.random() < 0.04:
        first, last = last, first
    places.seen(first >> low_bits << low_bits, last | ((1 << low_bits) - 1))
    end = dotted(rng, last, octets)
    if rng.random() < 0.5 and (first ^ last) >> low_bits < 256 and octets > 1:
        end = b"%d" % (last >> low_bits & 255)
    elif rng.random() < 0.05:
        end = dotted(rng, last, rng.randint(1, 4))
        # One number alone counts as the last octet of the first address's form.
        first_octet = last >> 24 << low_bits
        places.seen(first >> low_bits + 8 << low_bits + 8 | first_octet | ((1 << low_bits) - 1))
    dash = b"-" if rng.random() < 0.97 else rng.choice((b" - ", b"- ", b" -", b"--"))
    return dotted(rng, first, octets) + dash + end


def broken(rng, places):
    """Something near an address that names none."""
    address = places.address()
    places.seen(address)
    good = dotted(rng, address)
    return rng.choice(
        (
            b"%d" % (address >> 24),
            b"120",
            good + b".",
            b"." + good,
            good + b".1",
            b"256." + good,
            good + b"x",
            good.replace(b".", b"..", 1),
            dotted(rng, address, 3) + b".256",
            b"0/0",
            b"0.0.0.0/0",
            good + b"-",
            b"-" + good,
            good + b"/24-25",
            b"!!" + good,
            good + b",",
            b"0x7f.1.2.3",
            good + b"\xff",
            good + b"@",
            b"::1",
            b"1:2::3",
            b"127-127.0.0",
            good + b"-300",
            b"1.2.3.4.5.6",
            good + b"=x",
            good + b"\0:7:cut",
        )
    )


def wide(rng, places):
    """A range that covers much."""
    first = rng.randrange(0, 250)
    line = rng.choice(
        (
            b"%d-%d" % (first, first + 3),
            b"%d/7" % (first & ~1),
            b"0-255",
            b"128/1",
            b"0/1",
            b"%d/8" % first,
            b"%d.0-%d.255" % (first, first),
            b"%d.0.0.0-%d.255.255.255" % (first, first + 1),
        )
    )
    for octet in (0, first & ~1, *range(first, first + 5), 128, 256):
        places.seen(octet << 24, (octet << 24) - 1)
    return line


def entry(rng, places, dataset):
    """An entry of the data set type, mostly valid."""
    kind = rng.random()
    if kind < 0.03:
        written = broken(rng, places)
    elif kind < 0.033:
        written = wide(rng, places)
    elif dataset == "ip4tset" and kind < 0.9:
        address = places.address()
        places.seen(address)
        written = dotted(rng, address)
    elif dataset == "ip4trie" and kind < 0.8:
        written = cidr(rng, places)
    else:
        written = rng.choice((cidr, cidr, plain, network_range))(rng, places)
    excluded = dataset != "ip4tset" or rng.random() < 0.1
    if excluded and rng.random() < 0.15:
        written = rng.choice((b"!", b"!", b"!", b"!", b"! ")) + written
    return written + text.value(rng)
