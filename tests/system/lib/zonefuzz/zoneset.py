# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""A whole random set-up: options, zone specifications and files."""

import os
import random
import re
from dataclasses import dataclass, field

from . import generic, ip4, specials, text

ZONES = (
    "bl.test",
    "sub.bl.test",
    "a.b.bl.test",
    "other.example",
    "0.127.bl.test",
    "rhs",
    "deep.er.zone.example",
)
TYPES = ("ip4set", "ip4set", "ip4trie", "ip4trie", "ip4tset", "generic")
TTL_OPTIONS = ("1h", "60", "::1h", ":10m", "60:", "30:20:3600", "300:60:300", "5m:1m")


@dataclass
class ZoneSet:
    """What both servers are started with, and where its edges are."""

    seed: int
    options: list = field(default_factory=list)
    specs: list = field(default_factory=list)
    files: dict = field(default_factory=dict)
    # Files that the reference server gets in another form, and which entries of the table of
    # differences say so.
    reference_files: dict = field(default_factory=dict)
    rewritten: set = field(default_factory=set)
    zones: list = field(default_factory=list)
    edges: list = field(default_factory=list)
    names: list = field(default_factory=list)

    def write(self, directory, reference=False):
        """Writes the files into `directory`, with fixed times (serial 0 is the newest file's)."""
        for number, (name, content) in enumerate(sorted(self.files.items())):
            if reference:
                content = self.reference_files.get(name, content)
            path = os.path.join(directory, name)
            with open(path, "wb") as out:
                out.write(content)
            os.utime(path, (1_700_000_000 + number, 1_700_000_000 + number))


class Maker:
    """Makes one ZoneSet from a seed."""

    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.set = ZoneSet(seed)
        self.places = ip4.Addresses(self.rng)
        self.names = set()
        # One style for a whole set, so that plain sets of well-formed lines come up too.
        self.nastiness = self.rng.choice((0.0, 0.05, 0.1, 0.3))
        self.has_typos = self.rng.random() < 0.1
        self.line_end = b"\r\n" if self.rng.random() < 0.12 else b"\n"

    def make(self):
        """The ZoneSet."""
        self._options()
        datasets = [self._dataset() for _ in range(self.rng.choice((1, 2, 2, 3, 4)))]
        self.set.zones = ["bl.test"] + self.rng.sample(ZONES[1:], self.rng.choice((0, 1, 1, 2, 3)))
        self.rng.shuffle(self.set.zones)
        for zone in self.set.zones:
            for _ in range(self.rng.choice((1, 1, 1, 2, 3))):
                self.set.specs.append(f"{self._spelling(zone)}:{self.rng.choice(datasets)}")
        self.rng.shuffle(self.set.specs)
        self.set.edges = sorted(self.places.edges)
        self.set.names = sorted(self.names)
        return self.set

    def _options(self):
        for option, chance in (("-e", 0.3), ("-a", 0.3), ("-A", 0.1), ("-v", 0.1)):
            if self.rng.random() < chance:
                self.set.options.append(option)
        if self.rng.random() < 0.3:
            self.set.options += ["-t", self.rng.choice(TTL_OPTIONS)]

    def _spelling(self, zone):
        """The zone's name as an operator might type it."""
        if self.rng.random() < 0.1:
            zone = "".join(self.rng.choice((c, c.upper())) for c in zone)
        return zone + "." if self.rng.random() < 0.1 else zone

    def _dataset(self):
        """Writes the files of one data set; returns "type:file,file"."""
        kind = self.rng.choice(TYPES)
        files = []
        for _ in range(self.rng.choice((1, 1, 1, 2, 3))):
            name = f"{kind}.{len(self.set.files)}"
            self._file(name, kind)
            files.append(name)
        listed = self.rng.choice((",", ",", ",", ":")).join(files)
        if self.rng.random() < 0.1:
            listed = self.rng.choice((":,", ",,", ",")) + listed + self.rng.choice((",", ",,", ""))
        return f"{kind}:{listed}"

    def _file(self, name, kind):
        lines, reference = [], []
        count = self.rng.choice((0, 3, 20, 60, 150, 400))
        if self.rng.random() < 0.8:
            lines += [specials.soa(self.rng) for _ in range(self.rng.choice((1, 1, 2)))]
            lines += [specials.ns(self.rng) for _ in range(self.rng.choice((0, 1, 1, 2)))]
            self.rng.shuffle(lines)
        if self.rng.random() < 0.15 and kind != "generic":
            lines.append(specials.maxrange(self.rng))
        reference += lines
        for _ in range(count):
            line, refused = self._line(kind)
            lines.append(line)
            if refused:
                self.set.rewritten.add("generic-bad-line")
            else:
                reference.append(line)
        end = b"" if self.rng.random() < 0.1 else self.line_end
        content = self.line_end.join(lines) + end
        if kind != "generic" and self.has_typos:
            # (In generic a typo may be one for which rbldnsd refuses the file.)
            content = re.sub(rb"\r+(\n|$)", rb"\1", text.with_typos(self.rng, content))
            self.places.edges |= ip4.edges_in(content)
            self.set.files[name] = content
            return
        self.set.files[name] = content
        if self.line_end != b"\n":
            self.set.rewritten.add("crlf")
        if len(reference) < len(lines) or self.line_end != b"\n":
            # rbldnsd warns of an incomplete last line but takes it, so that may stay as it is.
            self.set.reference_files[name] = b"\n".join(reference) + (b"\n" if end else b"")

    def _line(self, kind):
        """(line, whether rbldnsd must not see it)."""
        rng = self.rng
        chance = rng.random()
        if chance < 0.15 * self.nastiness:
            return text.noise(rng), False
        if chance < 0.15 * self.nastiness + 0.002:
            return rng.choice((b"# ", b"1.2.3.4 ", b"x TXT ", b"$1 ")) + b"long " * 14000, False
        if kind == "generic":
            if chance > 0.995 and self.nastiness:
                return generic.refused_entry(rng), True
            if chance > 0.93:
                return generic.special(rng), False
            line, refused = generic.entry(rng, self.names)
        elif chance > 0.97:
            return (
                text.special(rng, b"TTL", text.ttl(rng))
                if rng.random() < 0.3
                else specials.any_of(rng),
                False,
            )
        elif chance > 0.9:
            return text.dressed(rng, text.colon_value(rng)), False
        elif chance > 0.897:
            return specials.maxrange(rng), False
        else:
            line, refused = ip4.entry(rng, self.places, kind), False
        return text.dressed(rng, line), refused


def make(seed):
    """The ZoneSet of a seed."""
    return Maker(seed).make()
