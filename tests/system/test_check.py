# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""spurn check: every kind of problem is told with its place, its reason and its fix, and nothing is
told of what is good."""

import json
import os
import random
import re
import shutil
import subprocess
import resource
from pathlib import Path

import pytest

import conftest
from lib import daemon
from lib.zonefuzz import zoneset

SOA = "$SOA 1h ns.example.com hostmaster.example.com 0 1h 15m 4w 10m\n$NS 1d ns.example.com\n"
# What a list needs to be beyond reproach.
GOOD = {
    "ip4set": SOA + "127.0.0.2\n",
    "ip4tset": SOA + "127.0.0.2\n",
    "ip4trie": SOA + "127.0.0.2\n",
    "ip6trie": SOA + "0:0:0:0:0:ffff:7f00:2\n",
    "dnset": SOA + "test\n",
    "generic": SOA + "www A 192.0.2.1\n",
}
# Entries of a long list.
LONG = 200_000 if daemon.SANITIZED else 1_000_000


@pytest.fixture
def check(spurnd_path, workdir):
    """Runs spurn check in a directory with these files. Returns exit status, output and errors."""
    tool = Path(spurnd_path).with_name("spurn")

    def run(arguments, files=None):
        for name, content in (files or {}).items():
            mode = "wb" if isinstance(content, bytes) else "w"
            with open(os.path.join(os.fsencode(workdir), os.fsencode(name)), mode) as out:
                out.write(content)
        done = subprocess.run(
            [tool, "check", *arguments], cwd=workdir, capture_output=True, timeout=120, check=False
        )
        return done.returncode, done.stdout, done.stderr.decode(errors="replace")

    return run


def objects(output):
    """The JSON objects of an output, one a line."""
    return [json.loads(line) for line in output.decode().splitlines()]


def problems(output):
    """The problems among them."""
    return [one for one in objects(output) if one["type"] == "problem"]


# kind of problem, type, lines added to a good list, line (counted from the first one added; None: the
# file as a whole), column (None: none), severity.
CASES = [
    ("bad-line", "ip4set", "1.2.3.4.5\n", 1, 1, "error"),
    ("bad-line", "ip4set", "  ! 1.2.3.4.5\n", 1, 5, "error"),
    ("bad-line", "ip4set", "1.2.3.4 :0:\n", 1, 9, "error"),
    ("bad-line", "ip4trie", "1.2.3.4-1.2.3.5\n", 1, 1, "error"),
    ("bad-line", "ip4set", "$nonsense 1\n", 1, 1, "error"),
    ("bad-line", "ip6trie", "2001:db8::1/32\n", 1, 1, "error"),
    ("partial", "ip4set", "1.2.3.4 " + "x" * 4097 + "\n", 1, 9, "warning"),
    ("partial", "ip4set", "1.2.3.4 " + "x" * 4090 + "$\n", 1, 9, "warning"),
    ("partial", "ip4set", "$1 " + "x" * 3000 + "\n1.2.3.4 $1 $1\n", 2, 9, "warning"),
    ("long-text", "ip4set", "1.2.3.4 " + "x" * 256 + "\n", 1, 9, "note"),
    ("long-text", "ip4set", "1.2.3.4 " + "x" * 245 + "$\n", 1, 9, "note"),
    ("long-text", "ip4set", "$1 " + "x" * 200 + "\n1.2.3.4 $1 $1\n", 2, 9, "note"),
    ("long-text", "generic", "a TXT " + "x" * 256 + "\n", 1, 1, "note"),
    ("partial", "ip4set", "1.2.3.4 # " + "x" * 40000 + "\n", 1, None, "warning"),
    ("ignored", "ip4set", SOA.splitlines()[0] + "\n", 1, 1, "warning"),
    ("ignored", "ip4set", SOA.splitlines()[1] + "\n", 1, 1, "warning"),
    ("ignored", "ip4set", "$TTL 1h\n$TTL 2h\n", 2, 1, "warning"),
    ("ignored", "ip4set", "$1 a\n$1 b\n1.2.3.4 $1\n", 2, 1, "warning"),
    ("ignored", "ip4tset", ":2:a\n:3:b\n", 2, None, "warning"),
    ("ignored", "ip4tset", "1.2.3.4 text\n", 1, 9, "warning"),
    ("crlf", "ip4set", "1.2.3.4\r\n1.2.3.5\r\n", 1, None, "warning"),
    ("nul", "ip4set", "1.2.3.4\0junk\n", 1, 8, "warning"),
    ("no-newline", "ip4set", "1.2.3.4", 1, None, "warning"),
    ("duplicate", "ip4set", "1.2.3.4\n1.2.3.4\n", 2, None, "warning"),
    ("duplicate", "ip4set", "1.2.3.4-9 :5:a\n1.2.3.4-9 :5:a\n", 2, None, "warning"),
    ("duplicate", "ip4tset", "1.2.3.4\n1.2.3.4\n", 2, None, "warning"),
    ("duplicate", "ip4trie", "1.2/16\n1.2.0.0/16\n", 2, None, "warning"),
    ("duplicate", "ip6trie", "2001:db8/32\n2001:db8::/32\n", 2, None, "warning"),
    ("duplicate", "dnset", "a.example\nA.Example.\n", 2, None, "warning"),
    ("shadowed", "ip4set", "1.2.3.4\n!1.2.3.4\n", 1, None, "warning"),
    ("shadowed", "ip4trie", "1.2/16\n1.2/16 :5\n", 2, None, "warning"),
    ("shadowed", "ip4trie", "1.2.3.4/31\n1.2.3.4 :5\n1.2.3.5 :6\n", 1, None, "warning"),
    ("shadowed", "dnset", "!.a.example\n.a.example\n", 2, None, "warning"),
    ("redundant", "ip4set", "1.2.3.4\n1.2.3/24\n", 1, None, "note"),
    ("redundant", "ip6trie", "2001:db8::/32\n2001:db8:1::/48\n", 2, None, "note"),
    ("redundant", "dnset", ".a.example\nb.a.example\n", 2, None, "note"),
    ("redundant", "dnset", "a.example\n.a.example\n", 1, None, "note"),
    ("redundant", "ip4set", "1.2.3.4\n1.2.3.4-9\n", 1, None, "note"),
    ("useless-exclusion", "ip4set", "!1.2.3.4\n", 1, None, "warning"),
    ("useless-exclusion", "ip4trie", "!1.2.3/24\n1.2.3.4\n", 1, None, "warning"),
    ("useless-exclusion", "ip6trie", "!2001:db8::/32\n", 1, None, "warning"),
    ("useless-exclusion", "dnset", "!.a.example\n", 1, None, "warning"),
    ("wide-range", "ip4set", "10/8\n", 1, 1, "warning"),
    ("wide-range", "ip4set", "10.0.0.1-11.0.0.0\n", 1, 1, "warning"),
    ("wide-range", "ip4trie", "11.0.0.0/7 :5\n".replace("11", "10"), 1, 1, "warning"),
    ("wide-range", "ip6trie", "2001::/16\n", 1, 1, "warning"),
    ("public-suffix", "dnset", "com\n", 1, 1, "warning"),
    ("public-suffix", "dnset", ".co.uk :5\n", 1, 1, "warning"),
    ("public-suffix", "dnset", "*.com\n", 1, 1, "warning"),
    ("odd-name", "dnset", "a.example#comment\n", 1, 1, "warning"),
    ("odd-name", "dnset", "http://a.example/\n", 1, 1, "warning"),
    ("odd-name", "dnset", "192.0.2.1\n", 1, 1, "warning"),
    ("odd-name", "dnset", "b\u00fccher.example\n", 1, 1, "warning"),
    ("a-value", "ip4set", "1.2.3.4 :1.2:\n", 1, 9, "warning"),
    ("a-value", "ip4set", "1.2.3.4 :127.0.0.1:\n", 1, 9, "warning"),
    ("a-value", "ip4set", ":10.0.0.1:\n1.2.3.4\n", 1, 1, "warning"),
    ("unset-variable", "ip4set", "1.2.3.4 see $1\n", 1, None, "warning"),
    ("soa", "ip4set", "", None, None, "warning"),
    ("timestamp", "ip4set", "$TIMESTAMP 2020:01:01 2020:01:02\n", 1, 1, "warning"),
]


@pytest.mark.parametrize("kind, dataset, lines, line, column, severity", CASES)
def test_each_kind(check, kind, dataset, lines, line, column, severity):
    """Proves that each kind of problem is found, where it is, as the only one, in both outputs; and
    that the exit status says how bad it is."""
    text = GOOD[dataset] + lines
    if kind == "soa":
        text = text.replace("hostmaster.", "hostmaster@")
        line, column = 1, 1
    elif line is not None:
        line += GOOD[dataset].count("\n")
    spec = f"bl.test:{dataset}:list"
    status, output, errors = check(["--json", spec], {"list": text})
    assert errors == ""
    found = problems(output)
    assert [one["kind"] for one in found] == [kind], output
    one = found[0]
    assert (one.get("line"), one.get("column")) == (line, column)
    assert one["severity"] == severity
    assert one["file"] == "list" and one["zone"] == "bl.test" and len(one["reason"]) > 8
    assert status == (1 if severity == "error" else 0)
    total = objects(output)[-1]
    assert total["type"] == "total" and total[severity + "s"] == 1

    status, output, _ = check(["--strict", spec])
    assert status == (0 if severity == "note" else 1)
    place = ":".join(str(part) for part in ("list", line, column) if part is not None)
    fix = f" (fix: {one['fix']})" if "fix" in one else ""
    assert output.decode().splitlines()[0] == f"{place}: {severity}: {one['reason']}{fix} [{kind}]"

    status, output, _ = check(["--strict", "--ignore", kind, spec])
    assert status == 0 and kind not in output.decode()


# What to write instead, in words that have to be in the fix.
FIXES = [
    ("ip4set", "192.0.2.1/24", "192.0.2.0/24"),
    ("ip4trie", "192.0.2.1-192.0.2.9", "ip4set"),
    ("ip4tset", "192.0.2.0/24", "ip4set"),
    ("ip4set", "2001:db8::/32", "ip6trie"),
    ("ip4set", "spam.example.com", "dnset"),
    ("ip6trie", "192.0.2.1", "ip4set"),
    ("ip6trie", "spam.example.com", "dnset"),
    ("ip6trie", "2001:db8:1:2:3::/48", "2001:db8:1::/48"),
    ("ip4set", "10", "10/8"),
]


@pytest.mark.parametrize("dataset, line, words", FIXES)
def test_fix(check, dataset, line, words):
    """Proves that the fix of a bad line says what was meant."""
    _, output, _ = check(
        ["--json", f"bl.test:{dataset}:list"], {"list": GOOD[dataset] + line + "\n"}
    )
    assert [words in one.get("fix", "") for one in problems(output)] == [True], output


def test_good_lists_are_silent(check):
    """Proves that nothing is said of what is good, in all types at once."""
    files = {kind: text for kind, text in GOOD.items()}
    files["ip4set"] += (
        ":127.0.0.2:Listed $, see $1\n$1 https://example.com/?$\n$TTL 1h\n"
        "10.0.0.0/24\n!10.0.0.7\n10.0.1.7 :127.0.0.3:other\n10.0.1.7 :127.0.0.4:one more\n"
    )
    files["dnset"] += ".a.example\n!.b.a.example\nc.b.a.example :127.0.0.5\n"
    specs = [f"{kind}.test:{kind}:{kind}" for kind in files]
    status, output, errors = check(["--strict", *specs], files)
    assert (status, errors) == (0, "")
    lines = output.decode().splitlines()
    assert len(lines) == len(specs) + 1, lines
    assert lines[-1] == "total: 0 errors, 0 warnings, 0 notes"
    assert lines[0] == "ip4set.test:ip4set:ip4set: 5 entries, 0 errors, 0 warnings, 0 notes"


def test_samples(check, workdir):
    """Proves that the samples are good examples. One of them has a /8 on purpose."""
    for path in (conftest.TOP / "zones").iterdir():
        shutil.copy(path, workdir)
    specs = [
        line
        for line in (workdir / "zone-specs").read_text().splitlines()
        if line and not line.startswith("#")
    ]
    status, output, _ = check(["--strict", "--ignore", "wide-range", *specs])
    assert status == 0, output.decode()


POINTS = [
    ("ip4set", "10.0.0.1\n", ["127.0.0.2"], []),
    ("ip4trie", "127.0.0.2\n127.0.0.1\n", [], ["127.0.0.1"]),
    ("ip4trie", "127.0.0.0/30\n", [], ["127.0.0.1"]),
    ("ip4trie", "127.0.0.0/30\n!127.0.0.1\n", [], []),
    ("ip4tset", "127.0.0.1\n", ["127.0.0.2"], ["127.0.0.1"]),
    ("ip6trie", "2001:db8::/32\n", ["ffff:7f00:2"], []),
    ("ip6trie", "::ffff:7f00:2\n::ffff:7f00:1\n", [], ["ffff:7f00:1"]),
    ("dnset", "example.com\n", ["test"], []),
    ("dnset", "test\ninvalid\n", [], ["invalid"]),
]


@pytest.mark.parametrize("dataset, lines, missing, listed", POINTS)
def test_points(check, dataset, lines, missing, listed):
    """Proves that the test points of RFC 5782 section 5 are looked for, and that whoever lists what
    must not be is named."""
    _, output, _ = check(["--json", f"bl.test:{dataset}:list"], {"list": SOA + lines})
    found = [one for one in problems(output) if one["kind"] == "test-point"]
    assert len(found) == len(missing) + len(listed), output
    for words in missing:
        assert any(words in one["reason"] and "does not list" in one["reason"] for one in found)
    for words in listed:
        (one,) = [one for one in found if words in one["reason"] and " lists " in one["reason"]]
        assert re.search(r"list:\d+", one["fix"])
    assert all(one["zone"] == "bl.test" and "file" not in one for one in found)


def test_zone_of_several(check):
    """Proves that data sets of a zone are taken together: a $SOA, $NS and the test point in one of
    them are enough, and IPv6 test points may be listed as IPv4 (v4-mapped)."""
    specs = ["bl.test:ip4set:four", "bl.test:ip6trie:six", "bl.test:generic:names"]
    files = {"four": "127.0.0.2\n", "six": "2001:db8::/32\n", "names": SOA + "www A 192.0.2.1\n"}
    status, output, _ = check(["--strict", *specs], files)
    assert status == 0, output.decode()
    status, output, _ = check(["--json", *specs[:2]])
    assert [one["kind"] for one in problems(output)] == ["no-soa", "no-ns"]
    _, output, _ = check(["--json", *specs], {"four": "10.0.0.1\n"})
    (one,) = problems(output)
    assert one["kind"] == "test-point" and "127.0.0.2" in one["reason"]


def test_several_files(check):
    """Proves that entries of several files are compared, that the other line is named with its file,
    and that a missing file does not hide the problems of the others."""
    files = {"a": GOOD["ip4trie"] + "10.0.0.1\n", "b": "# comment\n10.0.0.1\n10.0.0.2/30\n"}
    _, output, _ = check(["--json", "bl.test:ip4trie:a,missing,b"], files)
    told = [(one["kind"], one["file"], one.get("line")) for one in problems(output)]
    assert told == [("not-loaded", "missing", None), ("duplicate", "b", 2), ("bad-line", "b", 3)]
    assert "a:4" in problems(output)[1]["reason"]
    (dataset,) = [one for one in objects(output) if one["type"] == "dataset"]
    assert dataset["loaded"] is False and dataset["errors"] == 2


def test_shared_data_set(check):
    """Proves that a data set of two zones is read once, and both zones are looked at."""
    specs = ["a.test:ip4set:list", "b.test:ip4set:list"]
    _, output, _ = check(["--json", *specs], {"list": "10.0.0.1\n10.0.0.1\n"})
    told = [(one["kind"], one["zone"]) for one in problems(output)]
    assert told.count(("duplicate", "a.test")) == 1 and ("duplicate", "b.test") not in told
    for zone in ("a.test", "b.test"):
        assert ("no-soa", zone) in told and ("test-point", zone) in told


def test_combined(check):
    """Proves that each section of a combined data set is compared with itself only, that each subzone
    needs its test point, and that variables may be set outside."""
    text = SOA + (
        "$1 outer\n$DATASET ip4set one @\n127.0.0.2 $1\n10.0.0.1\n10.0.0.1\n"
        "$DATASET ip4trie two\n10.0.0.1 $2\n10.0.0.1 :5\n"
    )
    _, output, _ = check(["--json", "bl.test:combined:list"], {"list": text})
    told = [(one["kind"], one.get("line")) for one in problems(output)]
    assert told == [("duplicate", 7), ("unset-variable", 9), ("shadowed", 10), ("test-point", None)]
    assert "two" in problems(output)[3]["reason"]


def test_acl(check):
    """Proves that access lists are read, and not taken for lists: everyone may be in them, and they
    need no test points."""
    files = {"acl": "0.0.0.0/0 :refuse\n10.0.0.0/8 :pass\n10.0.0.0/8 :refuse\n", **GOOD}
    specs = ["bl.test:ip4set:ip4set", "bl.test:acl:acl"]
    _, output, _ = check(["--json", *specs], files)
    assert [(one["kind"], one["line"]) for one in problems(output)] == [("shadowed", 3)]


def test_generic(check):
    """Proves that repeated records are found, also in another spelling of the name."""
    text = SOA + "www A 192.0.2.1\nWWW 1h A 192.0.2.1\nwww TXT a\nwww TXT b\n@ MX 10 a.b\n"
    _, output, _ = check(["--json", "bl.test:generic:list"], {"list": text})
    assert [(one["kind"], one["line"]) for one in problems(output)] == [("duplicate", 4)]


def test_empty(check):
    """Proves that a list without entries is told of: it may be a broken download."""
    _, output, _ = check(["--json", "bl.test:generic:list"], {"list": SOA})
    assert [one["kind"] for one in problems(output)] == ["empty"]


@pytest.mark.parametrize(
    "count, words",
    [
        (1, ["is used 1 time,", "1 line ends in CR LF", "1 more like this is not shown"]),
        (2, ["is used 2 times,", "2 lines end in CR LF", "2 more like this are not shown"]),
    ],
)
def test_words_of_one(check, count, words):
    """Proves that of one there is said what one says of one."""
    lines = [f"10.0.0.{number} see $1\r" for number in range(count)] + ["bad"] * (count + 1)
    _, output, _ = check(
        ["--max", "1", "bl.test:ip4set:list"], {"list": SOA + "\n".join(lines) + "\n"}
    )
    assert all(word in output.decode() for word in words), output


@pytest.mark.parametrize("limit, shown", [([], 20), (["--max", "3"], 3), (["--max", "0"], 100)])
def test_max(check, limit, shown):
    """Proves that of each kind in each file only the first problems are shown, that the others are
    counted, and that both outputs say so."""
    text = "10.0.0.1\n" * 101 + "bad\n" * 100
    arguments = [*limit, "bl.test:ip4set:list"]
    status, output, _ = check(["--json", *arguments], {"list": SOA + text})
    assert status == 1
    for kind, first in (("duplicate", 4), ("bad-line", 104)):
        lines = [one["line"] for one in problems(output) if one["kind"] == kind]
        assert lines == list(range(first, first + shown))
        more = [
            one["count"] for one in objects(output) if one["type"] == "more" and one["kind"] == kind
        ]
        assert more == ([100 - shown] if shown < 100 else [])
    assert objects(output)[-1]["errors"] == 100
    _, output, _ = check(arguments)
    told = re.findall(r"^list: (\w+): (\d+) more .*\[(.*)\]$", output.decode(), re.MULTILINE)
    wanted = [("error", str(100 - shown), "bad-line"), ("warning", str(100 - shown), "duplicate")]
    assert sorted(told) == (wanted if shown < 100 else [])


@pytest.mark.parametrize(
    "arguments, words",
    [
        ([], "no zone"),
        (["bl.test"], "zone:type:file"),
        (["bl.test:nonsense:list"], "nonsense"),
        (["--max", "x", "bl.test:ip4set:list"], "--max"),
        (["--max", "-1", "bl.test:ip4set:list"], "--max"),
        (["--ignore", "nonsense", "bl.test:ip4set:list"], "nonsense"),
        (["--ignore", "", "bl.test:ip4set:list"], "kind"),
        (["--nonsense", "bl.test:ip4set:list"], "nonsense"),
    ],
)
def test_usage(check, arguments, words):
    """Proves that a wrong command line is exit status 2, with the reason and where help is."""
    status, output, errors = check(arguments)
    assert (status, output) == (2, b"")
    assert words in errors and "spurn help check" in errors


def test_help_names_all_kinds(check):
    """Proves that the help tells of every kind of problem."""
    status, output, _ = check(["--help"])
    assert status == 0
    for kind in {case[0] for case in CASES} | {
        "not-loaded",
        "empty",
        "no-soa",
        "no-ns",
        "test-point",
    }:
        assert re.search(rf"^  (.*, )?{kind}\b", output.decode(), re.MULTILINE), kind


NAMES = [b"a b", b'q"uo\\te', b"new\nline", b"\xff\xfe", "\u00e9\u20ac".encode(), b"esc\x1b[31m"]


@pytest.mark.parametrize("name", NAMES)
def test_any_file_name(check, name):
    """Proves that the output is valid whatever bytes a file name has: JSON is JSON, and a line is a
    line."""
    files = {name: "bad\n10.0.0.1\n10.0.0.1\n"}
    spec = b"bl.test:ip4set:" + name
    _, output, _ = check(["--json", spec], files)
    assert [one["kind"] for one in problems(output)][:2] == ["bad-line", "duplicate"]
    shown = {one["file"] for one in problems(output) if "file" in one}
    assert shown == {name.decode(errors="replace")}
    _, output, _ = check([spec])
    # bad line, duplicate, data set, no-soa, no-ns, test-point, total
    assert output.count(b"\n") == 7 and b"\x1b" not in output


def test_odd_files(check, workdir):
    """Proves that what is no file is an error, and no crash."""
    os.mkfifo(workdir / "fifo")
    (workdir / "directory").mkdir()
    for name in ("fifo", "directory", "missing"):
        status, output, _ = check(["--json", f"bl.test:ip4set:{name}"])
        assert status == 1 and [one["kind"] for one in problems(output)] == ["not-loaded"]
    (workdir / "later").write_text("$TIMESTAMP 2999:01:01\n")
    status, output, _ = check(["--json", "bl.test:ip4set:later"])
    told = [(one["kind"], one["line"]) for one in problems(output)]
    assert status == 1 and told == [("not-loaded", 1)]


def corpus():
    """The inputs that were of interest to the fuzzer: a byte, then a file."""
    return sorted((conftest.TOP / "tests" / "fuzz" / "corpus" / "zonefile").iterdir())


@pytest.mark.parametrize("dataset", [*GOOD, "ip6tset", "generic", "combined", "acl", "dnhash"])
def test_corpus(check, workdir, dataset):
    """Proves that no file of the fuzzers' crashes it, as any type, and that the output is JSON."""
    names = [f"f{number}" for number in range(len(corpus()))]
    for name, path in zip(names, corpus()):
        (workdir / name).write_bytes(path.read_bytes()[1:])
    assert names
    for start in range(0, len(names), 50):
        specs = [f"bl{name}.test:{dataset}:{name}" for name in names[start : start + 50]]
        status, output, errors = check(["--json", *specs])
        assert status in (0, 1) and errors == ""
        assert objects(output)[-1]["type"] == "total"


