#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""Measures spurnd beside rbldnsd, NSD and Knot DNS (sizes, starts, load, latency, reloads), the parts
of spurn alone, and the load generator against dnsperf. Prints tables and ratios; writes bench.json, and a
page with a picture. Figures decide nothing: the exit status is 0 unless something could not run or an
answer was wrong (1), or the command line is (2).

`make bench` runs it, with BENCH=, SCALE=, PEERS=, ROUNDS=, SECONDS=, LISTS=, IPSUM=, OUTPUT= and DOC=."""

import argparse
import contextlib
import shlex
import sys
import tempfile
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests" / "system"))

# pylint: disable=wrong-import-position
from harness import programs, servers, session  # noqa: E402
from harness.benches import BENCHES  # noqa: E402
from harness.lists import Lists  # noqa: E402
from harness.scale import SCALES  # noqa: E402

PEERS = ",".join(servers.PEERS)
# What changes results, and so belongs to the command that makes them anew.
SETTINGS = ("scale", "rounds", "seconds", "peers", "bench")


def make_parser():
    """The command line."""
    summary, rest = __doc__.split("\n\n", 1)
    parser = argparse.ArgumentParser(description=summary, epilog=rest)
    parser.add_argument("bench", nargs="*", help='which benchmarks (all); "list": which there are')
    parser.add_argument("--build", type=Path, default=".", help="where the programs are (.)")
    parser.add_argument(
        "--scale", default="full", choices=SCALES, help="how large lists are (full)"
    )
    parser.add_argument("--rounds", type=int, help="of each measurement")
    parser.add_argument("--seconds", type=float, help="of each round under load")
    parser.add_argument("--peers", default=PEERS, help=f"who is beside spurnd ({PEERS})")
    parser.add_argument("--lists", type=Path, help="keep lists there; without, they are removed")
    ipsum = TOP.parent / "shared" / "data" / "ipsum.txt"
    parser.add_argument("--ipsum", type=Path, default=ipsum, help="the file of real addresses")
    parser.add_argument("--output", type=Path, default="bench", help="where results go (bench)")
    parser.add_argument("--doc", type=Path, help="write the page and its picture there, too")
    return parser


def command_of(parser, arguments):
    """What to say to have the same measured again."""
    words = []
    for name in SETTINGS:
        value = getattr(arguments, name)
        if value != parser.get_default(name) and value:
            text = " ".join(value) if name == "bench" else value
            words.append(
                f"{name.upper()}={text:g}" if name == "seconds" else f"{name.upper()}={text}"
            )
    return shlex.join(["make", "bench", *words])


def list_all(known):
    """Says what there is."""
    titles = {bench.name: bench.title for bench in BENCHES}
    titles["spray"] = "spurn spray against dnsperf"
    width = max(map(len, known)) + 2
    for name in known:
        print(f"{name:{width}}{titles.get(name, 'one part alone')}")


def main():
    """Runs what is wanted."""
    parser = make_parser()
    arguments = parser.parse_args()
    build = arguments.build.resolve()
    known = [*programs.known(build), *(bench.name for bench in BENCHES)]
    if arguments.bench == ["list"]:
        list_all(known)
        return 0
    peers = [peer for peer in arguments.peers.split(",") if peer]
    for what, given, there in (
        ("benchmark", arguments.bench, known),
        ("peer", peers, servers.PEERS),
    ):
        unknown = [name for name in given if name not in there]
        if unknown:
            parser.error(f"no {what} {', '.join(unknown)}; there are: {', '.join(there)}")
    given = {"rounds": arguments.rounds, "seconds": arguments.seconds}
    scale = SCALES[arguments.scale]._replace(**{key: given[key] for key in given if given[key]})
    with contextlib.ExitStack() as stack:
        lists = arguments.lists
        if lists is None:
            lists = stack.enter_context(tempfile.TemporaryDirectory(prefix="spurn-bench-"))
        lists = Path(lists).resolve()
        lists.mkdir(parents=True, exist_ok=True)
        lists.chmod(0o755)  # servers read there as another user
        run = session.Session(build, scale, peers, Lists(lists, build, scale, arguments.ipsum))
        for name in known:
            if name in arguments.bench or not arguments.bench:
                run.run(name)
    report = run.report(command_of(parser, arguments))
    session.show(report)
    session.write(report, arguments.output)
    if arguments.doc and report["benches"]:
        session.publish(report, arguments.doc)
    for name, reason in run.left_out.items():
        print(f"run.py: {name} could not be measured: {reason}", file=sys.stderr)
    return 1 if run.left_out else 0


if __name__ == "__main__":
    sys.exit(main())
