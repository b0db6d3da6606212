# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""Lists of djb's rbldns: the same data.cdb, made by rbldns-data, behind rbldns itself and behind spurnd, and
the same questions to both. Whole replies are compared. Where spurnd is meant to answer otherwise, DIFFERENCES says how, and
what is right then is worked out from the lines of the list."""

import os
import random
from typing import NamedTuple

import pytest

import conftest
from lib import daemon, rbldns, udp, wire

ZONE = "bl.test"
LISTS = 3 if daemon.SANITIZED else 8
QUESTIONS = 400 if daemon.SANITIZED else 1500
TYPES = (wire.A, wire.A, wire.TXT, wire.TXT, wire.ANY, wire.MX, wire.AAAA, wire.SOA, wire.NS, 257)
SERVED = (wire.A, wire.TXT, wire.ANY)

# What the line ":a:text" of the lists is; None: there is none.
VALUES = (
    ("127.0.0.2", "Listed, see http://bl.test/?ip=$"),
    None,
    ("127.0.0.4", ""),
    ("127.0.0.5", "$"),
    ("127.0.0.6", "costs $5 (a $ in the middle, $$ too)"),
    ("127.0.0.7", "two at the end: $$"),
    ("0.0.0.0", "no address"),
    ("10.1.2.3", "x" * 95 + "$"),
    ("127.0.0.9", "y" * 96 + "$"),
    ("127.0.0.9", "z" * 300),
)


@pytest.fixture(name="programs", scope="module")
def _programs():
    """Where rbldns and rbldns-data are."""
    found = rbldns.directory()
    if found is None:
        conftest.cannot_run(
            "no rbldns: contrib/debian-unpack extract build/packages, or set RBLDNS"
        )
    if os.geteuid() != 0:
        conftest.cannot_run("rbldns has to be started by root")
    return found


@pytest.fixture(name="reference")
def _reference(programs, workdir):
    """Starts rbldns with a list: reference(name, lines) makes workdir/name/data.cdb of them."""
    started = []

    def start(name, lines):
        root = workdir / name
        root.mkdir()
        root.chmod(0o755)
        rbldns.make_data(programs, root, lines)
        started.append(rbldns.Rbldns(programs, root, ZONE))
        return started[-1]

    yield start
    for one in started:
        one.end()


class Listed:
    """What a list has: prefixes as (address, length)."""

    def __init__(self, prefixes, value):
        self.prefixes, self.value = prefixes, value

    def lines(self):
        """As rbldns-data reads them."""
        lines = [
            f"{_dotted(first)}/{bits}" if bits < 32 else _dotted(first)
            for first, bits in self.prefixes
        ]
        if self.value:
            lines.insert(len(lines) // 2, ":%s:%s" % self.value)
        return "# a list\n" + "\n".join(lines) + "\n"

    def has(self, address, bits=32):
        """Whether something is listed within a prefix, or all of it."""
        for first, length in self.prefixes:
            if length >= 8 and first & (1 << 32 - length) - 1 == 0:
                common = min(bits, length)
                if address >> 32 - common == first >> 32 - common:
                    return True
        return False


def _dotted(address):
    return ".".join(str(address >> shift & 255) for shift in (24, 16, 8, 0))


def _random_list(seed):
    """A list with prefixes inside of others, and some that rbldns does not find."""
    chance = random.Random(seed)
    prefixes = []
    for _ in range(chance.choice((0, 1, 40, 300))):
        first = chance.randrange(4) << 24 | chance.randrange(8) << 16 | chance.randrange(1 << 16)
        bits = chance.choice((32, 32, 32, 24, 25, 16, *range(6, 33)))
        if chance.random() < 0.9:
            first &= -1 << 32 - bits
        if (first, bits) not in prefixes:
            prefixes.append((first, bits))
    return Listed(prefixes, VALUES[seed % len(VALUES)])


class Question(NamedTuple):
    """A query, and what its name means: an address, or the first `bits` of one; None: neither."""

    qname: bytes
    qtype: int
    qclass: int
    edns: bool
    address: object = None
    bits: int = 32

    def packet(self, ident):
        """As it is sent."""
        edns = wire.Edns(1232) if self.edns else None
        return wire.query(self.qname, self.qtype, self.qclass, ident=ident, edns=edns)


def _name(labels, chance):
    """Below the zone, in any case."""
    name = wire.name(*labels)[:-1] + wire.name_of(ZONE)
    return name.upper() if chance.random() < 0.1 else name


ODD = (
    (b"x",),
    (b"a", b"3", b"2", b"1"),
    (b"256", b"3", b"2", b"1"),
    (b"-1", b"3", b"2", b"1"),
    (b"1", b"4", b"3", b"2", b"1"),
    (b"4.3.2.1",),
    (b"",),
    (b"\0", b"1", b"1", b"1"),
    (b"0001", b"1", b"1", b"1"),
)


def _questions(listed, seed):
    chance = random.Random(seed)
    edges = [
        first + delta & 0xFFFFFFFF
        for first, bits in listed.prefixes
        for delta in (-1, 0, 1, (1 << 32 - bits) - 1, 1 << 32 - bits)
    ] or [0]
    for _ in range(QUESTIONS):
        qtype, edns = chance.choice(TYPES), chance.random() < 0.5
        qclass = wire.CLASS_ANY if chance.random() < 0.1 else wire.IN
        kind = chance.random()
        address = chance.choice(edges) if chance.random() < 0.8 else chance.randrange(1 << 32)
        labels = [b"%d" % (address >> shift & 255) for shift in (0, 8, 16, 24)]
        if kind < 0.75:
            yield Question(_name(labels, chance), qtype, qclass, edns, address)
        elif kind < 0.8:
            labels[chance.randrange(4)] = b"0" + labels[0][:2]
            numbers = [int(label) for label in labels]
            if any(label[:1] == b"0" and len(label) > 1 for label in labels):
                address = sum(number << 8 * place for place, number in enumerate(numbers))
                yield Question(_name(labels, chance), qtype, qclass, edns, address)
        elif kind < 0.92:
            count = chance.randrange(4)
            bits = 8 * count
            address = address >> 32 - bits << 32 - bits
            yield Question(_name(labels[4 - count :], chance), qtype, qclass, edns, address, bits)
        else:
            odd = chance.choice(ODD)
            if odd != (b"",):
                yield Question(_name(odd, chance), qtype, qclass, edns)


def _there(question, listed):
    """The rcode of a name that has no records of this type: is anything there, or below?"""
    if question.bits == 0:
        return wire.NOERROR  # the zone itself
    if question.address is None:
        return wire.NXDOMAIN
    digits = "".join(
        str(question.address >> shift & 255) for shift in range(24, 24 - question.bits, -8)
    )
    # Names of one digit are also those above IPv6 forms of all IPv4 addresses.
    if len(digits) == question.bits // 8 < 4 and (
        "000".startswith(digits) or "2002".startswith(digits)
    ):
        return wire.NOERROR if listed.has(0, 0) else wire.NXDOMAIN
    if listed.has(question.address, question.bits):
        return wire.NOERROR
    return wire.NXDOMAIN


def _expect(question, listed, reference):
    """spurnd's reply by that of rbldns: (rcode, AA, answer) and the name of the difference, if there is one."""
    is_authoritative = bool(reference.flags & wire.FLAG_AA)
    same = reference.rcode, is_authoritative, reference.answer
    if reference.rcode == wire.NXDOMAIN and question.qclass == wire.CLASS_ANY:
        return (wire.NXDOMAIN, False, ()), "class"
    if reference.rcode != wire.REFUSED:
        return same, None
    authority = question.qclass == wire.IN
    if question.address is not None and question.bits == 32 and question.qtype in SERVED:
        return None, "zeros"
    what = "types" if question.bits == 32 and question.address is not None else "names"
    return (_there(question, listed), authority, ()), what


