# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""spurnd answers as Debian's rbldnsd does: both are started with the same command line on random
zones, are asked the same 200,000 questions, and every reply is compared as a whole. What spurn
does differently on purpose stands in DIFFERENCES, each entry with its reason; any other difference
fails the test, and so does an entry that is never needed.

SPURN_SEED chooses the zones, SPURN_DIFF_QUERIES the number of questions."""

import os
import random
import re

import pytest

from lib import daemon, udp, wire
from lib.compare import Case, Difference, Judge, World, without_case
from lib.zonefuzz import malformed, queries, zoneset

QUERIES_PER_SET = 2000
# Packets that get no reply cost time to wait for: only every so many sets has them.
MALFORMED_EVERY = 25
DEFAULT_QUERIES = 100_000 if daemon.SANITIZED else 200_000
# From this many questions on, every entry of the table must have been needed.
ENOUGH_QUERIES = 200_000
WORST_SHOWN = 5


def _is_in(case):
    return case.query.qclass in (wire.IN, wire.CLASS_ANY) and case.world.zone_of(case.query.qname) is not None


def _question_of(case, reply):
    """`reply` as if it were to the question of the case."""
    return reply._replace(id=case.reference.id, question=case.reference.question)


def unknown_type(case, expected):
    """QTYPE >= 256 is looked up like any other type without data."""
    if expected is None or case.query.qtype < 256 or expected.flags & ~wire.FLAG_RD != 0x8004:
        return None
    if case.query.flags & 0x7E00:
        return None
    return _question_of(case, case.world.ask(case.query.changed(qtype=249)))


def apex_without(case, expected):
    """SOA, NS or ANY at an apex that lacks the record: what there is of it, or NODATA."""
    query, world = case.query, case.world
    if not _is_in(case) or query.qname and world.zone_of(query.qname) != tuple(map(bytes.lower, query.qname)):
        return None
    if expected is None or expected.rcode != wire.REFUSED or query.qtype not in (wire.SOA, wire.NS, wire.ANY):
        return None
    # The data of generic, and else NODATA, come with any type that the apex does not have.
    return _apex_reply(case, query.qtype)


def _apex_reply(case, qtype):
    """What an apex answers, put together from single questions to the reference."""
    parts = [case.world.ask(case.query.changed(qtype=one, edns=wire.Edns(2048))) for one in (
        (wire.SOA, wire.NS, wire.A, wire.TXT, wire.MX) if qtype == wire.ANY else ())]
    parts = [part for part in parts if part.rcode == wire.NOERROR and part.answer]
    base = parts[0] if parts else case.world.ask(case.query.changed(qtype=wire.AAAA, edns=None))
    answer = tuple(record for part in parts for record in part.answer)
    return _question_of(case, base._replace(answer=answer, edns=None))


def empty_non_terminal(case, expected):
    """A name below which something is listed exists."""
    if expected is None or expected.rcode != wire.NXDOMAIN or not _is_in(case):
        return None
    exists = case.world.is_empty_non_terminal(case.query.qname)
    if case.tested and exists != (case.tested.rcode == wire.NOERROR):
        exists = case.world.has_listed_below(case.query.qname)
    return expected._replace(flags=expected.flags & ~15) if exists else None


def glue_of_one_address(case, expected):
    """Name servers that share an address all have glue."""
    if expected is None or not expected.additional:
        return None
    owners = {record.owner.lower() for record in expected.additional}
    addresses = {record.rdata for record in expected.additional}
    missing = []
    for server in expected.authority:
        name = tuple(wire.labels_of(server.rdata)) if server.type == wire.NS else ()
        if server.rdata not in owners and case.world.zone_of(name):
            reply = case.world.ask(queries.build(name, wire.A, wire.IN, 0, wire.Edns(2048), ""))
            missing += [record for record in reply.answer if record.rdata in addresses]
    return expected._replace(additional=expected.additional + tuple(missing))


def version_text(case, expected):
    """version.bind names another program."""
    got = case.tested
    if expected is None or got is None or case.query.qclass != wire.CH or not expected.answer or len(got.answer) != 1:
        return None
    said = got.answer[0].rdata[1:]
    has_version = b" " in expected.answer[0].rdata
    if not re.fullmatch(rb"spurnd? [\d.]+\S*" if has_version else rb"spurnd?", said):
        return None
    return expected._replace(answer=(expected.answer[0]._replace(rdata=wire.txt(said)),))


def opt_always(case, expected):
    """A query with OPT gets one back, with our size, version 0, and DO as it came."""
    if expected is None:
        return None
    if case.query.edns is None or expected.flags & 0x7FFF == wire.NOTIMP and case.query.flags & 0x7E00:
        return expected._replace(edns=None)
    return expected._replace(edns=wire.Edns(flags=case.query.edns.flags & wire.EDNS_DO))


def _room(query):
    """How long a reply may be."""
    return 512 if query.edns is None else min(max(query.edns.size, 512), 1232)


def _most_size(records):
    """What these records take at most, with no name but the owner's compressed."""
    return sum(12 + len(record.rdata) for record in records)


