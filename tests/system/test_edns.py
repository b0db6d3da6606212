# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""EDNS, replies that do not fit, and packets that deserve no reply (RBLDNSD.md section 7)."""

import struct

import pytest

from lib import wire
from lib.replies import ask_and_check
from lib.wire import A, TXT, NOERROR, NXDOMAIN

ADDRESSES = ("127.0.0.1", "::1")
NAME = "4.3.2.1.bl.test"
ANSWER = [f"{NAME} 2100 A 127.0.0.2"]
SMALL = {"list": "1.2.3.4\n"}
MANY = 58


@pytest.fixture(name="ask")
def _ask(spurnd, client):
    server = spurnd.start(
        ["bl.test:ip4set:list", "many.test:generic:many"],
        {
            **SMALL,
            "many": "".join(f"www A 10.0.0.{i}\n" for i in range(MANY))
            + "".join(f"txt TXT {i:03d}{'x' * 200}\n" for i in range(20)),
        },
        addresses=ADDRESSES,
    )
    return [client(server, address) for address in ADDRESSES]


@pytest.mark.parametrize("size", [0, 1, 512, 513, 1232, 1400, 4096, 65535])
@pytest.mark.parametrize("flags", [0, wire.EDNS_DO, 0x7FFF, 0xFFFF])
def test_opt_is_always_answered(ask, size, flags):
    """Proves that OPT is answered with OPT: our size, version 0, DO copied and the other bits not,
    no options."""
    for one in ask:
        for options in (b"", struct.pack("!HH", 8, 4) + b"\0\1\0\0", struct.pack("!HH", 65001, 0)):
            ask_and_check(
                one,
                (NAME, A),
                query={"edns": wire.Edns(size, flags=flags, options=options)},
                answer=ANSWER,
                edns=wire.Edns(1232, flags=flags & wire.EDNS_DO),
            )


@pytest.mark.parametrize("version", [1, 2, 255])
def test_badvers(ask, version):
    """Proves that a version of EDNS that is not known yet gets BADVERS with version 0, not an
    answer (RFC 6891 section 6.1.3)."""
    for one in ask:
        for name in (NAME, "www.example.com"):
            reply = one.ask(name, A, edns=wire.Edns(4096, version=version, flags=wire.EDNS_DO))
            assert reply.rcode == wire.BADVERS
            assert reply.edns == wire.Edns(1232, ext_rcode=1, version=0, flags=wire.EDNS_DO)
            assert not reply.answer and not reply.authority and not reply.additional


def test_opt_elsewhere(ask):
    """Proves that OPT counts wherever it stands in the additional section, nowhere else, and that a
    broken one leaves an ordinary query."""
    name = wire.name_of(NAME)
    opt = wire.opt_record(wire.Edns(4096))
    other = b"\0" + struct.pack("!HHIH", A, wire.IN, 0, 4) + bytes(4)
    head = name + struct.pack("!HH", A, wire.IN)
    for one in ask:
        for behind, counts, has_opt in (
            (other + opt, (0, 0, 2), True),
            (opt + other, (0, 0, 2), True),
            (other + opt, (0, 1, 1), True),
            (opt, (0, 1, 0), False),
            (opt, (1, 0, 0), False),
            (opt[:-1], (0, 0, 1), False),
            (opt[:5], (0, 0, 1), False),
            (b"\1x" + opt, (0, 0, 1), False),
            (b"", (0, 0, 1), False),
            (opt, (0, 0, 0), False),
        ):
            packet = struct.pack("!HHHHHH", 77, 0x0100, 1, *counts) + head + behind
            reply = wire.parse(one.raw(packet))
            assert reply.rcode == NOERROR and len(reply.answer) == 1, (behind, counts)
            assert reply.edns == (wire.Edns(1232) if has_opt else None), (behind, counts)


@pytest.mark.parametrize(
    "size, room",
    [(None, 512), (0, 512), (512, 512), (700, 700), (1232, 1232), (4096, 1232), (65535, 1232)],
)
def test_truncation(ask, size, room):
    """Proves that what does not fit sets TC with AA as it is and no half RRset, and that what fits
    comes whole; the limit is 512, or what the client takes up to 1232."""
    for one in ask:
        edns = None if size is None else wire.Edns(size)
        for name, qtype, need in (
            ("www.many.test", A, 12 + 19 + 16 * MANY),
            ("txt.many.test", TXT, 12 + 19 + 20 * 216),
        ):
            reply = one.ask(name, qtype, edns=edns)
            need += 11 if edns else 0
            assert reply.size <= room
            assert reply.flags & wire.FLAG_AA
            if need <= room:
                assert (
                    not reply.flags & wire.FLAG_TC
                    and len(reply.answer) == MANY
                    and reply.size == need
                )
            else:
                assert reply.flags & wire.FLAG_TC and not reply.answer
            assert (reply.edns is None) == (edns is None)


def test_truncated_any_keeps_whole_rrsets(spurnd, client):
    """Proves that of several RRsets those that fit are sent whole when another does not."""
    server = spurnd.start(
        ["z.test:generic:g"],
        {"g": "a A 1\na A 2\n" + "".join(f"a TXT {i}{'y' * 200}\n" for i in range(4))},
    )
    reply = client(server).ask("a.z.test", wire.ANY)
    assert reply.flags & wire.FLAG_TC and reply.size <= 512
    assert {record.type for record in reply.answer} <= {A} and len(reply.answer) in (0, 2)


