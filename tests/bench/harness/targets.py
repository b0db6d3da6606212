# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""What spurnd is to reach, and where it is not ahead. Nothing here decides: it is told."""

from typing import NamedTuple, Optional


class Measure(NamedTuple):
    """One of the figures of a server."""

    key: str
    words: str
    unit: str
    scale: float = 1.0
    digits: int = 2
    more_is_better: bool = False

    def show(self, value):
        """The figure in its unit."""
        return "–" if value is None else f"{value * self.scale:,.{self.digits}f}"


MEASURES = {
    measure.key: measure
    for measure in (
        Measure("index", "index", "MB", 1e-6),
        Measure("index_per_entry", "index per entry", "bytes"),
        Measure("rss_per_entry", "process per entry", "bytes"),
        Measure("rss", "memory", "MB", 1e-6, 1),
        Measure("peak", "peak at start", "MB", 1e-6, 1),
        Measure("private", "private memory", "MB", 1e-6, 1),
        Measure("start_s", "start", "s", digits=3),
        Measure("start_cpu_s", "CPU for it", "s", digits=3),
        Measure("start_one_s", "start on one processor", "s", digits=3),
        Measure("reload_s", "reload", "s", digits=3),
        Measure("reload_steady", "memory before", "MB", 1e-6, 1),
        Measure("reload_peak", "peak", "MB", 1e-6, 1),
        Measure("reload_p99_us", "p99 meanwhile", "ms", 1e-3),
        Measure("reload_lost", "lost", "%", 100, 1),
        Measure("rate", "queries/s", "", digits=0, more_is_better=True),
        Measure("user_us", "user", "µs"),
        Measure("user_error_us", "±", "µs"),
        Measure("system_us", "system", "µs"),
        Measure("cpu_us", "CPU per query", "µs"),
        Measure("kernel_share", "kernel's share", "%", 100, 0),
        Measure("lost", "lost", "%", 100, 2),
        Measure("steady_cpu_us", "CPU per query, steady", "µs"),
        Measure("steady_lost", "lost", "%", 100, 2),
        Measure("p50_us", "p50", "µs", digits=0),
        Measure("p99_us", "p99", "µs", digits=0),
        Measure("p999_us", "p99.9", "µs", digits=0),
    )
}


class Target(NamedTuple):
    """At most `limit` for a figure of spurnd; with `peer`, for its ratio to the figure of that one.
    `over` divides by another figure of spurnd's own instead. With `of` it is about that other spurnd.
    """

    bench: str
    key: str
    limit: float
    peer: Optional[str] = None
    over: Optional[str] = None
    of: Optional[str] = None

    def words(self):
        """What is compared."""
        measure = MEASURES[self.key]
        if self.over:
            return f"{measure.words} / {MEASURES[self.over].words}, reload"
        who = f" ({self.of})" if self.of else ""
        if self.peer:
            return f"{measure.words}{who}, x that of {self.peer}"
        return f"{measure.words}{who}, {measure.unit}"


TARGETS = [
    Target("ip4-sorted", "index_per_entry", 1.45),
    Target("ip4-real", "index_per_entry", 2.5),
    Target("ip6", "index_per_entry", 7),
    Target("names", "index_per_entry", 8),
    Target("ip4-sorted", "rss", 25),
    Target("ip4-sorted", "peak", 45),
    Target("ip4-shuffled", "peak", 130),
    Target("ip4-sorted", "start_s", 1 / 3, "rbldnsd ip4set"),
    Target("ip4-shuffled", "start_s", 1 / 2, "rbldnsd ip4set"),
    Target("names", "start_s", 1 / 10, "rbldnsd dnset"),
    Target("ip4-sorted", "user_us", 0.35, "rbldnsd ip4set"),
    Target("ip4-sorted", "user_us", 0.35, "rbldnsd ip4trie"),
    Target("names", "user_us", 0.35, "rbldnsd dnset"),
    Target("ip4-sorted", "cpu_us", 1.0, "rbldnsd ip4set"),
    Target("ip4-sorted", "cpu_us", 1.0, "rbldnsd ip4trie"),
    Target("names", "cpu_us", 1.0, "rbldnsd dnset"),
    Target("ip4-sorted", "reload_peak", 2.2, over="reload_steady"),
    Target("names", "reload_peak", 2.2, over="reload_steady"),
    Target("ip4-sorted", "start_s", 0.05, of="spurnd compiled"),
    Target("ip4-sorted", "private", 8, of="spurnd compiled"),
    Target("names", "start_s", 0.05, of="spurnd compiled"),
    Target("names", "private", 8, of="spurnd compiled"),
]

