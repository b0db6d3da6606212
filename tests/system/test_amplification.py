# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""What forged queries can make the server send to others: nothing over UDP that is long, little that
is longer than the query, and nothing that is an answer to an answer."""

import os
import random
import re
import select
import signal
import socket
import struct

import pytest

import conftest
from lib import amplification, hostile, steady, udp, wire
from lib.daemon import PATIENCE_S, wait_until

ADDRESSES = ("127.0.0.1", "::1")
DOC = conftest.TOP / "doc" / "protocol.md"
PACKETS = amplification.packets()


def documented():
    """{head of column: {first cell of row: cell}} of the table in the documentation."""
    lines = DOC.read_text().splitlines()
    start = next(at for at, line in enumerate(lines) if line.startswith("| | rbldnsd | spurnd |"))
    rows = []
    for line in lines[start:]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return {
        head: {row[0]: row[at] for row in rows[2:]}
        for at, head in enumerate(rows[0])
        if head != rows[0][0]
    }


def test_documented(spurnd_path, workdir):
    """Proves that the table of amplification in doc/protocol.md says what spurnd does, as far as the
    factors go; that none of its replies is longer than 1232 bytes; and that a rate limit makes them
    less than what was asked. (tests/bench/amplification.py makes the table.)"""
    columns = amplification.measure_columns({True: spurnd_path}, workdir, PACKETS)
    said = documented()
    message = "\n".join(amplification.table(columns))
    for head, kinds in columns.items():
        assert set(said[head]) == {*kinds, *amplification.SUMMARY}
        for kind, worst in kinds.items():
            factor = float(re.search(r"\*\*(.*)\*\*", said[head][kind]).group(1))
            assert abs(factor - worst.factor) <= 0.2, f"{kind}, {head}:\n{message}"
            assert worst.longest <= 1232
    assert all(worst.factor < 1 for worst in columns["beyond --rate-limit"].values())


@pytest.mark.parametrize("address", ADDRESSES)
def test_sizes(spurnd, client, address):
    """Proves that no reply over UDP is longer than 1232 bytes, none to a query without OPT longer
    than 512, and that what has no data is not much longer than what was asked."""
    options = ("--workers", "1", "--cookies", "on")
    server = spurnd.start(amplification.ZONES, amplification.FILES, options, addresses=ADDRESSES)
    one = client(server, address)
    for kind, packets in PACKETS.items():
        for query, reply in amplification.ask_all(one, packets):
            if reply is None:
                continue
            has_opt = b"\0\0\x29" in query[12:]
            assert len(reply) <= (1232 if has_opt else 512), (kind, query.hex())
            got = wire.parse(reply)
            if got.rcode not in (wire.NOERROR, wire.NXDOMAIN):
                assert not got.answer and not got.authority and not got.additional
                # An OPT record, an extended error and the server's cookie; the name of the server.
                options = 11 + 6 + 16 + 4 + len(socket.gethostname()) if has_opt else 0
                assert len(reply) <= len(query) + options, (kind, query.hex())


def replies_of_all_shapes(server):
    """Everything that has QR set: replies that the server itself gave, ours to every kind of query,
    with each opcode, flag and rcode, and garbage."""
    rng = random.Random(1)
    queries = [packet for packets in PACKETS.values() for packet in packets if len(packet) > 2]
    with udp.Client(server.addresses[0], server.port) as client:
        own = [reply for _, reply in amplification.ask_all(client, queries) if reply]
    plain = wire.query(amplification.LISTED, wire.ANY, edns=wire.Edns(4096))
    flags = [
        plain[:2] + struct.pack("!H", 0x8000 | bits) + plain[4:] for bits in range(0, 1 << 15, 61)
    ]
    noise = [rng.randbytes(rng.randrange(3, 1300)) for _ in range(200)]
    return own + flags + hostile.replies(rng.sample(queries, 300) + noise)


@pytest.mark.parametrize("address", ADDRESSES)
def test_no_reply_to_replies(spurnd, client, address):
    """Proves that nothing that has QR set, in whatever shape, gets a reply: over UDP there is none to
    any, and over TCP the connection just ends."""
    server = spurnd.start(
        amplification.ZONES, amplification.FILES, ("--workers", "1"), addresses=ADDRESSES
    )
    shapes = replies_of_all_shapes(server)
    assert len(shapes) > 2000 and all(packet[2] & 0x80 for packet in shapes)
    for packet, reply in amplification.ask_all(client(server, address), shapes):
        assert reply is None, f"{packet.hex()} got {wire.show(reply)}"
    for packet in random.Random(1).sample(shapes, 100):
        with steady.Visitor(address, server.port) as visitor:
            visitor.send(packet)
            assert select.select([visitor.sock], [], [], PATIENCE_S)[0], "still open"
            with pytest.raises(ConnectionError):
                print(list(visitor.receive()))


def totals(server):
    """What the server says that it has done: received, answered, dropped."""
    since = len(server.log())
    server.send_signal(signal.SIGUSR1)
    said = server.wait_log(r"queries: (\d+) received, (\d+) answered, (\d+) dropped", since)
    return [int(number) for number in said.groups()]


class Forger:
    """Sends packets with forged sources to 127.0.0.1, and sees what comes back to 127.66.0.1."""

    ADDRESS = "127.66.0.1"

    def __init__(self, server):
        self.server = server
        self.sender = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
        self.sniffer = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_UDP)
        self.sniffer.bind((self.ADDRESS, 0))
        self.sniffer.settimeout(PATIENCE_S)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.sender.close()
        self.sniffer.close()

    def send(self, payload, source=ADDRESS, port=9):
        """Sends a datagram from there."""
        forged = hostile.forge(socket.inet_aton(source), port, self.server.port, payload)
        self.sender.sendto(forged, ("127.0.0.1", 0))

    def ports_of_replies(self):
        """The ports that replies went to, up to one that is certain."""
        self.send(wire.query("fence.invalid"), port=9)
        ports = []
        while not ports or ports[-1] != 9:
            packet = self.sniffer.recv(65535)
            # Before it was bound the socket saw what others on this machine send.
            if packet[16:20] == socket.inet_aton(self.ADDRESS):
                ports.append(int.from_bytes(packet[22:24], "big"))
        return ports[:-1]


@pytest.fixture(name="single")
def _single(spurnd):
    """A server with one worker, which answers in the order in which it is asked."""
    if os.geteuid() != 0:
        conftest.cannot_run("needs root, to forge packets")
    return spurnd.start(["bl.test:ip4set:list"], {"list": "1.2.3.4\n"}, ("--workers", "1"))


SERVICES = {0, 7, 13, 17, 19, 37, 69, 123, 464}


@pytest.mark.parametrize(
    "payload",
    [wire.query("4.3.2.1.bl.test"), b"all printable characters"],
    ids=["query", "garbage"],
)
def test_ports_of_services(single, payload):
    """Proves that neither port 0 nor the port of a service that answers everything, and so would be
    answered in turn, gets a reply to a query or FORMERR to garbage, and other ports do."""
    ports, answered = [port for port in range(1024) if port != 9], []
    with Forger(single) as forger:
        for start in range(0, len(ports), 50):
            for port in ports[start : start + 50]:
                forger.send(payload, port=port)
            answered += forger.ports_of_replies()
            fences = start // 50 + 1
    assert answered == [port for port in ports if port not in SERVICES]
    expected = [len(ports) + fences, len(answered) + fences, len(SERVICES)]
    # Replies are counted when they have left.
    wait_until(lambda: totals(single) == expected, f"{expected} in the counters")


def test_own_address(single):
    """Proves that a server whose own address is forged answers itself, and leaves it at that."""
    with Forger(single) as forger:
        forger.send(wire.query("4.3.2.1.bl.test"), "127.0.0.1", single.port)
        assert not forger.ports_of_replies()
        # The query, the fence, and the reply to itself.
        wait_until(lambda: totals(single) == [3, 2, 1], "the reply to itself")


def test_two_servers(single, spurnd):
    """Proves that two servers cannot be made to talk to each other, neither with a query nor with
    what is malformed."""
    other = spurnd.start(["bl.test:ip4set:list"], {}, ("--workers", "1"))
    with Forger(single) as forger:
        for payload in (wire.query("4.3.2.1.bl.test"), b"garbage, to which FORMERR is said"):
            forger.send(payload, "127.0.0.1", other.port)
        assert not forger.ports_of_replies()
    wait_until(lambda: totals(other) == [2, 0, 2], "two replies, which were dropped")
    wait_until(lambda: totals(single) == [3, 3, 0], "three replies")
