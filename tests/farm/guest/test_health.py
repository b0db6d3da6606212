# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""keepalived, with the files of contrib/keepalived as they are shipped, takes servers out of the farm and
back in."""

import signal
import time

import pytest
from lib.client import Asking
from lib.director import VIP4
from lib.servers import everywhere

RATE = 300
SOCKETS = 500


@pytest.fixture(name="farm")
def _farm(servers, director):
    """All servers behind a director that checks them."""
    director.check_health("director.conf")
    director.wait_for(servers)
    return director


def restart(server):
    """Starts it again."""
    server.serve(everywhere)
    server.wait_until_it_serves()


def ask_each(servers, asking):
    """Waits until the client has asked for as long as each server has a share of it."""
    before = {server.name: server.datagrams_received() for server in servers}
    while any(server.datagrams_received() < before[server.name] + 20 for server in servers):
        assert asking.is_alive()
        time.sleep(0.1)


def test_drain(farm, servers, client_host, note):
    """`spurn drain` lets the director take a server out; then it can be stopped, and started again, and
    no query is lost."""
    one, others = servers[2], servers[:2] + servers[3:]
    asking = Asking(client_host, VIP4, SOCKETS, RATE)
    ask_each(servers, asking)
    one.tell("drain")
    farm.wait_for(others)
    one.stop()
    ask_each(others, asking)
    restart(one)
    farm.wait_for(servers)
    ask_each(servers, asking)
    report = asking.finish()
    note(
        f"{report.sent} queries, {len(report.lost)} lost: "
        + report.table([s.name for s in servers])
    )
    assert (report.lost, report.wrong) == ([], [])


def test_kill(farm, servers, client_host, note):
    """A server that dies is taken out before many queries are lost, and then none are."""
    one, others = servers[5], servers[:5] + servers[6:]
    asking = Asking(client_host, VIP4, SOCKETS, RATE)
    ask_each(servers, asking)
    killed = time.monotonic() - asking.started
    one.stop(signal.SIGKILL)
    farm.wait_for(others)
    removed = time.monotonic() - asking.started
    ask_each(others, asking)
    report = asking.finish()
    restart(one)
    note(
        f"{report.sent} queries in {time.monotonic() - asking.started:.1f} s, {len(report.lost)} lost; "
        f"removed {removed - killed:.2f} s after it was killed"
    )
    assert not report.wrong
    assert all(killed - 1 < lost <= removed for lost in report.lost)
