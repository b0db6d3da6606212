# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""How much more a server sends than it is sent: every kind of question with every kind of EDNS, asked
of spurnd and of rbldnsd. Sizes are those of DNS messages; UDP and IP add 28 or 48 bytes to both sides.

Used by tests/bench/amplification, which makes the table in doc/protocol.md, and by
test_amplification.py."""

import struct
from typing import NamedTuple

from . import daemon, udp, wire

# Two lists as they are, and one with the longest data that anybody would write.
ZONES = ["bl.example:ip4set:list", "bl.example:generic:names", "rhsbl.example:dnset:domains"]
FILES = {
    "list": "$SOA 1h ns1.bl.example hostmaster.bl.example 1 1h 15m 7d 10m\n"
    "$NS 1d ns1.bl.example ns2.bl.example\n"
    ":2:Spam source. See https://bl.example/why?$\n127.0.0.2\n192.0.2.0/24\n",
    "names": "ns1 A 192.0.2.53\nns2 A 203.0.113.53\n"
    + "".join(f"many A 10.0.{i // 200}.{i % 200}\n" for i in range(200))
    + "".join(f"texts TXT {i:02d}{'x' * 198}\n" for i in range(20))
    + f"long TXT {'x' * 1000}\n"
    + "".join(
        f"any A 10.0.0.{i}\nany TXT {i}{'x' * 100}\nany MX {i} mx.example\n" for i in range(9)
    ),
    "domains": "$SOA 1h ns1.bl.example hostmaster.bl.example 1 1h 15m 7d 10m\n"
    "$NS 1d ns1.bl.example ns2.bl.example\n.shop.example :2:$ advertises by spam\n",
}
LISTED, UNLISTED, HIGHER = "2.0.0.127.bl.example", "9.0.0.127.bl.example", "0.127.bl.example"

NSID, COOKIE, KEEPALIVE, PADDING = 3, 10, 11, 12
CLIENT_COOKIE = b"\x5b" * 8


def _option(code, data=b""):
    return struct.pack("!HH", code, len(data)) + data


# Every EDNS that may make a reply longer.
EDNS = [None] + [
    wire.Edns(size, flags=flags, options=options)
    for size in (0, 512, 1232, 4096, 65535)
    for flags in (0, wire.EDNS_DO)
    for options in (
        b"",
        _option(NSID),
        _option(COOKIE, CLIENT_COOKIE),
        _option(NSID) + _option(COOKIE, CLIENT_COOKIE) + _option(KEEPALIVE) + _option(PADDING),
    )
]


class Kind(NamedTuple):
    """Questions that the table has in one line."""

    words: str
    questions: tuple  # of (name, type, class)


def _in(*pairs):
    return tuple((name, qtype, wire.IN) for name, qtype in pairs)


AXFR, CAA = 252, 257
KINDS = [
    Kind("listed, A", _in((LISTED, wire.A), ("shop.example.rhsbl.example", wire.A))),
    Kind("listed, TXT", _in((LISTED, wire.TXT), ("shop.example.rhsbl.example", wire.TXT))),
    Kind("listed, ANY", _in((LISTED, wire.ANY), ("shop.example.rhsbl.example", wire.ANY))),
    Kind("listed, another type", _in((LISTED, wire.AAAA), (LISTED, wire.MX), (LISTED, CAA))),
    Kind("not listed", _in((UNLISTED, wire.A), (UNLISTED, wire.TXT), (UNLISTED, wire.ANY))),
    Kind("empty non-terminal", _in((HIGHER, wire.A), (HIGHER, wire.ANY))),
    Kind("apex: SOA", _in(("bl.example", wire.SOA))),
    Kind("apex: NS", _in(("bl.example", wire.NS))),
    Kind("apex: ANY", _in(("bl.example", wire.ANY))),
    Kind("apex: A, DNSKEY", _in(("bl.example", wire.A), ("bl.example", 48))),
    Kind("200 A records", _in(("many.bl.example", wire.A), ("many.bl.example", wire.ANY))),
    Kind("20 TXT records", _in(("texts.bl.example", wire.TXT), ("texts.bl.example", wire.ANY))),
    Kind("a TXT of 1,000 bytes", _in(("long.bl.example", wire.TXT), ("long.bl.example", wire.ANY))),
    Kind("9 A, 9 TXT, 9 MX: ANY", _in(("any.bl.example", wire.ANY))),
    Kind(
        "outside of all zones",
        _in(("", wire.NS), ("", wire.ANY), ("example.com", wire.ANY), ("isc.org", wire.TXT)),
    ),
    Kind("AXFR, IXFR", _in(("bl.example", AXFR), ("bl.example", 251), ("", AXFR))),
    Kind(
        "class CH",
        tuple(
            (name, qtype, wire.CH)
            for name in ("version.bind", "version.server", "hostname.bind", "id.server")
            for qtype in (wire.TXT, wire.ANY)
        ),
    ),
]


def _questions(kind):
    """The packets of a kind."""
    return [
        wire.query(name, qtype, qclass, edns=edns)
        for name, qtype, qclass in kind.questions
        for edns in EDNS
    ]


def _other_opcodes():
    return [
        wire.query(LISTED, wire.ANY, flags=opcode << 11 | wire.FLAG_RD, edns=edns)
        for opcode in range(1, 16)
        for edns in EDNS
    ]


def _versions():
    return [
        wire.query(name, wire.ANY, edns=edns._replace(version=version))
        for name in (LISTED, "example.com")
        for edns in EDNS[1:]
        for version in (1, 255)
    ]


def _malformed():
    """Cut short anywhere, with wrong counts, pointers, long labels, broken OPT records; garbage."""
    whole = wire.query(LISTED, wire.ANY, edns=EDNS[-1])
    plain = wire.query(LISTED, wire.ANY)
    counted = [
        whole[:4] + struct.pack("!HHHH", *counts) + whole[12:]
        for counts in ((0, 0, 0, 0), (0, 0, 0, 1), (2, 0, 0, 1), (1, 1, 0, 1), (1, 0, 0, 2))
    ]
    broken = [
        plain[:12] + b"\xc0\x0c" + plain[-4:],
        plain[:12] + b"\x40" + b"a" * 64 + b"\0" + plain[-4:],
        plain[:12] + (b"\x3f" + b"a" * 63) * 4 + b"\0" + plain[-4:],
        wire.query(LISTED, edns=wire.Edns(4096, options=b"\0\3")),
        wire.query(LISTED, edns=wire.Edns(4096, options=_option(COOKIE, b"short"))),
        wire.query(LISTED, edns=wire.Edns(4096)) + wire.opt_record(wire.Edns(4096)),
    ]
    return (
        [whole[:size] for size in range(len(whole))] + counted + broken + [bytes(12), b"\xff" * 40]
    )


def _only_cookies():
    """A query for nothing but a cookie (RFC 7873 section 5.4)."""
    return [
        struct.pack("!HHHHHH", 0, 0, 0, 0, 0, 1) + wire.opt_record(edns) for edns in EDNS if edns
    ]


def packets():
    """{kind in words: its packets}"""
    return {
        **{kind.words: _questions(kind) for kind in KINDS},
        "other opcodes": _other_opcodes(),
        "other versions of EDNS": _versions(),
        "malformed": _malformed(),
        "no question but a cookie": _only_cookies(),
    }


class Worst(NamedTuple):
    """Of the replies to packets of a kind the one that is longest for its query."""

    query: bytes = b""
    reply: bytes = b""
    factor: float = 0  # bytes out for each byte in
    longest: int = 0  # bytes of the longest reply


# Packets that are on the way at once: fewer than rbldnsd's socket holds.
_CHUNK = 50
_FENCE = wire.query("fence.invalid", ident=0xFFFF)


def ask_all(client, queries):
    """[(query, its reply, or None)] for fewer than 65,535 queries. The server must have one thread: a
    reply to what was asked last says that there will be no other ones."""
    packets = [number.to_bytes(2, "big") + query[2:] for number, query in enumerate(queries)]
    replies = [None] * len(packets)
    for start in range(0, len(packets), _CHUNK):
        for packet in [*packets[start : start + _CHUNK], _FENCE]:
            client.sock.send(packet)
        while (reply := client.sock.recv(65535))[:2] != _FENCE[:2]:
            replies[int.from_bytes(reply[:2], "big")] = reply
    return list(zip(packets, replies))


def measure(server, asked, share=1):
    """{kind: Worst} for the packets {kind: packets}, each of which is asked once; `share` of the
    replies would be sent to queries one like the other."""
    found = {}
    with udp.Client(server.addresses[0], server.port) as client:
        # Whoever has a limit reaches it here.
        ask_all(client, [_FENCE] * 2)
        for words, queries in asked.items():
            worst = Worst()
            for query, reply in ask_all(client, queries):
                size = len(reply or b"")
                if size * share > worst.factor * len(query):
                    worst = worst._replace(
                        query=query, reply=reply, factor=size * share / len(query)
                    )
                worst = worst._replace(longest=max(worst.longest, size))
            found[words] = worst
    return found


class Column(NamedTuple):
    """A server to measure."""

    options: tuple = ("--workers", "1", "--nsid", "ns1.example", "--cookies", "on")
    is_spurnd: bool = True
    share: float = 1


_SPURND = Column()
COLUMNS = {
    "rbldnsd": Column((), is_spurnd=False),
    "spurnd": _SPURND,
    "spurnd -a": Column((*_SPURND.options, "-a")),
    # By default every second reply is sent, at random for who asks various things.
    "beyond --rate-limit": Column(
        (*_SPURND.options, "--rate-limit", "1/d:1", "--rate-limit-slip", "1"), share=0.5
    ),
}


def measure_columns(binaries, directory, asked):
    """{head: {kind: Worst}} for those columns of whose kind `binaries` ({is_spurnd: path}) has a
    server."""
    for name, text in FILES.items():
        (directory / name).write_text(text)
    found = {}
    for head, column in COLUMNS.items():
        if column.is_spurnd not in binaries:
            continue
        server = daemon.Daemon(binaries[column.is_spurnd], [*column.options, *ZONES], directory)
        try:
            found[head] = measure(server, asked, column.share)
            server.stop()
        finally:
            server.kill()
    return found


def cell(worst):
    """What the table says of a kind."""
    if not worst.query:
        return "no reply"
    return f"{len(worst.query)} to {len(worst.reply)}: **{worst.factor:.1f}**"


def summary(column):
    """The last two cells of a column: the longest reply and the worst factor."""
    worst = max(one.factor for one in column.values())
    return [str(max(one.longest for one in column.values())), f"**{worst:.1f}**"]


SUMMARY = ["the longest reply", "the worst of all"]


def table(columns):
    """The lines of a table in Markdown."""
    cells = {head: [cell(one) for one in kinds.values()] for head, kinds in columns.items()}
    words = [*next(iter(columns.values())), *SUMMARY]
    for head, kinds in columns.items():
        cells[head] += summary(kinds)
    return [
        "| | " + " | ".join(columns) + " |",
        "| --- |" + " --- |" * len(columns),
        *(
            f"| {word} | " + " | ".join(cells[head][row] for head in columns) + " |"
            for row, word in enumerate(words)
        ),
    ]
