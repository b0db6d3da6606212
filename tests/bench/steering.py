#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""What the ways of --steer cost, and how evenly they spread, by turns in one run:

    /usr/bin/python3 tests/bench/steering.py SPURND [--workers 2] [--rounds 5] [--rate 20000]

A server for each way answers, about 100,000 random addresses, `spurn spray` beside it, from one socket, a
few and 2,500. A line for each has medians: answers/s, and the ratio to hash in the same round; user and
system time of a query, and the ratio; the busiest worker's share of the mean, and the worst that was;
how often a thread went to sleep for each query; and what was lost. The table in doc/architecture.md is
of this."""

import argparse
import contextlib
import json
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "system"))

from lib import control, daemon  # noqa: E402 pylint: disable=wrong-import-position

ENTRIES = 100_000
MODES = ("hash", "random", "cpu")
TICKS = os.sysconf("SC_CLK_TCK")


def make_list(directory):
    """The list."""
    rng = random.Random(1)
    entries = (".".join(str(rng.randrange(1, 255)) for _ in range(4)) for _ in range(ENTRIES))
    (directory / "list").write_text("\n".join(entries) + "\n")


class Server:
    """A server that steers in one way."""

    def __init__(self, arguments, directory, mode):
        self.path = directory / f"control.{mode}"
        options = ["--workers", str(arguments.workers), "--steer", mode]
        options += ["--control", str(self.path), "bl.test:ip4set:list"]
        self.daemon = daemon.Daemon(arguments.spurnd, options, directory)
        self.directory = directory

    def taken(self):
        """Counters up to now: of each worker, user and system seconds, sleeps."""
        process = f"/proc/{self.daemon.process.pid}"
        fields = Path(process, "stat").read_text().rsplit(")", 1)[1].split()
        sleeps = 0
        for task in os.listdir(f"{process}/task"):
            text = Path(process, "task", task, "status").read_text()
            sleeps += int(re.search(r"\nvoluntary_ctxt_switches:\s+(\d+)", text).group(1))
        received = [one["received"] for one in control.ask(self.path, "stats")["workers"]]
        return received, int(fields[11]) / TICKS, int(fields[12]) / TICKS, sleeps

    def measure(self, sockets, arguments):
        """One run of spurn spray: a row of figures."""
        command = ["spray", "--json", "--sockets", str(sockets), "-n", str(arguments.count)]
        command += [
            "--hit-ratio",
            "0.2",
            *(["--rate", str(arguments.rate)] if arguments.rate else []),
        ]
        command += [f"@127.0.0.1:{self.daemon.port}", f"bl.test:ip4set:{self.directory}/list"]
        before = self.taken()
        done = subprocess.run(
            [Path(arguments.spurnd).resolve().parent / "spurn", *command],
            check=False,
            capture_output=True,
            timeout=600,
        )
        after = self.taken()
        told = json.loads(done.stdout)
        shares = [new - old for new, old in zip(after[0], before[0])]
        user, system, sleeps = (new - old for new, old in zip(after[1:], before[1:]))
        return {
            "rate": told["answered"] / told["seconds"],
            "user": user / sum(shares) * 1e6,
            "system": system / sum(shares) * 1e6,
            "uneven": max(shares) * len(shares) / sum(shares),
            "sleeps": sleeps / sum(shares),
            "lost": told["lost"] / told["sent"],
        }


def show(sockets, mode, rows, base):
    """A line of the table."""
    median = {key: statistics.median(row[key] for row in rows) for key in rows[0]}
    rate = statistics.median(one["rate"] / other["rate"] for one, other in zip(rows, base))
    cost = statistics.median(
        (one["user"] + one["system"]) / (other["user"] + other["system"])
        for one, other in zip(rows, base)
    )
    print(
        f"{sockets:5} {mode:6}  {median['rate']:7.0f}/s ({rate:.2f})"
        f"  {median['user']:.2f} + {median['system']:.2f} us ({cost:.2f})"
        f"  max/mean {median['uneven']:.3f} (worst {max(row['uneven'] for row in rows):.3f})"
        f"  sleeps {median['sleeps']:.2f}  lost {median['lost']:.1%}"
    )


def main():
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("spurnd")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--rate", type=int, help="queries per second; without: all that goes")
    parser.add_argument("--count", type=int, default=200_000, help="queries in a run")
    parser.add_argument("--sockets", type=int, nargs="*", default=[1, 4, 2500])
    parser.add_argument("--modes", nargs="*", default=MODES)
    arguments = parser.parse_args()
    with contextlib.ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        directory.chmod(0o755)
        make_list(directory)
        servers = {}
        for mode in arguments.modes:
            servers[mode] = Server(arguments, directory, mode)
            stack.callback(servers[mode].daemon.kill)
        runs = {(count, mode): [] for count in arguments.sockets for mode in arguments.modes}
        for number in range(arguments.rounds):
            for count in arguments.sockets:
                for mode in arguments.modes[:: 1 if number % 2 == 0 else -1]:
                    runs[count, mode].append(servers[mode].measure(count, arguments))
        for (count, mode), rows in runs.items():
            show(count, mode, rows, runs[count, arguments.modes[0]])


if __name__ == "__main__":
    main()
