# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""How spurnd's replies differ from those of the reference on purpose. Each function here stands in
the table of differences, with its reason, in test_differential.py; it takes a Case and the reply that
is expected so far, and returns the reply that spurnd should give instead, or None where it has
nothing to say. None of them may believe the tested server more than it can check."""

import re

from . import wire
from .compare import DROPPED, Judge, without_case
from .zonefuzz import acl


def _is_in(case):
    return (
        case.query.qclass in (wire.IN, wire.CLASS_ANY)
        and case.world.zone_of(case.query.qname) is not None
    )


def _question_of(case, reply):
    """`reply` as if it were to the question of the case."""
    return reply._replace(id=case.reference.id, question=case.reference.question)


def unknown_type(case, expected):
    """QTYPE >= 256 is looked up like any other type without data."""
    if expected is None or case.query.qtype < 256 or expected.flags & ~wire.FLAG_RD != 0x8004:
        return None
    if case.query.flags & 0x7E00:
        return None
    reply = case.world.ask(case.query.changed(qtype=249))
    return _question_of(case, reply) if reply else DROPPED


def apex_without(case, expected):
    """SOA, NS or ANY at an apex that lacks the record: what there is of it, or NODATA."""
    query, world = case.query, case.world
    if (
        not _is_in(case)
        or query.qname
        and world.zone_of(query.qname) != tuple(map(bytes.lower, query.qname))
    ):
        return None
    if (
        expected is None
        or expected.rcode != wire.REFUSED
        or query.qtype not in (wire.SOA, wire.NS, wire.ANY)
    ):
        return None
    # The data of generic, and else NODATA, come with any type that the apex does not have.
    return _apex_reply(case, query.qtype)


def _apex_reply(case, qtype):
    """What an apex answers, put together from single questions to the reference."""
    parts = [
        case.world.ask(case.query.changed(qtype=one, edns=wire.Edns(2048)))
        for one in (ANY_TYPES if qtype == wire.ANY else ())
    ]
    parts = [part for part in parts if part.rcode == wire.NOERROR and part.answer][:1]
    base = parts[0] if parts else case.world.ask(case.query.changed(qtype=wire.AAAA, edns=None))
    answer = tuple(record for part in parts for record in part.answer)
    return _question_of(case, base._replace(answer=answer, edns=None))


def empty_non_terminal(case, expected):
    """A name below which something is listed exists."""
    if expected is None or expected.rcode != wire.NXDOMAIN or not _is_in(case):
        return None
    said = case.tested and case.tested.rcode == wire.NOERROR
    exists = case.world.is_empty_non_terminal(case.query)
    if exists is None:
        exists = said
    elif case.tested and exists != said:
        exists = case.world.has_listed_below(case.query)
    return expected._replace(flags=expected.flags & ~15) if exists else None


def glue_left_out(case, expected):
    """Name servers that share an address all have glue; all glue has one TTL, the smallest."""
    if expected is None or not expected.additional:
        return None
    there = {(record.owner.lower(), record.rdata) for record in expected.additional}
    addresses = {rdata for _, rdata in there}
    missing = []
    for server in expected.authority:
        name = tuple(wire.labels_of(server.rdata)) if server.type == wire.NS else ()
        if not case.world.zone_of(name):
            continue
        for record in case.world.addresses_of(name):
            if record.rdata in addresses and (server.rdata, record.rdata) not in there:
                missing.append(record)
    if not missing:
        return None
    glue = expected.additional + tuple(missing)
    ttl = min(record.ttl for record in glue)
    return expected._replace(additional=tuple(record._replace(ttl=ttl) for record in glue))


def version_text(case, expected):
    """version.bind names another program."""
    got = case.tested
    if (
        expected is None
        or got is None
        or case.query.qclass != wire.CH
        or not expected.answer
        or len(got.answer) != 1
    ):
        return None
    said = got.answer[0].rdata[1:]
    has_version = b" " in expected.answer[0].rdata
    if not re.fullmatch(rb"spurnd? [\d.]+\S*" if has_version else rb"spurnd?", said):
        return None
    # rbldnsd copies the RCODE of the query into this reply.
    flags = expected.flags & ~(case.query.flags & 15)
    answer = (expected.answer[0]._replace(rdata=wire.txt(said)),)
    return expected._replace(flags=flags, answer=answer)


def opcode(case, expected):
    """What rbldnsd clears in NOTIMP to other opcodes, or to AA or TC, is echoed."""
    if expected is None or case.query.flags & 0x7E00 == 0 or expected.rcode != wire.NOTIMP:
        return None
    return expected._replace(flags=expected.flags | case.query.flags & 0x7900)


def format_error(case, expected):
    """What rbldnsd drops as malformed is FORMERR; but replies and what has no header are dropped."""
    packet = case.query.packet
    if expected is not None or case.query.kind != "malformed":
        return None
    if len(packet) < 12 or case.query.flags & wire.FLAG_QR:
        return None
    if case.query.source != acl.FREE and case.tested is None:
        return None  # ignored, maybe
    flags = wire.FLAG_QR | case.query.flags & wire.FLAG_RD | wire.FORMERR
    ident = int.from_bytes(packet[:2], "big")
    return wire.Reply(ident, flags, b"", (), (), (), None, 12)


def _errors(case, expected):
    """The extended errors that a reply may have (None: none)."""
    query = case.query
    is_special = query.qclass not in (wire.IN, wire.CLASS_ANY)
    if expected.rcode == wire.NOTIMP or expected.rcode == wire.REFUSED and is_special:
        return (wire.EDE_NOT_SUPPORTED,)
    if expected.rcode == wire.REFUSED:
        is_ours = case.world.zone_of(query.qname) is not None
        return (wire.EDE_PROHIBITED if is_ours else wire.EDE_NOT_AUTHORITATIVE,)
    if expected.rcode == wire.SERVFAIL:
        return wire.EDE_NOT_READY, wire.EDE_INVALID_DATA
    if query.source != acl.FREE:
        return None, wire.EDE_FORGED if expected.answer else wire.EDE_FILTERED
    return (None,)


def opt_always(case, expected):
    """A query with OPT gets one back, with our size, version 0, DO as it came, and the extended error
    that fits. Where it is a matter of more than the reply which one that is, the tested server is
    believed."""
    if expected is None:
        return None
    if case.query.edns is None:
        return expected._replace(edns=None)
    errors = _errors(case, expected)
    got = wire.error_of(case.tested) if case.tested else None
    error = got if got in errors else errors[0]
    options = wire.error(error) if error is not None else b""
    flags = case.query.edns.flags & wire.EDNS_DO
    return expected._replace(edns=wire.Edns(flags=flags, options=options))


# What ANY is content with, in this order.
ANY_TYPES = (wire.SOA, wire.NS, wire.A, wire.TXT, wire.MX)


def minimal_any(case, expected):
    """ANY gets one RRset."""
    if expected is None or case.query.qtype != wire.ANY or not expected.answer or not _is_in(case):
        return None
    first = next(
        rtype for rtype in ANY_TYPES if rtype in {record.type for record in expected.answer}
    )
    return expected._replace(
        answer=tuple(record for record in expected.answer if record.type == first)
    )


# Bytes of a text behind which rbldnsd cuts those of all types but generic.
CUT_AT = 254


def long_text(case, expected):
    """A text that rbldnsd cuts goes on, in several strings; texts that differ only behind the cut
    are several."""
    got = case.tested
    if expected is None or got is None:
        return None
    cut = {
        record.rdata[1:]: record
        for record in expected.answer
        if record.type == wire.TXT and len(record.rdata) == 1 + CUT_AT
    }
    whole = [record for record in got.answer if wire.txt_text(record.rdata)[:CUT_AT] in cut]
    texts = [wire.txt_text(record.rdata) for record in whole]
    answer = tuple(
        record for record in expected.answer if record.rdata[1:] not in {t[:CUT_AT] for t in texts}
    ) + tuple(cut[text[:CUT_AT]]._replace(rdata=wire.txt(text)) for text in texts)
    return expected._replace(answer=answer) if cut else None


def _may_be_longer(records):
    """Whether there are texts among the records that rbldnsd may have cut."""
    return any(record.type == wire.TXT and len(record.rdata) > CUT_AT for record in records)


# Bytes of a question behind which rbldnsd still sees OPT (found out by asking).
LONGEST_WITH_OPT = 245


def _room(query):
    """How long a reply may be."""
    return 512 if query.edns is None else min(max(query.edns.size, 512), 1232)


def _most_size(records):
    """What these records take at most, with no name but the owner's compressed."""
    return sum(12 + len(record.rdata) for record in records)


