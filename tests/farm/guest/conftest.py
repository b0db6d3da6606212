# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""The farm: eight real servers, a director, a client. See lib/."""

import json
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
OUTPUT = Path("/run/output")
PROGRESS = OUTPUT / "progress"


def pytest_configure(config):
    """What tests can be marked with."""
    config.addinivalue_line("markers", "short: in the short set, which ./runtests runs")


def tell(said):
    """Adds a line to the progress: it is there also if the machine stands still the next moment."""
    with open(PROGRESS, "a", encoding="utf-8") as file:
        file.write(json.dumps(said) + "\n")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config, items):
    """Leaves out the tests that have a result from a machine which stood still after them."""
    said = PROGRESS.read_text(encoding="utf-8").splitlines() if PROGRESS.exists() else []
    done = {json.loads(line).get("test") for line in said if line}
    config.hook.pytest_deselected(items=[item for item in items if item.nodeid in done])
    items[:] = [item for item in items if item.nodeid not in done]
    items.sort(key=lambda item: "wildcard" in item.name)  # servers are started less often so
    tell({"collected": [item.nodeid for item in items]})


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_protocol(item):
    """Tells what became of a test as soon as it is over."""
    item.reports = []
    yield
    bad = [report for report in item.reports if report.outcome != "passed"]
    tell(
        {
            "test": item.nodeid,
            "outcome": bad[-1].outcome if bad else "passed",
            "seconds": sum(report.duration for report in item.reports),
            "text": "\n".join(report.longreprtext for report in bad),
        }
    )


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item):
    """Keeps the reports of setup, test and teardown."""
    outcome = yield
    item.reports.append(outcome.get_result())


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
    """serve(listen): has all of them serve; listen(server) tells the addresses of one."""

    def start(listen):
        if all(server.listens is listen for server in server_hosts):
            return server_hosts
        for server in server_hosts:
            server.stop()
            server.serve(listen)
        for server in server_hosts:
            server.wait_until_it_serves()
        return server_hosts

    return start


@pytest.fixture
def servers(serve):
    """All of them, serving."""
    return serve(everywhere)


@pytest.fixture
def director(network):
    """A new one for each test: old connections and counters would live on."""
    made = Director()
    yield made
    made.close()


@pytest.fixture
def note(request):
    """note(text): keeps a table for people, and prints it, if it is not long."""
    path = OUTPUT / "tables" / f"{request.node.name}.txt"
    path.unlink(missing_ok=True)

    def write(text, is_shown=True):
        if is_shown:
            print(text)
        with open(path, "a", encoding="utf-8") as file:
            file.write(text + "\n")

    return write


@pytest.fixture
def picture(request):
    """Where a picture goes that is kept for people."""
    return OUTPUT / "tables" / f"{request.node.name}.svg"
