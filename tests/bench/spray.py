#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""`make bench BENCH=spray`: how much load one core makes with `spurn spray`, against dnsperf in the same
run. Both ask one spurnd with one worker for the same names, by turns, now the one first and now the
other. What is told is the median over all rounds, and of each pair of runs the median of the
ratios. CPU is user and system time of the client, less that of a run of one query: reading names
and opening sockets is not what is compared.

Environment: SPURND (the daemon; spurn beside it), ROUNDS (5), SECONDS of each run (3). Debian:
apt-get install dnsperf."""

import json
import os
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "system"))
from lib import daemon  # pylint: disable=wrong-import-position

NAMES = 20000
ROUNDS = int(os.environ.get("ROUNDS") or 5)
SECONDS = os.environ.get("SECONDS") or "3"
# What both have on the way.
WINDOW = "128"


def measure(command, cwd):
    """Runs a client; returns its output and the seconds of CPU that it took."""
    with tempfile.TemporaryFile() as out:
        process = subprocess.Popen(command, cwd=cwd, stdout=out, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        text = out.read().decode()
    if process.returncode != 0:
        sys.exit(f"{' '.join(command)}: {process.returncode}\n{text}")
    return text, usage.ru_utime + usage.ru_stime


class Bench:
    """A server, and two clients."""

    def __init__(self, directory):
        self.directory = directory
        spurnd = os.path.abspath(os.environ.get("SPURND", "./spurnd"))
        self.spurn = os.path.join(os.path.dirname(spurnd), "spurn")
        self.dnsperf = shutil.which("dnsperf")
        if self.dnsperf is None:
            sys.exit("no dnsperf; Debian: apt-get install dnsperf")
        numbers = random.Random(1).sample(range(1 << 24, 224 << 24), NAMES)
        octets = [[number >> shift & 255 for shift in (24, 16, 8, 0)] for number in numbers]
        entries = "".join("{}.{}.{}.{}\n".format(*one) for one in octets)
        (directory / "list").write_text(f"$SOA 300 a. b. 1 1h 1h 1w 1h\n:2:listed\n{entries}")
        queries = "".join("{3}.{2}.{1}.{0}.bl.example A\n".format(*one) for one in octets)
        (directory / "queries").write_text(queries)
        (directory / "query").write_text(queries.splitlines()[0] + "\n")
        self.server = daemon.Daemon(spurnd, ["--workers", "1", "bl.example:ip4set:list"], directory)

    def run_spray(self, *options):
        """Queries per second, and per second of CPU."""
        target = f"@127.0.0.1/{self.server.port}"
        size = ["--in-flight", WINDOW, "--sample", str(NAMES), "--json"]
        command = [self.spurn, "spray", *options, *size, target, "bl.example:ip4set:list"]
        text, cpu = measure([*command, "-d", SECONDS], self.directory)
        _, start = measure([*command, "-n", "1"], self.directory)
        report = json.loads(text)
        return report["answered"] / report["seconds"], report["answered"] / (cpu - start)

    def run_dnsperf(self, sockets):
        """The same."""
        where = ["-s", "127.0.0.1", "-p", str(self.server.port)]
        command = [self.dnsperf, *where, "-q", WINDOW, "-c", str(sockets)]
        text, cpu = measure([*command, "-d", "queries", "-l", SECONDS], self.directory)
        _, start = measure([*command, "-d", "query", "-n", "1"], self.directory)
        answered = int(re.search(r"Queries completed: +(\d+)", text)[1])
        rate = float(re.search(r"Queries per second: +([\d.]+)", text)[1])
        return rate, answered / (cpu - start)

    def compare(self, what, options, sockets):
        """One row."""
        ours, theirs = [], []
        for number in range(ROUNDS):
            for is_ours in (number % 2 == 0, number % 2 != 0):
                if is_ours:
                    ours.append(self.run_spray(*options))
                elif sockets:
                    theirs.append(self.run_dnsperf(sockets))
        figures = [statistics.median(column) for column in zip(*ours)]
        row = f"{what:24}{figures[0]:12,.0f}{figures[1]:14,.0f}"
        if theirs:
            figures = [statistics.median(column) for column in zip(*theirs)]
            pairs = list(zip(ours, theirs))
            ratios = [statistics.median(a[i] / b[i] for a, b in pairs) for i in (0, 1)]
            row += f"{figures[0]:12,.0f}{figures[1]:14,.0f}{ratios[0]:9.2f}{ratios[1]:8.2f}"
        print(row, flush=True)


def main():
    """All rows."""
    directory = Path(tempfile.mkdtemp(prefix="spurn-bench-"))
    directory.chmod(0o755)
    bench = Bench(directory)
    try:
        print(f"{'':24}{'spurn spray':>26}{'dnsperf':>26}{'ratio':>17}")
        print(f"{'':24}" + f"{'queries/s':>12}{'/s of CPU':>14}" * 2 + f"{'/s':>9}{'/CPU':>8}")
        bench.compare("one socket", ["--sockets", "1"], 1)
        bench.compare("8 sockets", ["--sockets", "8"], 8)
        bench.compare("2,500 sockets", ["--pool", "2500"], 2500)
        bench.compare("a port for each query", ["--per-query"], None)
        bench.server.stop()
    finally:
        bench.server.kill()
        shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    main()