def _type_to_ask(case):
    """The type that brings out of the reference what spurnd says to the type that was asked."""
    query = case.query
    if query.qtype != wire.ANY:
        return 249 if query.qtype >= 256 else query.qtype
    for qtype in ANY_TYPES:
        reply = case.world.ask(query.changed(qtype=qtype, edns=wire.Edns(65535)))
        # (What is too long even for the reference comes without AA.)
        if (
            reply
            and reply.rcode == wire.NOERROR
            and (reply.answer or not _has_authority(reply, query))
        ):
            return qtype
    return query.qtype


def _has_authority(reply, query):
    """Whether the reference left nothing out, as far as the reply shows that."""
    return query.qclass != wire.IN or reply.flags & wire.FLAG_AA


def _whole_reply(case):
    """The reply of the reference without a limit (that matters), as `expected` would be."""
    query = case.query
    qtype = _type_to_ask(case)
    whole = case.world.ask(query.changed(qtype=qtype, edns=wire.Edns(65535)))
    whole = _question_of(case, whole)
    for rewrite in (apex_without, empty_non_terminal, glue_left_out, long_text, opt_always):
        whole = rewrite(case, whole) or whole
    return whole


def _is_cut(case, whole):
    """Whether the reference's own limit cut its whole reply: it clears AA then, which of class ANY
    does not show."""
    if case.query.qclass != wire.IN:
        if whole.rcode != wire.NOERROR or not whole.answer:
            return False
        qtype = _type_to_ask(case)
        whole = case.world.ask(
            case.query.changed(qclass=wire.IN, qtype=qtype, edns=wire.Edns(65535))
        )
    return not whole.flags & wire.FLAG_AA


