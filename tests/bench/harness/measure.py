# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""One benchmark: all its servers, by turns.

Starts are measured as an operator has them, with all processors of the machine, and again on one. Then
all servers run at the same time, on one processor that they share, and are asked from the other,
one after the other, each in each round."""

import math
import os
import random
import statistics
import time

from . import client, subjects, usage

# Before memory is looked at: what a start leaves behind is given back by then.
REST_S = 0.2
# Of the sample that all servers must agree on, so many are listed, and so many are not.
SAMPLE = 300
# What is measured in rounds.
RUNS = ("starts", "starts_one", "load", "steady")
# Queries per second during a reload.
RELOAD_RATE = 2000
# Of what a run under load takes, the share that makes caches and sockets warm first.
WARM_UP = 0.2


def processors():
    """The processor of the servers, and that of who asks; they are the same if there is only one."""
    allowed = sorted(os.sched_getaffinity(0))
    return allowed[0], allowed[-1]


def _turn(servers, number):
    """The servers in the order of a round: each comes first and last equally often."""
    return servers if number % 2 == 0 else servers[::-1]


class Measurement:
    """What has been measured of the servers of a benchmark."""

    def __init__(self, servers, blocklist, scale, say):
        """`say` is told what is going on."""
        self.servers, self.list, self.scale, self.say = servers, blocklist, scale, say
        self.server_cpu, self.client_cpu = processors()
        self.questions = subjects.questions(blocklist, scale.sample)
        rng = random.Random(subjects.SEED + 1)
        self.listed = subjects.listed(blocklist.path, SAMPLE, rng)
        self.unlisted = subjects.unlisted(blocklist.kind, SAMPLE, rng)
        self.runs = {server: {key: [] for key in RUNS} for server in servers}
        self.figures = {server: {} for server in servers}

    def starts(self):
        """Each server alone, from its start to its first answer. That is a moment of all processors, in which
        whatever else they do shows: so there are more turns of it than of what takes long."""
        rounds = self.scale.rounds
        for key, cpu, turns in (
            ("starts", None, 2 * rounds + 1),
            ("starts_one", self.server_cpu, rounds),
        ):
            for number in range(turns):
                for server in _turn(self.servers, number):
                    self.say(
                        f"{server.label}: start {number + 1}{' on one processor' if cpu is not None else ''}"
                    )
                    try:
                        self.runs[server][key].append(self._start(server, cpu))
                    finally:
                        server.stop()

    def _start(self, server, cpu):
        started = server.start(cpu)
        seconds = client.wait_ready(server, self.listed[0], started)
        taken = server.processor()
        time.sleep(REST_S)
        memory = server.memory()
        return {
            "seconds": seconds,
            "cpu": taken.total_s,
            "rss": memory.rss,
            "peak": memory.peak,
            "private": memory.private,
            "index": server.index_bytes(),
        }

    def serve(self, reloads):
        """All servers at once: their answers, reloads (if wanted), and load."""
        try:
            for server in self.servers:
                client.wait_ready(server, self.listed[0], server.start())
            client.check_answers(self.servers, self.listed, self.unlisted)
            for server in self.servers:
                if reloads and server.can_reload:
                    self.say(f"{server.label}: reload")
                    self.figures[server].update(self._reload(server))
                usage.pin(server.process.pid, self.server_cpu)
            for number in range(self.scale.rounds):
                for server in _turn(self.servers, number):
                    self.say(f"{server.label}: load {number + 1}")
                    self.runs[server]["load"].append(self._load(server))
                    self.runs[server]["steady"].append(self._steady(server))
        finally:
            for server in self.servers:
                server.stop()

    def _spray(self, server, *options, cpu=None):
        patience = ["--timeout", str(self.scale.patience)]
        return client.Spray(server, self.questions, cpu, *patience, *options)

    def _spray_beside(self, server, *options):
        """Not on the processor of the servers; returns the report."""
        return self._spray(server, *options, cpu=self.client_cpu).report()

    def _reload(self, server):
        """A reload while queries come at a steady rate."""
        steady = server.memory().rss
        try:
            usage.reset_peak(server.process.pid)
        except PermissionError:
            steady = None
        spray = self._spray(server, "--rate", str(RELOAD_RATE), "-d", "120")
        spray.wait_sending()
        begun = time.monotonic()
        server.reload()
        seconds = time.monotonic() - begun
        peak = server.memory().peak
        spray.stop()
        report = spray.report()
        return {
            "reload_s": seconds,
            "reload_steady": steady,
            "reload_peak": peak if steady else None,
            "reload_p99_us": _percentile(report, "p99"),
            "reload_lost": report["lost"] / report["sent"],
        }

    def _load(self, server):
        """As many queries as go."""
        most = ["--in-flight", str(client.IN_FLIGHT)]
        self._spray_beside(server, *most, "-d", str(self.scale.seconds * WARM_UP))
        before = server.processor()
        report = self._spray_beside(server, *most, "-d", str(self.scale.seconds))
        taken = server.processor() - before
        return {
            "answered": report["answered"],
            "listed": report["rcodes"].get("NOERROR", 0),
            "lost": report["lost"],
            "sent": report["sent"],
            "rate": report["answered"] / report["seconds"],
            "total_s": taken.total_s,
            "user": taken.user,
            "system": taken.system,
        }

    def _steady(self, server):
        """At a rate that is bearable for all."""
        options = ["--rate", str(self.scale.rate), "-d", str(self.scale.seconds / 2)]
        before = server.processor()
        report = self._spray_beside(server, *options)
        taken = server.processor() - before
        return {
            "steady_cpu_us": taken.total_s / report["answered"] * 1e6,
            "steady_lost": report["lost"] / report["sent"],
            "p50_us": _percentile(report, "p50"),
            "p99_us": _percentile(report, "p99"),
            "p999_us": _percentile(report, "p99.9"),
        }

    def summary(self, server):
        """Medians of all runs of a server, and what comes of them."""
        runs, entries = self.runs[server], self.list.count
        figures = dict(self.figures[server])
        for key, source in (("start", "starts"), ("start_one", "starts_one")):
            figures[f"{key}_s"] = statistics.median(run["seconds"] for run in runs[source])
            figures[f"{key}_cpu_s"] = statistics.median(run["cpu"] for run in runs[source])
        for key in ("rss", "peak", "private"):
            figures[key] = statistics.median(run[key] for run in runs["starts"])
        figures["index"] = runs["starts"][-1]["index"]
        figures["rss_per_entry"] = figures["rss"] / entries
        if figures["index"] is not None:
            figures["index_per_entry"] = figures["index"] / entries
        figures["rate"] = statistics.median(run["rate"] for run in runs["load"])
        load = {
            key: sum(run[key] for run in runs["load"])
            for key in ("sent", "answered", "listed", "lost")
        }
        figures["hits"] = load["listed"] / load["answered"]
        figures["lost"] = load["lost"] / load["sent"]
        figures.update(_cost(runs["load"]))
        for key in runs["steady"][0]:
            figures[key] = _median(run[key] for run in runs["steady"])
        return {"label": server.label, "program": server.program, "type": server.type} | {
            "figures": figures,
            "runs": runs,
        }


def _percentile(report, which):
    """A percentile of the latency in us; None if it is not known, because so many were lost. (spurn spray
    has those of what was answered.)"""
    if report["lost"] / report["sent"] * 100 >= 100 - float(which[1:]):
        return None
    return report["latency_us"][which]


def _median(values):
    """The median; what is not known is larger than all that is."""
    known = [math.inf if value is None else value for value in values]
    median = statistics.median(known)
    return None if math.isinf(median) else median


def _cost(runs):
    """Microseconds of a query. Whose they were is known of ticks, so of all rounds together."""
    total = statistics.median(run["total_s"] / run["answered"] for run in runs) * 1e6
    user, system = (sum(run[key] for run in runs) for key in ("user", "system"))
    ticks = max(user + system, 1)
    share = user / ticks
    # /proc counts in hundredths; the kernel's own ticks are no fewer.
    error = math.sqrt(share * (1 - share) / ticks)
    return {
        "cpu_us": total,
        "user_us": total * share,
        "system_us": total * (1 - share),
        "user_error_us": total * error,
        "kernel_share": 1 - share,
    }
