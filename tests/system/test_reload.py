# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""Reloading: what changed is read and nothing else, what fails keeps the last good data and says
why, and no query waits meanwhile."""

import functools
import os
import re
import signal
import threading
import time

import pytest

from lib import daemon, reading, udp, wire
from lib.daemon import wait_until

pytestmark = pytest.mark.tsan

NAME = "4.3.2.1.bl.test"
ZONE = "bl.test:ip4set:list"
BIG_ENTRIES = 200_000 if daemon.SANITIZED else 1_000_000
QUERIES_PER_S = 500 if daemon.SANITIZED else 2_000
STORM = 30 if daemon.SANITIZED else 200


def value_of(client, name=NAME):
    """The last octet of the A record of a listed name, None if it is not listed."""
    answer = client.ask(name).answer
    return answer[0].rdata[3] if answer else None


def hang_up(server):
    """SIGHUP, and waits for the end of the reload; returns what it logged."""
    before = len(server.log())
    server.send_signal(signal.SIGHUP)
    server.wait_log(r"reload: .*\n", before)
    return server.log()[before:]


def replace(path, text):
    """Puts a new file in the place of the old one, as rsync does."""
    fresh = path.with_name(path.name + ".new")
    fresh.write_text(text)
    os.rename(fresh, path)


def set_value(path, value, mtime=None):
    """Writes a list with one entry."""
    replace(path, f"1.2.3.4 :{value}:\n")
    if mtime:
        os.utime(path, (mtime, mtime))


def test_changed_files_are_read_and_others_are_not(spurnd, client, workdir):
    """Proves that SIGHUP reads what has changed, by time or by size alone, and nothing else."""
    for name in ("a", "b", "c"):
        set_value(workdir / name, 2, 1000)
    server = spurnd.start(["a.test:ip4set:a", "b.test:ip4trie:b,c"])
    one = client(server)
    assert "nothing changed" in hang_up(server)
    # The same size, another time.
    set_value(workdir / "a", 3, 2000)
    log = hang_up(server)
    assert "ip4set:a" in log and "ip4trie" not in log
    assert value_of(one, "4.3.2.1.a.test") == 3
    # The same time, another size.
    replace(workdir / "c", "1.2.3.5 :55:\n")
    os.utime(workdir / "c", (1000, 1000))
    log = hang_up(server)
    assert "ip4trie:b,c" in log and "ip4set:a" not in log
    assert value_of(one, "5.3.2.1.b.test") == 55
    # An older time is another time.
    set_value(workdir / "a", 4, 500)
    hang_up(server)
    assert value_of(one, "4.3.2.1.a.test") == 4
    assert "nothing changed" in hang_up(server)


def changes_of(log):
    """What a reload says of its data sets: {spec: (entries, added, removed, changed)}."""
    found = re.findall(
        r"(\S+): (\d+) entr(?:y|ies), .*; (\d+) added, (\d+) removed, (\d+) changed\n", log
    )
    return {spec: tuple(int(number) for number in numbers) for spec, *numbers in found}


def test_the_log_counts_what_is_new(spurnd, workdir):
    """Proves that after a reload whoever edited twenty lines finds just those in the log: for
    neighbours, which an index merges, for prefixes inside of others, ranges and names alike."""
    lists = {
        "ip4set": [f"10.0.{i}.{j}" for i in range(4) for j in range(250)] + ["10.1.0.9-10.1.3.7"],
        "ip4trie": [f"10.{i}.0.0/16" for i in range(200)] + ["10.0.0.0/8", "!10.3.4.0/24"],
        "ip6trie": [f"2001:db8:{i:x}::/48" for i in range(300)] + ["2001:db8::/32"],
        "dnset": [f".n{i}.example" for i in range(300)] + [f"*.w{i}" for i in range(100)],
    }
    for name, lines in lists.items():
        replace(workdir / name, "".join(line + "\n" for line in lines))
    server = spurnd.start([f"{name}.test:{name}:{name}" for name in lists])
    assert not changes_of(server.log()), "there was nothing to compare with"
    news = {
        "ip4set": ["10.0.4.0/22", "10.1.0.9-10.1.3.8", "10.2.0.0-10.2.0.255"],
        "ip4trie": ["10.3.4.0/25", "!10.5.0.0/24"],
        "ip6trie": ["2001:db8:ffff::/48", "2001:db8::/33", "2001:db9::1"],
        "dnset": ["n1.example", "*.n1.example", "!x.n2.example"],
    }
    for name, lines in lists.items():
        kept = lines[10:-2] + [lines[-2] + " :9:other", lines[-1]]
        replace(workdir / name, "".join(line + "\n" for line in news[name] + kept))
    changes = changes_of(hang_up(server))
    for name, lines in lists.items():
        added, removed = len(news[name]), 10
        count = len(lines) + added - removed
        assert changes[f"{name}:{name}"] == (count, added, removed, 1), name


def test_shared_data_sets_are_read_once(spurnd, client, workdir):
    """Proves that a data set of several zones is read once, and all of them have the new data."""
    set_value(workdir / "a", 2, 1000)
    server = spurnd.start(["a.test:ip4set:a", "b.test:ip4set:a", "c.test:ip4set:a"])
    set_value(workdir / "a", 3, 2000)
    assert len(re.findall(r"ip4set:a: \d+ ", hang_up(server))) == 1
    one = client(server)
    assert [value_of(one, f"4.3.2.1.{zone}.test") for zone in "abc"] == [3, 3, 3]


def _make_missing(path):
    path.unlink()


def _make_unreadable(path):
    set_value(path, 3)
    os.chmod(path, 0)


def _make_directory(path):
    path.unlink()
    path.mkdir()


def _make_dangling(path):
    path.unlink()
    path.symlink_to("nowhere")


@pytest.mark.parametrize(
    "damage, says",
    [
        (_make_missing, "No such file"),
        (_make_unreadable, "denied"),
        (_make_directory, "irectory"),
        (_make_dangling, "No such file"),
    ],
)
def test_failed_load_keeps_the_old_data(spurnd, client, workdir, damage, says):
    """Proves that a file that cannot be read any more leaves its data set as it was, with a message
    that names file and reason; that others load all the same; and that it heals."""
    set_value(workdir / "list", 2, 1000)
    set_value(workdir / "other", 2, 1000)
    server = spurnd.start([ZONE, "other.test:ip4set:other"])
    one = client(server)
    damage(workdir / "list")
    set_value(workdir / "other", 7, 2000)
    log = hang_up(server)
    assert re.search(rf"list: .*{says}", log), log
    assert "failed" in log
    assert value_of(one) == 2 and value_of(one, "4.3.2.1.other.test") == 7
    if (workdir / "list").is_dir():
        (workdir / "list").rmdir()
    set_value(workdir / "list", 4, 3000)
    hang_up(server)
    assert value_of(one) == 4


def test_file_that_changes_while_it_is_read(spurnd, client, workdir):
    """Proves that a file that changes under the reader (no rename, as a bad script does it) is not
    taken half, but fails the load; and is taken when it stands still."""
    path = workdir / "list"
    entries = "".join(f"10.{i >> 16}.{i >> 8 & 255}.{i & 255}\n" for i in range(BIG_ENTRIES))
    path.write_text("1.2.3.4 :2:\n" + entries)
    server = spurnd.start([ZONE])
    one = client(server)
    stop = threading.Event()

    def scribble():
        with open(path, "a", encoding="ascii") as out:
            while not stop.wait(0.0005):
                out.write("1.2.3.9 :3:\n")
                out.flush()

    writer = threading.Thread(target=scribble)
    writer.start()
    try:

        def has_failed():
            return re.search(r"list: .*chang", hang_up(server))

        wait_until(has_failed, "a load that the writer spoils")
        assert value_of(one) == 2
    finally:
        stop.set()
        writer.join()
    hang_up(server)
    assert value_of(one, "9.3.2.1.bl.test") == 3


def test_check_finds_changes(spurnd, client, workdir):
    """Proves that -c re-reads a changed file without a signal, and survives a failure."""
    set_value(workdir / "list", 2, 1000)
    server = spurnd.start([ZONE], {}, ("-c", "1"))
    one = client(server)
    (workdir / "list").unlink()
    server.wait_log("list: .*No such file")
    assert value_of(one) == 2
    set_value(workdir / "list", 3, 2000)
    wait_until(lambda: value_of(one) == 3, "the new data")


def test_no_check_means_none(spurnd, client, workdir):
    """Proves that -c 0 leaves files alone until SIGHUP. (Another server with -c 1 shows when a
    check would have come.)"""
    set_value(workdir / "list", 2, 1000)
    server = spurnd.start([ZONE], {}, ("-c", "0"))
    other = spurnd.start([ZONE], {}, ("-c", "1"))
    set_value(workdir / "list", 3, 2000)
    wait_until(lambda: value_of(client(other)) == 3, "the check of the other server")
    assert value_of(client(server)) == 2
    hang_up(server)
    assert value_of(client(server)) == 3


def test_storm_of_signals(spurnd, client, workdir):
    """Proves that many SIGHUPs at once, with the file replaced all the time, end in the last state
    and in a server that is well."""
    set_value(workdir / "list", 2)
    server = spurnd.start([ZONE], {}, ("--workers", "2"))
    one = client(server)
    for number in range(STORM):
        replace(workdir / "list", f"1.2.3.4 :{number % 200 + 1}:\n" + "#" * number + "\n")
        server.send_signal(signal.SIGHUP)
        assert value_of(one) is not None
    wait_until(lambda: value_of(one) == (STORM - 1) % 200 + 1, "the last data")
    assert value_of(one) == (STORM - 1) % 200 + 1


@functools.lru_cache(maxsize=1)
def big_entries():
    """The text of BIG_ENTRIES addresses without values."""
    return "".join(
        f"{10 + (i >> 18)}.{i >> 10 & 255}.{i >> 2 & 255}.{i % 4 * 63 + 1}\n"
        for i in range(BIG_ENTRIES)
    )


def big_list(value):
    """A list of BIG_ENTRIES addresses that all have `value`."""
    return f":{value}:v{value}\n" + big_entries()


def test_queries_during_reloads(spurnd, workdir):
    """Proves that at 2,000 queries a second, during reloads of a million entries, none is
    unanswered, each answer, A and TXT in turn, is the old or the new one, and never the old again
    after the new.
    """
    path = workdir / "list"
    path.write_text(big_list(1))
    server = spurnd.start([ZONE], {}, ("--workers", "2"))
    done = threading.Event()
    problems, seen = [], {}
    asked = [0]

    def ask():
        with udp.Client("127.0.0.1", server.port) as client:
            client.sock.settimeout(5)
            start = time.monotonic()
            while not done.is_set():
                number = asked[0] * 7919 % BIG_ENTRIES
                address = (
                    (10 + (number >> 18)) << 24
                    | (number >> 10 & 255) << 16
                    | (number >> 2 & 255) << 8
                    | number % 4 * 63 + 1
                )
                client.sock.send(
                    wire.query(
                        wire.reversed_ip4(address, "bl.test"),
                        (wire.A, wire.TXT)[asked[0] % 2],
                        ident=asked[0] & 0xFFFF,
                    )
                )
                try:
                    reply = wire.parse(client.sock.recv(2048))
                except TimeoutError:
                    problems.append(f"query {asked[0]} is unanswered")
                    return
                values = [record.rdata for record in reply.answer]
                version = next(
                    (
                        value
                        for value in range(1, 10)
                        if values
                        == [(bytes((127, 0, 0, value)), wire.txt(f"v{value}"))[asked[0] % 2]]
                    ),
                    None,
                )
                if (
                    version is None
                    or reply.id != asked[0] & 0xFFFF
                    or version < max(seen, default=0)
                ):
                    problems.append(f"query {asked[0]}: {reply}")
                seen[version] = seen.get(version, 0) + 1
                asked[0] += 1
                ahead = start + asked[0] / QUERIES_PER_S - time.monotonic()
                if ahead > 0:
                    time.sleep(ahead)

    asker = threading.Thread(target=ask)
    asker.start()
    try:
        for value in (2, 3, 4):
            replace(path, big_list(value))
            hang_up(server)
            wait_until(lambda version=value: version in seen or problems, f"version {value}")
    finally:
        done.set()
        asker.join()
    print(f"{asked[0]} queries, answered from version: {seen}")
    assert not problems, problems[:3]
    assert set(seen) == {1, 2, 3, 4}


def test_end_during_a_load(spurnd, workdir):
    """Proves that SIGTERM in the middle of a long load, the first or a later one, ends it with status
    0 and does not wait for the end of the load."""
    path = workdir / "list"
    reading.long_list(path)
    # The first load: no "started" yet.
    server = spurnd.start([ZONE], {}, expect_started=False)
    reading.wait_reading(server, path)
    server.stop()
    assert not server.has_logged("started") and not server.has_logged(" entries")
    # A reload.
    path.write_text("1.2.3.4\n")
    server = spurnd.start([ZONE], {})
    reading.long_list(path)
    server.send_signal(signal.SIGHUP)
    reading.wait_reading(server, path)
    server.stop()
    assert len(re.findall(r" entr(y|ies)", server.log())) == 1, server.log()


def test_memory_does_not_grow(spurnd, workdir):
    """Proves that old data are freed: after the first reloads, more of them take no more memory."""
    path = workdir / "list"
    path.write_text(big_list(1))
    server = spurnd.start([ZONE], {})
    index_kb = int(re.search(r"(\d+) bytes", server.log()).group(1)) // 1024
    sizes = []
    for number in range(4 if daemon.SANITIZED else 12):
        replace(path, big_list(1) + "#" * number + "\n")
        hang_up(server)
        sizes.append(server.memory_kb())
    print(f"index {index_kb} kB, resident kB after each reload: {sizes}")
    # A sanitizer keeps freed memory for a while, but its leak check at the end sees more than this.
    if not daemon.SANITIZED:
        assert sizes[-1] - sizes[3] < 4 * index_kb, "half of the last eight indexes are still there"
