# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""Real input: the 277,000 IPv6 ranges of Debian's tor-geoipdb as an ip6trie of countries. What is
right is read from the file itself, not asked of another server."""

from socket import AF_INET6, inet_ntop

import pytest

from lib import daemon, geoip, wire
from lib.geoip import country_value, prefixes
from lib.listed import check_all

BITS = 128
# Ranges whose answers are compared at a time, as replies take memory.
PART = 20_000


@pytest.fixture(name="ranges", scope="module")
def _ranges():
    """[(first, last, country)], ascending and apart from each other."""
    return geoip.ip6_ranges()


def written(address):
    """As `$` has it: like RFC 5952, but never with a dotted quad."""
    text = inet_ntop(AF_INET6, address.to_bytes(BITS // 8, "big"))
    assert "." not in text
    return text


def write(path, ranges):
    """A prefix a line."""
    with open(path, "w", encoding="ascii") as out:
        for first, last, country in ranges:
            for address, length in prefixes(first, last, BITS):
                out.write(f"{written(address)}/{length} :{country_value(country)}:{country} $\n")


def expectations(ranges, ends):
    """What is right for the first address of each prefix and the last of each range, and for the
    addresses beside a range, a near miss of it unless they are one of `ends`, those of all ranges.
    """
    expected = {}
    for first, last, country in ranges:
        for address in (last, *(address for address, _ in prefixes(first, last, BITS))):
            expected[address] = country_value(country), f"{country} {written(address)}"
        for near in (first - 1, last + 1):
            if near not in ends and 0 <= near < 1 << BITS:
                expected[near] = None
    return expected


def test_countries(spurnd, ranges, workdir):
    """Proves that every entry is answered right at its first address and every range at its last
    one, and that what is next to a range is not listed."""
    chosen = ranges if not daemon.SANITIZED else ranges[::8]
    ends = {end for first, last, _ in chosen for end in (first, last)}
    write(workdir / "geo", chosen)
    server = spurnd.start(["geo.test:ip6trie:geo"])
    missed = 0
    for start in range(0, len(chosen), PART):
        expected = expectations(chosen[start : start + PART], ends)
        check_all(server, "geo.test", expected, wire.reversed_ip6)
        missed += sum(answer is None for answer in expected.values())
    assert missed > 1000
    assert "more problems" not in server.log() and "skipped" not in server.log()


def test_empty_non_terminals(spurnd, client, ranges, workdir):
    """Proves that names on the way to an entry are there and have no data, at every nibble, and
    that others are not there."""
    chosen = ranges[:: len(ranges) // 50]
    write(workdir / "geo", chosen)
    one = client(spurnd.start(["geo.test:ip6trie:geo"]))
    for first, _, _ in chosen:
        for nibbles in range(1, BITS // 4):
            hosts = BITS - 4 * nibbles
            for start in (first >> hosts, first >> hosts ^ 1):
                is_there = any(begin >> hosts <= start <= end >> hosts for begin, end, _ in chosen)
                labels = ".".join(reversed(f"{start:0{nibbles}x}"))
                reply = one.ask(f"{labels}.geo.test")
                assert reply.rcode == (wire.NOERROR if is_there else wire.NXDOMAIN), labels
                assert not reply.answer
