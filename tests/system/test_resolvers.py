# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""Real resolvers, unbound and BIND, find in spurnd's lists what is in them and nothing else, with
and without minimised query names (RFC 9156), as a stub zone and by forwarding. What they make of
rbldnsd, which says of empty non-terminals that there is nothing, is the measure."""

import collections
import random

import pytest

from conftest import cannot_run
from lib import lookups, resolvers, wire
from lib.daemon import SANITIZED, Daemon
from lib.process import find_program
from lib.resolvers import Way

# By forwarding over IPv6, else over IPv4.
SERVERS = {"stub": resolvers.SERVER, "forward": "::1"}
# Of each kind of question.
QUESTIONS = 1000 if SANITIZED else 5000
WAYS = [
    Way(program, minimisation, via)
    for program in ("unbound", "named")
    for minimisation, via in (
        ("relaxed", "stub"),
        ("strict", "stub"),
        ("off", "stub"),
        ("relaxed", "forward"),
    )
]
STRICT = [way for way in WAYS if way.minimisation == "strict"]


@pytest.fixture(name="lists", scope="module")
def _lists():
    return lookups.make(QUESTIONS // 4)


@pytest.fixture(name="resolve")
def _resolve(workdir):
    """Starts a resolver in front of a server: resolve(way, server, zones)."""
    running = []

    def start(way, server, zones):
        if find_program(way.program) is None:
            cannot_run(f"no {way.program}: install Debian's package")
        directory = workdir / f"resolver{len(running)}"
        running.append(
            resolvers.Resolver(way, directory, zones, server.port, server=SERVERS[way.via])
        )
        return running[-1]

    yield start
    for one in running:
        one.end()


def outcome(reply, lookup, qtype):
    """What a reply says: "right" or a word for what is wrong with it."""
    if reply.rcode not in (wire.NOERROR, wire.NXDOMAIN):
        return f"rcode {reply.rcode}"
    if lookup.value is None:
        return "right" if (reply.rcode, reply.answer) == (wire.NXDOMAIN, ()) else "found"
    if reply.flags & wire.FLAG_TC:
        return "truncated"
    if not reply.answer:
        return "lost"
    right = [(qtype, lookup.rdata(qtype))]
    return "right" if [(rr.type, rr.rdata) for rr in reply.answer] == right else "another answer"


def ask(resolver, rng, **lookups):
    """Asks for A or TXT of all lookups in a random order, so that what is learnt from one could
    spoil another; returns what came of each kind, counted."""
    questions = [
        (kind, lookup, wire.TXT if kind == "long" else rng.choice((wire.A, wire.TXT)))
        for kind, some in lookups.items()
        for lookup in some
    ]
    rng.shuffle(questions)
    replies = resolver.ask_all([(lookup.qname, qtype) for _, lookup, qtype in questions])
    counts = {kind: collections.Counter() for kind in lookups}
    for (kind, lookup, qtype), reply in zip(questions, replies):
        counts[kind][outcome(reply, lookup, qtype)] += 1
    return counts


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_answers_through_resolvers(spurnd, resolve, lists, way):
    """Proves that of 5,000 listed and 5,000 unlisted names, and 5,000 with long texts, asked for in
    any order, each comes out as it should, and again from the cache: IPv4 and IPv6 addresses, names
    and wildcards, texts of several strings; over IPv4 and IPv6, UDP and, for what does not fit,
    TCP."""
    server = spurnd.start(lists.specs, lists.files, addresses=(*SERVERS.values(),))
    resolver = resolve(way, server, lists.zones)
    rng = random.Random(str(way))
    kinds = {
        "listed": rng.sample(lists.listed, QUESTIONS),
        "unlisted": rng.sample(lists.unlisted, QUESTIONS),
        "long": rng.sample(lists.long, QUESTIONS),
    }
    for _ in ("cold", "warm"):
        counts = ask(resolver, rng, **kinds)
        assert counts == {kind: {"right": QUESTIONS} for kind in kinds}


@pytest.mark.parametrize("way", STRICT, ids=str)
def test_rbldnsd_loses_names(rbldnsd_path, workdir, resolve, lists, way):
    """Proves that the test above can see: the same resolvers with strict minimisation lose the
    addresses of the same lists when rbldnsd serves them, and many of the names. (Not quite all: they
    pass over an NXDOMAIN that is in the cache already, and the next question comes further down. So
    the more names share a domain, the more are found.)"""
    for name, content in lists.files.items():
        (workdir / name).write_text(content)
    server = Daemon(rbldnsd_path, lists.specs, workdir, addresses=(resolvers.SERVER,))
    try:
        resolver = resolve(way, server, lists.zones)
        rng = random.Random(str(way))
        listed = rng.sample(lists.listed, QUESTIONS)
        addresses = [lookup for lookup in listed if lookup.is_address]
        names = [lookup for lookup in listed if not lookup.is_address]
        unlisted = rng.sample(lists.unlisted, QUESTIONS)
        counts = ask(resolver, rng, addresses=addresses, unlisted=unlisted)
        counts.update(ask(resolver, rng, names=names))
        print(f"{way}: {counts}")
        assert counts["unlisted"] == {"right": QUESTIONS}
        assert counts["addresses"]["lost"] > 0.99 * len(addresses)
        assert counts["names"]["lost"] > 0.1 * len(names)
        assert {*counts["addresses"], *counts["names"]} <= {"lost", "right"}
    finally:
        server.kill()
