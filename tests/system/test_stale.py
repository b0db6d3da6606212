# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""Nothing good is lost: whatever comes in the place of good data, these are served until there are
better ones. They are stale meanwhile, which clients with EDNS are told, and the log, once."""

import contextlib
import gzip
import os
import re
import signal
import time

import pytest

from lib import reading, steady, wire
from lib.daemon import wait_until
from test_acl import says
from test_compressed import packed, replace
from test_expiry import moment
from test_reload import BIG_ENTRIES, hang_up

pytestmark = pytest.mark.tsan

LISTED, OTHER = "4.3.2.1.bl.test", "5.3.2.1.bl.test"
SOA = b"$SOA 300 ns.example hostmaster.example 1 1h 1h 1w 1h\n"
# Enough entries to be guarded against loss.
MANY = b"".join(b"10.0.%d.%d\n" % (n >> 8, n & 255) for n in range(2000))
GOOD = SOA + b"1.2.3.4 :7:good\n" + MANY
BETTER = GOOD + b"1.2.3.6 :8:better\n"
# What clients see of GOOD, and of BETTER as well.
SEEN = [(LISTED, wire.A), (LISTED, wire.TXT), (OTHER, wire.A), ("bl.test", wire.SOA)]


def _remove(path):
    path.unlink()


def _make_unreadable(path):
    replace(path, BETTER)
    os.chmod(path, 0)


def _make_directory(path):
    path.unlink()
    path.mkdir()


def _with(content):
    """Puts `content`, or what it returns, in the place of the file."""
    return lambda path: replace(path, content() if callable(content) else content)


def _spoiled(tool):
    """BETTER compressed, with some bytes in the middle changed."""
    data = bytearray(packed(tool, BETTER))
    for at in range(len(data) // 2, len(data) // 2 + 8):
        data[at] ^= 0x55
    return bytes(data)


def _half(tool):
    data = packed(tool, BETTER)
    return data[: len(data) // 2]


# What is done to the file, and what the log says of it.
KINDS = {
    "missing": (_remove, "No such file"),
    "unreadable": (_make_unreadable, "denied"),
    "directory": (_make_directory, "irectory|regular"),
    "gzip-half": (_with(lambda: _half("gzip")), "its end is missing"),
    "zstd-half": (_with(lambda: _half("zstd")), "its end is missing"),
    "gzip-corrupt": (_with(lambda: _spoiled("gzip")), "damaged"),
    "zstd-corrupt": (_with(lambda: _spoiled("zstd")), "damaged"),
    "gzip-no-body": (_with(gzip.compress(BETTER)[:9]), ""),
    "future": (_with(b"$TIMESTAMP 9999:01:01\n" + BETTER), "list:1: .*future"),
    "expired": (_with(b"$TIMESTAMP 2020:01:01 +1d\n" + BETTER), "expired already"),
    "broken-soa": (_with(BETTER.replace(b"ns.example host", b"host")), r"\$SOA line"),
    "broken-ttl": (_with(b"$TTL soon\n" + BETTER), r"\$TTL line"),
    "broken-timestamp": (_with(b"$TIMESTAMP tomorrow\n" + BETTER), r"\$TIMESTAMP line"),
    "misspelt-timestamp": (_with(b"$TIMESTMAP 2020:01:01 +1d\n" + BETTER), r"\$ line"),
    "shrunk": (_with(SOA + MANY[: len(MANY) // 3]), r"of 2001 entries only \d+ would be left"),
    "emptied": (_with(b""), "of 2001 entries only 0 .*spurn reload --force.*--max-shrink 100%"),
}


@contextlib.contextmanager
def watched(server):
    """A client that sees, from before to after, the same answers and none missing."""
    one = steady.Client(
        "127.0.0.1", server.port, [wire.query(*question) for question in SEEN], rate=200
    )
    try:
        yield
        before = one.asked()
        wait_until(lambda: one.asked() > before + 10, "queries afterwards")
        tally = one.stop()
    finally:
        one.kill()
    assert not tally.trouble and not tally.wrong and tally.lost == 0, tally


def errors(client):
    """The extended errors to what is listed and what is not."""
    return [wire.error_of(client.ask(n, edns=wire.Edns(1232))) for n in (LISTED, OTHER)]


def mend(path, content=BETTER):
    """Whatever is there: good data."""
    if path.is_dir():
        path.rmdir()
    replace(path, content)


def statistics(server):
    """What SIGUSR1 logs."""
    before = len(server.log())
    server.send_signal(signal.SIGUSR1)
    # The line behind everything about queries may come before or behind that about stale data.
    server.wait_log(r"stats for \d+sec:.*\n", before)
    server.send_signal(signal.SIGUSR1)
    wait_until(
        lambda: len(re.findall(r"stats for \d+sec:", server.log()[before:])) == 2, "statistics"
    )
    return server.log()[before:]


STALE = [wire.EDE_STALE, wire.EDE_STALE_NXDOMAIN]


@pytest.mark.parametrize("kind", KINDS)
def test_kind(spurnd, client, workdir, kind):
    """Proves for each kind of failure that no answer is wrong or missing before, during and after;
    that clients are told meanwhile; and that the log says it once, with the reason, however often one
    looks, and once that it is over."""
    spoil, why = KINDS[kind]
    server = spurnd.start(["bl.test:ip4set:list"], {"list": GOOD}, ["-c", "0"])
    one = client(server)
    with watched(server):
        assert errors(one) == [None, None]
        spoil(workdir / "list")
        log = hang_up(server)
        assert re.search(f"ip4set:list: .*its last good data are still served: .*({why})", log), log
        for _ in range(3):
            assert errors(one) == STALE
            assert "1 of 1 data set failed" in hang_up(server)
        assert re.search(
            rf"ip4set:list: stale since \d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\dZ: .*({why})",
            statistics(server),
        )
        mend(workdir / "list")
        hang_up(server)
        assert errors(one) == [None, None]
        assert one.ask("6.3.2.1.bl.test").answer[0].rdata == wire.ip4("127.0.0.8")
    assert "stale since" not in statistics(server)
    log = server.log()
    assert log.count("last good data are still served") == 1, log
    assert log.count("its newest data are served again") == 1, log


def test_truncated_while_read(spurnd, client, workdir):
    """Proves that a file which is cut short while it is read leaves the old data where they are."""
    path = workdir / "list"
    big = GOOD + b"".join(
        b"11.%d.%d.%d\n" % (n >> 16, n >> 8 & 255, n & 255) for n in range(BIG_ENTRIES)
    )
    server = spurnd.start(["bl.test:ip4set:list"], {"list": big}, ["-c", "0"])
    one = client(server)
    size, tries = len(big), 0

    def is_cut_in_time():
        nonlocal tries
        tries += 1
        replace(path, big + b"#" * tries)
        before = len(server.log())
        server.send_signal(signal.SIGHUP)
        is_over = lambda: "reload:" in server.log()[before:]  # pylint: disable=C3001
        if not reading.cut_while_read(server, path, size // 3, is_over):
            return None
        server.wait_log(r"reload: .*\n", before)
        return re.search(r"list: .*changed", server.log()[before:])

    with watched(server):
        wait_until(is_cut_in_time, "a load that is spoiled")
        assert errors(one) == STALE
        # Two thirds are gone, now for good.
        assert "entries only" in hang_up(server)
        assert errors(one) == STALE
        replace(path, big)
        hang_up(server)
        assert errors(one) == [None, None]


def test_every_check(spurnd, client, workdir, out):
    """Proves that the checks of -c do not tell again what is known, also where they try again; and that
    the file that is served needs no reading when it comes back."""
    out.chmod(0o777)
    files = {
        "list": GOOD,
        "soon": b"1.2.3.4\n",
        "bad": b"1.2.3.4\n",
        "one": b"",
        "two": b"1.1.1.1\n",
    }
    zones = [f"{name}.test:ip4set:{name}" for name in ("soon", "bad")]
    server = spurnd.start(
        ["bl.test:ip4set:list", *zones, "two.test:ip4set:one,two"],
        files,
        ["-c", "1", "-s", "out/ticks"],
    )
    one = client(server)
    ticks = out / "ticks"
    os.rename(workdir / "list", workdir / "away")
    replace(workdir / "soon", b"nonsense\n$TIMESTAMP 9999:01:01\n1.2.3.4\n")
    replace(workdir / "one", b"more nonsense\n1.2.3.4\n")
    os.chmod(workdir / "two", 0)
    replace(workdir / "bad", b"\x1f\x8b\x08\0")
    wait_until(lambda: server.log().count("still served") == 4, "four failures")
    wait_until(lambda: errors(one) == STALE, "stale data")
    lines = len(ticks.read_text().splitlines())
    wait_until(lambda: len(ticks.read_text().splitlines()) > lines + 2, "more checks")
    log = server.log()
    assert log.count("still served") == 4, log
    assert log.count("soon:1:") == 1 and log.count("one:1:") == 1, log
    assert len(re.findall("reload:.*failed", log)) <= 4, log
    assert "stale since" not in log
    os.rename(workdir / "away", workdir / "list")
    server.wait_log("ip4set:list: its newest data are served again")
    wait_until(lambda: errors(one) == [None, None], "fresh answers")
    assert len(re.findall(r"ip4set:list: \d+ entr(?:y|ies)", server.log())) == 1


def test_last_good_data_expire_too(spurnd, client, workdir):
    """Proves that data which have expired when they come are not served, and that the older ones are
    only until their own end."""
    server = spurnd.start(["bl.test:ip4set:list"], {"list": GOOD}, ["-c", "0"])
    one = client(server)
    patience_s = 2

    def is_seen_in_time():
        nonlocal patience_s
        patience_s *= 2
        end = int(time.time()) + patience_s
        replace(workdir / "list", b"$TIMESTAMP 2020:01:01 %s\n" % moment(end).encode() + GOOD)
        hang_up(server)
        replace(workdir / "list", b"$TIMESTAMP 2020:01:01 +1d\n" + BETTER)
        hang_up(server)
        seen = errors(one)
        return time.time() < end and (seen, end)

    seen, _ = wait_until(is_seen_in_time, "an answer in time")
    assert seen == STALE
    wait_until(lambda: says(server, "127.0.0.1") == wire.SERVFAIL, "the end of the old data")
    assert errors(one) == [wire.EDE_INVALID_DATA] * 2
    assert one.ask(LISTED).answer == ()
    replace(workdir / "list", BETTER)
    hang_up(server)
    assert errors(one) == [None, None]


def test_broken_from_the_start(spurnd, client, workdir):
    """Proves that a directive that made no sense in the data that are served, either, keeps no data
    from being renewed; nor do lines that are none."""
    lines = b"#$Id: list 1.7 $\n$NONE such\n$TTL soon\n$SOA 1 2\n!!\n"
    server = spurnd.start(["bl.test:ip4set:list"], {"list": lines + GOOD}, ["-c", "0"])
    replace(workdir / "list", lines + BETTER)
    assert "1 of 1 data set read anew" in hang_up(server)
    assert errors(client(server)) == [None, None]
    assert says(server, "127.0.0.1", "6.3.2.1.bl.test") == "127.0.0.8"


@pytest.mark.parametrize("share", [None, "0%", "90", "100%"])
def test_max_shrink(spurnd, client, workdir, share):
    """Proves that --max-shrink says which share may go, of all files of a data set together, and only
    of lists of 1,000 entries and more."""
    most = int((share or "50%").rstrip("%"))
    lines = [b"10.0.%d.%d\n" % (n >> 8, n & 255) for n in range(1000)]
    files = {"a": b"".join(lines[:600]), "b": b"".join(lines[600:]), "few": b"".join(lines[:999])}
    server = spurnd.start(
        ["bl.test:ip4set:a,b", "few.test:ip4set:few"],
        files,
        ["-c", "0", *(["--max-shrink", share] if share else [])],
    )
    one = client(server)
    replace(workdir / "few", b"")
    if most < 100:
        # An entry more than may go.
        keep = 1000 - 10 * most - 1
        replace(workdir / "b", b"")
        replace(workdir / "a", b"".join(lines[:keep]))
        log = hang_up(server)
        assert f"of 1000 entries only {keep} would be left" in log, log
        assert errors(one) == [wire.EDE_STALE_NXDOMAIN] * 2
        assert one.ask("231.3.0.10.bl.test").answer
    replace(workdir / "b", b"")
    replace(workdir / "a", b"".join(lines[: 1000 - 10 * most]) + b"# as many as may be\n")
    log = hang_up(server)
    assert "only" not in log and errors(one) == [None, None], log
    assert bool(one.ask("231.3.0.10.bl.test").answer) == (most == 0)
    assert one.ask("1.0.0.10.few.test").rcode == wire.NXDOMAIN


def test_restart_lets_it_through(spurnd, client, workdir):
    """Proves that what was held back is served after a restart, as the log says."""
    server = spurnd.start(["bl.test:ip4set:list"], {"list": GOOD}, ["-c", "0"])
    replace(workdir / "list", b"1.2.3.4 :9:\n")
    assert "`spurn reload --force` serves them" in hang_up(server)
    server.stop()
    server = spurnd.start(["bl.test:ip4set:list"], {}, ["-c", "0"])
    assert says(server, "127.0.0.1", LISTED) == "127.0.0.9"
    assert errors(client(server)) == [None, None]


@pytest.mark.parametrize("zone", ["", "bl.test"])
def test_emptied_acl(spurnd, client, workdir, zone):
    """Proves that an access list which loses most of its entries holds on, as whoever is refused must
    not be let in by an accident; answers to others are not stale for that."""
    refused = b"127.0.0.9 :refuse\n" + b"".join(
        b"10.0.%d.%d :refuse\n" % (n >> 8, n & 255) for n in range(1500)
    )
    server = spurnd.start(
        ["bl.test:ip4set:list", f"{zone}:acl:acl"], {"list": GOOD, "acl": refused}, ["-c", "0"]
    )
    replace(workdir / "acl", b"")
    assert "acl:acl: held back" in hang_up(server)
    assert says(server, "127.0.0.9", LISTED) == wire.REFUSED
    assert says(server, "127.0.0.1", LISTED) == "127.0.0.7"
    assert errors(client(server)) == [None, None]
    assert "acl:acl: stale since" in statistics(server)
