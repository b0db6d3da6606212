# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""The lists that are measured: random ones, made by seed with the program `random_lists`, and real ones."""

import csv
import io
import json
import os
import shutil
import subprocess
import tarfile
from pathlib import Path
from typing import NamedTuple

from .failure import LeftOut
from .subjects import SEED

PACKAGE = "@ip-location-db/asn"
RANGES = "package/asn-ipv4-num.csv"


class List(NamedTuple):
    """A list: how many entries, and whether of "ip4", "ip6" or "names"."""

    path: Path
    kind: str
    count: int


def _cidrs(first, last):
    """The prefixes, as (address, length), that a range is made of."""
    while first <= last:
        bits = min(
            (first & -first).bit_length() - 1 if first else 32, (last - first + 1).bit_length() - 1
        )
        yield first, 32 - bits
        first += 1 << bits


def _dotted(address):
    return ".".join(str(address >> shift & 255) for shift in (24, 16, 8, 0))


def _prefix_lines(rows):
    """Lines of a list with a value for each autonomous system, of rows FIRST, LAST, NUMBER."""
    for first, last, number, *_ in rows:
        for address, length in _cidrs(int(first), int(last)):
            yield f"{_dotted(address)}/{length} :127.0.0.2:AS{number}\n"


class Lists:
    """A directory of lists, each made when it is asked for and then kept."""

    def __init__(self, directory, build, scale, ipsum):
        """`ipsum` is the path of ipsum.txt, which need not be there."""
        self.directory, self.build, self.scale, self.ipsum = directory, build, scale, ipsum

    def _make(self, name, write):
        """A file; `write` writes it into an open one if it is not there. Half of one never is."""
        path = self.directory / name
        if not path.exists():
            with open(path.with_suffix(".new"), "wb") as out:
                write(out)
            os.rename(path.with_suffix(".new"), path)
        return path

    def random(self, how, kind, count):
        """A random list; `how` is what the program calls it."""

        def write(out):
            command = [self.build / "tests/bench/random_lists", how, str(count), str(SEED)]
            subprocess.run(command, stdout=out, check=True)

        return List(self._make(f"{how}-{count}", write), kind, count)

    def _limited(self, lines):
        return lines if self.scale.lines is None else lines[: self.scale.lines]

    def ipsum_list(self):
        """The addresses of ipsum.txt."""
        if not self.ipsum.exists():
            raise LeftOut(f"there is no {self.ipsum}; get ipsum.txt and say IPSUM=FILE")
        text = self.ipsum.read_text(encoding="ascii")
        lines = [line.split()[0] for line in text.splitlines() if line and line[0] != "#"]
        lines = self._limited(lines)
        data = "".join(f"{line}\n" for line in lines).encode()
        return List(
            self._make(f"ipsum-{len(lines)}", lambda out: out.write(data)), "ip4", len(lines)
        )

    def _package(self):
        """The newest npm package of ranges, fetched once."""
        there = sorted(self.directory.glob("ip-location-db-asn-*.tgz"))
        if there:
            return there[-1]
        if shutil.which("npm") is None:
            raise LeftOut(f"no npm to get {PACKAGE} with; apt-get install npm")
        command = ["npm", "pack", "--json", PACKAGE]
        try:
            done = subprocess.run(
                command, cwd=self.directory, capture_output=True, timeout=120, check=True
            )
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
            told = (error.stderr or b"").decode().strip().splitlines() or [str(error)]
            raise LeftOut(f"`npm pack {PACKAGE}` fails: {told[0]}") from error
        return self.directory / json.loads(done.stdout)[0]["filename"]

    def prefixes(self):
        """The ranges of all autonomous systems as prefixes, the number of each as its value."""
        package = self._package()
        name = f"{package.stem}-{self.scale.lines or 'all'}"

        def write(out):
            with tarfile.open(package) as archive, archive.extractfile(RANGES) as ranges:
                rows = csv.reader(io.TextIOWrapper(ranges, encoding="utf-8"))
                lines = self._limited(list(_prefix_lines(rows)))
            out.write("".join(lines).encode())

        path = self._make(name, write)
        with open(path, "rb") as file:
            return List(path, "ip4", sum(1 for _ in file))
