#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""What it costs in questions to say of empty non-terminals that they exist (RFC 8020), and what it
saves:

    /usr/bin/python3 tests/bench/ent_questions.py [-n LOOKUPS] SPURND

Asks unbound, with each kind of minimisation of query names, for names of lists of each kind, and counts
the questions that reach spurnd with --ent nodata and with --ent nxdomain. Prints a table in Markdown, for
doc/protocol.md."""

import argparse
import os
import random
import signal
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "system"))

from lib import lookups, resolvers, wire  # noqa: E402 pylint: disable=wrong-import-position
from lib.daemon import Daemon  # noqa: E402 pylint: disable=wrong-import-position

ENTRIES = 100_000
ZONES = {"ip4": "ip4set", "ip6": "ip6trie", "names": "dnset"}
KINDS = {"ip4": "IPv4", "ip6": "IPv6", "names": "names"}
MODES = ("nodata", "nxdomain")
MINIMISATIONS = ("relaxed", "off", "strict")


class Subjects:
    """A list of each kind, and lookups of it: `listed`, unlisted ones `beside` these, unlisted ones
    `elsewhere` in areas where nothing is listed, and others beside those; one of each in a /24 (in
    a /64; under a domain)."""

    def __init__(self, count):
        self.rng = random.Random(8020)
        self.count = count
        self.lines = {zone: [] for zone in ZONES}
        self.asked = {zone: {} for zone in ZONES}
        self._add_addresses("ip4", lookups.IP4, 24, wire.reversed_ip4)
        self._add_addresses("ip6", lookups.IP6, 64, wire.reversed_ip6)
        self._add_names()

    def _set(self, zone, areas, elsewhere, name):
        """Asks for the numbers 1 (listed) and 2 of some areas, and for both of areas elsewhere."""
        listed = self.rng.sample(areas, self.count)
        self.asked[zone] = {
            "listed": [name(area, 1) for area in listed],
            "beside": [name(area, 2) for area in listed],
            "elsewhere": [name(area, 1) for area in elsewhere],
            "beside elsewhere": [name(area, 2) for area in elsewhere],
        }

    def _add_addresses(self, zone, family, area_bits, reversed_name):
        rest = family.bits - area_bits
        blocks = self.rng.sample(family.blocks, ENTRIES + self.count)
        areas = [
            block << (area_bits - family.block_bits)
            | self.rng.getrandbits(area_bits - family.block_bits or 1)
            for block in blocks
        ]
        self.lines[zone] = [family.text(area << rest | 1, family.bits) for area in areas[:ENTRIES]]
        self._set(
            zone,
            areas[:ENTRIES],
            areas[ENTRIES:],
            lambda area, number: reversed_name(area << rest | number, f"{zone}.test"),
        )

    def _add_names(self):
        numbers = self.rng.sample(range(1 << 30), ENTRIES + self.count)
        domains = [f"d{number}.{self.rng.choice(lookups.TLDS)}" for number in numbers]
        hosts = {1: "www", 2: "mail"}
        self.lines["names"] = [f"www.{domain}" for domain in domains[:ENTRIES]]
        self._set(
            "names",
            domains[:ENTRIES],
            domains[ENTRIES:],
            lambda domain, number: wire.name_of(f"{hosts[number]}.{domain}.names.test"),
        )

    def write(self, directory):
        """Writes the zone files; returns their specifications."""
        for zone, lines in self.lines.items():
            (directory / zone).write_text(lookups.SOA + "".join(f"{line}\n" for line in lines))
        return [f"{zone}.test:{kind}:{zone}" for zone, kind in ZONES.items()]


def received(server):
    """How many queries the server got, as it says."""
    since = len(server.log())
    server.send_signal(signal.SIGUSR1)
    return int(server.wait_log(r"queries: (\d+) received", since).group(1))


def count(server, resolver, names):
    """(questions that the lookups cost, names that were found)."""
    before = received(server)
    replies = resolver.ask_all([(name, wire.A) for name in names])
    return received(server) - before, sum(bool(reply.answer) for reply in replies)


def count_all(server, asked, minimisation, zone, directory):
    """(what was looked up, questions, lost names) for each row of the table."""
    rows = []
    passes = (
        (("listed, cold cache", "listed"), ("listed, again", "listed"), ("beside them", "beside")),
        (
            ("unlisted, cold cache", "elsewhere"),
            ("unlisted, again", "elsewhere"),
            ("beside them", "beside elsewhere"),
        ),
    )
    for steps in passes:
        way = resolvers.Way(minimisation=minimisation)
        resolver = resolvers.Resolver(way, directory / "resolver", [f"{zone}.test"], server.port)
        try:
            for what, which in steps:
                questions, found = count(server, resolver, asked[which])
                lost = len(asked[which]) - found if which == "listed" else 0
                rows.append((what, questions, lost))
        finally:
            resolver.end()
    return rows


def measure(spurnd, subjects, directory):
    """Prints the table of questions."""
    specs = subjects.write(directory)
    columns = [(mode, minimisation) for minimisation in MINIMISATIONS for mode in MODES]
    cells = {}
    for mode in MODES:
        server = Daemon(spurnd, ["--ent", mode, *specs], directory, addresses=(resolvers.SERVER,))
        try:
            for minimisation in MINIMISATIONS:
                for zone in ZONES:
                    cells[zone, mode, minimisation] = count_all(
                        server, subjects.asked[zone], minimisation, zone, directory
                    )
        finally:
            server.kill()
    print(f"| {subjects.count:,} lookups | " + " | ".join(f"{m}, `{e}`" for e, m in columns) + " |")
    print("| --- |" + " --- |" * len(columns))
    for zone, kind in KINDS.items():
        for number in range(6):
            row = [cells[zone, mode, minimisation][number] for mode, minimisation in columns]
            words = [
                f"{questions:,}" + (f" ({lost:,} lost)" if lost else "")
                for _, questions, lost in row
            ]
            print(f"| {kind}, {row[0][0]} | " + " | ".join(words) + " |")


def main():
    """The command."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("-n", type=int, default=10_000, metavar="LOOKUPS")
    parser.add_argument("spurnd", type=os.path.abspath)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        directory.chmod(0o755)
        measure(arguments.spurnd, Subjects(arguments.n), directory)


main()
