# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""Plans that change while spurnd runs: whatever a new configuration asks for, nothing that is served is
lost to it, and what has been counted stays."""

import os
import re
import signal

import pytest

from lib import daemon, wire
from lib.daemon import wait_until
from lib.traffic import lines_of

NAME = "4.3.2.1"
EDNS = wire.Edns(1232)
# What is logged when a reload is over, with another plan and without.
END_OF_PLAN = r"reload: zones: .*\n"
END_OF_RELOAD = r"reload: (?!zones:).*\n"


def write(path, text):
    """Puts a new file in the place of the old one."""
    fresh = path.with_name(path.name + ".new")
    fresh.write_text(text)
    fresh.chmod(0o644)
    os.rename(fresh, path)


class Planned:
    """A server with a configuration file, for zones given as "zone:type:files"."""

    def __init__(self, spurnd, workdir, specs, options=()):
        self.path = workdir / "spurnd.conf"
        self.head = ""

        def listen(port):
            self.head = f"listen = 127.0.0.1/{port}\n"
            self.write(specs)
            return ["--config", str(self.path)]

        self.server = spurnd.start([], options=["-c", "0", *options], listen=listen)

    def write(self, specs):
        """Writes the file; zones stand in it in the order in which they come first."""
        zones = {}
        for spec in specs:
            zone, data = spec.split(":", 1)
            zones.setdefault(zone, []).append(data)
        text = self.head
        for zone, data in zones.items():
            sets = ", ".join(f'"{one}"' for one in data)
            text += f'zone "{zone}" {{ data = {{ {sets} }} }}\n'
        write(self.path, text)

    def reload(self, specs=None):
        """Has that read, and what else has changed; returns what was logged up to the end of that."""
        if specs is not None:
            self.write(specs)
        before = len(self.server.log())
        self.server.send_signal(signal.SIGHUP)
        self.server.wait_log(END_OF_PLAN if specs is not None else END_OF_RELOAD, before)
        return self.server.log()[before:]

    def told(self, number=signal.SIGUSR1):
        """What the log says on a signal, up to the sum of all."""
        before = len(self.server.log())
        self.server.send_signal(number)
        self.server.wait_log(r"stats for \d+sec: .*\n", before)
        return self.server.log()[before:]


def says(client, zone, name=NAME):
    """(rcode, last octet, extended error) of the answer for a name in a zone."""
    reply = client.ask(f"{name}.{zone}", edns=EDNS)
    octet = reply.answer[0].rdata[3] if reply.answer else None
    return (reply.rcode, octet, wire.error_of(reply))


@pytest.mark.tsan
def test_nothing_is_lost_to_a_plan(spurnd, client, workdir):
    """Proves that a zone goes on with what it has, which goes on being renewed, when it is to have data
    that cannot be loaded, be it one data set more, others or an ACL; that a new one waits until it is
    whole; and that both are as planned as soon as the data are there."""
    write(workdir / "a", "1.2.3.4 :4:\n")
    planned = Planned(spurnd, workdir, ["a.test:ip4set:a", "b.test:ip4set:a"])
    one = client(planned.server)
    assert says(one, "a.test") == (wire.NOERROR, 4, None)

    specs = ["a.test:ip4set:a", "a.test:generic:more", "b.test:ip4trie:other", "b.test:acl:acl"]
    specs += ["new.test:ip4set:a", "new.test:generic:more", "fine.test:ip4set:a"]
    log = planned.reload(specs)
    assert re.search(r"zones: 2 added, 0 removed; data sets: 3 added, 0 removed", log), log
    for zone in ("a.test", "b.test"):
        assert re.search(f"zone {zone}: .* goes on with those that it had", log), log
        assert says(one, zone) == (wire.NOERROR, 4, wire.EDE_STALE)
    assert says(one, "new.test") == (wire.SERVFAIL, None, wire.EDE_NOT_READY)
    assert says(one, "fine.test") == (wire.NOERROR, 4, None)

    # It is news once, and told whenever somebody asks.
    write(workdir / "a", "1.2.3.4 :5:\n#\n")
    log = planned.reload()
    assert "goes on" not in log and "No such file" not in log, log
    assert says(one, "a.test") == (wire.NOERROR, 5, wire.EDE_STALE)
    log = planned.server.log()
    planned.server.send_signal(signal.SIGUSR1)
    planned.server.wait_log("zone b.test: goes on with the data sets that it had before", len(log))
    planned.server.wait_log("generic:more: not loaded since .*No such file", len(log))

    write(workdir / "more", "www A 127.0.0.9\n")
    write(workdir / "acl", "127.0.0.1 :refuse\n")
    planned.reload()
    assert says(one, "a.test") == (wire.NOERROR, 5, None)
    assert says(one, "a.test", "www") == (wire.NOERROR, 9, None)
    assert says(one, "new.test", "www") == (wire.NOERROR, 9, None)
    # One of two is not enough.
    assert says(one, "b.test") == (wire.NOERROR, 5, wire.EDE_STALE)
    write(workdir / "other", "1.2.3.4 :6:\n")
    log = planned.reload()
    assert "zone b.test: is served from all of its data sets" in log
    assert says(one, "b.test")[0] == wire.REFUSED


@pytest.mark.tsan
def test_counters_stay(spurnd, client, workdir, out):
    """Proves that a zone's counters go on when others come and go, and when it comes back; that zones
    are told of in the plan's order; and that the sum of all has those that are gone, too."""
    write(workdir / "a", "1.2.3.4 :4:\n")
    path = out / "counters"
    zones = ["b.test", "a.test", "x.b.test"]
    planned = Planned(spurnd, workdir, [f"{zone}:ip4set:a" for zone in zones], ["-s", str(path)])
    one = client(planned.server)

    def ask(zone, count):
        for _ in range(count):
            one.ask(f"{NAME}.{zone}")

    def counted():
        """[(zone, queries)] of the log and, if that says the same, of the file; None if it does not, for
        what is counted between the two is in one of them."""
        before = len(lines_of(path))
        log = planned.told()
        wait_until(lambda: len(lines_of(path)) > before, "a line of statistics")
        entries = [entry.split(":") for entry in lines_of(path)[-1].split(" ")[1:]]
        in_file = [(name, int(number)) for name, number, *_ in entries]
        found = re.findall(r"stats for \d+secs zone (\S+): tot=(\d+)", log)
        found += [("*", re.search(r"stats for \d+sec: tot=(\d+)", log).group(1))]
        return in_file if [(name, int(number)) for name, number in found] == in_file else None

    def must_count(wanted):
        # A reply is counted when it has left: the last may not have been when the client has it.
        wait_until(lambda: counted() == wanted, f"the counters {wanted}")

    ask("a.test", 3)
    ask("b.test", 2)
    ask("x.b.test", 1)
    # The zone inside stands before that around it, as with rbldnsd.
    must_count([("x.b.test", 1), ("b.test", 2), ("a.test", 3), ("*", 6)])
    planned.reload(["c.test:ip4set:a", "a.test:ip4set:a"])
    ask("c.test", 4)
    ask("a.test", 1)
    ask("b.test", 1)  # nobody's
    must_count([("c.test", 4), ("a.test", 4), ("*", 12)])
    planned.reload(["a.test:ip4set:a", "x.b.test:ip4set:a", "b.test:ip4set:a"])
    ask("b.test", 5)
    must_count([("a.test", 4), ("x.b.test", 1), ("b.test", 7), ("*", 17)])
    # From here on all count anew, also one that is not there.
    planned.told(signal.SIGUSR2)
    ask("a.test", 1)
    planned.reload(["c.test:ip4set:a"])
    must_count([("c.test", 0), ("*", 1)])


