# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""Files are noticed when they are renamed into place, whatever way leads there, and left alone while
they are written. -c is 60 seconds unless a test says otherwise: what comes sooner was noticed. Which
file is complete when, to the tenth of a second, is the unit tests' (test_settling.c)."""

import os
import re
import signal
import time

import pytest

from lib import wire
from lib.daemon import wait_until
from test_command_line import needs_root
from test_reload import hang_up, replace, value_of

pytestmark = pytest.mark.tsan

# What the rules say, in seconds (settling.h).
CLOSED_S, UNKNOWN_S = 3, 10


def zone(name, path=None):
    """A zone called by its file."""
    return f"{name}.test:ip4set:{path or name}"


def value(client, name):
    """The value that the zone has for 1.2.3.4."""
    return value_of(client, f"4.3.2.1.{name}.test")


def line(number):
    """A list with one entry."""
    return f"1.2.3.4 :{number}:\n"


def start(spurnd, zones, files, options=(), **how):
    """A server that watches, as it does unless told not to."""
    return spurnd.start(zones, files, (*options, "--watch", "on"), **how)


def test_rename(spurnd, client, workdir):
    """Proves that a rename into place is served well under a second later, without a signal."""
    server = start(spurnd, [zone("a")], {"a": line(2)})
    one, tries, took = client(server), 2, []

    def is_quick():
        nonlocal tries
        tries += 1
        replace(workdir / "a", line(tries % 200 + 3))
        begin = time.monotonic()
        wait_until(lambda: value(one, "a") == tries % 200 + 3, "the new data")
        took.append(time.monotonic() - begin)
        return took[-1] < 0.7

    wait_until(is_quick, "a machine that is quick enough for once")
    print(f"from the rename to the answer, in s: {took}")


def test_by_default(spurnd, workdir, client):
    """Proves that files are watched unless somebody says otherwise: --watch off, or -c 0 without
    --watch on, after which only SIGHUP counts."""
    rows = [
        (("-c", "60"), True),
        (("-c", "0"), False),
        (("-c", "0", "--watch", "on"), True),
        (("--watch", "off"), False),
        (("-c", "60", "--watch", "off"), False),
    ]
    servers = [
        (spurnd.start([zone("a")], {"a": line(2)}, options), watches) for options, watches in rows
    ]
    replace(workdir / "a", line(33))
    for server, watches in servers:
        if watches:
            wait_until(lambda which=server: value(client(which), "a") == 33, "the new data")
    for server, watches in servers:
        if not watches:
            assert value(client(server), "a") == 2
            hang_up(server)
            assert value(client(server), "a") == 33


def _switch(link, target):
    """As ln -sfn does."""
    fresh = link.with_name(link.name + ".new")
    fresh.symlink_to(target)
    os.rename(fresh, link)


def _renamed_target(base):
    replace(base / "v1" / "target", line(3))


def _switched_link(base):
    _switch(base / "link", "v2/other")


def _switched_directory(base):
    _switch(base / "current", "v2")


def _remade_link(base):
    (base / "remade").unlink()
    (base / "remade").symlink_to("v2/other")


def _renamed_directory(base):
    os.rename(base / "moved", base / "moved.old")
    os.rename(base / "moved.new", base / "moved")


def _remade_file(base):
    (base / "gone").unlink()
    replace(base / "gone", line(3))


def _hard_link(base):
    (base / "hard").unlink()
    os.link(base / "v2" / "other", base / "hard")


def _late_directory(base):
    (base / "late.new" / "deep").mkdir(parents=True)
    (base / "late.new" / "deep" / "list").write_text(line(3))
    os.rename(base / "late.new", base / "late")


def _late_link(base):
    (base / "dangling").symlink_to("v2/other")


def _chmod(base):
    os.chmod(base / "locked", 0o644)


# The zones, the files that they are read from, and what happens to them.
WAYS = {
    "target": ("symbolic", _renamed_target),
    "link": ("link", _switched_link),
    "current": ("current/other", _switched_directory),
    "remade": ("remade", _remade_link),
    "moved": ("moved/list", _renamed_directory),
    "gone": ("gone", _remade_file),
    "hard": ("hard", _hard_link),
    "late": ("late/deep/list", _late_directory),
    "dangling": ("dangling", _late_link),
    "locked": ("locked", _chmod),
}


