# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""Forwarders between mail servers and the farm: how they choose source ports decides whether queries
spread over the servers. What is measured here is what doc/forwarders.md has in its tables: it is left
in tables/*.md."""

import signal
from pathlib import Path

import pytest
from lib.client import Client
from lib.forwarders import (
    DEFAULTS,
    FILTERS,
    PINNING,
    PROGRAMS,
    RESOLVED,
    ForwarderHost,
    Setup,
    version,
)

# All of these have a new port for each query: the director gives each server its turn, and only a
# port that is used again in 10 s, which about 20 of 1,000 are (of 28,000 ports), goes where it went
# before. So a server has 125 and 2 or 3 by chance, and not once in a million runs 1.1 times the mean.
QUERIES = 1000
FEW = 300
SOME = 500
ENOUGH = 1000  # for dnsmasq to have no room left
EVEN = 1.1
ALL = 7.5  # of 8 times the mean; the rest is what checks health
PATIENCE_S = 5.0  # of one try of the C library
TABLES = Path("/run/output/tables")
IS_SHORT = ("dnsmasq, no dns-forward-max",)  # it takes the least time
DEATHS = {"killed": signal.SIGKILL, "hangs": signal.SIGSTOP}
# What hides a dead server from mail servers, and how many queries are to have no answer in spite of it.
HIDING = ("unbound", "BIND")
HIDDEN = 0.05


def parameters(names):
    """For pytest, with those marked that ./runtests runs."""
    marks = {True: [pytest.mark.short], False: []}
    return [pytest.param(name, marks=marks[name in IS_SHORT]) for name in names]


@pytest.fixture(scope="session", name="forwarder_host")
def _forwarder_host(network):  # pylint: disable=unused-argument
    return ForwarderHost()


@pytest.fixture(name="forward")
def _forward(forwarder_host, director, servers):
    """forward(setup): starts a forwarder, and returns the host that it is on. Without must_forward it
    may say anything."""
    director.balance(servers)

    def start(setup, must_forward=True):
        if setup.program == "systemd-resolved" and not RESOLVED.exists():
            pytest.skip(f"there is no {RESOLVED}; `make farm` unpacks it")
        forwarder_host.start_forwarder(setup, must_forward)
        return forwarder_host

    yield start
    forwarder_host.end_forwarder()


def tabulate(table, columns, *cells):
    """Puts a row into a table, in place of one that begins alike."""
    path = TABLES / f"{table}.md"
    if not path.exists():
        path.write_text(f"| {' | '.join(columns)} |\n|{'---|' * len(columns)}\n", encoding="ascii")
    begin = f"| {cells[0]} |"
    rows = [row for row in path.read_text().splitlines(True) if not row.startswith(begin)]
    rows.append(f"| {' | '.join(str(cell) for cell in cells)} |\n")
    path.write_text("".join(rows), encoding="ascii")


def ask(host, servers, count, **how):
    """What became of the queries of a client on the same host, and how many each server got."""
    client = Client(host, host.address, hopeless=count, **how)
    before = [server.datagrams_received() for server in servers]
    report = client.ask(count)
    after = [server.datagrams_received() for server in servers]
    client.close()
    return report, [b - a for a, b in zip(before, after)]


def tabulate_spread(name, program, report, counts, count_of_ports):
    """A row of the table."""
    answered = sum(report.servers.values()) - len(report.wrong)
    spread = max(counts) * len(counts) / sum(counts)
    tabulate(
        "forwarders",
        ("Forwarder", "Version", "Source ports", "Queries per server", "Max/mean", "Answered"),
        name,
        version(program),
        count_of_ports,
        " ".join(str(count) for count in counts),
        f"{spread:.2f}",
        f"{answered} of {report.sent}",
    )
    return spread


@pytest.mark.parametrize("name", parameters([*PROGRAMS, *DEFAULTS]))
def test_spreads(servers, director, forward, name):
    """What is shipped, and what a forwarder does by default, spreads."""
    setup = DEFAULTS.get(name) or Setup(name)
    host = forward(setup)
    report, counts = ask(host, servers, QUERIES)
    spread = tabulate_spread(
        name, setup.program, report, counts, len(director.client_ports(host.ip4))
    )
    assert (report.lost, report.wrong) == ([], [])
    assert sum(counts) >= QUERIES
    assert spread < EVEN


@pytest.mark.parametrize("name", parameters(PINNING))
def test_pins(servers, director, forward, name):
    """Lines that are warned of leave one source port, and one server has all queries. They are asked
    one by one: with more than that some forwarders fail, for want of ports."""
    setup = PINNING[name]
    host = forward(setup)
    report, counts = ask(host, servers, FEW, in_flight=1)
    spread = tabulate_spread(
        name, setup.program, report, counts, len(director.client_ports(host.ip4))
    )
    assert spread > ALL


@pytest.mark.parametrize(
    "name, death",
    [(name, death) for name in PROGRAMS for death in DEATHS]
    + [(name, "hangs") for name in DEFAULTS],
)
def test_dead_server(servers, forward, name, death):
    """A server dies, or stands still, and nothing takes it out: for nearly all queries that they have
    no answer to the better forwarders ask once more."""
    setup = DEFAULTS.get(name) or Setup(name)
    host = forward(setup)
    count = ENOUGH if setup.program == "dnsmasq" else SOME
    dead = servers[4]
    dead.process.send_signal(DEATHS[death])
    try:
        report, _ = ask(host, servers, count, lost_after_s=PATIENCE_S)
    finally:
        dead.stop(signal.SIGKILL)
    bad = len(report.lost) + len(report.wrong)
    tabulate(
        "dead-server",
        ("Forwarder, one of 8 servers", "No answer", "SERVFAIL", "Of"),
        f"{name}, {death}",
        len(report.lost),
        len(report.wrong),
        report.sent,
    )
    assert bad < report.sent
    if name in HIDING:
        assert bad <= report.sent * HIDDEN


@pytest.mark.parametrize("name", FILTERS)
def test_filters(servers, forward, name):
    """Filters against DNS rebinding take away that anything is listed, unless they are told of the
    list."""
    plain, *cured = FILTERS[name]
    host = forward(plain, must_forward=False)
    report, _ = ask(host, servers, 1)
    assert len(report.wrong) == 1
    for setup in cured:
        host.end_forwarder()
        host = forward(setup)
        report, _ = ask(host, servers, 1)
        assert (report.lost, report.wrong) == ([], [])
