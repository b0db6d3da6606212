# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""Compares spurnd's replies with those of the reference server, and knows of a zone set what the
documented differences need to know."""

from bisect import bisect_right
from typing import NamedTuple

from . import udp, wire
from .zonefuzz import names, queries


class World:
    """One zone set behind the reference server: what it lists, found out by asking."""

    def __init__(self, zones, reference):
        """`reference` is a udp.Client of the reference server."""
        self.zones = zones
        self.reference = reference
        self.apexes = {tuple(zone.encode().split(b".")) for zone in zones.zones}
        self._ident = 0
        self._zones = {}
        self._existing = {}
        self._addresses = {}

    def ask(self, query):
        """The reference's parsed reply to a Query; None when it drops it."""
        self._ident = (self._ident + 1) & 0xFFFF
        reply = udp.ask_raw(self.reference.sock, query.numbered(self._ident))
        return reply and wire.parse(reply)

    def zone_of(self, qname):
        """The labels of the served zone that `qname` is in, or None."""
        if qname not in self._zones:
            lower = tuple(label.lower() for label in qname)
            self._zones[qname] = next(
                (lower[cut:] for cut in range(len(lower) + 1) if lower[cut:] in self.apexes), None
            )
        return self._zones[qname]

    def addresses_of(self, name):
        """The A records that the reference has for a name."""
        if name not in self._addresses:
            query = queries.build(name, wire.A, wire.IN, 0, wire.Edns(2048), "")
            self._addresses[name] = self.ask(query).answer
        return self._addresses[name]

    def is_empty_non_terminal(self, qname):
        """Whether something is listed, or a zone is served, below a name that is in a zone."""
        lower = tuple(label.lower() for label in qname)
        if any(
            len(apex) > len(lower) and apex[-len(lower) :] == lower for apex in self.apexes if lower
        ):
            return True
        zone = self.zone_of(qname)
        relative = lower[: len(lower) - len(zone)]
        existing, addresses = self._below(zone)
        if relative in existing:
            return True
        # Nibbles on the way to a mapped or 6to4 address do not count: IPv4 sets know only whole ones.
        network = self._network(relative)
        return network is not None and addresses.any_within(*network)

    @staticmethod
    def _network(relative):
        """(first address, host bits) that one to three labels mean, or None."""
        if not 1 <= len(relative) <= 3 or not all(
            len(label) <= 3 and label.isdigit() and int(label) <= 255 for label in relative
        ):
            return None
        first = sum(
            int(label) << (24 - 8 * (len(relative) - 1 - place))
            for place, label in enumerate(relative)
        )
        return first, 32 - 8 * len(relative)

    def has_listed_below(self, qname):
        """The same for a name that means a network, found out by asking for every address in it (of
        a /8: for one in 256). Slow, but knows of odd lines that is_empty_non_terminal misjudges."""
        zone = self.zone_of(qname)
        network = self._network(tuple(qname)[: len(qname) - len(zone)])
        if network is None:
            return self.is_empty_non_terminal(qname)
        first, bits = network
        step = 256 if bits > 16 else 1
        with udp.Client(*self.reference.sock.getpeername()) as client:
            replies = udp.exchange(
                client.sock,
                [
                    wire.query(wire.name(*self._quad(first + number * step), *zone), ident=number)
                    for number in range((1 << bits) // step)
                ],
            )
        return any(wire.parse(reply).rcode == wire.NOERROR for reply in replies)

    @staticmethod
    def _quad(address):
        return tuple(b"%d" % (address >> shift & 255) for shift in (0, 8, 16, 24))

    def _below(self, zone):
        """(names with a listed name below them, relative to the zone; the addresses listed)."""
        if zone not in self._existing:
            listed = [labels for labels in map(names.labels, self.zones.names) if labels]
            points = sorted(
                {edge + delta & 0xFFFFFFFF for edge in self.zones.edges for delta in (-1, 0, 1)}
                | {0}
            )
            questions = [(*labels, *zone) for labels in listed] + [
                (*self._quad(point), *zone) for point in points
            ]
            with udp.Client(*self.reference.sock.getpeername()) as client:
                replies = udp.exchange(
                    client.sock,
                    [
                        queries.build(question, wire.A, wire.IN, 0, None, "").numbered(number)
                        if sum(map(len, question)) + len(question) < 255
                        else wire.query("x.invalid", ident=number)
                        for number, question in enumerate(questions)
                    ],
                )
            hits = [wire.parse(reply).rcode == wire.NOERROR for reply in replies]
            ancestors = {
                labels[cut:]
                for labels, hit in zip(listed, hits)
                if hit
                for cut in range(1, len(labels))
            }
            self._existing[zone] = ancestors, Addresses(points, hits[len(listed) :])
        return self._existing[zone]


class Addresses:
    """Which addresses are listed: what holds at a point holds up to the next point."""

    def __init__(self, points, listed):
        self.points, self.listed = points, listed

    def any_within(self, first, bits):
        """Whether any of the 2^bits addresses from `first` is listed."""
        start = bisect_right(self.points, first) - 1
        end = bisect_right(self.points, first + (1 << bits) - 1)
        return any(self.listed[start:end])


class Case(NamedTuple):
    """One question with the replies of both servers (None: dropped)."""

    world: World
    query: queries.Query
    reference: object
    tested: object


class Difference(NamedTuple):
    """A way in which spurnd's replies are meant to differ. `rewrite(case, expected)` turns the
    reply of the reference into spurnd's, or returns None where the difference does not apply."""

    name: str
    reason: str
    rewrite: object
    may_be_unused: bool = False


class Judge:
    """Compares replies by a table of differences, counting how often each was needed."""

    def __init__(self, table):
        self.table = table
        self.used = {entry.name: 0 for entry in table}

    def rewritten(self, case):
        """The reply that the tested server should give: the reference's with the table applied."""
        expected = case.reference
        for entry in self.table:
            changed = entry.rewrite(case, expected)
            if changed is not None and changed != expected:
                self.used[entry.name] += 1
                expected = changed
        return expected

    @staticmethod
    def is_same(expected, got):
        """Whether two replies say the same; records compare as sets within their section. The owner
        of glue has the case of whatever its name was compressed against, which means nothing."""
        if expected is None or got is None:
            return expected is got
        return (
            expected.flags == got.flags
            and expected.question == got.question
            and expected.edns == got.edns
            and sorted(expected.answer) == sorted(got.answer)
            and sorted(expected.authority) == sorted(got.authority)
            and without_case(expected.additional) == without_case(got.additional)
        )


def without_case(records):
    """The records sorted, with owners in lower case."""
    return sorted(record._replace(owner=record.owner.lower()) for record in records)
