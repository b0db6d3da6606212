# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""How the queries of one client spread over the servers: it is its source ports that decide."""

import pytest
from lib.director import VIP4, VIP6
from lib.spray import spray

QUERIES = 800
LARGE = 4000
POOL = 2500  # as Microsoft's DNS server has
POOL_SPREAD = 1.06

SHORT = pytest.mark.short


@SHORT
@pytest.mark.parametrize("sockets", [1, 2])
def test_few_sockets_pin(client_host, servers, director, note, picture, sockets):
    """One socket is one flow to the director, and all of it goes to one server; two go to two."""
    director.balance(servers)
    director.remember_flows()
    got = spray(client_host, VIP4, "--sockets", sockets, "--count", QUERIES, svg=picture)
    note(got.table(servers))
    got.must_be(QUERIES)
    assert got.ports == sockets
    assert len(got.servers) == sockets
    assert director.connections(VIP4) == [0] * (len(servers) - sockets) + [1] * sockets


@pytest.mark.parametrize(
    "vip, pool",
    [
        pytest.param(VIP4, "pool", id="IPv4-pool", marks=SHORT),
        pytest.param(VIP4, "pool-grow", id="IPv4-pool-grow"),
        pytest.param(VIP6, "pool", id="IPv6-pool"),
        pytest.param(VIP6, "pool-grow", id="IPv6-pool-grow"),
    ],
)
def test_pool_spreads(client_host, servers, director, note, picture, vip, pool):
    """Thousands of random ports spread evenly, whether they are bound at the start or as queries need
    them. They take turns, and so do the servers when a port is new: of 2,500 ports a server gets 312 or 313,
    of the 1,500 that are used again it has 187 or 188, so no one gets more than 501 of 4,000 queries. The
    director's table has an entry for each pair of an address and a port, and no more."""
    director.balance_as_shipped()
    director.remember_flows()
    got = spray(client_host, vip, f"--{pool}", POOL, "--count", LARGE, svg=picture)
    note(got.table(servers))
    note(director.table())
    connections = director.connections(vip)
    note(f"InActConn: {' '.join(map(str, connections))} (sum {sum(connections)})")
    got.must_be(LARGE)
    assert got.ports == sum(connections) == POOL
    assert got.spread(len(servers)) < POOL_SPREAD
    assert len(got.servers) == len(servers)


@SHORT
def test_port_for_each_query(client_host, servers, director, note, picture):
    """A port for each query, as resolvers have it today, spreads as well: each query is a new flow, and
    has its turn."""
    director.balance_as_shipped()
    director.remember_flows()
    got = spray(client_host, VIP4, "--per-query", "--count", QUERIES, svg=picture)
    note(got.table(servers))
    note(director.table())
    got.must_be(QUERIES)
    assert got.ports == sum(director.connections(VIP4)) == QUERIES
    assert got.spread(len(servers)) == 1.0


@SHORT
@pytest.mark.parametrize("vip", [pytest.param(VIP4, id="IPv4"), pytest.param(VIP6, id="IPv6")])
def test_one_packet_scheduling(client_host, servers, director, note, picture, vip):
    """With -o the director forgets flows: even one socket is spread, query by query, and the table is
    empty."""
    before = [server.datagrams_received() for server in servers]
    director.balance(servers, vip, "-o")
    got = spray(client_host, vip, "--sockets", 1, "--count", QUERIES, svg=picture)
    note(got.table(servers))
    got.must_be(QUERIES)
    assert got.ports == 1
    assert got.spread(len(servers)) == 1.0
    assert director.connections(vip) == [0] * len(servers)
    if vip == VIP4:  # what servers say of themselves is what came to them
        after = [server.datagrams_received() for server in servers]
        assert [b - a for a, b in zip(before, after)] == [got.servers[s.name] for s in servers]
