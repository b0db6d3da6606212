#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""Reads what pytest left in its --junitxml files; for tests/steps.sh, whose `second_chance` has the rules.

    pytest_results.py again FIRST            the tests of FIRST that may be run a second time, a line
                                             each; nothing if the run cannot be saved
    pytest_results.py count FIRST SECOND     a line PASSED FAILED SKIPPED FILE for each file of tests
    pytest_results.py flaky FIRST SECOND     the tests that failed in FIRST and passed in SECOND, a line
                                             each
    pytest_results.py failures FIRST SECOND  how these failed in FIRST

SECOND may be missing."""

import collections
import os
import re
import sys
from xml.etree import ElementTree

# More than this is no accident.
AGAIN_MAX = 3
# No second time for a server that crashed or that a sanitizer complained of: once is a bug. (Signals:
# ILL, TRAP, ABRT, BUS, FPE, SEGV, SYS; what tests themselves send is not among them.)
SIGNALS = "(?:4|5|6|7|8|11|31)"
NEVER_AGAIN = re.compile(
    r"(?:Address|Leak|Thread|Memory|UndefinedBehavior)Sanitizer|runtime error:"
    rf"|(?:status|returncode|poll\(\)|code)\W{{1,4}}-{SIGNALS}\b"
    rf"|assert -{SIGNALS} [!=]=|[!=]= -{SIGNALS}\b"
    r"|core dumped|Segmentation fault|SIG(?:ILL|TRAP|ABRT|BUS|FPE|SEGV|SYS)\b|stack smashing detected"
    r"|Assertion `.*' failed|free\(\): |malloc\(\): |double free or corruption"
)
PASSED, FAILED, SKIPPED = range(3)


def read(path):
    """{test: (how it ended, what it said)} of a file, a test being (file as pytest names modules, name).
    A test with a failing teardown is there twice, the second time as an error: it counts as bad."""
    results = {}
    for case in ElementTree.parse(path).iter("testcase"):
        test = case.get("classname"), case.get("name")
        end, text = results.get(test, (PASSED, ""))
        if case.find("skipped") is not None and end == PASSED:
            end = SKIPPED
        if case.find("failure") is not None or case.find("error") is not None:
            end = FAILED
        text += "".join(
            f"{part.get('message') or ''}\n{part.text or ''}\n"
            for part in case
            if part.tag in ("failure", "error", "system-out", "system-err")
        )
        results[test] = end, text
    return results


def read_both(first, second):
    """What the tests of `first` came to in the end, and which of them are flaky: failed in `first`, passed
    in `second`."""
    results, flaky = read(first), []
    if os.path.exists(second):
        for test, (end, _) in read(second).items():
            if end == PASSED and results.get(test, (PASSED,))[0] == FAILED:
                flaky.append(test)
    return results, flaky


def name_of(test):
    """A test as pytest's command line has it."""
    return f"{test[0].replace('.', '/')}.py::{test[1]}"


def again(results):
    """The tests that may have a second chance: all that failed, or none."""
    failed = [test for test, (end, _) in results.items() if end == FAILED]
    if len(failed) > AGAIN_MAX:
        return []
    for test in failed:
        # Without a file: what failed is a file of tests, or pytest.
        if not test[0] or NEVER_AGAIN.search(results[test][1]):
            return []
    return failed


def count(results, flaky):
    """[passed, failed, skipped] by file."""
    counts = collections.OrderedDict()
    for test, (end, _) in results.items():
        counts.setdefault(test[0] or test[1], [0, 0, 0])[PASSED if test in flaky else end] += 1
    return counts


def main():
    """Does what the command line says."""
    command, first, second = sys.argv[1:4] if len(sys.argv) > 3 else (*sys.argv[1:3], "")
    results, flaky = read_both(first, second)
    if command == "again":
        lines = [name_of(test) for test in again(results)]
    elif command == "count":
        lines = [
            f"{passed} {failed} {skipped} {file}"
            for file, (passed, failed, skipped) in count(results, flaky).items()
        ]
    elif command == "flaky":
        lines = [name_of(test) for test in flaky]
    else:
        lines = [f"==== {name_of(test)}, the first time:\n{results[test][1]}" for test in flaky]
    print("".join(f"{line}\n" for line in lines), end="")


if __name__ == "__main__":
    main()
