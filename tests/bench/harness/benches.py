# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""What is measured: a list, and the servers that have it."""

from typing import Callable, NamedTuple, Tuple

from .lists import List, Lists
from .servers import Knot, Nsd, Rbldnsd, Spurnd, SpurndCompiled


class Bench(NamedTuple):
    """A list and its servers, each with the type of the data set that it has, or
    that its zone file is made of; the first one is spurnd."""

    name: str
    title: str
    make: Callable[[Lists], List]
    servers: Tuple
    reloads: bool = False


BENCHES = [
    Bench(
        "ip4-sorted",
        "random IPv4 addresses, sorted",
        lambda lists: lists.random("sorted", "ip4", lists.scale.ip4),
        (
            (Spurnd, "ip4set"),
            (SpurndCompiled, "ip4set"),
            (Rbldnsd, "ip4set"),
            (Rbldnsd, "ip4tset"),
            (Rbldnsd, "ip4trie"),
        ),
        reloads=True,
    ),
    Bench(
        "ip4-shuffled",
        "random IPv4 addresses, shuffled",
        lambda lists: lists.random("shuffled", "ip4", lists.scale.ip4),
        ((Spurnd, "ip4set"), (Rbldnsd, "ip4set")),
    ),
    Bench(
        "ip4-real",
        "real IPv4 addresses (ipsum)",
        Lists.ipsum_list,
        (
            (Spurnd, "ip4set"),
            (Rbldnsd, "ip4set"),
            (Rbldnsd, "ip4trie"),
            (Nsd, "ip4set"),
            (Knot, "ip4set"),
        ),
    ),
    Bench(
        "prefixes",
        "real IPv4 prefixes with values (ASN)",
        Lists.prefixes,
        ((Spurnd, "ip4trie"), (SpurndCompiled, "ip4trie"), (Rbldnsd, "ip4trie")),
    ),
    Bench(
        "ip6",
        "random IPv6 /64s",
        lambda lists: lists.random("ip6", "ip6", lists.scale.ip6),
        ((Spurnd, "ip6trie"), (Rbldnsd, "ip6trie"), (Rbldnsd, "ip6tset")),
    ),
    Bench(
        "names",
        "random domain names",
        lambda lists: lists.random("names", "names", lists.scale.names),
        ((Spurnd, "dnset"), (SpurndCompiled, "dnset"), (Rbldnsd, "dnset")),
        reloads=True,
    ),
    Bench(
        "names-zone",
        "random domain names, few enough for zone files",
        lambda lists: lists.random("names", "names", lists.scale.zone_names),
        ((Spurnd, "dnset"), (Rbldnsd, "dnset"), (Nsd, "dnset"), (Knot, "dnset")),
    ),
]
