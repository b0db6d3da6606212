# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""The ranges of countries in Debian's tor-geoipdb, as real input."""

from ipaddress import IPv6Address
from itertools import pairwise
from pathlib import Path

import conftest


def _ranges(name, number, least):
    """[(first, last, country)] of a file, ascending and apart from each other; `number` makes a number of
    an address, and there are more than `least` of them."""
    path = Path("/usr/share/tor") / name
    if not path.exists():
        conftest.cannot_run(f"no {path}: install Debian's package tor-geoipdb")
    found = []
    with open(path, encoding="ascii") as lines:
        for line in lines:
            if not line.startswith("#"):
                first, last, country = line.strip().split(",")
                found.append((number(first), number(last), country))
    assert len(found) > least
    assert all(one[1] < other[0] for one, other in pairwise(found))
    return found


def ip4_ranges():
    """[(first, last, country)] of IPv4, as numbers, ascending and apart from each other."""
    return _ranges("geoip", int, 300_000)


def ip6_ranges():
    """The same of IPv6."""
    return _ranges("geoip6", lambda text: int(IPv6Address(text)), 200_000)


def prefixes(first, last, width):
    """The prefixes of a range of addresses of `width` bits: (address, length)."""
    while first <= last:
        bits = min(
            (first & -first).bit_length() - 1 if first else width,
            (last - first + 1).bit_length() - 1,
        )
        yield first, width - bits
        first += 1 << bits


def country_value(country):
    """A last octet for a country, so that A tells the answers apart, too."""
    return sum(map(ord, country)) % 254 + 1
