# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""Compares spurnd's replies with those of the reference server, and knows of a zone set what the
documented differences need to know."""

from bisect import bisect_right
from typing import NamedTuple

from . import udp, wire
from .zonefuzz import acl, queries


# A question for the address of a name, without the ID; and a name that nobody has.
QUERY_HEAD, QUERY_END = wire.query(b"", ident=0)[2:12], wire.query(b"")[12:]
ABSENT = wire.name_of("x.invalid")


class World:
    """One zone set behind the reference server: what it lists, found out by asking."""

    def __init__(self, zones, port):
        """`port` is where the reference server listens."""
        self.zones = zones
        self.port = port
        self.apexes = {tuple(zone.encode().split(b".")) for zone in zones.zones}
        self._clients = {}
        # (client, zone) that get no replies.
        self._ignored = set()
        self._ident = 0
        self._zones = {}
        self._below = {}
        self._views = {}
        self._addresses = {}
        # What is there for a client, by name on the wire.
        self._there = {}

    def client(self, source):
        """A udp.Client of the reference server that asks from `source`."""
        if source not in self._clients:
            self._clients[source] = udp.client_from(source, self.port)
        return self._clients[source]

    def close(self):
        """Ends asking."""
        for client in self._clients.values():
            client.close()

    def ask(self, query):
        """The reference's parsed reply to a Query; None when it drops it."""
        ignored = (query.source, self.zone_of(query.qname))
        if ignored in self._ignored:
            return None
        self._ident = (self._ident + 1) & 0xFFFF
        wait_s = None if query.source == acl.FREE else 0.3
        reply = udp.ask_raw(
            self.client(query.source).sock, query.numbered(self._ident), wait_s=wait_s
        )
        if reply is None and query.source != acl.FREE:
            self._ignored.add(ignored)
        return reply and wire.parse(reply)

    def _are_there(self, qnames, source=acl.FREE):
        """Whether each name (labels) answers NOERROR to `source`."""
        return self._are_there_on_wire([wire.name(*qname) for qname in qnames], source)

    def _are_there_on_wire(self, names, source=acl.FREE):
        """The same of names on the wire; one that is too long is not there. A lot are asked for, and many
        again and again."""
        known = self._there.setdefault(source, {})
        asked = [name for name in dict.fromkeys(names) if name not in known]
        if asked:
            packets = [
                number.to_bytes(2, "big")
                + QUERY_HEAD
                + (name if len(name) < 256 else ABSENT)
                + QUERY_END
                for number, name in enumerate(asked)
            ]
            with udp.client_from(source, self.port) as client:
                for name, reply in zip(asked, udp.exchange(client.sock, packets)):
                    known[name] = reply is not None and reply[3] & 15 == wire.NOERROR
        return [known[name] for name in names]

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

    def is_empty_non_terminal(self, query, with_addresses=True):
        """Whether something is listed, or a zone is served, below a name that is in a zone, for the
        client that asks; None: either may be said. Addresses only if `with_addresses`."""
        lower = tuple(label.lower() for label in query.qname)
        zone = self.zone_of(query.qname)
        if any(len(apex) > len(lower) and apex[-len(lower) :] == lower for apex in self.apexes):
            return True
        subzones = [(*subzone, *zone) for subzone in self.zones.subzones]
        parents = [name for name in subzones if len(name) > len(lower) and _is_below(name, lower)]
        if any(self._are_there(parents, query.source)):
            return True
        found = []
        for root in [zone] + [name for name in subzones if _is_below(lower, name)]:
            relative = lower[: len(lower) - len(root)]
            view = self._view(query.source, zone, root)
            if relative and view == "everything":
                found.append(self._any_below_all(query.source, lower))
            elif relative and view == "all":
                found.append(self._listing(root).has_below(relative, with_addresses))
        return True if True in found else None if None in found else False

    def _view(self, source, zone, root):
        """What an ACL lets a client see of a zone below `root`, the zone or a subzone: "all" as everybody else, "nothing" listed, or
        "everything" listed."""
        if source == acl.FREE:
            return "all"
        if (source, root) not in self._views:
            listing = self._listing(root)
            samples = [
                (*labels, *root)
                for labels in listing.samples() + [quad(0x7B2D4305), nibbles(1 << 99), (b"odd",)]
            ]
            samples = [sample for sample in samples if self.zone_of(sample) == zone]
            seen = self._are_there(samples, source)
            if seen == self._are_there(samples):
                view = "all"
            else:
                view = "everything" if any(seen) else "nothing"
            self._views[source, root] = view
        return self._views[source, root]

    def _any_below_all(self, source, lower):
        """Whether a name below `lower` is listed for whom every valid name is."""
        zone = self.zone_of(lower)
        if any(self._are_there([(b"\2", *lower)], source)):
            return True
        for root in [zone] + [(*subzone, *zone) for subzone in self.zones.subzones]:
            if not _is_below(lower, root):
                continue
            relative = lower[: len(lower) - len(root)]
            network, network6 = network_of(relative), network6_of(relative)
            # With the labels as they were asked: 001 is not the subzone 1.
            if network and any(
                self._are_there([(*quad(network[0])[: network[1] // 8], *lower)], source)
            ):
                return True
            if network6:
                first, bits = network6
                inside = {first, *(first | form for form, *_ in networks_through(*network6))}
                asked = [(*nibbles(address)[: bits // 4], *lower) for address in inside]
                if any(self._are_there(asked, source)):
                    return None
        return False

    def _listing(self, root):
        if root not in self._below:
            self._below[root] = Listing(self.zones, root, self._are_there, self._are_there_on_wire)
        return self._below[root]

    def has_listed_below(self, query):
        """The same for a name that means a network, found out by asking for every IPv4 address in it
        (of a /8: for one in 256) and for the IPv6 ones that entries begin or end at. Slow, but knows
        of odd lines that is_empty_non_terminal misjudges."""
        zone = self.zone_of(query.qname)
        for root in [zone] + [(*subzone, *zone) for subzone in self.zones.subzones]:
            lower = tuple(map(bytes.lower, query.qname))
            if not _is_below(lower, root):
                continue
            relative = lower[: len(lower) - len(root)]
            network, network6 = network_of(relative), network6_of(relative)
            if network6:
                inside = [
                    (*nibbles(point)[: network6[1] // 4], *lower)
                    for point in (network6[0], *self._listing(root).ip6.points)
                    if point >> network6[1] == network6[0] >> network6[1]
                ]
                # (Or it is an IPv4 address that shows through.)
                if any(self._are_there(inside, query.source)) and self.is_empty_non_terminal(query):
                    return True
            if network is None:
                continue
            bits = network[1]
            step = 256 if bits > 16 else 1
            asked = [
                (*quad(number * step)[: bits // 8], *lower) for number in range((1 << bits) // step)
            ]
            if any(self._are_there(asked, query.source)):
                return True
        return self.is_empty_non_terminal(query, with_addresses=False)


def _is_below(name, root):
    """Whether `name` is `root` or ends in it."""
    return not root or name[-len(root) :] == root


OCTET = [b"%03d" % octet for octet in range(256)]


def quad(address):
    """The labels of an IPv4 address, in a form that no data set of names has."""
    return tuple(OCTET[octet] for octet in address.to_bytes(4, "little"))


def quad_on_wire(address):
    """The same on the wire, without the root."""
    return b"\3%b\3%b\3%b\3%b" % quad(address)


nibbles = queries.Asker.nibbles


def nibbles_on_wire(address):
    """The labels of an IPv6 address on the wire, without the root."""
    return wire.reversed_ip6(address)[:-1]


def network_of(relative):
    """(first address, host bits) that one to three labels mean, or None."""
    if not 1 <= len(relative) <= 3 or not all(
        len(label) <= 3 and label.isdigit() and int(label) <= 255 for label in relative
    ):
        return None
    first = sum(
        int(label) << (24 - 8 * (len(relative) - 1 - place)) for place, label in enumerate(relative)
    )
    return first, 32 - 8 * len(relative)


def network6_of(relative):
    """The same for one to 31 nibbles."""
    if not 1 <= len(relative) <= 31 or not all(
        len(label) == 1 and label in b"0123456789abcdef" for label in relative
    ):
        return None
    bits = 128 - 4 * len(relative)
    return int(b"".join(reversed(relative)), 16) << bits, bits


def networks_through(first, bits):
    """(form, first address, host bits) of the IPv4 networks whose addresses are in an IPv6 one in one
    of their IPv6 forms, which begin with the bits of `form`."""
    for form, before in ((0xFFFF << 32, 96), (0x2002 << 112, 16)):
        length = 128 - bits
        known = min(length, before)
        if first >> (128 - known) != form >> (128 - known):
            continue
        hosts = max(32 - (length - known), 0)
        yield form, (first >> (96 - before) & 0xFFFFFFFF) >> hosts << hosts, hosts


class Listing:
    """What is listed below a zone or a subzone, for clients that no ACL restricts."""

    def __init__(self, zones, root, are_there, are_there_on_wire):
        """`are_there` tells of a list of names which are there, the other one of names on the wire."""
        self.root, self.are_there = root, are_there
        self.are_there_on_wire = are_there_on_wire
        self._of_names(zones.names)
        self.ip4 = Addresses(zones.edges, 32, self._at(quad_on_wire))
        self.zones = zones
        self._ip6 = None

    def _at(self, make):
        root = wire.name(*self.root)
        return lambda points: self.are_there_on_wire([make(point) + root for point in points])

    def _of_names(self, listed):
        """Below which names something is listed: every owner is tried, and a name below it."""
        owners = self.are_there([(*labels, *self.root) for labels in listed])
        children = self.are_there([(b"\2", *labels, *self.root) for labels in listed])
        self.ancestors = set()
        self.full = set()
        self.there = [labels for labels, owner in zip(listed, owners) if owner][:20]
        self.there += [(b"\2", *labels) for labels, child in zip(listed, children) if child][:20]
        for labels, owner, child in zip(listed, owners, children):
            if owner or child:
                self.ancestors |= {labels[cut:] for cut in range(0 if child else 1, len(labels))}
            if not queries.fits((b"\2", *labels, *self.root)):
                # Perhaps listed, but nobody can ask.
                self.full |= {labels[cut:] for cut in range(len(labels))}

    @property
    def ip6(self):
        """The IPv6 addresses, except where the IPv4 ones show through."""
        if self._ip6 is None:
            self._ip6 = Addresses(self.zones.edges6, 128, self._ask_ip6)
        return self._ip6

    def _ask_ip6(self, points):
        listed = self._at(nibbles_on_wire)(points)
        hidden = [
            place
            for place, point in enumerate(points)
            if listed[place] and (point >> 32 == 0xFFFF or point >> 112 == 0x2002)
        ]
        inner = [
            point & 0xFFFFFFFF if point >> 32 == 0xFFFF else point >> 80 & 0xFFFFFFFF
            for point in (points[place] for place in hidden)
        ]
        for place, is_listed in zip(hidden, self._at(quad_on_wire)(inner)):
            if is_listed:
                listed[place] = None
        return listed

    def samples(self):
        """Some names at which clients may see different things, as labels."""
        return (
            self.there
            + [quad(point) for point in self.ip4.samples()]
            + [nibbles(point) for point in self.ip6.samples()]
        )

    def has_below(self, relative, with_addresses):
        """Whether anything is listed below a name; None: either may be said."""
        if relative in self.ancestors:
            return True
        if relative in self.full:
            return None
        network, network6 = network_of(relative), network6_of(relative)
        found = [self.ip4.any_within(*network)] if network and with_addresses else []
        if network6 and with_addresses:
            found += [self.ip6.any_within(*network6), self._is_hiding(*network6)]
            found += [self.ip4.any_within(*through) for _, *through in networks_through(*network6)]
        return True if True in found else None if None in found else False

    def _is_hiding(self, first, bits):
        """None if a network has ::ffff:0:0/96 within it and that may have IPv6 entries, which
        nobody sees where there is IPv4 data, and else False."""
        inner = any(edge >> 32 == 0xFFFF for edge in self.zones.edges6)
        return None if inner and bits > 32 and first >> bits == 0xFFFF << 32 >> bits else False


class Addresses:
    """Which addresses are listed: what holds at a point holds up to the next point. It is asked for where
    somebody wants to know it."""

    SAMPLES = 10
    # So many points at a time: often one of the first is all that has to be known.
    LOOK = 32

    def __init__(self, edges, bits, ask):
        """`ask` tells of a list of addresses of `bits` bits which are listed; None: not known."""
        mask = (1 << bits) - 1
        self.points = sorted({edge + delta & mask for edge in edges for delta in (-1, 0, 1)} | {0})
        self._ask, self._listed, self._samples = ask, {}, None

    def _look(self, start, end):
        """What is listed of the points from one place up to another."""
        points = self.points[start:end]
        unknown = [point for point in points if point not in self._listed]
        if unknown:
            self._listed.update(zip(unknown, self._ask(unknown)))
        return [self._listed[point] for point in points]

    def samples(self):
        """Some addresses that are listed, and some that are not."""
        if self._samples is None:
            self._samples = self._find_samples()
        return self._samples

    def _find_samples(self):
        found = {True: [], False: [], None: []}
        for start in range(0, len(self.points), self.LOOK):
            for point, listed in zip(self.points[start:], self._look(start, start + self.LOOK)):
                found[listed].append(point)
            if min(len(found[True]), len(found[False])) >= self.SAMPLES:
                break
        return found[True][: self.SAMPLES] + found[False][: self.SAMPLES]

    def any_within(self, first, bits):
        """Whether any of the 2^bits addresses from `first` is listed; None where it is not known."""
        start = bisect_right(self.points, first) - 1
        end = bisect_right(self.points, first + (1 << bits) - 1)
        if any(self._listed.get(point) for point in self.points[start:end]):
            return True
        is_known = True
        for place in range(start, end, self.LOOK):
            listed = self._look(place, min(place + self.LOOK, end))
            if True in listed:
                return True
            is_known = is_known and None not in listed
        return False if is_known else None


class Case(NamedTuple):
    """One question with the replies of both servers (None: dropped)."""

    world: World
    query: queries.Query
    reference: object
    tested: object


# What a rewrite returns when there should be no reply.
DROPPED = "dropped"


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
                expected = None if changed is DROPPED else changed
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