def _whole_reply(case):
    """The reply of the reference without a limit (that matters), as `expected` would be."""
    query = case.query
    qtype = 249 if query.qtype >= 256 else query.qtype
    whole = case.world.ask(query.changed(qtype=qtype, edns=wire.Edns(65535)))
    judge = Judge(DIFFERENCES[:-1])
    return judge.rewritten(case._replace(reference=_question_of(case, whole)))


def does_not_fit(case, expected):
    """What does not fit goes as whole RRsets: those of the answer with TC, the others without."""
    query, got = case.query, case.tested
    if expected is None or got is None or not _is_in(case) or query.flags & 0x7E00:
        return None
    if Judge.is_same(expected, got):
        return None
    room, whole = _room(query), _whole_reply(case)
    if not whole.flags & wire.FLAG_AA and query.qclass == wire.IN:
        # More than the reference can send at all.
        return got if got.size <= room and got.flags == whole.flags | wire.FLAG_AA | wire.FLAG_TC else None
    if got.size > room or got.rcode != whole.rcode or got.edns != expected.edns:
        return None
    glue = without_case(whole.additional), without_case(got.additional)
    lost = [set(one) - set(other) for one, other in (
        (whole.answer, got.answer), (whole.authority, got.authority), glue)]
    if any(set(other) - set(one) for one, other in (
            (whole.answer, got.answer), (whole.authority, got.authority), glue)):
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
        if records and size + _most_size(records) <= room:
            return None
        if records:
            break
    return got


DIFFERENCES = (
    Difference("unknown-type", "section 7 [B]: rbldnsd says NOTIMP to QTYPE >= 256 (CAA, 32769), also outside its zones; a type "
               "without data is NODATA at a name that exists and NXDOMAIN at one that does not", unknown_type),
    Difference("apex-without", "section 7 [B]: an apex without $SOA or $NS is REFUSED by rbldnsd, for ANY unless both are there; "
               "the name exists, so the reply is what there is, or NODATA", apex_without),
    Difference("ent", "section 7 [B]: a name with nothing of its own but something listed below it exists (RFC 8020): "
               "NOERROR without data, where rbldnsd says NXDOMAIN", empty_non_terminal),
    Difference("glue", "section 5: rbldnsd takes glue for a duplicate when another name server has the same address; each name "
               "server needs its own", glue_of_one_address, may_be_unused=True),
    Difference("version", "section 7: CH TXT version.bind tells the program's name, and without -v its version", version_text),
    Difference("opt", "section 7 [B]: OPT is always answered with OPT (RFC 6891 section 6.1.1), size 1232, where rbldnsd only does "
               "so for replies over 512 bytes, with size 2048", opt_always),
    Difference("truncation", "section 7 [B]: RRsets that do not fit into 512 bytes or min(EDNS size, 1232) are left out as a whole and "
               "TC is set, where rbldnsd drops single records and clears AA; its limit is 2048", does_not_fit),
)

# Differences in what the zone files mean: rbldnsd gets the file as spurn understands it.
REWRITTEN = {
    "crlf": "section 1 [B]: one CR before the line's end is not part of the line; rbldnsd gets the file without",
    "generic-bad-line": "section 1 [B]: a bad line in generic is skipped with a warning, where rbldnsd refuses the file; "
                        "it gets the file without that line",
}


def make_case(seed, index):
    """(zone set, list of Queries) of a seed."""
    zones = zoneset.make(seed)
    asked = queries.Asker(zones, seed).make(QUERIES_PER_SET)
    if index % MALFORMED_EVERY == 0:
        rng = random.Random(seed)
        asked[-40:] = [malformed.make(rng, query) for query in asked[-40:]]
    return zones, asked


def ask_both(zones, asked, servers):
    """The raw replies of (reference, tested) to all questions."""
    del zones
    replies = []
    for server in servers:
        with udp.Client("127.0.0.1", server.port) as client:
            replies.append(udp.exchange(client.sock, [query.numbered(index) for index, query in enumerate(asked)]))
    return replies


def compare_set(seed, index, paths, workdir, judge):
    """Runs one zone set on both servers; returns (zone set, list of messages on differences)."""
    zones, asked = make_case(seed, index)
    servers = []
    try:
        for path, name in zip(paths, ("reference", "tested")):
            directory = workdir / f"{name}.{index}"
            directory.mkdir(mode=0o755)
            zones.write(directory, reference=name == "reference")
            servers.append(daemon.Daemon(path, [*zones.options, *zones.specs], directory))
        raw = ask_both(zones, asked, servers)
        with udp.Client("127.0.0.1", servers[0].port) as reference:
            world = World(zones, reference)
            wrong = [complaint for query, *pair in zip(asked, *raw)
                     if (complaint := judge_one(judge, world, query, *pair))]
        for server in servers:
            server.stop()
        return zones, wrong
    finally:
        for server in servers:
            server.kill()


