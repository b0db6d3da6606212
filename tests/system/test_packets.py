# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""Whatever comes over the wire: nothing hurts the server, and nothing gets a long reply that an
honest question would not get. SPURN_SEED chooses the packets."""

import os
import random
import struct

import pytest

from lib import udp, wire
from lib.zonefuzz import malformed, queries

PACKETS = 20_000
ZONES = ["bl.test:ip4set:list", "bl.test:generic:names", "deep.bl.test:ip4trie:list"]
FILES = {
    "list": "$SOA 50 ns.bl.test host.bl.test 7 1h 2h 3h 40\n$NS 60 ns1.bl.test ns2.example.org\n"
    ":5:Listed $ for good reasons\n1.0.0.0/8\n1.2.3.4 :9:x\n",
    "names": "".join(f"many A 10.0.0.{i}\n" for i in range(80))
    + "".join(f"text TXT {i}{'y' * 240}\n" for i in range(8))
    + "ns1 A 192.0.2.1\n",
}
NAMES = [
    wire.name_of("4.3.2.1.bl.test"),
    wire.name_of("many.bl.test"),
    wire.name_of("text.bl.test"),
    wire.name_of("bl.test"),
    wire.name_of("4.3.2.1.deep.bl.test"),
    wire.name_of("x.org"),
    b"\0",
    wire.reversed_ip6(0xFFFF01020304, "bl.test"),
    wire.name_of("version.bind"),
]


def honest(rng):
    """A well-formed query, sometimes with EDNS and options."""
    edns = None
    if rng.random() < 0.5:
        edns = wire.Edns(
            rng.choice(queries.SIZES),
            version=rng.choice((0, 0, 0, 1)),
            flags=rng.choice((0, 0x8000)),
            options=rng.choice(
                (b"", struct.pack("!HH", 10, 8) + b"clientck", struct.pack("!HH", 3, 0))
            ),
        )
    return wire.query(
        rng.choice(NAMES),
        rng.choice(queries.TYPES + queries.ODD_TYPES),
        rng.choice((1, 1, 1, 1, 3, 255)),
        flags=rng.choice((0x0100, 0x0100, 0, 0x0130, 0x2800)),
        edns=edns,
    )


def mutated(rng):
    """An honest query with something done to it, or plain garbage."""
    packet = bytearray(honest(rng))
    kind = rng.randrange(8)
    if kind == 0:
        return rng.randbytes(rng.choice((0, 1, 11, 12, 13, 16, 17, 40, 512, 1400)))
    if kind == 1:
        del packet[rng.randrange(len(packet)) :]
    elif kind == 2:
        packet[rng.randrange(len(packet)) : 0] = rng.randbytes(rng.choice((1, 2, 30, 1000)))
    elif kind == 3:
        packet[4:12] = struct.pack("!4H", *(rng.choice((0, 0, 1, 1, 2, 0xFFFF)) for _ in range(4)))
    elif kind == 4:
        packet[12] = rng.choice((0, 1, 63, 64, 0x80, 0xC0, 0xC1, 0xFF))
    elif kind == 5:
        return malformed.make(
            rng, queries.build((b"4", b"3", b"2", b"1", b"bl", b"test"), 1, 1, 0, None, "")
        ).packet
    for _ in range(rng.choice((1, 1, 2, 5, 20))):
        if packet:
            packet[rng.randrange(len(packet))] = rng.randrange(256)
    return bytes(packet)


# A COOKIE option without a server's cookie.
COOKIE = b"\0\x0a\0\x08"


def room_of(packet):
    """The longest reply that an honest question of this form could get: 512, or up to 1232 where
    some OPT record may be in it that allows more."""
    return 1232 if b"\0\0\x29" in packet[12:] else 512


def check_reply(packet, reply):
    """Fails unless a reply may be given to the packet, and is not longer than it may be."""
    assert len(packet) >= 12 and not packet[2] & 0x80, "a reply to what deserves none"
    got = wire.parse(reply)
    assert got.flags & wire.FLAG_QR and reply[:2] == packet[:2]
    assert len(reply) <= room_of(packet)
    if got.rcode in (wire.REFUSED, wire.NOTIMP, wire.FORMERR, wire.BADVERS, wire.SERVFAIL):
        assert not got.answer and not got.authority and not got.additional
        # The server's cookie comes with any reply to a client's, its name where that is asked for,
        # and an extended error.
        more = 16 if COOKIE in packet else 0
        for code, data in wire.options_of(got.edns) if got.edns else ():
            if code == wire.OPTION_NSID:
                assert b"\0\3" in packet[12:]
                more += len(data)
            if code == wire.OPTION_EDE:
                more += 4 + len(data)
        assert len(reply) <= len(packet) + 11 + more, "a refusal that amplifies"


@pytest.mark.tsan
@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_mutated_packets(spurnd, address):
    """Proves that 20,000 mutated queries and garbage packets neither stop the server nor make it
    send what it should not: no reply to a reply or to a fragment, none longer than an honest one.
    """
    seed = int(os.environ.get("SPURN_SEED", random.SystemRandom().randrange(1 << 32)))
    print(f"SPURN_SEED={seed}")
    rng = random.Random(f"{seed} {address}")
    # One client's worker is always the same: no reply comes long behind that to a later query.
    options = ("--workers", "2", "--steer", "hash", "--cookies", "on")
    server = spurnd.start(ZONES, FILES, options, addresses=("127.0.0.1", "::1"))
    with udp.Client(address, server.port) as client:
        packets = [mutated(rng) for _ in range(PACKETS // 2)]
        # The ID is the number, as far as there is room for an ID.
        packets = [
            number.to_bytes(2, "big") + packet[2:] if len(packet) >= 2 else packet
            for number, packet in enumerate(packets)
        ]
        answered = _send_all(client, packets)
        assert client.ask("4.3.2.1.bl.test").rcode == wire.NOERROR
    assert answered > PACKETS // 20
    assert server.process.poll() is None, server.log()


def _send_all(client, packets):
    """Sends the packets, and an honest query behind every 50 that must be answered, which shows
    that the server goes on; returns how many were answered. Replies may come in any order."""
    answered = 0
    for at in range(0, len(packets), 50):
        for packet in packets[at : at + 50]:
            client.sock.send(packet)
        fence = wire.query("4.3.2.1.bl.test", ident=60_000 + at // 50)
        client.sock.send(fence)
        while True:
            reply = client.sock.recv(65535)
            if reply[:2] == fence[:2]:
                break
            ident = int.from_bytes(reply[:2], "big")
            assert ident < at + 50, f"reply {reply.hex()} to nothing that was asked"
            try:
                check_reply(packets[ident], reply)
            except (AssertionError, ValueError) as error:
                raise AssertionError(
                    f"packet {ident}: {error}\n{packets[ident].hex()}\nreply {reply.hex()}"
                ) from error
            answered += 1
    return answered


def test_no_reply_to_replies(spurnd, client):
    """Proves that two servers cannot be made to talk to each other: whatever has QR set, the
    server's own replies among them, gets no reply."""
    server = spurnd.start(ZONES, FILES)
    one = client(server)
    rng = random.Random(1)
    for _ in range(50):
        packet = bytearray(honest(rng))
        packet[2] |= 0x80
        assert one.is_dropped(bytes(packet))
    for name in NAMES:
        own = one.raw(wire.query(name))
        assert one.is_dropped(own)