def test_ways(spurnd, client, workdir):
    """Proves that a file is noticed by whatever way it comes, among many others that are not our
    business: its own rename, that of a link's target, of a link, of a directory on the way; links that
    are made anew; files and directories that were not there before; and files that can be read at
    last. Half of the paths are relative, half absolute."""
    for name in ("v1", "v2", "moved", "moved.new"):
        (workdir / name).mkdir()
    for name in ("v1/target", "v1/other", "moved/list", "gone", "hard"):
        (workdir / name).write_text(line(2))
    for name in ("v2/other", "moved.new/list", "locked"):
        (workdir / name).write_text(line(3))
    (workdir / "symbolic").symlink_to(workdir / "v1" / "target")
    (workdir / "link").symlink_to("v1/other")
    (workdir / "remade").symlink_to("v1/other")
    (workdir / "current").symlink_to("v1")
    # Modified just now, it would be taken for one that is written for a while.
    os.utime(workdir / "locked", (1000, 1000))
    os.chmod(workdir / "locked", 0)
    zones = [
        zone(name, path if number % 2 else workdir / path)
        for number, (name, (path, _)) in enumerate(WAYS.items())
    ]
    server = start(spurnd, zones, {}, ("-q",))
    # What is heard of before the first load is through is only known to be there.
    server.wait_log("data sets could not be loaded")
    one = client(server)
    for number in range(500):
        (workdir / f"other{number % 7}").write_text("1.2.3.4 :9:\n")
        os.rename(workdir / f"other{number % 7}", workdir / "renamed")
    for name, (_, happen) in WAYS.items():
        assert value(one, name) in (2, None), name
        happen(workdir)
        wait_until(lambda which=name: value(one, which) == 3, f"the new data of {name}")
    # From then on, too.
    replace(workdir / "v2" / "other", line(4))
    for name in ("link", "current", "remade", "dangling"):
        wait_until(lambda which=name: value(one, which) == 4, f"the second ones of {name}")
    _switch(workdir / "current", "v1")
    wait_until(lambda: value(one, "current") == 2, "the first ones again")
    log = server.log()
    # No way needs more loads than one.
    assert len(re.findall("reload: .* read anew", log)) <= len(WAYS) + 6, log


def test_one_load(spurnd, client, workdir):
    """Proves that files which are renamed one behind the other come into service together."""
    names = [f"list{number}" for number in range(20)]
    server = start(
        spurnd, [f"all.test:ip4set:{name}" for name in names], {name: line(2) for name in names}
    )
    one, number = client(server), 2

    def is_one_load():
        nonlocal number
        number += 1
        before = len(server.log())
        for name in names:
            replace(workdir / name, line(number % 200 + 3))
        wait_until(
            lambda: [r.rdata[3] for r in one.ask("4.3.2.1.all.test").answer] == [number % 200 + 3],
            "all new data",
        )
        server.wait_log(r"reload: (20 of 20)? .*\n", before)
        return len(re.findall(r"reload: ", server.log()[before:])) == 1

    wait_until(is_one_load, "all in one load, on a machine that is quick enough for once")


def test_written_in_place(spurnd, client, workdir, out):
    """Proves that a file that is being written is not read, although it changes and -c looks at it
    each second, until it has been closed and was left alone for a while; with notices and, while
    longer, without. Half of the list must never be seen. SIGHUP reads what there is."""
    # Few entries: nothing that the guard against loss would keep.
    files = {"a": line(2) + "10.0.0.1\n10.0.0.2\n"}
    servers = [
        spurnd.start([zone("a")], files, ("-c", "1", "--watch", watch, "-s", f"out/{watch}"))
        for watch in ("on", "off")
    ]
    asked = spurnd.start([zone("a")], {}, ("-c", "0"))
    clients = [client(server) for server in servers]
    ticks = [out / "on", out / "off"]
    generation, before, closed = 2, 2, 0

    def seen(one):
        return value(one, "a"), one.ask("2.0.0.10.a.test").rcode == wire.NOERROR

    def wait_checks():
        before = [path.read_text().count("\n") for path in ticks]
        wait_until(
            lambda: all(
                path.read_text().count("\n") > count + 1 for path, count in zip(ticks, before)
            ),
            "checks",
        )

    def has_been_left_alone():
        """Writes a new list with a pause, and returns whether that was not too long."""
        nonlocal generation, before, closed
        before, generation = generation, generation + 1
        with open(workdir / "a", "w", encoding="ascii") as writer:
            writer.write(line(generation) + "10.0.0.1\n")
            writer.flush()
            begin = time.monotonic()
            wait_checks()
            answers = [seen(one) for one in clients]
            is_in_time = time.monotonic() - begin < UNKNOWN_S - 1
            assert answers == [(before, True)] * 2 or not is_in_time
            hang_up(asked)
            assert seen(client(asked)) == (generation, False)
            writer.write("10.0.0.2\n")
            closed = time.monotonic()  # not later than that
        if is_in_time and time.monotonic() - begin < UNKNOWN_S - 1:
            return True
        for one in clients:
            wait_until(lambda one=one: seen(one) == (generation, True), "the new data")
        return False

    wait_until(lambda: all(path.exists() for path in ticks), "the first check")
    wait_until(has_been_left_alone, "checks that come in time")
    for one, pause_s in zip(clients, (CLOSED_S, UNKNOWN_S)):

        def has_changed(one=one):
            now = seen(one)
            assert now in ((before, True), (generation, True)), now
            return now[0] == generation

        wait_until(has_changed, "the new data")
        took = time.monotonic() - closed
        print(f"from the end of writing to the answer: {took} s")
        assert took >= pause_s
    for server in servers:
        assert "stale" not in server.log() and "still served" not in server.log()


