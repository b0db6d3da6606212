# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""doc/benchmarks.md: a template, and the tables of one run."""

from pathlib import Path
from string import Template

from . import tables

TEMPLATE = Path(__file__).resolve().parents[1] / "benchmarks.md.in"
PAGE, CHART = "benchmarks.md", "benchmarks.svg"
NAMES = {"knot": "Knot DNS", "nsd": "NSD", "rbldnsd": "rbldnsd", "dnsperf": "dnsperf"}


def _machine(machine):
    versions = ", ".join(
        f"{NAMES[name]} {version}" for name, version in sorted(machine["packages"].items())
    )
    rows = [
        ["", ""],
        ["processor", f"{machine['processors']} x {machine['processor']}"],
        ["memory", f"{machine['memory_gib']} GiB"],
        ["system", f"{machine['system']}, {machine['kernel']}"],
        ["compiler", machine["compiler"]],
        ["other work", f"load average before the run: {machine['load']:.1f}"],
        ["peers", versions or "none"],
    ]
    return tables.markdown(rows)


def _benchmark(result):
    parts = [f"### {result['name']}: {result['entries']:,} {result['title']}\n"]
    for table in tables.TABLES:
        rows = tables.rows(result, table)
        if rows:
            parts.append(f"{table.capitalize()}:\n")
            parts.append(tables.markdown(rows))
    return "\n".join(parts)


def _program(program):
    if "rows" in program:
        told = tables.markdown(tables.part_rows(program))
    elif program["output"].startswith("|"):
        told = program["output"]  # a table in Markdown
    else:
        told = f"```\n{program['output'].rstrip()}\n```\n"
    return f"### {program['name']}\n\n{told}"


def write(report, directory):
    """Writes the document into `directory`; the chart is beside it."""
    left_out = [f"- **{name}**: {why}" for name, why in report["left_out"].items()]
    rivals = tables.rival_rows(report["benches"])
    text = Template(TEMPLATE.read_text(encoding="utf-8")).substitute(
        date=report["date"],
        command=report["command"],
        scale=report["scale"],
        rate=f"{report['settings']['rate']:,}",
        version=report["machine"]["spurnd"],
        machine=_machine(report["machine"]),
        chart=CHART,
        targets=tables.markdown(tables.target_rows(report["targets"])),
        not_ahead=tables.markdown(rivals) if len(rivals) > 1 else "Nowhere in this run.\n",
        benchmarks="\n".join(_benchmark(result) for result in report["benches"]),
        programs="\n".join(map(_program, report["programs"])),
        left_out="\n".join(left_out) or "Nothing.",
    )
    Path(directory, PAGE).write_text(text, encoding="utf-8")
