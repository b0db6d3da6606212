# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""How the queries of one client spread over the servers: it is its source ports that decide."""

import pytest
from lib.client import Client
from lib.director import VIP4, VIP6

QUERIES = 2000
LARGE = 4000
POOL = 2500  # as Microsoft's DNS server has

pytestmark = pytest.mark.short


def ask(host, sockets, count, vip=VIP4):
    """What becomes of `count` queries from so many sockets: all are answered, and right."""
    client = Client(host, vip, sockets)
    report = client.ask(count)
    client.close()
    assert (report.sent, report.lost, report.wrong) == (count, [], [])
    return report


@pytest.mark.parametrize("sockets", [1, 2])
def test_few_sockets_pin(client_host, servers, director, note, sockets):
    """One socket is one flow to the director, and all of it goes to one server."""
    director.balance(servers)
    report = ask(client_host, sockets, QUERIES)
    note(report.table([server.name for server in servers]))
    assert len(report.servers) == sockets


@pytest.mark.parametrize("vip", [VIP4, VIP6])
def test_pool_spreads(client_host, servers, director, note, vip):
    """Thousands of random ports spread evenly."""
    director.balance_as_shipped()
    report = ask(client_host, POOL, LARGE, vip)
    note(report.table([server.name for server in servers]))
    note(director.table())
    assert report.spread(len(servers)) < 1.3


@pytest.mark.parametrize("vip", [VIP4, VIP6])
def test_one_packet_scheduling(client_host, servers, director, note, vip):
    """With -o the director forgets flows: even one socket is spread, query by query."""
    before = [server.datagrams_received() for server in servers]
    director.balance(servers, vip, "-o")
    report = ask(client_host, 1, QUERIES, vip)
    note(report.table([server.name for server in servers]))
    assert report.spread(len(servers)) == 1.0
    if vip == VIP4:  # what servers say of themselves is what came to them
        after = [server.datagrams_received() for server in servers]
        assert [b - a for a, b in zip(before, after)] == [report.servers[s.name] for s in servers]