def test_half_a_data_set(spurnd, client, workdir):
    """Proves that of a data set of several files none is read while one of them is written."""
    server = start(
        spurnd, [zone("a", "a,b"), zone("c")], {"a": line(2), "b": "1.2.3.5\n", "c": line(2)}
    )
    one = client(server)
    with open(workdir / "b", "w", encoding="ascii") as writer:
        writer.write("1.2.3.6\n")
        writer.flush()
        replace(workdir / "a", line(3))
        replace(workdir / "c", line(3))
        wait_until(lambda: value(one, "c") == 3, "another data set")
        assert value(one, "a") == 2
        # A rename ends the wait for the writer.
        replace(workdir / "b", "1.2.3.7\n")
        wait_until(lambda: value(one, "a") == 3, "both files")
        assert one.ask("7.3.2.1.a.test").rcode == wire.NOERROR


def test_removed(spurnd, client, workdir):
    """Proves that a file which is gone for a moment is no failure, and one that is gone for good is."""
    server = start(spurnd, [zone("a"), zone("b")], {"a": line(2), "b": line(2)})
    one = client(server)
    (workdir / "b").unlink()
    gone_s = 0
    for number in range(3, 6):
        began = time.monotonic()
        (workdir / "a").unlink()
        replace(workdir / "a", line(number))
        gone_s = max(gone_s, time.monotonic() - began)
        wait_until(lambda which=number: value(one, "a") == which, "the new data")
    server.wait_log("b: could not be loaded; its last good data are still served")
    assert value(one, "b") == 2
    # If the test was not given a CPU, it was gone for longer than that.
    assert "a: could not be loaded" not in server.log() or gone_s > 0.5
    replace(workdir / "b", line(3))
    wait_until(lambda: value(one, "b") == 3, "the file that came back")


def test_cookie_secrets(spurnd, workdir):
    """Proves that new cookie secrets are noticed as well."""
    server = start(
        spurnd, [zone("a")], {"a": line(2), "secret": "a" * 32}, ("--cookie-secret", "secret")
    )
    fresh = workdir / "secret.new"
    fresh.write_text("b" * 32)
    os.rename(fresh, workdir / "secret")
    server.wait_log("new cookie secrets are in use")


def test_chroot(spurnd, client, workdir):
    """Proves that what is watched is in the new root, where the files are."""
    needs_root()
    (workdir / "root" / "zones").mkdir(parents=True)
    (workdir / "root" / "link").symlink_to("/zones/a")
    (workdir / "root" / "zones" / "a").write_text(line(2))
    server = start(
        spurnd,
        [zone("a", "/link")],
        None,
        ("-r", str(workdir / "root"), "-w", "/zones"),
        look_for_leaks=False,
    )
    replace(workdir / "root" / "zones" / "a", line(3))
    wait_until(lambda: value(client(server), "a") == 3, "the new data")


def test_another_plan(spurnd, client, workdir):
    """Proves that files of zones that come with a new configuration are watched, others go on to be,
    and those of zones that are gone are not."""
    config = workdir / "conf"
    config.write_text('zones = { "a.test:ip4set:a", "b.test:ip4set:b" }\n')
    for name in "abc":
        (workdir / name).write_text(line(2))
    server = start(spurnd, [], {}, ("--config", str(config)))
    one = client(server)
    replace(config, 'zones = { "b.test:ip4set:b", "c.test:ip4set:c" }\n')
    hang_up(server)
    wait_until(lambda: value(one, "c") == 2, "the new zone")
    for name in "bc":
        replace(workdir / name, line(3))
        wait_until(lambda which=name: value(one, which) == 3, f"the new data of {name}")
    before = len(server.log())
    replace(workdir / "a", line(3))
    replace(workdir / "c", line(4))
    server.wait_log("reload: 1 of ", before)
    assert "set:a" not in server.log()[before:]


def test_end_while_waiting(spurnd, workdir):
    """Proves that files which are not complete keep nobody from stopping."""
    server = start(spurnd, [zone("a")], {"a": line(2)})
    with open(workdir / "a", "w", encoding="ascii") as writer:
        writer.write(line(3))
        writer.flush()
        server.stop(signal.SIGTERM)