def logged_problems(spurnd, specs, options):
    """What the server logs of the lines of these data sets: files and lines."""
    server = spurnd.start(specs, options=options, expect_started=False)
    daemon.wait_until(
        lambda: server.has_logged("started") or server.process.poll() is not None, "the start"
    )
    server.expected_status = server.process.poll() or 0
    logged = re.findall(r"^spurnd: (\w[^:\s]*):(\d+): ", server.log(), re.MULTILINE)
    return {(name, int(line)) for name, line in logged}


def test_random_zones(check, workdir, spurnd):
    """Proves, on random zone files with nasty lines, that each problem that the server logs is found
    in the same line."""
    count = 0
    for seed in range(20):
        zones = zoneset.make(seed)
        zones.write(workdir)
        options = [word for word in zones.options if word in ("-e", "-C")]
        _, output, errors = check(["--json", "--max", "0", *options, *zones.specs])
        assert errors == ""
        found = {(one["file"], one.get("line")) for one in problems(output) if "file" in one}
        logged = logged_problems(spurnd, zones.specs, options)
        assert logged <= found, seed
        count += len(logged)
    assert count > 100


def test_long_lists(check):
    """Proves that the time for a long list grows with it, and not with its square: of a million entries in
    no order, and of a million bad lines, of which few are shown."""
    draw = random.Random(7)
    numbers = [draw.getrandbits(24) for _ in range(LONG)]

    def used_s():
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return usage.ru_utime + usage.ru_stime

    took_s = []
    for count in (len(numbers) // 20, len(numbers)):
        before_s = used_s()
        listed = "".join(f"{n >> 16}.{n >> 8 & 255}.{n & 255}.7\n" for n in numbers[:count])
        status, output, _ = check(["--json", "bl.test:ip4set:list"], {"list": listed})
        assert status == 0 and objects(output)[-1]["warnings"] > count // 10_000
        status, output, _ = check(["--json", "bl.test:ip4set:list"], {"list": "bad\n" * count})
        assert status == 1 and len(problems(output)) < 30
        assert objects(output)[-1]["errors"] == count
        names = "".join(f"n{n}.example.com\n" for n in numbers[:count])
        status, output, _ = check(["--json", "bl.test:dnset:list"], {"list": names})
        assert status == 0 and objects(output)[-1]["warnings"] > count // 10_000
        took_s.append(used_s() - before_s)
    # Twenty times as much takes twenty times as long, or somewhat more, but not four hundred times.
    print(f"processor time for a twentieth, and for all, in s: {took_s}")
    assert took_s[1] < 100 * (took_s[0] + 0.1)