@pytest.mark.tsan
def test_plans_and_readers(spurnd, client, workdir):
    """Proves that no answer is wrong while plans change as fast as they can, and that what is freed is
    in no answer any more."""
    write(workdir / "a", "1.2.3.4 :4:\n")
    write(workdir / "b", "1.2.3.4 :4:\n1.2.3.5\n")
    planned = Planned(spurnd, workdir, ["a.test:ip4set:a"])
    one = client(planned.server)
    for number in range(20):
        specs = [f"a.test:{'ip4set' if number % 2 else 'ip4trie'}:{'ab'[number % 3 == 0]}"]
        specs += [f"b{number}.test:ip4set:b"] + ["a.test:ip4set:absent"] * (number % 4 == 0)
        planned.write(specs)
        before = len(planned.server.log())
        planned.server.send_signal(signal.SIGHUP)
        while not re.search(END_OF_PLAN, planned.server.log()[before:]):
            rcode, octet, error = says(one, "a.test")
            assert (rcode, octet) == (wire.NOERROR, 4)
            assert error in (None, wire.EDE_STALE)
        assert says(one, f"b{number}.test")[:2] == (wire.NOERROR, 4)
        assert says(one, f"b{number - 1}.test")[0] == wire.REFUSED
    daemon.wait_until(lambda: says(one, "a.test")[1] == 4, "the last plan")
