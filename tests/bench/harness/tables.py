# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""Results as tables: for a terminal, and the same in Markdown."""

from . import targets
from .targets import MEASURES

# What each table of a benchmark has, and of which of these spurnd's ratio to each peer is told.
TABLES = {
    "size": (
        ("index", "index_per_entry", "rss", "rss_per_entry", "peak", "private"),
        ("index_per_entry", "rss", "peak"),
    ),
    "start": (("start_s", "start_cpu_s", "start_one_s"), ("start_s", "start_one_s")),
    "load": (
        ("rate", "user_us", "user_error_us", "system_us", "cpu_us", "kernel_share", "lost"),
        ("rate", "user_us", "cpu_us"),
    ),
    "latency": (
        ("p50_us", "p99_us", "p999_us", "steady_cpu_us", "steady_lost"),
        ("p50_us", "p99_us", "p999_us", "steady_cpu_us"),
    ),
    "reload": (
        ("reload_s", "reload_steady", "reload_peak", "reload_p99_us", "reload_lost"),
        ("reload_s", "reload_peak", "reload_p99_us"),
    ),
}


def _heading(key):
    measure = MEASURES[key]
    return f"{measure.words}, {measure.unit}" if measure.unit else measure.words


def _ratio(result, label, key):
    if label == result["servers"][0]["label"]:
        return ""
    value = targets.ratio(result, label, key)
    return "–" if value is None else f"{value:.2f}"


def rows(result, table):
    """The heading and the rows of one table of a benchmark; nothing if no server has figures for it."""
    columns, ratios = TABLES[table]
    figures = targets.figures_of(result)
    if all(figures[label].get(key) is None for label in figures for key in columns):
        return []
    made = [["", *map(_heading, columns), *(f"ratio: {MEASURES[key].words}" for key in ratios)]]
    for label in figures:
        if any(figures[label].get(key) is not None for key in columns):
            told = [MEASURES[key].show(figures[label].get(key)) for key in columns]
            made.append([label, *told, *(_ratio(result, label, key) for key in ratios)])
    return made


def part_rows(program):
    """What a program has measured of one part, beside the least that is possible."""
    made = [["", "is", "unit", "floor", "times"]]
    for row in program["rows"]:
        floor = row.get("floor")
        bounds = [f"{floor:,.3f}", f"{row['value'] / floor:.2f}"] if floor else ["", ""]
        digits = 0 if float(row["value"]).is_integer() else 3
        made.append([row["what"], f"{row['value']:,.{digits}f}", row["unit"], *bounds])
    return made


def target_rows(verdicts):
    """All targets."""
    made = [["benchmark", "what", "target", "is", ""]]
    for verdict in verdicts:
        figures = [f"{verdict[key]:.3g}" for key in ("target", "value")]
        made.append([verdict["bench"], verdict["what"], *figures, targets.verdict_words(verdict)])
    return made


def rival_rows(results):
    """Where spurnd is not ahead."""
    made = [["benchmark", "what", "against", "spurnd", "it", "ratio"]]
    made += [[*row[:5], f"{row[5]:.2f}"] for row in targets.not_ahead(results)]
    return made


def _wrap(heading, width):
    """A heading as lines that are at most about so wide."""
    lines = [""]
    for word in heading.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > width:
            lines.append("")
        lines[-1] += f" {word}" if lines[-1] else word
    return lines


def text(table):
    """A table for a terminal, numbers to the right and headings over several lines."""
    if not table:
        return ""
    body = [list(row) for row in table[1:]]
    widths = [max((len(row[i]) for row in body), default=0) for i in range(len(table[0]))]
    heads = [_wrap(cell, max(widths[i], 9)) for i, cell in enumerate(table[0])]
    widths = [max(widths[i], *map(len, heads[i])) for i in range(len(heads))]
    depth = max(map(len, heads))
    body = [[([""] * (depth - len(head)) + head)[i] for head in heads] for i in range(depth)] + body
    is_number = [_is_numeric(table, i) for i in range(len(widths))]
    lines = []
    for row in body:
        cells = [
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(row, widths, is_number)
        ]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines) + "\n"


def markdown(table):
    """A table in Markdown."""
    if not table:
        return ""
    rule = ["---"] + ["---:" if _is_numeric(table, i) else "---" for i in range(1, len(table[0]))]
    lines = [f"| {' | '.join(row)} |" for row in (table[0], rule, *table[1:])]
    return "\n".join(lines) + "\n"


def _is_numeric(table, column):
    return all(row[column][:1] in "0123456789–" for row in table[1:])
