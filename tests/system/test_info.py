# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""spurn info tells what is in a compiled list, and of any other file, what it is and what to do: the command that
compiles an old one anew does."""

import json
import os
import subprocess

import pytest

from lib import compiled, daemon

SOA = "$SOA 1h ns.example.com hostmaster.example.com 0 1h 15m 4w 10m\n"


@pytest.fixture(name="info")
def _info(spurn_path, workdir):
    """Runs spurn info in workdir."""
    return lambda *arguments: compiled.run(spurn_path, ["info", *arguments], workdir)


@pytest.fixture(name="made")
def _made(spurn_path, workdir):
    """A compiled list, "bl.cdb", and its header."""
    (workdir / "it's a list").write_text(SOA + "192.0.2.1/24\n192.0.2.9\n")
    (workdir / "names").write_text("a.example\nb.example\nc.example\n")
    specs = [
        "a.example:ip4trie:it's a list",
        "b.example:dnset:names",
        "b.example:ip4trie:it's a list",
    ]
    compiled.compile_good(spurn_path, ["-e", "-o", "bl.cdb", *specs], workdir)
    return compiled.header(spurn_path, "bl.cdb", workdir)


def test_table(info, made):
    """Zones, data sets and blocks, each in a row."""
    done = info("bl.cdb")
    assert done.returncode == 0, done.stderr
    rows = [line.split() for line in done.stdout.splitlines()]
    assert rows[0][0] == "bl.cdb:" and "checksums are right" in done.stdout
    assert ["a.example", "0"] in rows and ["b.example", "1,", "0"] in rows
    trie = next(row for row in rows if row[:2] == ["0", "ip4trie"])
    assert trie[2] == "2" and trie[-3:] == ["ip4trie:it's", "a", "list"]
    for number, one in enumerate(made["datasets"]):
        for block in one["blocks"]:
            row = [str(number), block["name"], f"{block['size']:,}", block["xxh3_128"]]
            assert row in rows


def test_json(info, made, workdir):
    """--json is the header as the cdb tool sees it."""
    assert json.loads(compiled.cdb_value(workdir / "bl.cdb", "spurn")) == made
    assert info("--json", "bl.cdb").stdout.count("\n") == 1
    assert list(made)[:2] == ["format", "byte_order"]


def test_old_format_is_made_anew(info, made, spurn_path, workdir):
    """Another format is refused with the command that compiles the list anew, from whichever directory, whatever its
    files are called; and that command does it."""
    for number in (0, made["format"] + 1):
        compiled.with_header(workdir / "old.cdb", {**made, "format": number})
        done = info("old.cdb")
        assert done.returncode == 1 and f"format {number}" in done.stderr
        command = done.stderr.split("compile it anew: ", 1)[1]
        assert "--allow-host-bits" in command
        tools = os.path.dirname(spurn_path)
        subprocess.run(
            ["sh", "-ec", command],
            cwd="/",
            env=dict(daemon.environment(), PATH=f"{tools}:{os.environ['PATH']}"),
            check=True,
            timeout=daemon.PATIENCE_S,
        )
        head = compiled.header(spurn_path, "old.cdb", workdir)
        assert head["zones"] == made["zones"] and head["datasets"] == made["datasets"]


def test_server_tells_the_command(made, workdir, spurnd_path):
    """The server tells that command, too, with where the list is, and it is confined when it does."""
    compiled.with_header(workdir / "old.cdb", {**made, "format": 0})
    done = daemon.run(
        spurnd_path,
        [
            *["-n", *daemon.user_options(), *daemon.strict_options(spurnd_path)],
            *["-b", f"127.0.0.1/{daemon.free_port()}", "a.example:compiled:old.cdb"],
        ],
        workdir,
    )
    assert done.returncode == 1, done.stderr
    assert f"-o {workdir.resolve()}/old.cdb" in done.stderr


def test_other_byte_order(info, made, workdir):
    """So is a list of a machine with another byte order."""
    compiled.with_header(workdir / "big.cdb", {**made, "byte_order": "big"})
    done = info("big.cdb")
    assert done.returncode == 1
    assert "byte order" in done.stderr and "spurn compile --allow-host-bits" in done.stderr


def test_somebody_elses_cdb(info, workdir):
    """A cdb that is no compiled list may be one for the type cdb."""
    compiled.cdb(workdir / "other.cdb", [(b"192.0.2.1", b":2:spam")] * 1234)
    done = info("other.cdb")
    assert done.returncode == 1
    assert "not made by 'spurn compile'" in done.stderr
    assert "1,234 records" in done.stderr and "cdb:other.cdb" in done.stderr


def test_no_good(info, made, workdir):
    """Other files, and what is damaged, are told apart."""
    good = (workdir / "bl.cdb").read_bytes()
    index = good.find(b"0/index")
    header = good.find(b'{"format"')
    assert made and header > index > 0
    for name, content, status, reason in (
        ("empty", b"", 1, "no cdb"),
        ("text", SOA.encode() * 100, 1, ""),
        ("short", good[:-1], 1, "not all of one"),
        ("block", good[: index + 9] + b"\xff" + good[index + 10 :], 1, "damaged"),
        ("header", good[: header + 9] + b"\xff" + good[header + 10 :], 1, "damaged"),
        ("tables", bytes(2048) + good[2048:], 1, "damaged"),
    ):
        (workdir / name).write_bytes(content)
        done = info(name)
        assert done.returncode == status, name
        assert done.stderr.startswith(f"spurn info: {name}: ") and reason in done.stderr
        assert done.stdout == ""
    for path, reason in (("gone", "No such file"), (".", "no plain file")):
        done = info(path)
        assert done.returncode == 2 and reason in done.stderr
    assert info().returncode == 2 and info("a", "b").returncode == 2
