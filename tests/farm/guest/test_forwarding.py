# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""Replies find their way in every mode of forwarding, whatever address the servers listen on."""

import pytest
from lib.client import StreamClient
from lib.director import VIP4, VIP6
from lib.servers import everywhere
from lib.spray import spray

QUERIES = 240
SOCKETS = 48
LISTENERS = {
    "wildcard": lambda server: ("0.0.0.0", "::"),
    "VIP": lambda server: (VIP4, VIP6),
    "VIP and own": everywhere,
    "own": lambda server: (server.ip4, server.ip6),
}
OPTIONS = {"flows": "", "one packet": "-o"}


TUNNELS = 2  # to open one takes long
SHORT = pytest.mark.short


def ask(host, servers, vip, note):
    """All queries over UDP are answered, and by all servers."""
    got = spray(host, vip, "--pool", SOCKETS, "--count", QUERIES)
    note(got.table(servers))
    got.must_be(QUERIES)
    assert len(got.servers) == len(servers)


def ask_tcp(host, servers, vip, note):
    """The same over TCP."""
    client = StreamClient(host, vip, SOCKETS)
    report = client.ask(QUERIES)
    client.close()
    note(f"{report.table([server.name for server in servers])}  TCP")
    assert (report.sent, report.lost, report.wrong) == (QUERIES, [], [])
    assert len(report.servers) == len(servers)


@pytest.mark.parametrize(
    "listener",
    ["VIP", "VIP and own", pytest.param("wildcard", marks=SHORT)],  # others are on VIP and own
)
def test_direct_routing(serve, director, client_host, note, listener):
    """DR (-g): servers answer clients themselves, from the VIP, which all of them have. Over UDP,
    with flows and without, over TCP, and over IPv6."""
    servers = serve(LISTENERS[listener])
    for vip in (VIP4, VIP6):
        for options in OPTIONS.values():
            director.balance(servers, vip, options)
            ask(client_host, servers, vip, note)
            director.forget()
        director.balance(servers, vip, protocol="-t")
        ask_tcp(client_host, servers, vip, note)
        director.forget()


@pytest.mark.parametrize("listener", [pytest.param("wildcard", marks=SHORT), "VIP"])
def test_tunnels(serve, director, client_host, note, listener):
    """TUN (-i): the same, but what comes is inside of another packet, so that servers may be
    anywhere. IPv6 works, too, but then Linux 6.1 never gets rid of the director's namespace."""
    servers = serve(LISTENERS[listener])[:TUNNELS]
    for server in servers:
        server.open_tunnel()
    try:
        for options in OPTIONS.values():
            director.balance(servers, VIP4, options, "-i")
            ask(client_host, servers, VIP4, note)
            director.forget()
        director.balance(servers, VIP4, "", "-i", "-t")
        ask_tcp(client_host, servers, VIP4, note)
    finally:
        for server in servers:
            server.close_tunnel()


@pytest.mark.parametrize("listener", [pytest.param("wildcard", marks=SHORT), "own"])
def test_address_translation(serve, director, far_client_host, note, listener):
    """NAT (-m): servers see the clients' addresses and their own, and replies go back through the
    director."""
    servers = serve(LISTENERS[listener])
    director.route()
    for server in servers:
        server.ip(f"route replace default via {director.ip4}")
    director.balance(servers, VIP4, "", "-m")
    ask(far_client_host, servers, VIP4, note)
    director.balance(servers, VIP4, "", "-m", "-t")
    ask_tcp(far_client_host, servers, VIP4, note)
