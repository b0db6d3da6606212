# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""Many addresses with the answers they should get."""

from . import udp, wire


def dotted(address):
    """As in 127.0.0.1."""
    return f"{address >> 24}.{address >> 16 & 255}.{address >> 8 & 255}.{address & 255}"


def ask_all(server, zone, addresses, name=wire.reversed_ip4):
    """The parsed replies to an ANY question for each address; `name` makes the name of one."""
    replies = []
    for start in range(0, len(addresses), 60_000):
        with udp.Client("127.0.0.1", server.port) as client:
            replies += udp.exchange(
                client.sock,
                [
                    wire.query(name(address, zone), wire.ANY, ident=number)
                    for number, address in enumerate(addresses[start : start + 60_000])
                ],
            )
    assert None not in replies
    return [wire.parse(reply) for reply in replies]


def check_all(server, zone, expected, name=wire.reversed_ip4):
    """Asks for all addresses of `expected` (address to (last octet of A, text), or None) and
    compares."""
    addresses = sorted(expected)
    for address, reply in zip(addresses, ask_all(server, zone, addresses, name)):
        if expected[address] is None:
            assert (reply.rcode, reply.answer) == (wire.NXDOMAIN, ()), f"{address:x}"
            continue
        octet, text = expected[address]
        assert reply.rcode == wire.NOERROR, f"{address:x}"
        assert {(record.type, record.rdata) for record in reply.answer} == {
            (wire.A, bytes((127, 0, 0, octet))),
            (wire.TXT, wire.txt(text)),
        }, f"{address:x}"
