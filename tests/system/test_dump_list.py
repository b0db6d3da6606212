# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""spurn dump writes compiled lists back as zone files: what is compiled of these answers as the first text does,
and written back once more it is the same, byte for byte.

SPURN_SEED says where random zones begin."""

import contextlib
import filecmp
import os
import random
import shutil

import pytest

import test_compiled
from lib import compiled, daemon, geoip, wire
from lib.zonefuzz import queries, zoneset

SETS = 2 if daemon.SANITIZED else 4
QUESTIONS = 1500


@pytest.fixture(name="spurn")
def _spurn(spurn_path, workdir):
    """Runs spurn in workdir; stdout of what has to succeed, or the finished process."""

    def run(*arguments, status=0):
        done = compiled.run(spurn_path, arguments, workdir)
        assert done.returncode == status, (arguments, done.stdout[:500], done.stderr)
        return done.stdout if status == 0 else done.stderr

    return run


def again(spurn, source, made):
    """Dumps `source` to the directory `made`, compiles that, and dumps it once more: the same files. Returns
    the name of the second list."""
    words = spurn("dump", "-d", made, source).split()
    assert all(word.startswith("--") or f":{made}/" in word for word in words), words
    spurn("compile", "-o", f"{made}.cdb", *words)
    assert spurn("dump", "-d", f"{made}-again", f"{made}.cdb").split() == [
        word.replace(f":{made}/", f":{made}-again/") for word in words
    ]
    return f"{made}.cdb"


def check_files(directory, made):
    """Are the files of both dumps the same, and their times?"""
    names = sorted(os.listdir(directory / made))
    assert names and names == sorted(os.listdir(directory / f"{made}-again"))
    for name in names:
        one, two = directory / made / name, directory / f"{made}-again" / name
        assert filecmp.cmp(one, two, shallow=False), f"{one} and {two} differ"
        assert int(one.stat().st_mtime) == int(two.stat().st_mtime), name


@contextlib.contextmanager
def both_running(spurnd_path, directory, specs, served, options):
    """(server of the text, server of the list that came of its dump)"""
    servers = []
    try:
        for what in (specs, served):
            servers.append(daemon.Daemon(spurnd_path, [*options, *what], directory))
        yield servers
        for server in servers:
            server.stop()
    finally:
        for server in servers:
            server.kill()


def check_answers(paths, spurn, directory, specs, packets, options=()):
    """Compiles, dumps and compiles again; the same answers."""
    spurnd_path, spurn_path = paths
    test_compiled.compile_specs(spurn_path, directory, specs, options, "first.cdb")
    served = again(spurn, "first.cdb", "lists")
    check_files(directory, "lists")
    (directory / served).chmod(0o644)
    is_data = [":acl:" not in spec and ":aclkey:" not in spec for spec in specs]
    mapped = [
        f"{spec.split(':')[0]}:compiled:{served}" if is_one else spec
        for spec, is_one in zip(specs, is_data)
    ]
    mapped = list(dict.fromkeys(mapped))
    with both_running(spurnd_path, directory, specs, mapped, options) as two:
        test_compiled.compare(two, packets)


def can_be_said(spurn_path, directory, zones):
    """Can zone files have all texts? Not those that are cut off after long variables: that is told."""
    test_compiled.compile_specs(spurn_path, directory, zones.specs, zones.options, "try.cdb")
    done = compiled.run(spurn_path, ["dump", "-d", "try", "try.cdb"], directory)
    assert (done.returncode, "left out" in done.stderr) in ((0, False), (1, True)), done.stderr
    return done.returncode == 0


def empty(directory):
    """Removes all that is in there."""
    for path in directory.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


def test_random_zones(spurnd_path, spurn_path, spurn, workdir):
    """Zones of all types, with all that lines can say, right and wrong."""
    seed = test_compiled.FIRST_SEED + 5000
    done = 0
    while done < SETS:
        seed += 1
        zones = zoneset.make(seed)
        if "-q" in zones.options:
            continue
        print(f"SPURN_SEED={seed - 5000}", *zones.options, *zones.specs)
        zones.write(workdir)
        if can_be_said(spurn_path, workdir, zones):
            asked = queries.Asker(zones, seed).make(QUESTIONS)
            packets = [query.packet[2:] for query in asked if query.source == "127.0.0.1"]
            paths = (spurnd_path, spurn_path)
            check_answers(paths, spurn, workdir, zones.specs, packets, zones.options)
            done += 1
        empty(workdir)


def test_entry_parameters(spurnd_path, spurn_path, spurn, workdir):
    """Conditions, IPv6 in an ip4trie, and the options that such lists need."""
    (workdir / "list").write_bytes(test_compiled.PARAMETERS.encode("latin-1"))
    asked = [
        test_compiled.question(name, qtype)
        for name in (
            *(wire.reversed_ip4(0xC0000200 + last, "bl.test") for last in range(6)),
            *(wire.reversed_ip6(n << 80, "bl.test") for n in (0x20010DB80000, 0x20010DB80001)),
        )
        for qtype in (wire.A, wire.TXT, wire.ANY)
    ]
    options = ["--entry-parameters", "--ip6-in-ip4trie", "-t", "1h:10m:2h"]
    specs = ["bl.test:ip4trie:list"]
    check_answers((spurnd_path, spurn_path), spurn, workdir, specs, asked, options)
    words = spurn("dump", "-d", "x", "first.cdb").split()
    assert words == [
        "--entry-parameters",
        "--ip6-in-ip4trie",
        "bl.test:ip4trie:x/0-bl.test.ip4trie",
    ]
    text = (workdir / "x" / "0-bl.test.ip4trie").read_bytes()
    assert text.startswith(b"# Is to be read with --entry-parameters\n# Is to be read with --ip6")


def test_real_lists(spurn, workdir):
    """Ranges of tor-geoipdb, and public suffixes: as many entries, each as it was written."""
    four = geoip.ip4_ranges()[:: test_compiled.STEP]
    lines = [
        f"{test_compiled.dotted(first)}-{test_compiled.dotted(last)} :2:{country} $\n"
        for first, last, country in four
    ]
    (workdir / "four").write_text("".join(random.Random(3).sample(lines, len(lines))))
    text = test_compiled.SUFFIXES.read_text(encoding="utf-8")
    rules = [line.split()[0] for line in text.splitlines() if line.strip() and line[:2] != "//"]
    rules = sorted({rule for rule in rules if rule.isascii()})
    (workdir / "names").write_text("".join(f"{rule}\n" for rule in rules))
    spurn("compile", "-o", "all.cdb", "four.test:ip4set:four", "psl.test:dnset:names")
    again(spurn, "all.cdb", "lists")
    check_files(workdir, "lists")
    written = (workdir / "lists" / "1-psl.test.dnset").read_text().splitlines()
    assert sorted(written) == rules
    entries = [
        line
        for line in (workdir / "lists" / "0-four.test.ip4set").read_text().splitlines()
        if not line.startswith(":")
    ]
    assert len(entries) == len(four)


def test_what_to_write(spurn, workdir):
    """One of several to stdout, or all of them to a directory; and what is said if that is not clear."""
    (workdir / "one").write_text("$SOA 60 a b 0 1 2 3 4\n1.0.0.1\n")
    (workdir / "two").write_text("$DATASET ip4set @\n1.0.0.2\n$DATASET dnset sub\nx\n")
    os.utime(workdir / "one", (1_600_000_000, 1_600_000_000))
    spurn("compile", "-o", "one.cdb", "a.test:ip4trie:one")
    assert spurn("dump", "one.cdb") == "$SOA 60 a b 0 1 2 3 4\n1.0.0.1\n"
    assert spurn("dump", "--dataset", "0", "one.cdb") == spurn("dump", "one.cdb")
    spurn(
        "compile",
        *["-o", "all.cdb", "a.test:ip4trie:one", "b.test:ip4trie:one", "b.test:combined:two"],
    )
    said = spurn("dump", "all.cdb", status=2)
    assert "has 2 data sets" in said and "-d DIRECTORY" in said
    assert "--dataset 0: a.test:ip4trie:one" in said and "--dataset 1: b.test:combined:two" in said
    assert "has no data set 2" in spurn("dump", "--dataset", "2", "all.cdb", status=2)
    combined = "$DATASET ip4set @\n1.0.0.2\n$DATASET dnset sub\nx\n"
    assert spurn("dump", "--dataset", "1", "all.cdb") == combined
    assert spurn("dump", "-d", "lists", "all.cdb").splitlines() == [
        "a.test:ip4trie:lists/0-a.test.ip4trie",
        "b.test:ip4trie:lists/0-a.test.ip4trie",
        "b.test:combined:lists/1-b.test.combined",
    ]
    # The serial of a SOA that has none.
    assert (workdir / "lists" / "0-a.test.ip4trie").stat().st_mtime == 1_600_000_000
    assert spurn("dump", "-d", "some", "--dataset", "1", "all.cdb") == (
        "b.test:combined:some/1-b.test.combined\n"
    )
    assert os.listdir(workdir / "some") == ["1-b.test.combined"]


def test_refusals(spurn, workdir):
    """What is no compiled list, is damaged, or cannot be written."""
    (workdir / "one").write_text("1.0.0.1\n")
    spurn("compile", "-o", "one.cdb", "a.test:ip4trie:one")
    data = (workdir / "one.cdb").read_bytes()
    (workdir / "half.cdb").write_bytes(data[: len(data) // 2])
    (workdir / "bad.cdb").write_bytes(data.replace(b'"entries"', b'"entrees"'))
    compiled.cdb(workdir / "other.cdb", [(b"1.0.0.1", b":2:")])
    assert "No such file" in spurn("dump", "absent.cdb", status=1)
    assert "no cdb" in spurn("dump", "one", status=1)
    assert "not all of one" in spurn("dump", "half.cdb", status=1)
    assert "checksum is wrong" in spurn("dump", "bad.cdb", status=1)
    assert "not made by 'spurn compile'" in spurn("dump", "other.cdb", status=1)
    assert "colon" in spurn("dump", "-d", "a:b", "one.cdb", status=2)
    assert "cannot be made" in spurn("dump", "-d", "no/such/place", "one.cdb", status=2)
    assert "make sense" in spurn("dump", "-e", "one.cdb", status=2)
    assert "compiled list" in spurn("dump", "-d", "x", "a.test:ip4trie:one", status=2)
    assert "is no number" in spurn("dump", "--dataset", "-1", "one.cdb", status=2)
    assert "one compiled list" in spurn("dump", "one.cdb", "one.cdb", status=2)
