# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""The benchmarks that are programs of their own: those of indexes and other parts in C, and the load
generator's. What they measure they know best: it is shown as it comes."""

import json
import os
import subprocess
from pathlib import Path

from . import servers, tables
from .failure import LeftOut, Wrong
from .lists import Lists

HERE = Path(__file__).resolve().parents[1]
SPRAY = "spray"
# The same program on real lists.
ON_LISTS = {
    "ip4-index-real": ("ip4-index", Lists.ipsum_list),
    "ip4-index-prefixes": ("ip4-index", Lists.prefixes),
}


def known(build):
    """Their names, with the command of each: of those that can, for JSON."""
    commands = {}
    for path in sorted(HERE.glob("bench_*.c")):
        name = path.stem.removeprefix("bench_").replace("_", "-")
        has_json = "measure_begin(" in path.read_text(encoding="utf-8")
        commands[name] = [build / "tests" / "bench" / path.stem, *(["--json"] if has_json else [])]
    commands |= {name: commands[program] for name, (program, _) in ON_LISTS.items()}
    return {**commands, SPRAY: ["/usr/bin/python3", HERE / "spray.py"]}


def run(name, lists):
    """Runs one at the scale of `lists`, and prints what there is; returns it, either {"rows"} or {"output"}, text."""
    if name == SPRAY and servers.find_program("dnsperf") is None:
        raise LeftOut(f"not installed: dnsperf; {servers.install_line(['dnsperf'])}")
    command = known(lists.build)[name]
    if name in ON_LISTS:
        command = [*command, ON_LISTS[name][1](lists).path]
    settings = {"SPURND": lists.build / "spurnd"}
    settings |= {"ROUNDS": lists.scale.rounds, "SECONDS": lists.scale.seconds}
    done = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        env={**os.environ, **{key: str(value) for key, value in settings.items()}},
        check=False,
    )
    if done.returncode != 0:
        raise Wrong(f"{name}: status {done.returncode}")
    output = done.stdout.decode("utf-8", "replace")
    if "--json" not in command:
        print(output, end="")
        return {"name": name, "output": output}
    result = {"name": name, "rows": json.loads(output)["rows"]}
    print(tables.text(tables.part_rows(result)), end="")
    return result
