# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""Whole replies as tests write them down: sections of "owner ttl type rdata" lines."""

import struct

from . import wire

TYPES = {"A": wire.A, "NS": wire.NS, "SOA": wire.SOA, "MX": wire.MX, "TXT": wire.TXT}


def record(line, rclass=wire.IN):
    """The RR that "owner ttl type rdata" means; TXT is all the rest of the line as it is."""
    owner, ttl, rtype, rdata = line.split(" ", 3)
    if rtype == "A":
        data = wire.ip4(rdata)
    elif rtype == "TXT":
        data = wire.txt(rdata)
    elif rtype == "NS":
        data = wire.name_of(rdata)
    elif rtype == "MX":
        preference, host = rdata.split()
        data = struct.pack("!H", int(preference)) + wire.name_of(host)
    else:
        mname, rname, *numbers = rdata.split()
        data = wire.name_of(mname) + wire.name_of(rname) + struct.pack("!5I", *map(int, numbers))
    return wire.RR(wire.name_of(owner), TYPES[rtype], rclass, int(ttl), data)


def records(lines):
    """The records of a section, in an order of their own, so that they can be compared."""
    return sorted(record(line) for line in lines)


def check(
    reply,
    question,
    *,
    rcode=wire.NOERROR,
    flags=wire.FLAG_AA | wire.FLAG_RD,
    answer=(),
    authority=(),
    additional=(),
    edns=None,
    error=None,
):
    """Compares a whole reply: header flags (QR is understood), the question byte for byte, the
    sections as sets, OPT, where there is one with the extended error at its end. `question` is
    (name, type, class)."""
    if edns and error:
        edns = edns._replace(options=edns.options + wire.error(error))
    qname, qtype, qclass = question
    wire_name = qname if isinstance(qname, bytes) else wire.name_of(qname)
    got = (
        reply.rcode,
        reply.flags & 0xFFF0,
        reply.question,
        sorted(reply.answer),
        sorted(reply.authority),
        sorted(reply.additional),
        reply.edns,
    )
    expected = (
        rcode,
        flags | wire.FLAG_QR,
        wire_name + struct.pack("!HH", qtype, qclass),
        records(answer),
        records(authority),
        records(additional),
        edns,
    )
    for what, one, other in zip(
        ("rcode", "flags", "question", "answer", "authority", "additional", "OPT"), got, expected
    ):
        assert one == other, f"{what} of the reply to {question}: {one} where {other} was expected"


def ask_and_check(client, question, *, query=None, **expected):
    """Asks, and compares the whole reply. `question` is (name, type[, class]); `query` has the
    options of wire.query."""
    name, qtype, qclass = (*question, wire.IN)[:3]
    check(client.ask(name, qtype, qclass, **(query or {})), (name, qtype, qclass), **expected)
