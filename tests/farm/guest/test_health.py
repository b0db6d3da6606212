# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""keepalived, with the files of contrib/keepalived as they are shipped, takes servers out of the farm and
back in."""

import signal
import time

import pytest
from lib.client import Asking
from lib.director import VIP4
from lib.hosts import wait_until
from lib.servers import everywhere
from lib.spray import spray

RATE = 300
SOCKETS = 500
RUN_S = 20
ALIVE_S = 3  # of those, before the server is killed
LOSS = 0.015
NEWCOMERS = 80

pytestmark = pytest.mark.short


@pytest.fixture(name="farm")
def _farm(servers, director):
    """All servers behind a director that checks them."""
    director.check_health("director.conf")
    director.wait_for(servers)
    return director


def bring_back(farm, servers, one, client_host):
    """Starts a server again, and waits until it is asked. Who asks from a new port is sent there at once; who
    has asked another server keeps it until he rests for the director's UDP timeout."""
    one.serve(everywhere)
    one.wait_until_it_serves()
    farm.wait_for(servers)
    got = spray(client_host, VIP4, "--per-query", "--count", NEWCOMERS)
    got.must_be(NEWCOMERS)
    assert got.servers[one.name] > 0


def hear_from(servers, asking):
    """Waits until the client has been answered by each of them again."""
    before = {server.name: asking.report.servers[server.name] for server in servers}
    for server in servers:
        wait_until(
            lambda s=server.name: asking.report.servers[s] >= before[s] + 20,
            f"{server.name} to be asked",
        )


def test_drain(farm, servers, client_host, note):
    """`spurn drain` lets the director take a server out; then it can be stopped, and started again, and
    no query is lost."""
    one, others = servers[2], servers[:2] + servers[3:]
    asking = Asking(client_host, VIP4, SOCKETS, RATE)
    hear_from(servers, asking)
    one.tell("drain")
    farm.wait_for(others)
    one.stop()
    hear_from(others, asking)
    bring_back(farm, servers, one, client_host)
    hear_from(others, asking)
    report = asking.finish()
    note(
        f"{report.sent} queries, {len(report.lost)} lost: "
        + report.table([s.name for s in servers])
    )
    assert (report.lost, report.wrong) == ([], [])


def test_kill(farm, servers, client_host, note):
    """A server that dies is taken out before many queries of a run of 20 s are lost: under 1.5 % of
    them. After it has been taken out none is, and when it is back it is asked again."""
    one, others = servers[5], servers[:5] + servers[6:]
    asking = Asking(client_host, VIP4, SOCKETS, RATE, RUN_S * RATE)
    hear_from(servers, asking)
    time.sleep(max(0.0, asking.started + ALIVE_S - time.monotonic()))
    killed = time.monotonic()
    one.stop(signal.SIGKILL)
    farm.wait_for(others, [VIP4], ["UDP"])
    removed = time.monotonic()
    farm.wait_for(others)
    bring_back(farm, servers, one, client_host)
    asking.join()
    report = asking.report
    latest = max((lost - removed for lost in report.lost), default=-1)
    note(
        f"{report.sent} queries in {RUN_S} s, {len(report.lost)} lost "
        f"({100 * len(report.lost) / report.sent:.2f} %), the last one sent {-latest:.2f} s before the server "
        f"was removed, which was {removed - killed:.2f} s after it was killed: "
        + report.table([s.name for s in servers])
    )
    assert report.sent == RUN_S * RATE
    assert not report.wrong
    assert len(report.lost) < LOSS * report.sent
    assert latest < 0
