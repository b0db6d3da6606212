#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""Counts instructions per query of the packet path, and compares them with instructions.txt.

    instructions.py PROGRAM [WHY]

PROGRAM is tests/bench/count_path, which says what it asks; callgrind (valgrind) counts. With WHY, a
sentence, the file is written anew and WHY is put into it. `make instructions` and `make instructions
UPDATE=WHY` do this.

What counts is spurn's own code between two calls that receive: not the kernel, and not the C library
or libsodium, which choose their variants by the processor. So the figures are the same on every
machine with the same compiler and options, but for some parts in a thousand: hashes have secret keys,
and what is looked up by one takes a step more or less.

A row that has risen by more than 10 % fails, and one that nothing is known of. One that has fallen by more
is told, so that what was won is written down, too: else it could be lost again without anybody noticing.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

TOLERANCE = 0.10
FILE = pathlib.Path(__file__).with_name("instructions.txt")
COUNTED = "udp_batch_serve"
# The kernel that count_path makes up.
KERNEL = ("receive", "recvmmsg", "sendmmsg")
TIMEOUT_S = 300


def run(program, directory):
    """Returns how many queries each row had, in order, and writes a file of counts for each."""
    if shutil.which("valgrind") is None:
        sys.exit("instructions: not installed: valgrind; apt-get install valgrind")
    done = subprocess.run(
        [
            "valgrind",
            "--tool=callgrind",
            f"--callgrind-out-file={directory}/out",
            f"--toggle-collect={COUNTED}",
            "--dump-after=count_row",
            "--compress-strings=no",
            program,
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    if done.returncode != 0:
        sys.exit(f"{done.stderr}instructions: {program} under valgrind: {done.returncode}")
    lines = [line.rsplit(": ", 1) for line in done.stdout.splitlines()]
    return [(what, int(count)) for what, count in lines]


def own_instructions(path, program):
    """Sums what the program's own functions have cost, without what they called."""
    total = 0
    mine = False
    called = False
    for line in path.read_text().splitlines():
        if line.startswith("ob="):
            in_program = os.path.basename(line[3:]) == os.path.basename(program)
        elif line.startswith("fn="):
            mine = in_program and line[3:].split("'")[0] not in KERNEL
        elif line.startswith("calls="):
            called = True  # the next line is what the callee has cost
        elif re.match(r"[+*\d-]", line):
            if mine and not called:
                total += int(line.split()[1])
            called = False
    return total


def count(program):
    """Returns (what, instructions per query) of each row."""
    with tempfile.TemporaryDirectory() as directory:
        rows = run(program, directory)
        dumps = [pathlib.Path(directory, f"out.{n + 1}") for n in range(len(rows))]
        per_query = [
            (what, own_instructions(dump, program) / queries)
            for (what, queries), dump in zip(rows, dumps)
        ]
    return [row for row in per_query if row[0] != "-"]


def compiler():
    """What is to be the same where figures are compared."""
    command = os.environ.get("CC", "cc").split()
    done = subprocess.run(command + ["--version"], stdout=subprocess.PIPE, text=True, check=True)
    machine = subprocess.run(
        command + ["-dumpmachine"], stdout=subprocess.PIPE, text=True, check=True
    )
    return f"{done.stdout.splitlines()[0]}, {machine.stdout.strip()}"


def read_known():
    """Returns the head of the file, its compiler, and what is known of each row."""
    head, known = [], {}
    for line in FILE.read_text().splitlines():
        if line.startswith("#"):
            head.append(line)
        elif line.startswith("compiler: "):
            known_compiler = line[len("compiler: ") :]
        elif line:
            number, what = line.split(maxsplit=1)
            known[what] = int(number)
    return head, known_compiler, known


def write_known(head, rows, why):
    lines = head + [f"# - {why}", "", f"compiler: {compiler()}", ""]
    lines += [f"{number:6.0f}  {what}" for what, number in rows]
    FILE.write_text("\n".join(lines) + "\n")
    print(f"instructions: written to {FILE}")


def compare(rows, known_compiler, known):
    """Prints a table; returns whether nothing has become worse than is known."""
    bad, better = [], []
    print(f"{'was':>6} {'is':>6}   instructions of a query")
    for what, number in rows:
        was = known.pop(what, None)
        change = number / was - 1 if was else 0
        shown = f"  ({change:+.1%})" if abs(change) >= 0.005 else ""
        print(f"{was or '-':>6} {number:6.0f}   {what}{shown}")
        if was is None:
            bad.append(f"{what}: is new")
        elif abs(change) > TOLERANCE:
            (bad if change > 0 else better).append(f"{what}: {change:+.1%}")
    bad += [f"{what}: is gone" for what in known]
    if better:
        print("\nBetter than tests/bench/instructions.txt by more than 10 %:")
        print("\n".join(f"  {line}" for line in better))
        print("Keep it, so that it is not lost again, and commit the file:")
        print("  make instructions UPDATE='what was won'")
    if bad:
        print("\nWorse than tests/bench/instructions.txt by more than 10 %, or not known there:")
        print("\n".join(f"  {line}" for line in bad))
        print(
            "Every query of every server pays for it: undo it or, if it is worth that, write down"
        )
        print("why, and commit the file:")
        print("  make instructions UPDATE='names: a second probe, for half the memory'")
        if compiler() != known_compiler:
            print(
                f"It may be the compiler, which is {compiler()}; the file's was {known_compiler}."
            )
    return not bad


def main():
    program = sys.argv[1]
    why = " ".join(sys.argv[2:]).strip()
    rows = count(program)
    head, known_compiler, known = read_known()
    good = compare(rows, known_compiler, known)
    if why:
        write_known(head, rows, why)
        return 0
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
