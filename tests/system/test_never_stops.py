# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""Never stops answering: while lists are replaced, loads fail, signals storm, and disks are full,
every query of a client that counts them is answered, over UDP and TCP, no answer is wrong, each is
of the generation that is served or of the one that just comes, and nothing is used up."""

import contextlib
import json
import re
import shutil
import signal
from pathlib import Path

import pytest

from lib import daemon, load, reading, spoil, udp, wire
from lib.daemon import wait_until

pytestmark = pytest.mark.tsan

ENTRIES = 50_000 if daemon.SANITIZED else 1_000_000
RELOADS = 10 if daemon.SANITIZED else 50
REPLACEMENTS = 4 if daemon.SANITIZED else 10
FAILURES = 8 if daemon.SANITIZED else 20
# Entries of lists whose size does not matter.
FEW = 2_000
# What may come and go: pages that the allocator has not given back. An index is three times this.
GROWTH_KB = 1000
# Reloads after which memory is what it will be.
WARM_UP = 5


@pytest.fixture(name="client_path")
def _client_path(spurnd_path):
    return load.find_client(spurnd_path)


@contextlib.contextmanager
def watched(client_path, server, lists, is_replaced=False):
    """A load from before to after, none of whose queries may be unanswered or answered wrong. Where
    one server takes the place of another, TCP connections end and what they had taken is asked again;
    and while both answer, one may be of new data before another one is of old data."""
    client = load.Load(client_path, server, lists)
    try:
        client.more(200)
        yield client
        client.more(200)
        report = client.stop()
    finally:
        client.kill()
    faults = load.faults(report)
    if is_replaced:
        faults.pop("backward", None)
    assert not faults, report
    assert (report["tcp_again"] == 0 or is_replaced) and report["tcp_sent"] > 0, report
    assert report["sent"] == report["answered"], report


def assert_no_growth(before, server, anon_kb=GROWTH_KB):
    """Fails if a server uses more than before: of memory `anon_kb` more at most. A look at the files
    (-c) may just be on, so this waits for a moment without."""

    def has_not_grown():
        after = load.resources(server)
        return (
            after["descriptors"] <= before["descriptors"]
            and after["threads"] <= before["threads"]
            # A sanitizer keeps freed memory for a while; but it reports what is not freed at the end.
            and (daemon.SANITIZED or after["anon_kb"] <= before["anon_kb"] + anon_kb)
            and after
        )

    print(f"before: {before}, now: {load.resources(server)}")
    wait_until(has_not_grown, f"no more than {before}")


def test_client_tells_wrong_from_right(spurnd, client_path, workdir):
    """Proves that the client of these tests would see it: an answer of a generation that was not
    announced, or is gone; one that is missing; and one that says it fails."""
    lists = load.List(client_path, workdir, entries=FEW)
    lists.write(spoil.POISON, workdir / "poison")
    server = spurnd.start([lists.zone], {}, ["-c", "0"])

    def result(damage):
        client = load.Load(client_path, server, lists, rate=200)
        try:
            client.more(20)
            damage(client)
            client.more(50)
            return client.stop()
        finally:
            client.kill()

    def serve_poison(client):
        lists.put(workdir / "poison")
        client.hang_up()

    assert not load.faults(result(lambda client: client.more(20)))
    assert result(lambda client: client.settled(2))["wrong"] > 0
    report = result(serve_poison)
    assert report["wrong"] >= 50 and report["unlisted"] == report["failed"] == 0, report
    server.stop()
    server = spurnd.start(["other.test:ip4trie:list"], {}, ["-c", "0"])
    report = result(lambda _: None)
    assert report["wrong"] == report["failed"] == report["sent"], report
    # What is on its way when the server ends is asked in vain.
    client = load.Load(client_path, server, lists, rate=200, patience_s=1)
    try:
        client.more(20)
        server.stop()
        wait_until(lambda: client.report()["lost"] > 0, "a lost query")
        report = client.stop()
    finally:
        client.kill()
    assert report["refused"] > 0 and report["lost"] + report["answered"] == report["sent"], report


def test_reloads(spurnd, client_path, workdir):
    """Proves it for many reloads of a million entries, whose number is the same, but of which an eighth
    changes; and that they leave nothing behind."""
    lists = load.List(client_path, workdir, entries=ENTRIES)
    server = spurnd.start([lists.zone], {}, ["-c", "0", "--workers", "2"])
    with watched(client_path, server, lists) as client:
        for number in range(RELOADS):
            client.reload_next()
            if number == WARM_UP:
                before = load.resources(server)
        assert_no_growth(before, server)
    assert client.last["first_generation"] == 1
    assert client.last["last_generation"] == RELOADS + 1


def test_reloads_by_themselves_and_by_command(spurnd, spurn_path, client_path, workdir):
    """Proves it for reloads that come from a rename alone, and for `spurn reload`, which tells how much
    has changed."""
    lists = load.List(client_path, workdir, entries=ENTRIES // 10)
    where = ["--control", str(workdir / "control")]
    options = ["-c", "0", "--watch", "on", "--workers", "2", *where]
    server = spurnd.start([lists.zone], {}, options)
    with watched(client_path, server, lists) as client:
        for _ in range(FAILURES // 2):
            client.put_next()
            client.wait_settled()
            # The watch may be first; the changes that are told of are those since the command.
            client.put_next()
            result = daemon.run(spurn_path, ["reload", "--json", *where], workdir)
            assert result.returncode == 0 and json.loads(result.stdout), result
            client.wait_settled()
    assert client.last["last_generation"] == FAILURES // 2 * 2 + 1


def test_replacements(spurnd, client_path, workdir):
    """Proves it for servers of which each takes the place of the one before, by turns with the data that
    that one serves and with new ones."""
    lists = load.List(client_path, workdir, entries=ENTRIES)
    port = daemon.free_port()
    options = ["-c", "0", "--workers", "2", "--control", str(workdir / "control")]
    server = spurnd.start([lists.zone], {}, options, port=port)
    with watched(client_path, server, lists, is_replaced=True) as client:
        for number in range(REPLACEMENTS):
            if number % 2 == 0:
                client.put_next()
            old = client.server
            client.server = spurnd.start([lists.zone], {}, [*options, "--replace"], port=port)
            old.process.wait(daemon.PATIENCE_S)
            old.check()
            client.wait_settled()
            client.more(100)
            client.reload_next()
            if number == 1:
                before = load.resources(client.server)
        # Nothing is handed down that nobody needs.
        assert_no_growth(before, client.server)


def test_storm(spurnd, client_path, workdir):
    """Proves it for hundreds of signals while the list is replaced again and again; and that the last
    state is what is served."""
    lists = load.List(client_path, workdir, entries=ENTRIES // 10)
    server = spurnd.start([lists.zone], {}, ["-c", "1", "--workers", "2"])
    with watched(client_path, server, lists) as client:
        for number in range(FAILURES):
            client.put_next()
            for _ in range(25):
                server.send_signal(signal.SIGHUP)
            # Two generations more are too many to be in service at a time: the file of one is made
            # into the other.
            client.wait_settled()
            if number == WARM_UP:
                before = load.resources(server)
        # The last of the loads that have been asked for is over.
        client.hang_up("reload: nothing changed\n")
        assert_no_growth(before, server)


# ---- loads that fail ----


@pytest.mark.parametrize("kind", spoil.KINDS)
def test_failed_loads(spurnd, client_path, workdir, kind):
    """Proves it for loads that fail, each between good ones: what was served before goes on to be."""
    lists = load.List(client_path, workdir, entries=ENTRIES)
    spoiler = spoil.Spoiler(lists, workdir)
    server = spurnd.start([lists.zone], {}, ["-c", "0", "--workers", "2"])
    with watched(client_path, server, lists) as client:
        for number in range(FAILURES):
            spoiler.spoil(kind)
            assert "1 of 1 data set failed" in client.hang_up()
            if number % WARM_UP == 0:
                client.reload_next()
            else:
                lists.restore()
                assert "are what they were again" in client.hang_up()
            if number == WARM_UP:
                before = load.resources(server)
        assert_no_growth(before, server)
    told = re.findall(f"its last good data are still served: .*({spoil.KINDS[kind]})", server.log())
    assert len(told) == FAILURES, server.log()


def test_truncated_while_read(spurnd, client_path, workdir):
    """Proves it for files that are cut short while they are read. Some are too late for that: then the
    next generation has come, and that is right as well."""
    lists = load.List(client_path, workdir, entries=max(ENTRIES // 4, 50_000))
    server = spurnd.start([lists.zone], {}, ["-c", "0", "--workers", "2"])
    cut = 0

    with watched(client_path, server, lists) as client:

        def cut_one():
            victim = lists.prepare_next()
            victim = Path(shutil.copy(victim, workdir / "victim"))
            client.announce(lists.generation)
            lists.put(victim)
            before = len(server.log())
            server.send_signal(signal.SIGHUP)
            reading.cut_while_read(
                server,
                lists.path,
                victim.stat().st_size // 3,
                lambda: "reload:" in server.log()[before:],
            )
            server.wait_log(r"reload: .*\n", before)
            victim.unlink()
            is_cut = re.search("list: .*changed", server.log()[before:]) is not None
            lists.restore()
            client.hang_up()
            client.wait_settled()
            return is_cut

        for _ in range(50 * FAILURES):
            cut += cut_one()
            if cut == WARM_UP:
                before = load.resources(server)
            if cut == FAILURES:
                break
        assert cut == FAILURES
        assert_no_growth(before, server)


# ---- disks that are full ----


FILE_MAX = 65_536


@pytest.mark.parametrize("how", ["device", "limit"])
def test_disk_full(spurnd, client_path, workdir, out, how):
    """Proves it where neither the query log nor the statistics nor what goes to stderr can be written:
    on a device that is full from the start, and with files that cannot grow any more."""
    lists = load.List(client_path, workdir, entries=ENTRIES // 10)
    files = [out / "queries", out / "statistics"]
    if how == "device":
        for path in files:
            path.symlink_to("/dev/full")
    options = ["-c", "1", "--workers", "2", "-l", str(files[0]), "-s", str(files[1])]
    with open("/dev/full" if how == "device" else out / "stderr", "wb") as stderr:
        server = spurnd.start(
            [lists.zone],
            {},
            options,
            stderr=stderr,
            expect_started=False,
            # Standard error goes into the same kind of file.
            prefix=() if how == "device" else ("prlimit", f"--fsize={FILE_MAX}", "--"),
            port=daemon.free_port(),
        )
    _wait_for_answer(server)
    with watched(client_path, server, lists) as client:
        for _ in range(WARM_UP):
            client.put_next()
            for _ in range(10):
                server.send_signal(signal.SIGHUP)
                server.send_signal(signal.SIGUSR1)
            client.wait_settled()
        if how == "limit":
            wait_until(lambda: files[0].stat().st_size == FILE_MAX, "a full query log")
        before = load.resources(server)
        client.more(load.RATE)
        client.put_next()
        server.send_signal(signal.SIGHUP)
        client.wait_settled()
        assert_no_growth(before, server)
    assert how == "device" or (out / "stderr").stat().st_size <= FILE_MAX


def _wait_for_answer(server):
    """For a server that cannot say that it has started."""
    query = wire.query(f"1.0.0.0.{load.ZONE}")

    def is_there():
        assert server.process.poll() is None
        with udp.Client("127.0.0.1", server.port) as client:
            client.sock.settimeout(0.2)
            client.sock.send(query)
            try:
                return client.sock.recv(4096)
            except (TimeoutError, ConnectionRefusedError):
                return None

    wait_until(is_there, "an answer")
