# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""Compressed zone files: recognised by what is in them, read to their end or not at all."""

import gzip
import os
import shutil
import signal
import subprocess

import pytest

import conftest
from lib import daemon, wire
from lib.daemon import NO_CONTROL, free_port, run, user_options

ONE, TWO = b"1.0.0.1 :3:one $\n", b"1.0.0.2\n"


def packed(tool, *contents, options=()):
    """`contents`, each compressed by a tool as its users do it, one behind the other."""
    if shutil.which(tool) is None:
        conftest.cannot_run(f"no {tool}")
    return b"".join(
        subprocess.run(
            [tool, "-c", *options], input=content, capture_output=True, check=True
        ).stdout
        for content in contents
    )


def listed(client, zone="bl.test"):
    """Which of 1.0.0.1, 1.0.0.2 and 1.0.0.3 are listed."""
    return {last for last in (1, 2, 3) if client.ask(f"{last}.0.0.1.{zone}").rcode == wire.NOERROR}


def many(count):
    """So many addresses in 2.0.0.0/8 as lines."""
    return b"".join(
        b"2.%d.%d.%d a text that says little\n" % (n >> 16, n >> 8 & 255, n & 255)
        for n in range(count)
    )


def replace(path, content):
    """Puts a new file in the place of the old one, as rsync does."""
    fresh = path.with_name(path.name + ".new")
    fresh.write_bytes(content)
    os.rename(fresh, path)


@pytest.mark.parametrize("tool", ["gzip", "zstd"])
@pytest.mark.parametrize("name", ["list.gz", "list.zst", "list.txt", "list"])
def test_any_name(spurnd, client, tool, name):
    """Proves that a compressed file is read whatever its name, beside a plain one that is called
    like a compressed one."""
    server = spurnd.start(
        [f"bl.test:ip4set:{name},plain.gz"], {name: packed(tool, ONE), "plain.gz": TWO}
    )
    one = client(server)
    assert listed(one) == {1, 2}
    assert one.ask("1.0.0.1.bl.test", wire.TXT).answer[0].rdata == b"\x0bone 1.0.0.1"
    assert one.ask("1.0.0.1.bl.test").answer[0].rdata == bytes((127, 0, 0, 3))


