# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""spurnd answers as Debian's rbldnsd does: both are started with the same command line on random
zones, are asked the same million questions, and every reply is compared as a whole. What spurn
does differently on purpose stands in DIFFERENCES, each entry with its reason; any other difference
fails the test, and so does an entry that is never needed.

SPURN_SEED chooses the zones, SPURN_DIFF_QUERIES the number of questions. Without SPURN_SEED the zones
are the same in every run, so that a change is judged by what it changes: that names exist below which
something is listed, which rbldnsd does not know, is found out by asking it, and in rare zones (some in
ten million questions) wrongly. Use other seeds to look for what nobody has seen yet."""

import contextlib
import multiprocessing
import os
import random
import signal

import pytest

from lib import daemon, rewrites, udp, wire
from lib.compare import Case, Difference, Judge, World
from lib.zonefuzz import acl, malformed, queries, zoneset

QUERIES_PER_SET = 2000
# Packets that get no reply cost time to wait for: only every so many sets has them.
MALFORMED_EVERY = 25
DEFAULT_SEED = 31415926
DEFAULT_QUERIES = 50_000 if daemon.SANITIZED else 1_000_000
# From this many questions on, every entry of the table must have been needed.
ENOUGH_QUERIES = 500_000
WORST_SHOWN = 5
LOAD_PATIENCE_S = 5
ASKED_AGAIN_MAX = 50
RETRY_WAIT_S = 0.5


DIFFERENCES = (
    Difference(
        "unknown-type",
        "section 7 [B]: rbldnsd says NOTIMP to QTYPE >= 256 (CAA, 32769), also outside its zones; a "
        "type without data is NODATA at a name that exists and NXDOMAIN at one that does not",
        rewrites.unknown_type,
    ),
    Difference(
        "apex-without",
        "section 7 [B]: an apex without $SOA or $NS is REFUSED by rbldnsd, for ANY unless both are "
        "there; the name exists, so the reply is what there is, or NODATA",
        rewrites.apex_without,
    ),
    Difference(
        "ent",
        "section 7 [B]: a name with nothing of its own but something listed below it exists "
        "(RFC 8020): NOERROR without data, where rbldnsd says NXDOMAIN",
        rewrites.empty_non_terminal,
    ),
    Difference(
        "any",
        "section 7: ANY brings all that rbldnsd has; one RRset is enough (RFC 8482), the first of SOA, "
        "NS, A, TXT and MX",
        rewrites.minimal_any,
    ),
    Difference(
        "opcode",
        "section 7: other opcodes, AA and TC are NOTIMP, from rbldnsd with opcode 0 and RD clear; both "
        "are those of the query (RFC 1035 section 4.1.1), by which clients know the reply",
        rewrites.opcode,
    ),
    Difference(
        "formerr",
        "section 7: a malformed query is FORMERR, where rbldnsd does not answer",
        rewrites.format_error,
    ),
    Difference(
        "glue",
        "section 5: rbldnsd takes glue for a duplicate when another name server has the same "
        "address; each name server needs its own",
        rewrites.glue_left_out,
        may_be_unused=True,
    ),
    Difference(
        "version",
        "section 7: CH TXT version.bind tells the program's name, and without -v its version",
        rewrites.version_text,
    ),
    Difference(
        "long-text",
        "section 2 [B]: texts of more than 254 bytes are whole, in several strings, where rbldnsd cuts "
        "them; what is longer than 4,096 bytes is cut",
        rewrites.long_text,
    ),
    Difference(
        "opt",
        "section 7 [B]: OPT is always answered with OPT (RFC 6891 section 6.1.1), size 1232, where "
        "rbldnsd only does so for replies over 512 bytes, with size 2048",
        rewrites.opt_always,
    ),
    Difference(
        "truncation",
        "section 7 [B]: RRsets that do not fit into 512 bytes or min(EDNS size, 1232) are left out "
        "as a whole and TC is set, where rbldnsd drops single records and clears AA; its limit is "
        "2048",
        rewrites.does_not_fit,
    ),
)

# Differences in what the zone files mean: rbldnsd gets the file as spurn understands it.
REWRITTEN = {
    "crlf": "section 1 [B]: one CR before the line's end is not part of the line; rbldnsd gets the "
    "file without",
    "generic-bad-line": "section 1 [B]: a bad line in generic is skipped with a warning, where "
    "rbldnsd refuses the file; it gets the file without that line",
}


def make_case(seed, index):
    """(zone set, list of Queries) of a seed."""
    zones = zoneset.make(seed)
    asked = queries.Asker(zones, seed).make(QUERIES_PER_SET)
    if index % MALFORMED_EVERY == 0:
        rng = random.Random(seed)
        asked[-40:] = [malformed.make(rng, query) for query in asked[-40:]]
    return zones, asked


@contextlib.contextmanager
def both_running(zones, paths, workdir, number, thin=False):
    """The reference and the tested server on one zone set; `thin`: the tested one without every
    tenth line. They are killed, if they were not stopped."""
    servers = []
    addresses = ("127.0.0.1", "::1") if "::1" in zones.clients else ("127.0.0.1",)
    try:
        for path, name in zip(paths, ("reference", "tested")):
            directory = workdir / f"{name}.{number}"
            directory.mkdir(mode=0o755)
            if thin and name == "tested":
                for file, text in zones.files.items():
                    lines = text.split(b"\n")
                    zones.files[file] = b"\n".join(
                        lines[at] for at in range(len(lines)) if at % 10 != 9
                    )
            zones.write(directory, reference=name == "reference")
            servers.append(
                daemon.Daemon(path, [*zones.options, *zones.specs], directory, addresses=addresses)
            )
        if "-q" in zones.options:
            wait_loaded(zones, servers)
        yield servers
    finally:
        for server in servers:
            server.kill()


def wait_loaded(zones, servers):
    """Behind -q: waits until the tested server serves what the reference does, which loads before it
    answers anything. If that does not come, the comparison shall tell."""
    packets = [wire.query(zone, wire.TXT, ident=number) for number, zone in enumerate(zones.zones)]

    def unserved(server):
        with udp.client_from(acl.FREE, server.port) as client:
            return [
                reply and reply[3] & 15 == wire.SERVFAIL
                for reply in udp.exchange(client.sock, packets)
            ]

    with contextlib.suppress(AssertionError):
        expected = unserved(servers[0])
        daemon.wait_until(lambda: unserved(servers[1]) == expected, "the load", LOAD_PATIENCE_S)


def ask_both(asked, servers):
    """The raw replies of (reference, tested) to all questions."""
    by_source = {}
    for index, query in enumerate(asked):
        by_source.setdefault(query.source, []).append(index)
    replies = [[None] * len(asked) for _ in servers]
    for source, indexes in by_source.items():
        ask_from(source, indexes, asked, servers, replies, udp.SHORT_S)
    ask_again(asked, servers, replies)
    return replies


def ask_from(source, indexes, asked, servers, replies, silence_s):
    """Asks some of the questions from one client, and puts what comes into `replies`."""
    packets = [asked[index].numbered(number) for number, index in enumerate(indexes)]
    for server, of_server in zip(servers, replies):
        with udp.client_from(source, server.port) as client:
            got = udp.exchange(client.sock, packets, retries=1, retry_s=silence_s)
        for index, reply in zip(indexes, got):
            of_server[index] = reply and asked[index].packet[:2] + reply[2:]


def ask_again(asked, servers, replies):
    """Asks once more what got no reply though it should, or from one server only: all at once, as
    both may have been busy, and then one by one, with patience."""
    for _ in range(2):
        again = _in_doubt(asked, replies)
        for source in {asked[index].source for index in again}:
            mine = [index for index in again if asked[index].source == source]
            ask_from(source, mine, asked, servers, replies, udp.RETRY_S)
    for index in _in_doubt(asked, replies)[:ASKED_AGAIN_MAX]:
        for server, of_server in zip(servers, replies):
            with udp.client_from(asked[index].source, server.port) as client:
                of_server[index] = udp.ask_raw(
                    client.sock, asked[index].packet, wait_s=RETRY_WAIT_S
                )


def _in_doubt(asked, replies):
    """The numbers of questions that should be asked again."""
    doubtful = []
    for index, query in enumerate(asked):
        there = [of_server[index] is not None for of_server in replies]
        may_drop = query.kind == "malformed" or query.source != acl.FREE
        is_formerr = there == [False, True] and replies[1][index][3] & 15 == wire.FORMERR
        if not all(there) and (any(there) or not may_drop) and not is_formerr:
            doubtful.append(index)
    return doubtful


def compare_set(seed, index, paths, workdir, judge):
    """Runs one zone set on both servers; returns (zone set, list of messages on differences)."""
    zones, asked = make_case(seed, index)
    with both_running(zones, paths, workdir, index) as servers:
        pairs = zip(*ask_both(asked, servers))
        world = World(zones, servers[0].port)
        complaints = [judge_one(judge, world, query, *pair) for query, pair in zip(asked, pairs)]
        world.close()
        for server in servers:
            server.stop()
    return zones, [complaint for complaint in complaints if complaint]


def judge_one(judge, world, query, reference, tested):
    """None, or what is wrong with the tested server's raw reply."""
    if reference == tested and _nothing_to_rewrite(world, query, reference):
        return None
    try:
        parsed = reference and wire.parse(reference)
        case = Case(
            world, query, parsed, parsed if reference == tested else tested and wire.parse(tested)
        )
    except ValueError as error:
        return f"malformed reply ({error}) to\n{wire.show(query.packet)}\n{tested.hex()}"
    expected = judge.rewritten(case)
    if judge.is_same(expected, case.tested):
        return None
    return (
        f"[{query.kind}] {query.packet.hex()}\n{differing_fields(expected, case.tested)}"
        f"--- rbldnsd said\n{wire.show(reference)}\n--- spurnd said\n{wire.show(tested)}\n"
    )


