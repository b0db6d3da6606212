# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""The farm: eight real servers, a director, a client. See lib/."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from lib.director import (
    NUMBER as DIRECTOR,
    Director,
)  # noqa: E402 pylint: disable=wrong-import-position
from lib.hosts import FAR_NET, Host, make_bridge  # noqa: E402 pylint: disable=wrong-import-position
from lib.servers import Server, everywhere  # noqa: E402 pylint: disable=wrong-import-position

SERVERS = 8
TABLES = Path("/run/output/tables")


@pytest.fixture(scope="session", name="network")
def _network():
    make_bridge()


@pytest.fixture(scope="session")
def client_host(network):
    """Where the queries come from."""
    return Host("cli", 200)


@pytest.fixture(scope="session")
def far_client_host(network):
    """The same in another network, which the director leads to."""
    host = Host("far", 201, FAR_NET)
    host.ip(f"route add default via {FAR_NET}.{DIRECTOR}")
    return host


@pytest.fixture(scope="session", name="server_hosts")
def _server_hosts(network):
    return [Server(index) for index in range(1, SERVERS + 1)]


@pytest.fixture(name="serve")
def _serve(server_hosts):
    """serve(listen): starts all of them; listen(server) tells the addresses of one."""

    def start(listen):
        for server in server_hosts:
            server.stop()
            server.serve(listen)
        for server in server_hosts:
            server.wait_until_it_serves()
        return server_hosts

    return start


@pytest.fixture
def servers(server_hosts, serve):
    """All of them, serving."""
    is_serving = all(server.listens is everywhere for server in server_hosts)
    return server_hosts if is_serving else serve(everywhere)


@pytest.fixture
def director(network):
    """A new one for each test: old connections and counters would live on."""
    made = Director()
    yield made
    made.close()


@pytest.fixture
def note(request):
    """note(text): keeps a table for people, and prints it."""
    path = TABLES / f"{request.node.name}.txt"

    def write(text):
        print(text)
        with open(path, "a", encoding="utf-8") as file:
            file.write(text + "\n")

    return write
