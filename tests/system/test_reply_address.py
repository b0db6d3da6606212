# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""Every reply leaves from the address and port that was asked, over the right interface, to the
exact address and port it came from: what a server behind a director must get right. Client sockets
are connected, so the kernel gives them nothing from elsewhere."""

import os
import socket

import pytest

import conftest
from lib import netns, udp, wire
from lib.daemon import free_port, wait_until

ZONE = ["bl.test:ip4set:list"]
FILES = {"list": "1.2.3.4\n"}
NAME = "4.3.2.1.bl.test"
WORKERS = ("--workers", "2")


def is_answered(sock, times=8):
    """Whether that many questions over a connected socket each get their own reply."""
    for ident in range(1, times + 1):
        reply = udp.ask_raw(sock, wire.query(NAME, ident=ident))
        if reply is None or len(wire.parse(reply).answer) != 1:
            return False
    return True


def ask_from_many_ports(address, port, count=16):
    """Fails unless sockets with `count` source ports (so that every worker gets some) are
    answered."""
    for _ in range(count):
        with udp.open_socket(address, port) as sock:
            assert is_answered(sock, 2), f"no reply from {address} to {sock.getsockname()}"


def loopback_addresses(wildcard):
    """Some addresses of this host that a wildcard stands for."""
    return ["::1"] if wildcard == "::" else ["127.0.0.1", "127.0.0.5", "127.1.2.3"]


@pytest.mark.tsan
@pytest.mark.parametrize("wildcard", ["0.0.0.0", "::"])
def test_wildcard_on_this_host(spurnd, wildcard):
    """Proves that a server bound to a wildcard answers from each address of lo that is asked."""
    server = spurnd.start(ZONE, FILES, WORKERS, addresses=(wildcard,))
    for address in loopback_addresses(wildcard):
        ask_from_many_ports(address, server.port)


def test_ip6_wildcard_serves_ip4(spurnd):
    """Proves that :: alone also answers IPv4 questions, from the address asked."""
    server = spurnd.start(ZONE, FILES, WORKERS, addresses=("::",))
    for address in ("127.0.0.1", "127.0.0.5"):
        ask_from_many_ports(address, server.port, 4)


@pytest.mark.tsan
@pytest.mark.parametrize(
    "addresses",
    [("127.0.0.1", "127.0.0.5", "::1"), ("0.0.0.0", "::1"), ("0.0.0.0", "::"), ("127.0.0.9",)],
)
def test_several_addresses_at_once(spurnd, addresses):
    """Proves that several -b work together, IPv4 and IPv6, wildcards and single addresses, on two
    workers."""
    server = spurnd.start(ZONE, FILES, WORKERS, addresses=addresses)
    for address in addresses:
        for one in loopback_addresses(address) if address in ("0.0.0.0", "::") else [address]:
            ask_from_many_ports(one, server.port, 4)


@pytest.mark.parametrize(
    "form, address",
    [
        ("127.2/{}", "127.0.0.2"),
        ("localhost/{}", "127.0.0.1"),
        ("[::1]/{}", "::1"),
        ("0/{}", "127.0.0.1"),
        ("*/{}", "127.0.0.3"),
        ("*/{}", "::1"),
    ],
)
def test_forms_of_an_address(spurnd, form, address):
    """Proves that -b takes an address as rbldnsd does: short, in brackets, as a host name, or *."""
    server = spurnd.start(ZONE, FILES, listen=lambda port: ["-b", form.format(port)])
    ask_from_many_ports(address, server.port, 2)


def test_same_address_twice(spurnd):
    """Proves that an address that is given twice, in whatever form, is served once."""
    server = spurnd.start(
        ZONE, FILES, listen=lambda port: ["-b", f"127.0.0.1/{port}", "-b", f"127.1/{port}"]
    )
    assert "1 socket" in server.log()
    ask_from_many_ports("127.0.0.1", server.port, 2)


def test_several_ports_at_once(spurnd):
    """Proves that the port asked is the port that answers, when there are two."""
    second = free_port()
    server = spurnd.start(ZONE, FILES, (*WORKERS, "-b", f"127.0.0.1/{second}"))
    ask_from_many_ports("127.0.0.1", server.port, 4)
    ask_from_many_ports("127.0.0.1", second, 4)


@pytest.mark.tsan
def test_many_clients_get_their_own_replies(spurnd):
    """Proves that each reply goes to the exact port its question came from, when many ask at once:
    all send before any receives, each with an ID and a name of its own."""
    server = spurnd.start(["bl.test:ip4trie:list"], {"list": "10.0.0.0/8 it is $\n"}, WORKERS)
    socks = [udp.open_socket("127.0.0.1", server.port) for _ in range(200)]
    for number, sock in enumerate(socks):
        sock.send(wire.query(f"{number}.1.2.10.bl.test", wire.TXT, ident=number))
    for number, sock in enumerate(socks):
        reply = wire.parse(sock.recv(2048))
        assert reply.id == number and reply.answer[0].rdata == wire.txt(f"it is 10.2.1.{number}")
        sock.close()


@pytest.fixture(name="network")
def _network():
    """(server host, client host) with two cables between them, and the addresses that the tests
    ask."""
    if not netns.is_possible():
        conftest.cannot_run("needs root, for network namespaces")
    with netns.namespaces("server", "client") as (server, client):
        netns.connect(server, "s0", client, "c0")
        netns.connect(server, "s1", client, "c1")
        for device, number in (("0", 0), ("1", 1)):
            server.add_address(f"s{device}", f"192.0.2.{1 + 16 * number}/28")
            client.add_address(f"c{device}", f"192.0.2.{2 + 16 * number}/28")
            server.add_address(f"s{device}", f"2001:db8:{number}::1/64")
            client.add_address(f"c{device}", f"2001:db8:{number}::2/64")
        server.add_address("s0", "192.0.2.3/28")
        server.add_address("s0", "2001:db8::3/64")
        # A virtual address as a real server behind a director has it: on lo, not on the wire.
        server.add_address("lo", "198.51.100.7/32")
        server.add_address("lo", "2001:db8:7::7/128")
        for device in "01":
            server.run("ip", "address", "add", "fe80::5:1/64", "dev", f"s{device}")
        client.run("ip", "route", "add", "198.51.100.7/32", "via", "192.0.2.17")
        client.run("ip", "route", "add", "2001:db8:7::7/128", "via", "2001:db8:1::1")
        yield server, client


ASKED = (
    "192.0.2.1",
    "192.0.2.3",
    "192.0.2.17",
    "198.51.100.7",
    "2001:db8::1",
    "2001:db8::3",
    "2001:db8:1::1",
    "2001:db8:7::7",
)
LINK_LOCAL = (("fe80::5:1", "c0"), ("fe80::5:1", "c1"))


def _ask_inside(client, address, port, device=None):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with client.socket(family) as sock:
        if device:
            index = _index(client, device)
            sock.connect((address, port, 0, index))
        else:
            sock.connect((address, port))
        return is_answered(sock)


def _index(namespace, device):
    """The number of an interface inside a namespace."""
    import subprocess  # pylint: disable=import-outside-toplevel

    out = subprocess.run(
        [*namespace.command, "cat", f"/sys/class/net/{device}/ifindex"],
        check=True,
        capture_output=True,
    )
    return int(out.stdout)


@pytest.mark.tsan
def test_wildcard_behind_a_director(spurnd, network):
    """Proves, between two hosts, that a server on both wildcards answers from every address that is
    asked: second addresses, the virtual address on lo, and the same link-local address on two
    links.
    """
    server_host, client_host = network
    server = spurnd.start(
        ZONE, FILES, WORKERS, addresses=("0.0.0.0", "::"), prefix=server_host.command, port=5300
    )
    for address in ASKED:
        assert _ask_inside(client_host, address, server.port), f"no reply from {address}"
    for address, device in LINK_LOCAL:
        assert _ask_inside(
            client_host, address, server.port, device
        ), f"no reply from {address}%{device}"


def test_reply_follows_the_question_when_routes_do_not(spurnd, network):
    """Proves that the source address is that of the question also when the route back to the client
    prefers another interface and so another source address."""
    server_host, client_host = network
    client_host.add_address("lo", "203.0.113.9/32")
    server_host.run(
        "ip", "route", "add", "203.0.113.9/32", "via", "192.0.2.18", "src", "192.0.2.17"
    )
    server = spurnd.start(
        ZONE, FILES, WORKERS, addresses=("0.0.0.0",), prefix=server_host.command, port=5300
    )
    for address in ("192.0.2.1", "192.0.2.3", "198.51.100.7"):
        with client_host.socket() as sock:
            sock.bind(("203.0.113.9", 0))
            sock.connect((address, server.port))
            assert is_answered(sock), f"no reply from {address}"


def test_single_addresses_between_hosts(spurnd, network):
    """Proves that -b with single addresses, the virtual ones among them, serves these and no
    others."""
    server_host, client_host = network
    served = ("192.0.2.3", "198.51.100.7", "2001:db8:7::7")
    server = spurnd.start(
        ZONE, FILES, WORKERS, addresses=served, prefix=server_host.command, port=5300
    )
    for address in served:
        assert _ask_inside(client_host, address, server.port)
    with client_host.socket() as sock:
        sock.connect(("192.0.2.1", server.port))
        sock.send(wire.query(NAME))
        with pytest.raises(ConnectionRefusedError):
            sock.recv(512)


def test_broadcast_and_multicast_are_not_answered(spurnd, network):
    """Proves that what was sent to everybody is not answered: no reply could leave from there."""
    server_host, client_host = network
    server = spurnd.start(
        ZONE, FILES, addresses=("0.0.0.0", "::"), prefix=server_host.command, port=5300
    )
    with client_host.socket() as sock, client_host.socket(socket.AF_INET6) as sock6:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        sock.sendto(wire.query(NAME), ("192.0.2.15", server.port))
        sock6.sendto(wire.query(NAME), ("ff02::1", server.port, 0, _index(client_host, "c0")))
        assert _ask_inside(client_host, "192.0.2.1", server.port)
        for one in (sock, sock6):
            one.settimeout(0.05)
            with pytest.raises(TimeoutError):
                one.recv(512)


def test_ip6_off(spurnd, network):
    """Proves that -4 and -6 choose the family, and that a host without IPv6 is served with
    0.0.0.0."""
    server_host, client_host = network
    server_host.run("sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=1")
    server = spurnd.start(
        ZONE, FILES, ("-4",), addresses=("0.0.0.0",), prefix=server_host.command, port=5300
    )
    assert _ask_inside(client_host, "192.0.2.1", server.port)
    assert wait_until(lambda: server.process.poll() is None, "the server")
    assert os.path.exists(f"/proc/{server.process.pid}")
