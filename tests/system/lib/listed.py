# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""Many addresses with the answers they should get."""

from . import udp, wire


def dotted(address):
    """As in 127.0.0.1."""
    return f"{address >> 24}.{address >> 16 & 255}.{address >> 8 & 255}.{address & 255}"


# One in so many addresses is asked for A, too: it comes from the same entry as TXT.
A_EVERY = 8


# More questions at a time have no ID of their own.
PART = 60_000


def check_all(server, zone, expected, name=wire.reversed_ip4):
    """Asks for all addresses of `expected` (address to (last octet of A, text), or None) and
    compares; `name` makes the name of one."""
    for qtype, addresses in (
        (wire.TXT, sorted(expected)),
        (wire.A, sorted(expected)[::A_EVERY]),
    ):
        for start in range(0, len(addresses), PART):
            part = addresses[start : start + PART]
            packets = [
                wire.query(name(address, zone), qtype, ident=number)
                for number, address in enumerate(part)
            ]
            with udp.Client("127.0.0.1", server.port) as client:
                replies = udp.exchange_all(client.sock, packets)
            for address, packet, reply in zip(part, packets, replies):
                check(packet, reply, qtype, expected[address], f"{address:x}")


def check(packet, reply, qtype, answer, what):
    """Fails unless `reply` is the one to `packet`, a question for A or TXT, that `answer` makes. Most are so
    byte for byte, and taking packets apart is slow."""
    end = len(packet)
    if answer is None:
        if reply[3:12] == b"\3\0\1\0\0\0\0\0\0" and reply[12:] == packet[12:]:
            return
        reply = wire.parse(reply)
        assert (reply.rcode, reply.answer) == (wire.NXDOMAIN, ()), what
        return
    octet, text = answer
    rdata = wire.txt(text) if qtype == wire.TXT else bytes((127, 0, 0, octet))
    # Behind the question: its name, type and class again, any TTL, and the data.
    if (
        reply[3:12] == b"\0\0\1\0\1\0\0\0\0"
        and reply[12:end] == packet[12:]
        and reply[end : end + 6] == b"\xc0\x0c" + packet[-4:]
        and reply[end + 10 :] == len(rdata).to_bytes(2, "big") + rdata
    ):
        return
    reply = wire.parse(reply)
    assert reply.rcode == wire.NOERROR, what
    assert [record.rdata for record in reply.answer] == [rdata], what
