# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""Real input: the 120,000 addresses of ipsum, a blocklist, with the number of lists each is on. The
file is not part of the source tree; where a checkout does not have it, this file is not collected
(conftest.py) and the head of pytest's report says so."""

import ipaddress

import pytest

import conftest
from lib.listed import check_all, dotted

EVERY = 1000


@pytest.mark.parametrize("kind", ["ip4set", "ip4trie", "ip4tset"])
def test_ipsum(spurnd, workdir, kind):
    """Proves that every 1,000th address of a real blocklist is listed with its count, and its
    neighbours, unless listed themselves, are not."""
    counts = {}
    with open(conftest.IPSUM, encoding="utf-8") as lines:
        for line in lines:
            if not line.startswith("#"):
                address, count = line.split()
                counts[int(ipaddress.IPv4Address(address))] = int(count)
    assert len(counts) > 100_000
    with open(workdir / "ipsum", "w", encoding="ascii") as out:
        if kind == "ip4tset":
            out.write(":9:listed $\n")
        for address, count in counts.items():
            out.write(f"{dotted(address)} :{count + 1}:on {count} lists: $\n")
    server = spurnd.start([f"ipsum.test:{kind}:ipsum"])
    expected = {}
    for address in list(counts)[::EVERY]:
        for one in (address - 1, address, address + 1):
            if one not in counts:
                expected[one] = None
            elif kind == "ip4tset":
                expected[one] = (9, f"listed {dotted(one)}")
            else:
                expected[one] = (counts[one] + 1, f"on {counts[one]} lists: {dotted(one)}")
    check_all(server, "ipsum.test", expected)