def judge_one(judge, world, query, reference, tested):
    """None, or what is wrong with the tested server's raw reply."""
    if reference == tested and _nothing_to_rewrite(world, query, reference):
        return None
    try:
        parsed = reference and wire.parse(reference)
        case = Case(world, query, parsed, parsed if reference == tested else tested and wire.parse(tested))
    except ValueError as error:
        return f"malformed reply ({error}) to\n{wire.show(query.packet)}\n{tested.hex()}"
    expected = judge.rewritten(case)
    if judge.is_same(expected, case.tested):
        return None
    return (f"[{query.kind}] {query.packet.hex()}\n{differing_fields(expected, case.tested)}"
            f"--- rbldnsd said\n{wire.show(reference)}\n--- spurnd said\n{wire.show(tested)}\n")


def _nothing_to_rewrite(world, query, reply):
    """Whether the table certainly has nothing to say about a reply of the reference. Most are such,
    and taking packets apart is slow."""
    if reply is None or query.edns or not reply[2] & wire.FLAG_AA >> 8:
        return reply is None
    return reply[3] == wire.NOERROR or (reply[3] == wire.NXDOMAIN and world is not None
                                        and not world.is_empty_non_terminal(query.qname))


def differing_fields(expected, got):
    """The fields in which two replies differ, a line each."""
    if expected is None or got is None:
        return f"expected {expected}\n     got {got}\n"
    return "".join(f"{field}: expected {one}\n{' ' * len(field)}       got {other}\n"
                   for field, one, other in zip(wire.Reply._fields, expected, got)
                   if field not in ("id", "size") and one != other)


def test_same_answers_as_rbldnsd(spurnd_path, rbldnsd_path, workdir):
    """Proves that spurnd can take rbldnsd's place: the same 200,000 questions, no difference but
    those in the table above."""
    total = int(os.environ.get("SPURN_DIFF_QUERIES", DEFAULT_QUERIES))
    first_seed = int(os.environ.get("SPURN_SEED", random.SystemRandom().randrange(1 << 32)))
    print(f"SPURN_SEED={first_seed} SPURN_DIFF_QUERIES={total}")
    judge, rewritten, failures = Judge(DIFFERENCES), dict.fromkeys(REWRITTEN, 0), []
    for index in range(max(1, total // QUERIES_PER_SET)):
        zones, wrong = compare_set(first_seed + index, index, (rbldnsd_path, spurnd_path), workdir, judge)
        for name in zones.rewritten:
            rewritten[name] += 1
        if wrong:
            failures.append(f"=== SPURN_SEED={zones.seed}: {len(wrong)} differences, {zones.options} {zones.specs}\n"
                            + "\n".join(wrong[:WORST_SHOWN]))
    print("needed:", judge.used, "sets with rewritten files:", rewritten)
    assert not failures, f"{len(failures)} sets differ\n" + "\n".join(failures[:WORST_SHOWN])
    if total >= ENOUGH_QUERIES:
        excused = {entry.name for entry in DIFFERENCES if entry.may_be_unused}
        unused = [name for name, count in {**judge.used, **rewritten}.items() if not count and name not in excused]
        assert not unused, f"never needed, so remove or widen the questions: {unused}"


@pytest.mark.parametrize("changed", [False, True])
def test_differential_test_can_see(rbldnsd_path, workdir, changed):
    """Proves that the comparison above is neither noisy nor blind: rbldnsd does not differ from
    itself, and does from one whose zone files lack a tenth of their lines."""
    judge, differences = Judge(()), 0
    for index in range(1, 4):
        zones, asked = make_case(1000 + index, 1)
        servers = []
        try:
            for name in ("one", "other"):
                directory = workdir / f"{name}.{index}"
                directory.mkdir(mode=0o755)
                if changed and name == "other":
                    zones.files = {file: b"\n".join(line for number, line in enumerate(text.split(b"\n")) if number % 10 != 9)
                                   for file, text in zones.files.items()}
                zones.reference_files = {}
                zones.files = {file: text for file, text in zones.files.items()}
                zones.write(directory)
                servers.append(daemon.Daemon(rbldnsd_path, [*zones.options, *zones.specs], directory))
            raw = ask_both(zones, asked, servers)
            differences += sum(judge_one(judge, None, query, *pair) is not None for query, *pair in zip(asked, *raw))
        finally:
            for server in servers:
                server.kill()
    assert (differences > 20) if changed else (differences == 0)