def _nothing_to_rewrite(world, query, reply):
    """Whether the table certainly has nothing to say about a reply of the reference. Most are such,
    and taking packets apart is slow."""
    if reply is None or query.edns or not reply[2] & wire.FLAG_AA >> 8:
        return reply is None
    return reply[3] == wire.NOERROR or (
        reply[3] == wire.NXDOMAIN
        and world is not None
        and world.is_empty_non_terminal(query) is False
    )


def differing_fields(expected, got):
    """The fields in which two replies differ, a line each."""
    if expected is None or got is None:
        return f"expected {expected}\n     got {got}\n"
    return "".join(
        f"{field}: expected {one}\n{' ' * len(field)}       got {other}\n"
        for field, one, other in zip(wire.Reply._fields, expected, got)
        if field not in ("id", "size") and one != other
    )


def run_set(job):
    """compare_set for another process: (seed, command line, names of rewritten files, how often
    each entry was needed, what is wrong)."""
    seed, index, paths, workdir = job
    judge = Judge(DIFFERENCES)
    try:
        zones, wrong = compare_set(seed, index, paths, workdir, judge)
    except AssertionError as error:  # a server did not start, or ended
        return seed, ["?"], (), judge.used, [str(error)]
    return seed, [*zones.options, *zones.specs], zones.rewritten, judge.used, wrong


