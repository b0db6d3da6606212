# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""Packets that are almost queries: most of them get no reply."""

import struct

from .. import wire


def _with_counts(packet, *counts):
    return packet[:4] + struct.pack("!HHHH", *counts) + packet[12:]


def make(rng, query):
    """The Query with its packet broken in a way of which RBLDNSD.md section 7 tells the outcome."""
    plain = wire.query(wire.name(*query.qname), query.qtype, query.qclass, ident=0)
    end = 12 + len(wire.name(*query.qname)) + 4
    packet = rng.choice(
        (
            plain[:2] + b"\x80\x00" + plain[4:],
            plain[:2] + b"\x85\x80" + plain[4:],
            _with_counts(plain, 0, 0, 0, 0),
            _with_counts(plain, 2, 0, 0, 0),
            _with_counts(plain, 1, 1, 0, 0),
            _with_counts(plain, 1, 0, 7, 0),
            _with_counts(plain, 1, 0, 0, 9),
            plain + b"trailing garbage",
            plain + bytes(rng.randrange(256) for _ in range(rng.randrange(1, 400))),
            plain[: rng.randrange(2, end)],
            plain[: end - 4] + plain[end - 3 :],
            plain[:12] + b"\xc0\x0c" + plain[-4:],
            plain[:12] + b"\x01a\xc0\x0c" + plain[-4:],
            plain[:12] + b"\x40" + b"a" * 64 + b"\0" + plain[-4:],
            plain[:12] + (b"\x3f" + b"a" * 63) * 4 + b"\0" + plain[-4:],
            plain[:12],
            plain[:2],
        )
    )
    return query._replace(
        packet=packet,
        kind="malformed",
        edns=None,
        flags=struct.unpack("!H", packet[2:4].ljust(2, b"\0"))[0],
    )