# The same for rows of programs of their own: the index alone, where the servers' figures have the
# texts of values in them.
PART_TARGETS = {
    ("ip4-index", "batches of 32"): 40,
    ("ip4-index-prefixes", "bytes per entry"): 3.6,
}


def is_ours(server):
    """Is it spurnd, and no peer?"""
    return server["label"].startswith("spurnd ")


def figures_of(result):
    """The figures of a benchmark's servers by label."""
    return {server["label"]: server["figures"] for server in result["servers"]}


def _value(target, result):
    """The figure or ratio that a target is about; None if it was not measured."""
    figures = figures_of(result)
    ours = figures.get(target.of, {}) if target.of else result["servers"][0]["figures"]
    value = ours.get(target.key)
    if target.peer is None and target.over is None:
        return None if value is None else value * MEASURES[target.key].scale
    if target.over:
        other = ours.get(target.over)
    else:
        other = figures.get(target.peer, {}).get(target.key)
    return value / other if value and other else None


def judge(results, programs, is_full):
    """For each target of these benchmarks: a dict with what was to be and what is. At other scales than
    the full one sizes and times are of other lists, so there nothing is met or missed; what programs
    of their own have measured is of no scale."""
    verdicts = []
    by_name = {result["name"]: result for result in results}
    for target in TARGETS:
        value = _value(target, by_name[target.bench]) if target.bench in by_name else None
        if value is None:
            continue
        verdict = {"bench": target.bench, "what": target.words(), "target": target.limit}
        verdict |= {"value": value, "met": value <= target.limit if is_full else None}
        verdicts.append(verdict)
    for program in programs:
        for row in program.get("rows", []):
            limit = PART_TARGETS.get((program["name"], row["what"]))
            if limit is not None:
                what = f"{row['what']}, {row['unit']}" if row["unit"] else row["what"]
                verdict = {"bench": program["name"], "what": what}
                verdict |= {"target": limit, "value": row["value"], "met": row["value"] <= limit}
                verdicts.append(verdict)
    return verdicts


def verdict_words(verdict):
    """Met or not, and by how much."""
    if verdict["met"] is None:
        return "only at full scale"
    off = verdict["value"] / verdict["target"] - 1
    if verdict["met"]:
        return f"met ({-off:.0%} below)"
    return f"not met ({off:.0%} above)"


# What is compared with every peer: the cost of having a list, and of asking it.
RIVALRY = ("index_per_entry", "rss", "peak", "start_s", "start_one_s", "reload_peak", "reload_s")
RIVALRY += ("rate", "user_us", "cpu_us", "steady_cpu_us", "p50_us", "p99_us", "p999_us")


def ratio(result, label, key):
    """spurnd's figure divided by that of another server; None if one of them has none."""
    figures = figures_of(result)
    ours, theirs = result["servers"][0]["figures"].get(key), figures[label].get(key)
    return ours / theirs if ours and theirs else None


def not_ahead(results):
    """Where spurnd is not ahead: (benchmark, words, label of the peer, ours, theirs, ratio)."""
    rows = []
    for result in results:
        peers = [server for server in result["servers"] if not is_ours(server)]
        for server in peers:
            for key in RIVALRY:
                measure, value = MEASURES[key], ratio(result, server["label"], key)
                if value is None or (value > 1 if measure.more_is_better else value < 1):
                    continue
                ours = measure.show(result["servers"][0]["figures"][key])
                theirs = measure.show(server["figures"][key])
                unit = f", {measure.unit}" if measure.unit else ""
                words = f"{measure.words}{unit}"
                rows.append((result["name"], words, server["label"], ours, theirs, value))
    return rows
