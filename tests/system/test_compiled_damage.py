# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""Lists that are mapped must be replaced by renaming. Whoever changes one in place all the same, cuts it
short, copies another one over it or writes into it, ends neither the server nor in a wrong answer:
from then on its zone answers SERVFAIL, as log and status say, until a good file has been loaded."""

import ipaddress
import json
import os
import random
import shutil
import threading

import pytest

from lib import compiled, control, daemon, udp, wire
from lib.daemon import wait_until

ENTRIES = 20_000
ZONE = "bl.example"
# Where a client looks: half of it is listed.
WIDE = 2 * ENTRIES
A_OF = {"old": bytes([127, 0, 0, 3]), "new": bytes([127, 0, 0, 4])}


def address(number):
    """An address by its number, as text."""
    return str(ipaddress.IPv4Address(0x0A000000 + number))


def name_of(number):
    """The name that it is asked by."""
    return wire.reversed_ip4(0x0A000000 + number, ZONE)


def is_listed(which, number):
    """Which numbers a list has: each its own half."""
    return number % 2 == (0 if which == "old" else 1)


def expected(which, number):
    """(rcode, addresses) that the list answers."""
    if is_listed(which, number):
        return wire.NOERROR, [A_OF[which]]
    return wire.NXDOMAIN, []


class Client:
    """Asks all the time, and judges every answer: SERVFAIL, or what a list in `allowed` says."""

    def __init__(self, server, lists=("old",)):
        self.server, self.allowed, self.can_fail = server, set(lists), False
        self.wrong, self.counts, self.rounds = [], {"right": 0, "failed": 0}, 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join()

    def _run(self):
        rng = random.Random(8)
        while not self._stop.is_set():
            allowed, can_fail = set(self.allowed), self.can_fail
            asked = [(rng.randrange(WIDE), rng.choice((wire.A, wire.TXT))) for _ in range(64)]
            packets = [
                wire.query(name_of(number), qtype, ident=ident)
                for ident, (number, qtype) in enumerate(asked)
            ]
            with udp.open_socket("127.0.0.1", self.server.port) as sock:
                replies = udp.exchange_all(sock, packets)
            # What was true when they were asked, or is by now.
            allowed |= self.allowed
            can_fail |= self.can_fail
            for (number, qtype), reply in zip(asked, replies):
                self._judge(number, qtype, reply, allowed, can_fail)
            self.rounds += 1

    def _judge(self, number, qtype, reply, allowed, can_fail):
        parsed = wire.parse(reply)
        if parsed.rcode == wire.SERVFAIL and can_fail:
            self.counts["failed"] += 1
            return
        found = [record.rdata for record in parsed.answer]
        for which in allowed:
            rcode, addresses = expected(which, number)
            is_same = found == addresses or (qtype == wire.TXT and len(found) == len(addresses))
            if parsed.rcode == rcode and is_same:
                self.counts["right"] += 1
                return
        self.wrong.append((number, wire.show(reply)))

    def wait_rounds(self, count=3):
        """Until so many more batches of questions have been answered."""
        goal = self.rounds + count
        wait_until(lambda: self.rounds >= goal or self.wrong, "answers")


@pytest.fixture(name="lists")
def _lists(spurn_path, workdir):
    """Compiles old.cdb, new.cdb of another size, and list.cdb, which is served, all in workdir."""
    for which in ("old", "new"):
        with open(workdir / which, "w", encoding="ascii") as out:
            out.write(f":{A_OF[which][3]}:{which} $\n" + "$SOA 60 a b 1 1 1 1 1\n")
            out.writelines(f"{address(n)}\n" for n in range(WIDE) if is_listed(which, n))
            out.write("# longer\n192.0.2.0/24\n" if which == "new" else "")
        compiled.compile_good(spurn_path, ["-o", f"{which}.cdb", f"{ZONE}:ip4set:{which}"], workdir)
    install(workdir, "old")
    return workdir


def install(directory, which):
    """Puts a list in place as it should be done."""
    shutil.copyfile(directory / f"{which}.cdb", directory / "list.tmp")
    os.chmod(directory / "list.tmp", 0o644)
    os.rename(directory / "list.tmp", directory / "list.cdb")


def empty(path):
    """Cuts it to nothing."""
    os.truncate(path, 0)


def halve(path):
    """Half of it is left."""
    os.truncate(path, os.path.getsize(path) // 2)


def spoil(path):
    """Writes garbage to all of it, which stays as long."""
    with open(path, "r+b") as out:
        out.write(random.Random(5).randbytes(os.path.getsize(path)))


def spoil_a_bit(path):
    """Changes one bit of an index."""
    with open(path, "r+b") as out:
        out.seek(os.path.getsize(path) // 3)
        byte = out.read(1)[0]
        out.seek(-1, os.SEEK_CUR)
        out.write(bytes([byte ^ 1]))


def copy_over(path):
    """What cp other.cdb list.cdb does: cuts it to nothing, and writes."""
    shutil.copyfile(path.parent / "new.cdb", path)


@pytest.fixture(name="served")
def _served(spurnd_path, spurn_path, lists):
    """(server, tool) with list.cdb."""
    sock = lists / "control"
    server = daemon.Daemon(
        spurnd_path,
        ["--workers", "2", "--control", str(sock), f"{ZONE}:compiled:list.cdb"],
        lists,
    )
    try:
        yield server, control.Tool(spurn_path, sock, lists)
        server.stop()
    finally:
        server.kill()


def state(tool):
    """(of the data set, of the zone)."""
    done = tool.run("status", "--json")
    status = json.loads(done.stdout)
    return status["data_sets"][0]["state"], status["zones"][0]["state"], status["data_sets"][0]


@pytest.mark.tsan
@pytest.mark.parametrize("damage", [empty, halve, spoil, spoil_a_bit, copy_over])
def test_changed_in_place(served, lists, damage):
    """Under load, the file is damaged; a reload takes it if it is a good one again, and refuses it if not;
    then a good file is renamed into place."""
    server, tool = served
    path = lists / "list.cdb"
    with Client(server) as client:
        client.wait_rounds()
        assert client.counts["failed"] == 0
        client.can_fail = True
        damage(path)
        wait_until(lambda: client.counts["failed"] > 0 or client.wrong, "SERVFAIL")
        client.allowed.clear()
        client.wait_rounds()
        server.wait_log(r"list\.cdb was changed in place .* rename them")
        of_set, of_zone, data_set = state(tool)
        assert (of_set, of_zone) == ("damaged", "damaged")
        assert "changed in place" in data_set["why"] and data_set["since"] is not None

        # For all that the zone has.
        with udp.Client("127.0.0.1", server.port) as one:
            for qtype in (wire.SOA, wire.A):
                reply = one.ask(ZONE, qtype, edns=wire.Edns())
                assert reply.rcode == wire.SERVFAIL and not reply.answer
                assert wire.error_of(reply) == wire.EDE_INVALID_DATA

        if damage is copy_over:
            client.allowed.add("new")
        done = tool.run("reload")
        if damage is copy_over:
            assert done.returncode == 0, done
        else:
            assert done.returncode == 1, done
            server.wait_log(r"could not be loaded; what was served until now was changed in place")
            assert state(tool)[:2] == ("damaged", "damaged")
            client.wait_rounds()

        client.allowed.add("new")
        install(lists, "new")
        assert tool.run("reload").returncode == 0
        client.wait_rounds()
        client.can_fail = False
        client.wait_rounds()
        assert state(tool)[:2] == ("ok", "ok")
        before = client.counts["failed"]
        client.wait_rounds()
        assert client.counts["failed"] == before
    assert not client.wrong, client.wrong[:5]
    assert server.log().count("was changed in place while it was served") == 1


def test_touched(served, lists):
    """The same bytes with another time are served on: nobody notices but the next reload."""
    server, _ = served
    path = lists / "list.cdb"
    with Client(server) as client:
        for seconds in (None, 1_000_000_000, None):
            os.utime(path, seconds and (seconds, seconds))
            client.wait_rounds()
    assert not client.wrong, client.wrong[:5]
    assert client.counts["failed"] == 0 and "in place" not in server.log()


def test_damaged_while_nobody_asks(served, lists):
    """What happens between two queries is seen by the second one."""
    server, tool = served
    with udp.Client("127.0.0.1", server.port) as client:
        name = name_of(2)
        assert client.ask(name).answer[0].rdata == A_OF["old"]
        spoil(lists / "list.cdb")
        assert client.ask(name).rcode == wire.SERVFAIL
        install(lists, "old")
        assert tool.run("reload").returncode == 0
        assert client.ask(name).answer[0].rdata == A_OF["old"]


def test_smaller_list(spurn_path, served, lists):
    """What is damaged is not kept because the next list is a small one: that has no SOA, either."""
    server, tool = served
    (lists / "few").write_text(f":127.0.0.3:few\n{address(2)}\n", encoding="ascii")
    compiled.compile_good(spurn_path, ["-o", "few.cdb", f"{ZONE}:ip4set:few"], lists)
    install(lists, "few")
    assert tool.run("reload").returncode == 1
    assert "held back" in server.log()
    install(lists, "old")
    assert tool.run("reload").returncode == 0
    with udp.Client("127.0.0.1", server.port) as client:
        spoil(lists / "list.cdb")
        assert client.ask(name_of(2)).rcode == wire.SERVFAIL
        install(lists, "few")
        assert tool.run("reload").returncode == 0
        assert client.ask(name_of(2)).answer[0].rdata == A_OF["old"]
        assert client.ask(name_of(4)).rcode == wire.NXDOMAIN


def test_put_back(served, lists):
    """A file that is again what it was, time and all, is taken by the next reload: it had been given up."""
    server, tool = served
    path = lists / "list.cdb"
    before = os.stat(path)
    with udp.Client("127.0.0.1", server.port) as client:
        name = name_of(2)
        good = path.read_bytes()
        spoil(path)
        assert client.ask(name).rcode == wire.SERVFAIL
        with open(path, "r+b") as out:
            out.write(good)
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
        assert client.ask(name).rcode == wire.SERVFAIL
        assert tool.run("reload").returncode == 0
        assert client.ask(name).answer[0].rdata == A_OF["old"]


@pytest.mark.parametrize("damage", [empty, halve, spoil])
def test_several_data_sets(spurnd_path, spurn_path, lists, damage):
    """Each data set of a file that has several for the zone is guarded, and so is one that is combined."""
    (lists / "names").write_text("".join(f"host{n}.example\n" for n in range(5000)))
    (lists / "both").write_text("$DATASET ip4set x @\n192.0.2.1\n$DATASET dnset y @\n*.both.test\n")
    specs = [f"{ZONE}:ip4set:old", f"{ZONE}:dnset:names", f"{ZONE}:combined:both"]
    compiled.compile_good(spurn_path, ["-o", "several.cdb", *specs], lists)
    os.chmod(lists / "several.cdb", 0o644)
    server = daemon.Daemon(spurnd_path, [f"{ZONE}:compiled:several.cdb"], lists)
    names = (name_of(2), f"host4999.example.{ZONE}", f"a.both.test.{ZONE}")
    try:
        with udp.Client("127.0.0.1", server.port) as client:
            for name in names:
                assert client.ask(name).rcode == wire.NOERROR, name
            damage(lists / "several.cdb")
            for name in names:
                assert client.ask(name).rcode == wire.SERVFAIL, name
        server.stop()
    finally:
        server.kill()
    assert server.log().count("was changed in place while it was served") == 1


def test_key_value_list(spurnd_path, spurn_path, workdir):
    """The same of a cdb that is served as it is."""
    for which in ("old", "new"):
        compiled.cdb(
            workdir / f"{which}.cdb",
            [
                (address(n).encode(), b":%d:" % A_OF[which][3])
                for n in range(2000)
                if is_listed(which, n)
            ],
        )
    install(workdir, "old")
    server = daemon.Daemon(
        spurnd_path,
        ["--control", str(workdir / "control"), f"{ZONE}:cdb:list.cdb"],
        workdir,
    )
    tool = control.Tool(spurn_path, workdir / "control", workdir)
    try:
        with udp.Client("127.0.0.1", server.port) as client:
            name = name_of(2)
            assert client.ask(name).answer[0].rdata == A_OF["old"]
            halve(workdir / "list.cdb")
            assert client.ask(name).rcode == wire.SERVFAIL
            assert state(tool)[0] == "damaged"
            install(workdir, "new")
            assert tool.run("reload").returncode == 0
            assert client.ask(name).rcode == wire.NXDOMAIN
            name = name_of(3)
            assert client.ask(name).answer[0].rdata == A_OF["new"]
        server.stop()
    finally:
        server.kill()
