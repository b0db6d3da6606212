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
    """Proves that OPT counts wherever it stands in the additional section and nowhere else, and that
    records that are cut off before their type can be told are none."""
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
            (opt[:2], (0, 0, 1), False),
            (other[:-1], (0, 0, 1), False),
            (opt + other[:-1], (0, 0, 2), True),
            (b"", (0, 0, 1), False),
            (opt, (0, 0, 0), False),
        ):
            packet = struct.pack("!HHHHHH", 77, 0x0100, 1, *counts) + head + behind
            reply = wire.parse(one.raw(packet))
            assert reply.rcode == NOERROR and len(reply.answer) == 1, (behind, counts)
            assert reply.edns == (wire.Edns(1232) if has_opt else None), (behind, counts)


def test_malformed_opt(ask):
    """Proves that an OPT record that is not as it must be is FORMERR, with OPT (RFC 6891 sections
    6.1.1 and 7), and that what is in the options of another version is not judged."""
    name = wire.name_of(NAME)
    opt = wire.opt_record(wire.Edns(4096, flags=wire.EDNS_DO))

    def with_options(options, version=0):
        return wire.opt_record(wire.Edns(4096, version=version, options=options))

    nsid, cookie = struct.pack("!HH", 3, 0), struct.pack("!HH", 10, 8) + b"12345678"
    good = [with_options(nsid), with_options(struct.pack("!HH", 65001, 5) + b"12345")]
    bad = [
        opt[:-1],
        opt[:5],
        opt[:3],
        opt + opt,
        b"\1x" + opt,
        b"\xc0\x0c" + opt[1:],
        with_options(b"\0"),
        with_options(nsid[:3]),
        with_options(nsid + b"\0\3\0"),
        with_options(struct.pack("!HH", 65001, 6) + b"12345"),
        with_options(struct.pack("!HH", 65001, 0xFFFF)),
        opt[:-2] + b"\0\4",
        *(with_options(struct.pack("!HH", 10, n) + bytes(n)) for n in (0, 7, 9, 15, 41)),
        with_options(cookie[:-1]),
    ]
    for one in ask:
        for records, rcode in [(r, NOERROR) for r in good] + [(r, wire.FORMERR) for r in bad]:
            count = 2 if records == opt + opt else 1
            packet = wire.query(NAME, counts=(1, 0, 0, count), tail=records)
            reply = wire.parse(one.raw(packet))
            assert reply.rcode == rcode and reply.edns is not None, records
            assert reply.question == name + struct.pack("!HH", A, wire.IN)
            assert bool(reply.answer) == (rcode == NOERROR)
        for options in (b"\0", cookie[:-1], struct.pack("!HH", 10, 7) + bytes(7)):
            packet = wire.query(NAME, counts=(1, 0, 0, 1), tail=with_options(options, version=1))
            assert wire.parse(one.raw(packet)).rcode == wire.BADVERS


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


def test_truncated_any(spurnd, client):
    """Proves that ANY gets its one RRset whole, or TC and nothing of another type."""
    server = spurnd.start(
        ["z.test:generic:g"],
        {
            "g": "a A 1\na A 2\n"
            + "".join(f"a TXT {i}{'y' * 200}\n" for i in range(4))
            + "".join(f"b A 10.0.0.{i}\n" for i in range(40))
            + "b TXT short\n"
        },
    )
    one = client(server)
    reply = one.ask("a.z.test", wire.ANY)
    assert not reply.flags & wire.FLAG_TC
    assert [record.type for record in reply.answer] == [A, A]
    reply = one.ask("b.z.test", wire.ANY)
    assert reply.flags & wire.FLAG_TC and not reply.answer


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
    """Proves that responses, whatever is in them, and what is shorter than a header get no reply at
    all."""
    one = client(spurnd.start(["bl.test:ip4set:list"], SMALL, addresses=ADDRESSES), address)
    good = wire.query(NAME)
    for packet in (
        wire.query(NAME, flags=wire.FLAG_QR),
        wire.query(NAME, flags=0x8580),
        wire.query(NAME, flags=0xA100),
        wire.query(NAME, flags=wire.FLAG_QR, counts=(0, 0, 0, 0)),
        good[:2] + b"\x80" + good[3:12],
        good[:11],
        good[:5],
        good[:2],
        b"",
    ):
        assert one.is_dropped(packet), packet.hex()
    assert one.ask(NAME).rcode == NOERROR


@pytest.mark.parametrize("address", ADDRESSES)
def test_formerr(spurnd, client, address):
    """Proves that a query with a broken question, with none or with several, is FORMERR: a header
    and no question (RFC 9619 section 4), with OPT where there is one behind; opcode and RD are those
    of the query."""
    one = client(spurnd.start(["bl.test:ip4set:list"], SMALL, addresses=ADDRESSES), address)
    good = wire.query(NAME)
    name = wire.name_of(NAME)
    fixed = struct.pack("!HH", A, wire.IN)
    header = good[:12]
    opt = wire.opt_record(wire.Edns(4096, flags=wire.EDNS_DO))
    for packet, has_opt in (
        (wire.query(NAME, counts=(0, 0, 0, 0)), False),
        (wire.query(NAME, counts=(2, 0, 0, 0)), False),
        (wire.query(NAME, counts=(256, 0, 0, 0)), False),
        (header[:4] + struct.pack("!4H", 0, 0, 0, 1) + opt, True),
        (header[:4] + struct.pack("!4H", 2, 0, 0, 1) + 2 * (name + fixed) + opt, True),
        (header + b"\xc0\x0c" + fixed, False),
        (header + b"\1a\xc0\x0c" + fixed, False),
        (header + b"\x40" + b"a" * 64 + b"\0" + fixed, False),
        (header + b"\x80" + b"a" * 64 + b"\0" + fixed, False),
        (header + (b"\x3f" + b"a" * 63) * 4 + b"\0" + fixed, False),
        (header + name, False),
        (header + name + b"\0\1\0", False),
        (header + b"\x09abc", False),
        (header, False),
        (b"\0" * 16, False),
        (header + b"\0\0\1\0", False),
        (good[:-1], False),
    ):
        reply = wire.parse(one.raw(packet))
        flags = packet[2] << 8 & wire.FLAG_RD
        assert reply.flags == wire.FLAG_QR | flags | wire.FORMERR, packet.hex()
        assert reply.question == b"" and reply.size == 12 + 11 * has_opt
        assert reply.edns == (wire.Edns(1232, flags=wire.EDNS_DO) if has_opt else None)
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
