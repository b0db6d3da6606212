# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""A whole random set-up: options, zone specifications and files."""

import gzip
import os
import random
import re
from dataclasses import dataclass, field

from . import acl, combined, dnset, generic, ip4, ip6, names, specials, text

ZONES = (
    "bl.test",
    "sub.bl.test",
    "a.b.bl.test",
    "other.example",
    "0.127.bl.test",
    "rhs",
    "deep.er.zone.example",
)
IP4_TYPES = ("ip4set", "ip4set", "ip4trie", "ip4trie", "ip4tset")
TYPES = (*IP4_TYPES, "generic", "ip6trie", "ip6trie", "ip6tset", "dnset", "dnset", "combined")
# What a zone set is mostly about: a mixture, or one matter that deserves all questions.
THEMES = (TYPES, TYPES, TYPES, (*IP4_TYPES, "generic"), ("ip6trie", "ip6tset"), ("dnset",))
THEMES += (("dnset", "generic"), ("combined",), ("ip4set", "ip6trie", "combined"))
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
    # Of combined data sets, as labels; every zone is asked for all of them.
    subzones: list = field(default_factory=list)
    edges: list = field(default_factory=list)
    edges6: list = field(default_factory=list)
    # Owners of entries as labels, and those among them that had a wildcard.
    names: list = field(default_factory=list)
    wild: list = field(default_factory=list)
    # Where questions come from.
    clients: list = field(default_factory=list)

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
        self.places6 = ip6.Addresses(self.rng, self.places)
        # The files as they are before they are packed.
        self.texts = {}
        self.subzones = self.rng.sample(combined.SUBZONES, 3)
        # One style for a whole set, so that plain sets of well-formed lines come up too.
        self.nastiness = self.rng.choice((0.0, 0.05, 0.1, 0.3))
        self.has_typos = self.rng.random() < 0.1
        self.line_end = b"\r\n" if self.rng.random() < 0.12 else b"\n"
        self.has_acl = self.rng.random() < 0.15
        # Served although some data cannot be loaded (-q)?
        self.is_quick = self.rng.random() < 0.08
        self.has_stamps = self.rng.random() < 0.1
        self.can_unpack = self.rng.random() < 0.95
        self.types = self.rng.choice(THEMES)
        if self.has_acl:
            # Their generic data differ for restricted clients; see test_migration.py.
            self.types = tuple(kind for kind in self.types if kind != "generic") or TYPES[:4]

    def make(self):
        """The ZoneSet."""
        self._options()
        datasets = [self._dataset() for _ in range(self.rng.choice((1, 2, 2, 3, 4)))]
        self.set.zones = ["bl.test"] + self.rng.sample(ZONES[1:], self.rng.choice((0, 1, 1, 2, 3)))
        self.rng.shuffle(self.set.zones)
        for zone in self.set.zones:
            for _ in range(self.rng.choice((1, 1, 1, 2, 3))):
                self.set.specs.append(f"{self._spelling(zone)}:{self.rng.choice(datasets)}")
        self.set.clients = [acl.FREE]
        if self.has_acl:
            self._acls()
        self.rng.shuffle(self.set.specs)
        self._find_edges()
        return self.set

    def _options(self):
        for option, chance in (("-e", 0.3), ("-a", 0.3), ("-A", 0.1), ("-v", 0.1)):
            if self.rng.random() < chance:
                self.set.options.append(option)
        if self.is_quick:
            self.set.options.append("-q")
        if not self.can_unpack:
            self.set.options.append("-C")
        if self.rng.random() < 0.3:
            self.set.options += ["-t", self.rng.choice(TTL_OPTIONS)]

    def _spelling(self, zone):
        """The zone's name as an operator might type it."""
        if self.rng.random() < 0.1:
            zone = "".join(self.rng.choice((c, c.upper())) for c in zone)
        return zone + "." if self.rng.random() < 0.1 else zone

    def _acls(self):
        """ACLs for all and for some zones, and the clients that they are about."""
        zones = [zone for zone in ("", *self.set.zones) if self.rng.random() < 0.5]
        for zone in zones or [""]:
            name = f"acl.{len(self.set.files)}"
            self.set.files[name] = b"\n".join(acl.content(self.rng)) + b"\n"
            self.set.specs.append(f"{zone}:acl:{name}")
        self.set.clients = list(acl.CLIENTS)

    def _find_edges(self):
        """Where questions are worth asking: whatever looks like an address or a name."""
        plain, wild = set(), set()
        edges6 = {0, 1, ip6.MAPPED, ip6.MAPPED + (1 << 32), ip6.SIX_TO_FOUR}
        edges6.add(ip6.SIX_TO_FOUR + (1 << 112))
        for name, content in self.texts.items():
            kind = name.split(".")[0]
            if kind in ("dnset", "generic", "combined"):
                found = names.in_file(content)
                plain |= found[0]
                wild |= found[1]
            if kind in ("ip6trie", "ip6tset", "combined"):
                edges6 |= ip6.edges_in(content)
            if kind == "combined":
                # Lines meant for another type may come to mean an address.
                self.places.edges |= ip4.edges_in(content)
        # Nested zones and subzones cut networks out of the others.
        apexes = [tuple(zone.encode().split(b".")) for zone in self.set.zones]
        cuts = set(self.set.subzones) | {
            one[: -len(other)]
            for one in apexes
            for other in apexes
            if len(one) > len(other) and one[-len(other) :] == other
        }
        self.set.names = sorted(plain)
        self.set.wild = sorted(wild)
        self.set.edges = sorted(self.places.edges | names.address_edges(plain | cuts))
        self.set.edges6 = sorted(edges6 | names.address6_edges(plain | cuts))

    def _dataset(self):
        """Writes the files of one data set; returns "type:file,file"."""
        kind = self.rng.choice(self.types)
        files = []
        for number in range(self.rng.choice((1, 1, 1, 2, 3))):
            name = f"{kind}.{len(self.set.files)}"
            self._file(name, kind, number)
            files.append(name)
        if self.is_quick and self.rng.random() < 0.15:
            self._break(kind, files)
        listed = self.rng.choice((",", ",", ",", ":")).join(files)
        if self.rng.random() < 0.1:
            listed = self.rng.choice((":,", ",,", ",")) + listed + self.rng.choice((",", ",,", ""))
        return f"{kind}:{listed}"

    def _break(self, kind, files):
        """Makes the data set one that does not load."""
        name = f"{kind}.{len(self.set.files)}"
        how = self.rng.random()
        content = self.line_end.join(self._lines(kind, 20)[0]) + self.line_end
        packed = gzip.compress(content, mtime=0)
        if how < 0.3:
            files.insert(self.rng.randrange(len(files) + 1), "missing")
            return
        if how < 0.6:
            content = specials.future(self.rng) + b"\n" + content
        elif how < 0.8:
            content = self.rng.choice((packed[:-9], packed[:12], packed[:-6] + b"abcdef"))
        elif kind == "combined":
            content = self.rng.choice(
                (content + combined.refused(self.rng) + b"\n" + content, b"1.2.3.4\n" + content)
            )
        else:
            content = specials.future(self.rng)
        self.set.files[name] = content
        files.append(name)

    def _file(self, name, kind, number):
        """Writes a file, the `number`-th one of its data set."""
        if kind == "combined":
            lines, reference = self._sections(number)
        else:
            lines, reference = self._lines(kind, self.rng.choice((0, 3, 20, 60, 150, 400)))
        if self.has_stamps and self.rng.random() < 0.05:
            for which in (lines, reference):
                which.append(b"$TIMESTAMP 2020-01-01 +1d")
        end = b"" if self.rng.random() < 0.1 else self.line_end
        content = self.line_end.join(lines) + end
        if kind not in ("generic", "combined") and self.has_typos:
            # (In the others a typo may be one for which rbldnsd refuses the file.)
            content = re.sub(rb"\r+(\n|$)", rb"\1", text.with_typos(self.rng, content))
            # rbldnsd takes "$NS 5:a b" for "$NS 5 :a b".
            content = re.sub(
                rb"(?im)^([ \t]*[:;#]?\$(?:ns|soa)[ \t]+\d+[smhdw]?):+", rb"\1 ", content
            )
            self.places.edges |= ip4.edges_in(content)
            self._put(name, content, content)
            return
        if self.line_end != b"\n":
            self.set.rewritten.add("crlf")
        # rbldnsd warns of an incomplete last line but takes it, so that may stay as it is.
        self._put(name, content, b"\n".join(reference) + (b"\n" if end else b""))

    def _put(self, name, content, reference):
        """Keeps a file, now and then packed."""
        self.texts[name] = content
        if self.rng.random() < 0.08 and (self.can_unpack or self.is_quick):
            content, reference = (gzip.compress(one, mtime=0) for one in (content, reference))
        self.set.files[name] = content
        if reference != content:
            self.set.reference_files[name] = reference

    def _lines(self, kind, count):
        """The lines of a data set as (lines for spurnd, lines for the reference)."""
        lines = []
        if self.rng.random() < 0.8:
            lines += [specials.soa(self.rng) for _ in range(self.rng.choice((1, 1, 2)))]
            lines += [specials.ns(self.rng) for _ in range(self.rng.choice((0, 1, 1, 2)))]
            self.rng.shuffle(lines)
        if self.rng.random() < 0.15 and kind != "generic":
            lines.append(specials.maxrange(self.rng))
        return self._entries(kind, count, lines)

    def _entries(self, kind, count, lines):
        """`lines` and `count` more, for spurnd and for the reference."""
        reference = list(lines)
        for _ in range(count):
            line, refused = self._line(kind)
            lines.append(line)
            if refused:
                self.set.rewritten.add("generic-bad-line")
            else:
                reference.append(line)
        return lines, reference

    def _sections(self, number):
        """The lines of a combined file as (lines for spurnd, lines for the reference)."""
        lines, rng = [], self.rng
        if number == 0:
            # Behind the first file this would go to the last section of the file before.
            lines += [combined.common(rng) for _ in range(rng.choice((0, 2, 3, 5)))]
        reference = list(lines)
        for _ in range(rng.choice((1, 2, 3, 5, 8))):
            kind = rng.choice(combined.TYPES)
            if self.has_acl and kind == "generic":
                kind = "dnset"
            header = combined.header(rng, kind, ["@", *self.subzones])
            self.set.subzones = sorted(
                {tuple(name.lower().encode().split(b".")) for name in self.subzones}
                | combined.ODD_SUBZONES_MEAN
            )
            own, others = self._entries(kind, rng.choice((0, 2, 10, 40, 100)), [header])
            lines += own
            reference += others
        return lines, reference

    def _line(self, kind):
        """(line, whether rbldnsd must not see it)."""
        rng = self.rng
        chance = rng.random()
        if chance < 0.15 * self.nastiness:
            return text.noise(rng), False
        if chance < 0.15 * self.nastiness + 0.002:
            return rng.choice((b"# ", b"1.2.3.4 ", b"x TXT ", b"$1 ")) + b"long " * 14000, False
        if self.has_stamps and chance > 0.995:
            return specials.timestamp(rng), False
        if kind == "generic":
            if chance > 0.995 and self.nastiness:
                return generic.refused_entry(rng), True
            if chance > 0.93:
                return generic.special(rng), False
            line, refused = generic.entry(rng)
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
        elif kind == "dnset":
            line, refused = dnset.entry(rng), False
        elif kind in ("ip6trie", "ip6tset"):
            line, refused = ip6.entry(rng, self.places6, kind), False
        else:
            line, refused = ip4.entry(rng, self.places, kind), False
        return text.dressed(rng, line), refused


def make(seed):
    """The ZoneSet of a seed."""
    return Maker(seed).make()
