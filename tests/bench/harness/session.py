# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""One run of benchmarks: what has come of each, and all of it as JSON, tables, picture and page."""

import datetime
import json
import os
import sys
import time

from . import chart, document, machine, programs, servers, tables, targets
from .benches import BENCHES
from .failure import LeftOut, Wrong
from .measure import Measurement


def say(text):
    """Tells what is going on in one line that the next one replaces, if somebody is there to see it."""
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


class Session:
    """The results of a run so far."""

    def __init__(self, build, scale, peers, lists):
        """`peers` are the names of those that may be measured beside spurnd, `lists` is a Lists."""
        self.build, self.scale, self.peers, self.lists = build, scale, peers, lists
        self.by_name = {bench.name: bench for bench in BENCHES}
        self.results, self.programs, self.left_out = [], [], {}
        # Who else was at work: this run is not yet in it.
        self.load = os.getloadavg()[0]
        self.started = time.monotonic()

    def run(self, name):
        """Runs one benchmark, and prints what has come of it."""
        print(f"== {name}", flush=True)
        try:
            if name in self.by_name:
                self._measure(self.by_name[name])
            else:
                self.programs.append(programs.run(name, self.lists))
        except LeftOut as reason:
            self.left_out[name] = str(reason)
            print(f"left out: {reason}")
        except Wrong as reason:
            self.left_out[name] = str(reason).split("\n", 1)[0]
            print(f"WRONG: {reason}")
        print(flush=True)

    def _measure(self, bench):
        wanted = {servers.PEERS[peer]: peer for peer in self.peers}
        wanted |= {servers.Spurnd: None, servers.SpurndCompiled: None}
        chosen = [(server, kind) for server, kind in bench.servers if server in wanted]
        servers.need({wanted[server] for server, _ in chosen} - {None})
        say(f"{bench.name}: the list")
        blocklist = bench.make(self.lists)
        directory = self.lists.directory
        servers.head(directory)
        running = [server(self.build, directory, kind, blocklist.path) for server, kind in chosen]
        measurement = Measurement(running, blocklist, self.scale, say)
        try:
            measurement.starts()
            measurement.serve(bench.reloads)
        finally:
            say("")
        result = {
            "name": bench.name,
            "title": bench.title,
            "list": blocklist.path.name,
            "entries": blocklist.count,
            "questions": measurement.questions.count,
            "servers": [measurement.summary(server) for server in running],
        }
        self.results.append(result)
        print(f"{blocklist.count:,} {bench.title}\n")
        print(
            "\n".join(
                filter(None, (tables.text(tables.rows(result, table)) for table in tables.TABLES))
            )
        )

    def report(self, command):
        """All that is known; `command` is what makes it anew."""
        return {
            "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
            "command": command,
            "seconds": round(time.monotonic() - self.started),
            "scale": self.scale.name,
            "settings": self.scale._asdict(),
            "machine": machine.describe(self.build) | {"load": self.load},
            "benches": self.results,
            "programs": self.programs,
            "targets": targets.judge(self.results, self.programs, self.scale.name == "full"),
            "left_out": self.left_out,
        }


def show(report):
    """Prints what is about all benchmarks."""
    if report["targets"]:
        print("== targets\n\n" + tables.text(tables.target_rows(report["targets"])))
    rivals = tables.rival_rows(report["benches"])
    if len(rivals) > 1:
        print("== where spurnd is not ahead\n\n" + tables.text(rivals))


def write(report, directory):
    """Writes JSON, and if there is something to show, page and picture into a directory."""
    directory.mkdir(parents=True, exist_ok=True)
    data = json.dumps(report, indent=1, ensure_ascii=False)
    (directory / "bench.json").write_text(data + "\n", encoding="utf-8")
    print(f"{report['seconds']} seconds; written: {directory / 'bench.json'}")
    if report["benches"]:
        publish(report, directory)


def publish(report, directory):
    """Writes page and picture into a directory."""
    picture = chart.draw(report["benches"], report["machine"], report["date"])
    (directory / document.CHART).write_text(picture, encoding="utf-8")
    document.write(report, directory)
    print(f"written: {directory / document.PAGE}, {directory / document.CHART}")
