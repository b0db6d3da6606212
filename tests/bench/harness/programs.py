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

HERE = Path(__file__).resolve().parents[1]
SPRAY = "spray"


def known(build):
    """Their names, with the command of each: of those that can, for JSON."""
    commands = {}
    for path in sorted(HERE.glob("bench_*.c")):
        name = path.stem.removeprefix("bench_").replace("_", "-")
        has_json = "measure_begin(" in path.read_text(encoding="utf-8")
        commands[name] = [build / "tests" / "bench" / path.stem, *(["--json"] if has_json else [])]
    return {**commands, SPRAY: ["/usr/bin/python3", HERE / "spray.py"]}


def run(name, build, scale):
    """Runs one, and prints what there is; returns it, either {"rows"} or {"output"}, text."""
    if name == SPRAY and servers.find_program("dnsperf") is None:
        raise LeftOut(f"not installed: dnsperf; {servers.install_line(['dnsperf'])}")
    settings = {"SPURND": build / "spurnd", "ROUNDS": scale.rounds, "SECONDS": scale.seconds}
    command = known(build)[name]
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