# Where spurnd answers otherwise, and why. doc/spurnd.8 has them for users.
DIFFERENCES = {
    "types": "rbldns says REFUSED to other types than A, TXT and ANY, as if the zone were not its own; resolvers that ask for "
    "AAAA, too, take the server for broken. spurnd says that there is no such record (RFC 2308).",
    "names": "rbldns says REFUSED to what is no address: to the zone, and to 1.bl.test, which resolvers ask for that reveal no "
    "more of a name than they must (RFC 9156). spurnd says that nothing is there, or that something is below (RFC 8020).",
    "zeros": "rbldns says REFUSED to 04.3.2.1.bl.test; for spurnd as for rbldnsd this is 1.2.3.4.",
    "any": "rbldns answers ANY with A and TXT, spurnd with A alone (RFC 8482), as for all lists.",
    "class": "to class ANY no answer is authoritative (RFC 1035 section 6.2); for rbldns one is, that the name does not exist.",
    "edns": "rbldns leaves OPT of the query unanswered (RFC 6891 section 6.1.1 wants one).",
}


def test_same_answers(spurnd, reference):
    """Proves that spurnd answers as rbldns does from the same file, whole replies compared, but for DIFFERENCES, each of
    which occurs."""
    used = dict.fromkeys(DIFFERENCES, 0)
    rcodes = set()
    for seed in range(LISTS):
        listed = _random_list(seed)
        peer = reference(f"list{seed}", listed.lines())
        server = spurnd.start([f"{ZONE}:cdb:list{seed}/data.cdb"])
        asked = list(_questions(listed, seed))
        packets = [question.packet(number) for number, question in enumerate(asked)]
        with peer.client() as client:
            references = udp.exchange_all(client.sock, packets)
        with udp.Client("127.0.0.1", server.port) as client:
            replies = udp.exchange_all(client.sock, packets)
        for question, raw, packet in zip(asked, references, replies):
            wanted, reply = wire.parse(raw), wire.parse(packet)
            expected, difference = _expect(question, listed, wanted)
            if difference == "zeros":
                plain = question._replace(qname=wire.reversed_ip4(question.address, ZONE))
                with peer.client() as client:
                    other = wire.parse(client.raw(plain.packet(1)))
                expected = (
                    other.rcode,
                    bool(other.flags & wire.FLAG_AA) and question.qclass == wire.IN,
                    tuple(one._replace(owner=question.qname) for one in other.answer),
                )
            if difference:
                used[difference] += 1
            if question.qtype == wire.ANY and expected[2]:
                assert [one.type for one in expected[2]] == [wire.A, wire.TXT]
                expected = (*expected[:2], expected[2][:1])
                used["any"] += 1
            used["edns"] += question.edns
            assert (reply.edns is not None, wanted.edns) == (question.edns, None)
            got = reply.rcode, bool(reply.flags & wire.FLAG_AA), reply.answer
            assert got == expected, (question, wire.show(raw), wire.show(packet))
            assert (reply.id, reply.question) == (wanted.id, wanted.question)
            others = wire.FLAG_QR | wire.FLAG_RD | wire.FLAG_RA | wire.FLAG_TC | 0x7800
            assert reply.flags & others == wanted.flags & others, wire.show(packet)
            assert (reply.authority, reply.additional) == ((), ())
            rcodes.add((wanted.rcode, reply.rcode, bool(reply.answer)))
    assert all(used.values()), used
    assert {(0, 0, True), (3, 3, False), (5, 0, False), (5, 3, False)} <= rcodes


def test_new_list(spurnd, reference, programs, workdir, client):
    """Proves that what rbldns-data renames into place is served after a reload, and counted."""
    reference("list", "1.2.3.4\n")
    server = spurnd.start([f"{ZONE}:cdb:list/data.cdb"])
    asker = client(server)
    assert asker.ask(wire.reversed_ip4(0x05060708, ZONE)).rcode == wire.NXDOMAIN
    rbldns.make_data(programs, workdir / "list", "1.2.3.4\n5.6.7.0/24\n:127.0.0.9:new\n")
    seen = len(server.log())
    server.send_signal(1)
    server.wait_log(r"2 entries.*; 1 added, 0 removed, 0 changed", seen)
    daemon.wait_until(
        lambda: asker.ask(wire.reversed_ip4(0x05060708, ZONE)).rcode == wire.NOERROR, "new data"
    )
    answer = asker.ask(wire.reversed_ip4(0x01020304, ZONE)).answer
    assert [record.rdata for record in answer] == [b"\x7f\0\0\x09"]