LONG_SIZES = (253, 254, 255, 256, 300, 509, 510, 511, 1000, 4000, 4095, 4096)


@pytest.mark.parametrize("address", ADDRESSES)
def test_long_texts(spurnd, client, address):
    """Proves that texts longer than a character-string come whole, as several (RFC 1035 section
    3.3.14), filled in or as they are, up to 4,096 bytes, and with TC where they do not fit."""
    sets = "".join(
        f"1.0.{i}.1 {'ab' * (n // 2)}{'c' * (n % 2)}\n" for i, n in enumerate(LONG_SIZES)
    )
    generic = "".join(f'n{i} TXT "{"x" * n}"\n' for i, n in enumerate(LONG_SIZES))
    server = spurnd.start(
        ["bl.test:ip4set:l", "n.test:dnset:d", "g.test:generic:g"],
        {
            "l": f"$1 {'v' * 150}\n{sets}1.1.0.1 $1 $ $1 $\n1.1.0.2 {'z' * 5000}\n",
            "d": f":5:{'d' * 280}$\n*.example.com\n",
            "g": generic,
        },
        addresses=ADDRESSES,
    )
    one = client(server, address)
    asked = [
        (f"1.{i}.0.1.bl.test", ("ab" * n)[: n - n % 2] + "c" * (n % 2))
        for i, n in enumerate(LONG_SIZES)
    ]
    asked += [(f"n{i}.g.test", "x" * n) for i, n in enumerate(LONG_SIZES)]
    asked += [
        ("1.0.1.1.bl.test", " ".join(("v" * 150, "1.1.0.1") * 2)),
        ("2.0.1.1.bl.test", "z" * 4096),
        ("x.example.com.n.test", "d" * 280 + "example.com"),
    ]
    for name, text in asked:
        for edns, room in ((None, 512), (wire.Edns(4096), 1232)):
            reply = one.ask(name, TXT, edns=edns)
            rdata = wire.txt(text)
            size = 12 + len(reply.question) + 12 + len(rdata) + (11 if edns else 0)
            if size > room:
                assert reply.flags & wire.FLAG_TC and not reply.answer
                continue
            assert not reply.flags & wire.FLAG_TC and reply.size == size
            assert [record.rdata for record in reply.answer] == [rdata]


@pytest.mark.parametrize("address", ADDRESSES)
def test_no_reply(spurnd, client, address):
    """Proves that responses, several or no questions, and broken packets get no reply at all, so
    that nothing can be reflected."""
    one = client(spurnd.start(["bl.test:ip4set:list"], SMALL, addresses=ADDRESSES), address)
    good = wire.query(NAME)
    name = wire.name_of(NAME)
    fixed = struct.pack("!HH", A, wire.IN)
    header = good[:12]
    drops = [
        wire.query(NAME, flags=wire.FLAG_QR),
        wire.query(NAME, flags=0x8580),
        wire.query(NAME, flags=0xA100),
        wire.query(NAME, counts=(0, 0, 0, 0)),
        wire.query(NAME, counts=(2, 0, 0, 0)),
        wire.query(NAME, counts=(256, 0, 0, 0)),
        header + b"\xc0\x0c" + fixed,
        header + b"\1a\xc0\x0c" + fixed,
        header + b"\x40" + b"a" * 64 + b"\0" + fixed,
        header + b"\x80" + b"a" * 64 + b"\0" + fixed,
        header + (b"\x3f" + b"a" * 63) * 4 + b"\0" + fixed,
        header + name,
        header + name + b"\0\1\0",
        header + b"\x09abc",
        header,
        header[:5],
        header[:2],
        b"",
        b"\0" * 16,
        header + b"\0\0\1\0",
        wire.query(NAME)[:-1],
    ]
    for packet in drops:
        assert one.is_dropped(packet), packet.hex()
    assert one.ask(NAME).rcode == NOERROR


@pytest.mark.parametrize("address", ADDRESSES)
def test_trailing_garbage_and_wrong_counts(spurnd, client, address):
    """Proves that bytes behind the question, and counts of records that are not there, are answered
    as if they were not."""
    one = client(spurnd.start(["bl.test:ip4set:list"], SMALL, addresses=ADDRESSES), address)
    for query in (
        {"tail": b"garbage"},
        {"tail": b"\0" * 400},
        {"tail": b"\xff" * 1000},
        {"counts": (1, 1, 0, 0)},
        {"counts": (1, 0, 65535, 0)},
        {"counts": (1, 0, 0, 65535)},
        {"counts": (1, 1, 1, 1), "tail": b"\xc0\x0c" * 9},
    ):
        ask_and_check(one, (NAME, A), query=query, answer=ANSWER)
    # The longest name there is: 4 labels of 63, 63, 63 and 61 bytes fill 255.
    longest = wire.name(b"a" * 63, b"b" * 63, b"c" * 63, b"d" * 53, b"bl", b"test")
    assert len(longest) == 255
    ask_and_check(one, (longest, A), rcode=NXDOMAIN)