def _let_parent_end():
    """The parent ends its children; a Ctrl-C or SIGTERM for all of them is none of their business."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


def run_all(first_seed, count, paths, workdir):
    """run_set for `count` seeds, as many at a time as keep all CPUs busy."""
    jobs = [(first_seed + index, index, paths, workdir) for index in range(count)]
    # Two for each: half of the time they wait for servers to start, and for what gets no reply.
    workers = 2 * len(os.sched_getaffinity(0))
    with multiprocessing.get_context("fork").Pool(workers, _let_parent_end) as pool:
        yield from pool.imap(run_set, jobs, chunksize=2)


def test_same_answers_as_rbldnsd(spurnd_path, rbldnsd_path, workdir):
    """Proves that spurnd can take rbldnsd's place: the same 1,000,000 questions, no difference but
    those in the table above."""
    total = int(os.environ.get("SPURN_DIFF_QUERIES", DEFAULT_QUERIES))
    first_seed = int(os.environ.get("SPURN_SEED", DEFAULT_SEED))
    print(f"SPURN_SEED={first_seed} SPURN_DIFF_QUERIES={total}")
    needed, failures = dict.fromkeys([entry.name for entry in DIFFERENCES], 0), []
    needed |= dict.fromkeys(REWRITTEN, 0)
    for seed, command, rewritten, used, wrong in run_all(
        first_seed, max(1, total // QUERIES_PER_SET), (rbldnsd_path, spurnd_path), workdir
    ):
        for name, times in used.items():
            needed[name] += times
        for name in rewritten:
            needed[name] += 1
        if wrong:
            failures.append(
                f"=== SPURN_SEED={seed}: {len(wrong)} differences, {command}\n"
                + "\n".join(wrong[:WORST_SHOWN])
            )
    print("needed:", needed)
    assert not failures, f"{len(failures)} sets differ\n" + "\n".join(failures[:WORST_SHOWN])
    if total >= ENOUGH_QUERIES:
        excused = {entry.name for entry in DIFFERENCES if entry.may_be_unused}
        unused = [name for name, times in needed.items() if not times and name not in excused]
        assert not unused, f"never needed, so remove or widen the questions: {unused}"


@pytest.mark.parametrize("changed", [False, True])
def test_differential_test_can_see(rbldnsd_path, workdir, changed):
    """Proves that the comparison above is neither noisy nor blind: rbldnsd does not differ from
    itself, and does from one whose zone files lack a tenth of their lines."""
    judge, differences = Judge(()), 0
    for seed in (1001, 1002, 1003):
        zones, asked = make_case(seed, 1)
        zones.files.update(zones.reference_files)
        zones.reference_files = {}
        with both_running(zones, (rbldnsd_path, rbldnsd_path), workdir, seed, changed) as servers:
            pairs = zip(*ask_both(asked, servers))
        differences += sum(
            judge_one(judge, None, query, *pair) is not None for query, pair in zip(asked, pairs)
        )
    assert (differences > 20) if changed else (differences == 0)
