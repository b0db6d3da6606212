# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""What contrib/realserver does to a host, and that nothing of it is left when it is undone."""

import re
from pathlib import Path

import pytest
from lib.director import VIP4, VIP6
from lib.hosts import CONTRIB, Host, run
from lib.servers import LIST, TAKE_VIP, everywhere
from lib.spray import spray

UNIT = CONTRIB / "realserver" / "spurn-vip.service"
CONFIGURATION = CONTRIB / "realserver" / "spurnd.conf"
QUERIES = 20
OLD = "192.0.2.77"  # an address that lo has for other reasons


@pytest.fixture(name="host")
def _host(network):
    """A host that nobody has prepared for a farm; as strict as some are."""
    made = Host("new", 50)
    made.sysctl("net.ipv4.conf.all.rp_filter=1", "net.ipv4.conf.all.arp_announce=1")
    made.ip(f"address add {OLD}/32 dev lo")
    yield made
    made.close()


def state(host):
    """All that could have changed: devices, addresses, routes, settings."""
    queries = (("-o", "link"), ("-o", "address"), ("route",), ("-6", "route"))
    lines = [line for words in queries for line in host.run("ip", *words).split("\n")]
    # No device ever goes back to the queue that it has before it is used for the first time.
    lines = [re.sub(r" qdisc \w+", "", line) for line in lines]
    with host.inside():
        for file in sorted(Path("/proc/sys/net").glob("ipv[46]/conf/*/*")):
            if "/ipv6/conf/tunl0/" in str(file):
                continue  # made when the device is used for the first time
            try:
                lines.append(f"{file} {file.read_text(encoding='ascii')}")
            except OSError:  # some can only be written to
                pass
    return lines


def assert_same(now, before):
    """Tells which lines are not."""
    assert [line for line in now if line not in before] == []
    assert [line for line in before if line not in now] == []


def take_vip(host, *words):
    """Runs contrib/realserver/spurn-vip there."""
    return host.run("env", f"SPURN_VIP_STATE=/run/vip-{host.name}", str(TAKE_VIP), *words)


def device_of(host, address):
    """Where it has this address."""
    line = host.run("ip", "-o", "address", "show", "to", address)
    return line.split()[1] if line else None


@pytest.mark.parametrize(
    "mode, devices", [((), ("lo", "lo")), (("--tunnel",), ("tunl0", "ip6tnl0"))]
)
def test_undo(host, mode, devices):
    """VIPs and settings are there after start, also after a second one, until the last VIP is given back.
    Then all is as it was."""
    before = state(host)
    take_vip(host, "start", *mode, VIP4, VIP6)
    taken = state(host)
    assert (device_of(host, VIP4), device_of(host, VIP6)) == devices
    with host.inside():
        conf = Path("/proc/sys/net/ipv4/conf")
        assert (conf / "all/arp_ignore").read_text(encoding="ascii") == "1\n"
        assert (conf / "all/arp_announce").read_text(encoding="ascii") == "2\n"
    take_vip(host, "start", *mode, VIP4, VIP6)
    assert_same(state(host), taken)
    take_vip(host, "stop", VIP6)
    assert (device_of(host, VIP4), device_of(host, VIP6)) == (devices[0], None)
    take_vip(host, "start", *mode, VIP6)
    assert_same(state(host), taken)
    assert take_vip(host, "status") == f"{VIP4}:{devices[0]}\n{VIP6}:{devices[1]}\n"
    take_vip(host, "stop")
    assert_same(state(host), before)
    take_vip(host, "stop")
    assert_same(state(host), before)
    assert take_vip(host, "status") == ""


def test_what_was_there_stays(host):
    """An address that it did not take is not given back, nor are settings, as long as one is left."""
    before = state(host)
    take_vip(host, "start", OLD)
    take_vip(host, "stop")
    assert_same(state(host), before)


def test_unit(host):
    """What the unit has systemd run."""
    unit = UNIT.read_text(encoding="ascii")
    vips = re.search(r'^Environment="VIPS=(.*)"$', unit, re.M)[1]
    before = state(host)
    for key in ("ExecStart", "ExecStop"):
        program, *words = re.search(rf"^{key}=(.*)$", unit, re.M)[1].replace("$VIPS", vips).split()
        assert Path(program).name == TAKE_VIP.name
        take_vip(host, *words)
        has = (device_of(host, VIP4), device_of(host, VIP6))
        assert has == (("lo", "lo") if key == "ExecStart" else (None, None))
    assert_same(state(host), before)


@pytest.fixture(name="lists")
def _lists():
    """A list where the configuration has it."""
    text = CONFIGURATION.read_text(encoding="ascii")
    place = Path(re.search(r'^workdir = "(.*)"$', text, re.M)[1])
    run("mount", "-t", "tmpfs", "none", str(place.parent))
    place.mkdir()
    (place / re.search(r'"ip4trie:(.*)"', text)[1]).write_text(LIST, encoding="ascii")
    yield
    run("umount", str(place.parent))


def test_configuration(servers, client_host, lists):
    """The configuration file serves the first server's part of a farm: at the VIPs and its own addresses,
    under its name."""
    one = servers[0]
    one.stop()
    one.serve_as_shipped(CONFIGURATION)
    one.wait_until_it_serves()
    try:
        for address in everywhere(one):
            # Nobody has the VIPs here but the servers: a client finds this one if it is told where.
            client = one if address in (VIP4, VIP6) else client_host
            got = spray(client, address, "--sockets", 1, "--count", QUERIES)
            got.must_be(QUERIES)
            assert list(got.servers) == [one.name]
    finally:
        one.stop()
