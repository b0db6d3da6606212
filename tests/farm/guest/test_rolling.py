# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""All servers of the farm are upgraded, or get another list, one after the other, while clients ask."""

import time

import pytest
from lib.client import Asking
from lib.director import VIP4
from lib.hosts import wait_until
from lib.spray import Spraying

RATE = 300
SOCKETS = 500
OLD, NEW = 2, 3  # what a listed address has as last octet
FEW = 64

pytestmark = pytest.mark.short


def test_replace(servers, director, client_host, note):
    """`spurnd --replace` on all of them, with nothing taken out of the farm: no query is lost."""
    director.balance_as_shipped()
    spraying = Spraying(client_host, VIP4, "--pool", SOCKETS, "--rate", RATE)
    before = [server.datagrams_received() for server in servers]
    for server, count in zip(servers, before):
        # It is asked, or there is nothing to lose.
        wait_until(
            lambda s=server, c=count: s.datagrams_received() > c, f"{server.name} to be asked"
        )
        server.replace()
    got = spraying.finish()
    note(f"{got.json['sent']} queries, {got.json['lost']} lost: {got.table(servers)}")
    got.must_be(got.json["sent"])
    assert len(got.servers) == len(servers)


def roll_out(servers):
    """Gives all servers the new list, one after the other. Returns when it began and when the last one
    had loaded it."""
    began = time.monotonic()
    for server in servers:
        server.write_list(NEW)
        server.tell("reload")
    return began, time.monotonic()


def check_order(answers, began, done):
    """What of the order of answers is to be relied on, in the client's time. The roll-out lasts from the
    first new answer to `done`."""
    old = [answer for answer in answers if answer.value == OLD]
    new = [answer for answer in answers if answer.value == NEW]
    assert len(old) + len(new) == len(answers)
    # Nobody gets a new one before there is one.
    assert min(answer.received for answer in new) > began
    # Who asks when the roll-out is over never gets an old one again: new -> old -> new ends with it.
    assert max(answer.sent for answer in old) < done
    # Who asks a server that has given a new one gets a new one; and a client's socket has one server.
    for which in ("server", "socket"):
        first_new = {}
        for answer in sorted(new, key=lambda answer: -answer.received):
            first_new[getattr(answer, which)] = answer.received
        for answer in old:
            assert answer.sent < first_new.get(getattr(answer, which), done), which


def switches(answers):
    """How often the client, asking now and again, got another value than before."""
    values = [answer.value for answer in sorted(answers)]
    return sum(a != b for a, b in zip(values, values[1:]))


def test_reload(servers, director, client_host, note):
    """A list is replaced and `spurn reload` run on server after server. A client with one socket sees the
    old list, and from some moment on the new one. A client with many may see new -> old -> new, but only
    as long as the roll-out lasts. No query is lost."""
    director.balance_as_shipped()
    director.remember_flows()  # a socket that rests for a moment shall keep its server
    few = Asking(client_host, VIP4, FEW, RATE / 2)
    one = Asking(client_host, VIP4, 1, RATE / 2)
    try:
        wait_until(lambda: len(few.report.servers) == len(servers), "all servers to be asked")
        began, done = roll_out(servers)
        for report in (few.report, one.report):
            wait_until(
                lambda r=report: sum(a.sent > done for a in r.answers[-10 * FEW :]) > 2 * FEW,
                "answers to queries after the roll-out",
            )
    finally:
        reports = [few.finish(), one.finish()]
        for server in servers:
            server.write_list(OLD)
            server.tell("reload")
    for name, report in zip((f"{FEW} sockets", "1 socket"), reports):
        first = min(answer.received for answer in report.answers if answer.value == NEW)
        last = max(answer.sent for answer in report.answers if answer.value == OLD)
        note(
            f"{name}: {report.sent} queries, {len(report.lost)} lost, {switches(report.answers)} switches between "
            f"old and new; after the start: first new answer {first - began:.3f} s, last query with an old one "
            f"{last - began:.3f} s, the last server has the new list {done - began:.3f} s"
        )
    for report in reports:
        assert (report.lost, report.wrong) == ([], [])
        check_order(report.answers, began, done)
    assert len(reports[1].servers) == 1
    assert switches(reports[1].answers) == 1
    assert {answer.server for answer in reports[0].answers if answer.sent > done} == {
        server.name for server in servers
    }
    table(note, reports, began)


def table(note, reports, began):
    """Every answer, for people."""
    note("\nsent received (s) sockets socket server value")
    for name, report in zip((f"{FEW}", "1"), reports):
        for answer in sorted(report.answers):
            note_line = f"{answer.sent - began:8.4f} {answer.received - began:8.4f} {name:>3} "
            note(note_line + f"{answer.socket:3} {answer.server} {answer.value}", is_shown=False)