def does_not_fit(case, expected):
    """What does not fit goes as whole RRsets: those of the answer with TC, the others without."""
    query, got = case.query, case.tested
    if expected is None or got is None or not _is_in(case) or query.flags & 0x7E00:
        return None
    if Judge.is_same(expected, got):
        return None
    room, whole = _room(query), _whole_reply(case)
    if (
        len(got.question) > LONGEST_WITH_OPT
        and query.edns
        and 512 < got.size <= room
        and got.flags == expected.flags | wire.FLAG_AA
    ):
        # rbldnsd does not see an OPT record behind such a name, so it cannot be asked what is there.
        return got
    if _is_cut(case, whole):
        # More than the reference can send at all.
        authoritative = wire.FLAG_AA if query.qclass == wire.IN else 0
        flags = whole.flags | authoritative | wire.FLAG_TC
        return got if got.size <= room and got.flags == flags else None
    if got.size > room or got.rcode != whole.rcode or got.edns != expected.edns:
        return None
    glue = without_case(whole.additional), without_case(got.additional)
    lost = [
        set(one) - set(other)
        for one, other in ((whole.answer, got.answer), (whole.authority, got.authority), glue)
    ]
    if any(
        set(other) - set(one)
        for one, other in ((whole.answer, got.answer), (whole.authority, got.authority), glue)
    ):
        return None
    if {record.type for record in lost[0]} & {record.type for record in got.answer}:
        return None
    flags = whole.flags | (wire.FLAG_TC if lost[0] else 0)
    if got.flags != flags:
        return None
    # What is missing must really not have fitted behind what is there; what comes after it does not
    # come either.
    size = 12 + len(got.question) + (11 if got.edns else 0)
    for there, records in zip((got.answer, got.authority, got.additional), lost):
        size += _most_size(there)
        if records and size + _most_size(records) <= room and not _may_be_longer(records):
            return None
        if records:
            break
    return got
