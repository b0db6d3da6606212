# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""Real input: the 385,000 ranges of Debian's tor-geoipdb as lists of countries. What is right is
read from the file itself, not asked of another server."""

from bisect import bisect_right

import pytest

from lib import daemon, geoip
from lib.geoip import country_value, prefixes
from lib.listed import check_all, dotted

EVERY = 1000


@pytest.fixture(name="ranges", scope="module")
def _ranges():
    """[(first, last, country)], ascending and apart from each other."""
    return geoip.ip4_ranges()


def write_ranges(path, ranges):
    """As ip4set takes it: a range a line."""
    with open(path, "w", encoding="ascii") as out:
        for first, last, country in ranges:
            out.write(
                f"{dotted(first)}-{dotted(last)} :{country_value(country)}:{country} $\n"
                if first != last
                else f"{dotted(first)} :{country_value(country)}:{country} $\n"
            )


def write_prefixes(path, ranges):
    """As ip4trie takes it."""
    with open(path, "w", encoding="ascii") as out:
        for first, last, country in ranges:
            for address, length in prefixes(first, last, 32):
                out.write(f"{dotted(address)}/{length} :{country_value(country)}:{country} $\n")


@pytest.mark.parametrize("kind, write", [("ip4set", write_ranges), ("ip4trie", write_prefixes)])
def test_countries(spurnd, ranges, workdir, kind, write):
    """Proves that every 1,000th range and its neighbours are answered right at their ends, beside
    them and in the middle."""
    chosen = ranges if not daemon.SANITIZED else ranges[::4]
    write(workdir / "geo", chosen)
    server = spurnd.start([f"geo.test:{kind}:geo"])
    firsts = [first for first, _, _ in chosen]
    expected = {}
    for number in range(0, len(chosen), EVERY):
        for first, last, _ in chosen[max(0, number - 1) : number + 2]:
            for address in (first - 1, first, (first + last) // 2, last, last + 1):
                entry = chosen[max(0, bisect_right(firsts, address) - 1)]
                hit = entry[0] <= address <= entry[1]
                expected[address & 0xFFFFFFFF] = (
                    (country_value(entry[2]), f"{entry[2]} {dotted(address)}") if hit else None
                )
    assert len(expected) > 1000 and None in expected.values()
    check_all(server, "geo.test", expected)
    assert "more problems" not in server.log() and "skipped" not in server.log()
