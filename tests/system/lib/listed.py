# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""Many addresses with the answers they should get."""

from . import udp, wire


def dotted(address):
    """As in 127.0.0.1."""
    return f"{address >> 24}.{address >> 16 & 255}.{address >> 8 & 255}.{address & 255}"


# One in so many addresses is asked for A, too: it comes from the same entry as TXT.
A_EVERY = 8


def ask_all(server, zone, addresses, qtype, name=wire.reversed_ip4):
    """The parsed replies to a question for each address; `name` makes the name of one."""
    replies = []
    for start in range(0, len(addresses), 60_000):
        with udp.Client("127.0.0.1", server.port) as client:
            replies += udp.exchange_all(
                client.sock,
                [
                    wire.query(name(address, zone), qtype, ident=number)
                    for number, address in enumerate(addresses[start : start + 60_000])
                ],
            )
    return [wire.parse(reply) for reply in replies]


def check_all(server, zone, expected, name=wire.reversed_ip4):
    """Asks for all addresses of `expected` (address to (last octet of A, text), or None) and
    compares."""
    for qtype, addresses in (
        (wire.TXT, sorted(expected)),
        (wire.A, sorted(expected)[::A_EVERY]),
    ):
        replies = ask_all(server, zone, addresses, qtype, name)
        for address, reply in zip(addresses, replies):
            if expected[address] is None:
                assert (reply.rcode, reply.answer) == (wire.NXDOMAIN, ()), f"{address:x}"
                continue
            octet, text = expected[address]
            rdata = wire.txt(text) if qtype == wire.TXT else bytes((127, 0, 0, octet))
            assert reply.rcode == wire.NOERROR, f"{address:x}"
            assert [record.rdata for record in reply.answer] == [rdata], f"{address:x}"
