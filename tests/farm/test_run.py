# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""tests/farm/run cannot end well when a test failed, did not run or has no result, it runs no test twice
that has one, and it always ends: shown with machines that are made up, and do not even boot."""

import os
import subprocess
import sys
import time
from pathlib import Path
from xml.etree import ElementTree

import pytest

RUN = Path(__file__).with_name("run")
# Plays the guest. The names of the tests that it has are those on its command line; how each of them
# ends is its name. `stall` beats no more, but only in the first machine; `dead` does so in each.
MACHINE = """#!/usr/bin/python3
import json, pathlib, sys, time
words = dict(word.split("=", 1) for word in sys.argv[1:] if "=" in word)
output = pathlib.Path(words["SPURN_FARM_OUTPUT"])
tests = [f"test_a.py::{name}" for name in words["SPURN_FARM_PYTEST"].split("\\x1f") if name]
progress = output / "progress"
said = progress.read_text().splitlines() if progress.exists() else []
done = [json.loads(line).get("test") for line in said]
left = [test for test in tests if test not in done]
bad = False
def tell(line):
    with open(progress, "a") as file:
        file.write(line)
tell(json.dumps({"collected": left}) + "\\n")
(output / "heartbeat").write_text("0")
for beat, test in enumerate(left):
    name = test.partition("::")[2]
    (output / "log").open("a").write(f"running {name}\\n")
    if name == "dead" or name == "stall" and not (output / "stalled").exists():
        tell('{"test": "test_a.py::st')
        time.sleep(1000)
    while name == "long":
        (output / "heartbeat").write_text(str(time.monotonic()))
        time.sleep(0.05)
    if name == "crash":
        sys.exit(3)
    (output / "heartbeat").write_text(str(beat + 1))
    outcome = name if name in ("failed", "skipped") else "passed"
    bad = bad or outcome == "failed"
    tell(json.dumps({"test": test, "outcome": outcome, "seconds": 0.1, "text": "x"}) + "\\n")
(output / "status").write_text(str(int(bad)) if left else "5")
time.sleep(1000 if "slow-end" in str(tests) else 0)
"""


@pytest.fixture(name="farm")
def _farm(tmp_path):
    """farm(test, ...): runs a farm with these tests. Returns its status, what it printed, and the
    outcomes in results.xml."""
    machine = tmp_path / "machine"
    machine.write_text(MACHINE)
    for name in ("spurnd", "spurn"):
        (tmp_path / name).write_text("")
    for path in tmp_path.iterdir():
        path.chmod(0o755)
    output = tmp_path / "output"

    def run(*tests, options=()):
        command = [sys.executable, str(RUN), "--spurnd", str(tmp_path / "spurnd"), "--stall", "2"]
        command += ["--output", str(output), "--machine", str(machine), *options, "--", *tests]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
        outcomes = {}
        if (output / "results.xml").exists():
            for case in ElementTree.parse(output / "results.xml").iter("testcase"):
                assert case.get("classname") == "test_a"
                outcomes[case.get("name")] = [(bad.tag, bad.get("message")) for bad in case]
        return done.returncode, done.stdout + done.stderr, outcomes

    return run


NOT_RUN = [("failure", "not run")]
FAILED = [("failure", "failed")]


def test_good(farm):
    """All tests pass: that is its result, and what the tests print is shown."""
    status, said, outcomes = farm("one", "two")
    assert (status, outcomes) == (0, {"one": [], "two": []})
    assert "running one\nrunning two\n" in said
    assert "farm: 2 of 2 tests are well" in said
    assert "STOOD STILL" not in said


def test_bad(farm):
    """A test that failed or was skipped fails it."""
    status, _, outcomes = farm("one", "failed", "skipped")
    assert status == 1
    assert outcomes == {"one": [], "failed": FAILED, "skipped": [("skipped", "skipped")]}


def test_crash(farm):
    """A machine that ends without a word: its tests have not run."""
    status, said, outcomes = farm("one", "crash", "two")
    assert (status, outcomes) == (1, {"one": [], "crash": NOT_RUN, "two": NOT_RUN})
    assert "without saying how its tests went" in said


def test_stall(farm, tmp_path):
    """A machine that stands still is told of, what it left behind is kept, and another one runs the
    tests that have no result: only those, and a failed test has one."""
    status, said, outcomes = farm("one", "failed", "stall", "two")
    assert (status, outcomes) == (1, {"one": [], "failed": FAILED, "stall": [], "two": []})
    assert said.count("THE MACHINE STOOD STILL for 2 s") == 1
    running = [line for line in said.splitlines() if line.startswith("running")]
    assert running == [f"running {name}" for name in ("one", "failed", "stall", "stall", "two")]
    kept = tmp_path / "output" / "stalled"
    assert (kept / "log").read_text() == "running one\nrunning failed\nrunning stall\n"
    assert str(tmp_path / "machine") in (kept / "processes").read_text()


def test_stall_of_a_good_one(farm):
    """If all else is well, that is no failure."""
    status, _, outcomes = farm("one", "stall")
    assert (status, outcomes) == (0, {"one": [], "stall": []})


def test_two_stalls(farm):
    """One more machine is started, and no third."""
    status, said, outcomes = farm("one", "dead", "two")
    assert (status, outcomes) == (1, {"one": [], "dead": NOT_RUN, "two": NOT_RUN})
    assert "again, and was stopped" in said


def test_end_that_does_not_come(farm):
    """A machine that stands still when all has been said has done its work."""
    status, said, outcomes = farm("one", "slow-end")
    assert (status, outcomes) == (0, {"one": [], "slow-end": []})
    assert "STOOD STILL" not in said


def test_limit(farm):
    """A machine that is alive, but takes too long, is stopped, and not started again."""
    status, said, outcomes = farm("one", "long", options=("--limit", "1"))
    assert (status, outcomes) == (1, {"one": [], "long": NOT_RUN})
    assert "did not come to its end in 1 s" in said


def test_nothing_passes_by_not_running(farm):
    """No test, or one that was skipped."""
    assert farm()[0] == 1
    assert farm("one", "skipped")[0] == 1


def test_what_is_missing(farm, tmp_path):
    """It says what to do about what is missing."""
    status, said, _ = farm("one", options=("--machine", "/there/is/none"))
    assert status == 1
    assert "apt-get install user-mode-linux" in said
    status, said, _ = farm("one", options=("--memory", str(1 << 40)))
    assert status == 0
    assert "/dev/shm" in said and "which is slower" in said
    (tmp_path / "spurn").unlink()
    status, said, _ = farm("one")
    assert status == 1
    assert "make it first" in said


def test_sigterm(tmp_path):
    """Who ends it ends the machine."""
    machine = tmp_path / "machine"
    machine.write_text("#!/bin/sh\nsleep 1000\n")
    for name in ("spurnd", "spurn"):
        (tmp_path / name).write_text("")
    for path in tmp_path.iterdir():
        path.chmod(0o755)
    output = tmp_path / "output"
    command = [sys.executable, str(RUN), "--spurnd", str(tmp_path / "spurnd")]
    command += ["--output", str(output), "--machine", str(machine)]
    with subprocess.Popen(command) as process:
        deadline = time.monotonic() + 60
        while not (output / "console").exists():
            assert time.monotonic() < deadline
            time.sleep(0.02)
        process.terminate()
        assert process.wait(60) != 0
    left = [path for path in Path("/proc").glob("[0-9]*/cmdline") if _names(path, machine)]
    assert not left, os.listdir(output)


def _names(path, machine):
    try:
        return str(machine).encode() in path.read_bytes()
    except OSError:
        return False