@pytest.mark.parametrize(
    "tool, options",
    [("gzip", ["-1"]), ("gzip", ["-9"]), ("zstd", ["-1"]), ("zstd", ["--ultra", "-22"])]
    + [("zstd", [option]) for option in ("--fast=9", "--long=27", "--no-check")],
)
def test_large(spurnd, client, tool, options):
    """Proves that large files are read whole, with the log counting their lines, however they were
    compressed."""
    # The highest level needs memory and time more than anything else.
    count = 10_000 if "-22" in options else 100_000
    content = packed(tool, many(count) + ONE, options=options)
    server = spurnd.start(["bl.test:ip4set:list"], {"list": content})
    one = client(server)
    assert f"{count + 1} entries" in server.log()
    assert listed(one) == {1}
    for last in (0, count // 2, count - 1):
        name = f"{last & 255}.{last >> 8 & 255}.{last >> 16}.2.bl.test"
        assert one.ask(name).rcode == wire.NOERROR


def test_several_in_one(spurnd, client):
    """Proves that what `cat` made of several compressed files is read to its end, and a line may
    go on in the next one; rbldnsd reads the first of them only."""
    three = b"1.0.0.3\n"
    files = {
        "a": packed("gzip", ONE, TWO),
        "b": packed("zstd", ONE, TWO),
        "c": packed("gzip", b"1.0.", b"0.1\n1.0.0.2\n", b"", three),
        "d": packed("zstd", b"1.0.", b"0.1\n1.0.0.2\n", b"", three),
        "e": packed("gzip", ONE) + packed("zstd", TWO) + packed("gzip", three),
    }
    server = spurnd.start([f"{name}.test:ip4set:{name}" for name in files], files)
    one = client(server)
    assert [len(listed(one, f"{name}.test")) for name in files] == [2, 2, 3, 3, 3]
    assert ":1:" not in server.log()


@pytest.mark.parametrize(
    "behind, warns",
    [(b"", False), (b"\0" * 1000, False), (TWO, True), (b"\0\0" + TWO, True)],
)
def test_behind_gzip(spurnd, client, behind, warns):
    """Proves that what stands behind gzip's data is left out with a warning, zero bytes without
    one, as gzip(1) does."""
    server = spurnd.start(["bl.test:ip4set:list"], {"list": packed("gzip", ONE) + behind})
    assert listed(client(server)) == {1}
    assert ("spurnd: list:1: behind the compressed data" in server.log()) == warns


# Files that are no good, and what is said about them.
GOOD_GZIP = gzip.compress(many(2000), mtime=0)
assert len(GOOD_GZIP) > 4000
WINDOW = bytes.fromhex("28b52ffd0090310000") + b"hello\n"
BAD = {
    "gzip, cut": (GOOD_GZIP[:-1], "end is missing"),
    "gzip, half": (GOOD_GZIP[: len(GOOD_GZIP) // 2], "end is missing"),
    "gzip, a header": (GOOD_GZIP[:10], "end is missing"),
    "gzip, wrong checksum": (GOOD_GZIP[:-8] + bytes(8), "damaged"),
    "gzip, wrong in the middle": (GOOD_GZIP[:3000] + b"spurn" + GOOD_GZIP[3005:], "damaged"),
    "gzip, second cut": (GOOD_GZIP + GOOD_GZIP[:-1], "end is missing"),
    "zstd, cut": (lambda: packed("zstd", many(2000))[:-1], "end is missing"),
    "zstd, half": (lambda: packed("zstd", many(2000))[:500], "end is missing"),
    "zstd, wrong checksum": (lambda: packed("zstd", many(2000))[:-4] + bytes(4), "damaged"),
    "zstd, text behind": (lambda: packed("zstd", ONE) + TWO, "damaged"),
    "zstd, window": (WINDOW, "128 MiB of memory"),
    "bzip2": (b"BZh91AY&SY\0\0\0\0", "use gzip or zstd"),
    "xz": (b"\xfd7zXZ\0\0\4\xe6\xd6\xb4\x46", "use gzip or zstd"),
}


def content_of(case):
    """The bytes of a case of BAD."""
    content = BAD[case][0]
    return content() if callable(content) else content


def start_to_fail(spurnd_path, workdir, *options):
    """A start of the list bl.test that fails; returns the CompletedProcess."""
    listen = f"127.0.0.1/{free_port()}"
    return run(
        spurnd_path,
        ["-n", *user_options(), *NO_CONTROL, "-b", listen, *options, "bl.test:ip4set:list"],
        workdir,
    )


@pytest.mark.parametrize("case", BAD)
def test_bad_file_fails_the_start(spurnd_path, workdir, case):
    """Proves that a file that is damaged or cut ends the start with status 1 and a reason that
    names it, though its first lines can be read."""
    (workdir / "list").write_bytes(content_of(case))
    done = start_to_fail(spurnd_path, workdir)
    assert done.returncode == 1 and "started" not in done.stderr
    assert "ip4set:list: list: " in done.stderr and BAD[case][1] in done.stderr


@pytest.mark.parametrize("case", BAD)
def test_bad_file_keeps_the_old_data(spurnd, client, workdir, case):
    """Proves that a list whose new file is damaged or cut stays as it was, and that the next good
    one is taken."""
    server = spurnd.start(["bl.test:ip4set:list"], {"list": packed("gzip", ONE, TWO)})
    one = client(server)
    replace(workdir / "list", content_of(case))
    server.send_signal(signal.SIGHUP)
    server.wait_log(BAD[case][1])
    server.wait_log(r"reload: .*\n")
    assert listed(one) == {1, 2}
    before = len(server.log())
    replace(workdir / "list", packed("zstd", TWO))
    server.send_signal(signal.SIGHUP)
    server.wait_log(r"reload: .*\n", before)
    assert listed(one) == {2}


@pytest.mark.parametrize("tool", ["gzip", "zstd"])
def test_refused_with_c(spurnd_path, workdir, tool):
    """Proves that -C makes a compressed file one that cannot be loaded."""
    (workdir / "list").write_bytes(packed(tool, ONE))
    done = start_to_fail(spurnd_path, workdir, "-C")
    assert done.returncode == 1
    assert "list: is compressed, which option -C does not allow" in done.stderr


def test_plain_with_c(spurnd, client):
    """Proves that -C changes nothing for plain files."""
    server = spurnd.start(["bl.test:ip4set:list"], {"list": ONE}, ("-C",))
    assert listed(client(server)) == {1}


def gzip_with(flags, fields):
    """ONE as gzip, with optional fields in the header (RFC 1952 section 2.3)."""
    member = gzip.compress(ONE, mtime=0)
    return member[:3] + bytes((flags,)) + member[4:10] + fields + member[10:]


MEMBER = gzip.compress(ONE, mtime=0)
# Files of gzip that both servers take, or both refuse: the whole of RFC 1952, and what breaks it.
SAME = {
    "one member": MEMBER,
    "of nothing": gzip.compress(b""),
    "no final newline": gzip.compress(ONE + b"1.0.0.2"),
    "name": gzip_with(8, b"name\0"),
    "comment": gzip_with(16, b"a comment\0"),
    "extra": gzip_with(4, b"\x03\x00abc"),
    "all": gzip_with(8 | 16 | 4, b"\x03\x00abcname\0a comment\0"),
    "zeros behind": MEMBER + bytes(512),
    "text behind": MEMBER + TWO,
    "zlib's own format": b"x\x9c" + MEMBER[10:-8],
    "the first byte": MEMBER[:1],
    "two bytes": MEMBER[:2],
    "header": MEMBER[:10],
    "no trailer": MEMBER[:-8],
    "half a trailer": MEMBER[:-4],
    "wrong checksum": MEMBER[:-8] + bytes(4) + MEMBER[-4:],
    "wrong length": MEMBER[:-1] + b"\1",
    "wrong method": MEMBER[:2] + b"\7" + MEMBER[3:],
    "unknown flag": gzip_with(128, b""),
    "cut": gzip.compress(many(30000))[:50000],
}


@pytest.mark.parametrize("case", SAME)
def test_gzip_as_rbldnsd(spurnd_path, rbldnsd_path, client, workdir, case):
    """Proves that spurnd takes and refuses the gzip files that rbldnsd takes and refuses, and
    finds the same in them."""
    (workdir / "list").write_bytes(SAME[case])
    outcomes = []
    for binary in (rbldnsd_path, spurnd_path):
        try:
            server = daemon.Daemon(binary, ["bl.test:ip4set:list"], workdir)
        except AssertionError as error:
            assert "ended with status 1" in str(error), error
            outcomes.append("refused")
            continue
        try:
            outcomes.append(listed(client(server)))
            server.stop()
        finally:
            server.kill()
    assert outcomes[0] == outcomes[1]
