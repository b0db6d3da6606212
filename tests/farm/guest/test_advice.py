# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""What comments in contrib/keepalived tell people to change does what they say."""

import shutil
from pathlib import Path

import pytest
from lib.director import VIP4
from lib.hosts import CONTRIB, wait_until
from lib.spray import spray

QUERIES = 80


@pytest.fixture(name="change")
def _change(tmp_path):
    """change(old, new): a copy of the files with `new` in place of `old`, all that there are; returns the
    configuration of the only director."""

    def make(old, new):
        directory = tmp_path / "keepalived"
        shutil.copytree(CONTRIB / "keepalived", directory)
        path = Path(directory / "servers.conf")
        text = path.read_text(encoding="ascii")
        assert old in text
        path.write_text(text.replace(old, new), encoding="ascii")
        return directory / "director.conf"

    return make


def test_one_packet_scheduling(change, director, servers, client_host):
    """ops where a # is: one socket is spread evenly."""
    director.check_health(change("# ops", "ops"))
    director.wait_for(servers)
    got = spray(client_host, VIP4, "--sockets", 1, "--count", QUERIES)
    got.must_be(QUERIES)
    assert got.spread(len(servers)) == 1.0


def test_tunnels(change, director, servers):
    """TUN in place of DR."""
    director.check_health(change("lvs_method DR", "lvs_method TUN"))
    director.wait_for(servers)
    assert director.table().count(" Tunnel ") == 4 * len(servers)


def test_first_label_of_one_character(change, director, servers):
    """That a name like 2.0.0.127.bl.example takes all servers out: if it does not any more, nobody has to be
    warned of it."""
    director.check_health(change("$ZONE=bl.example", "$ZONE=2.0.0.127.bl.example"))
    director.wait_for([])
    assert servers


def test_sorry_server(change, director, servers, client_host):
    """sorry_server where it is commented out: if all checks fail there is still one."""
    director.check_health(change("# sorry_server", "sorry_server"))
    director.wait_for(servers)
    for server in servers:
        server.tell("drain")
    try:
        wait_until(lambda: director.servers_of(VIP4) == [servers[0].ip4], "the sorry server")
        got = spray(client_host, VIP4, "--sockets", 1, "--count", QUERIES)
        got.must_be(QUERIES)
        assert list(got.servers) == [servers[0].name]
    finally:
        for server in servers:
            server.tell("drain", "--off")
    director.wait_for(servers)
