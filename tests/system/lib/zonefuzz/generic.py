# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""Lines of generic (RBLDNSD.md section 6)."""

from . import specials, text

LABELS = (
    b"www",
    b"WWW",
    b"mail",
    b"a",
    b"b",
    b"c",
    b"1",
    b"2",
    b"127",
    b"0",
    b"x-y",
    b"_dmarc",
    b"*",
    b"long" * 15,
)
ODD_NAMES = (
    b"\\065bc",
    b"a\\.b",
    b"\\@",
    b"sp\\032ace",
    b"www.",
    b"a..b",
    b"@",
    b"2.0.0.127",
    b"1.2.3.4",
    b"\xe4\xf6",
    b'q"q',
    b"@.a",
    b"semi\\;x",
    b"\\",
    b"\\999",
    b"ns.sub",
    b"sub",
)
A_DATA = (
    b"127.0.0.2",
    b"5",
    b"1.2",
    b"1.2.3",
    b"10.1.2.3",
    b"127.0.0.4 text behind",
    b"0",
    b"0.0.0.0",
    b"255.255.255.255",
    b"127.0.0.2 # c",
    b"127.0.0.2",
)
BAD_A_DATA = (b"", b"x", b"256", b"1.2.3.4.5", b"1.2.3.999", b"::1", b"1.2.3.4x")
# Not more than 254 bytes: rbldnsd does not merge duplicates of 255, and when their TTLs differ
# makes a packet that nobody can read. test_edns.py asks spurnd for longer ones.
TXT_DATA = (
    b'"quoted text"',
    b"unquoted text",
    b'""',
    b'"a" "b"',
    b'"open',
    b'close"',
    b"$ $1 $=",
    b'""""',
    b'\\"esc\\"',
    b'" inner "',
    b"a;b#c",
    b'"x" ; c',
    b"8\xff",
    b"t" * 253,
    b"t" * 254,
    b'"' + b"u" * 254 + b'"',
    b'"' + b"v" * 200 + b'"',
    b'"',
)
MX_DATA = (
    b"10 mail.example.com",
    b"0 @",
    b"20 a",
    b"65535 mx.bl.test.",
    b"5 MAIL.Example.COM",
    b"7 a\\.b.c",
)
OTHER_TYPES = (
    b"CNAME a",
    b"NS a.b",
    b"PTR a",
    b"AAAA ::1",
    b"SOA a b 1 2 3 4 5",
    b"SRV 0 0 0 a",
    b"A",
    b"IN",
    b"",
    b"HINFO x y",
    b"CH A 1.2.3.4",
    b"IN IN A 1",
    b"A A 1.2.3.4",
    b"TXT",
)


def name(rng):
    """An owner name relative to the zone."""
    if rng.random() < 0.25:
        return rng.choice(ODD_NAMES)
    return b".".join(rng.choice(LABELS) for _ in range(rng.choice((1, 1, 2, 2, 3, 4))))


def entry(rng):
    """A line, and whether rbldnsd refuses the whole file for it."""
    owner = name(rng)
    blank = rng.choice(text.BLANKS)
    fields = [owner]
    lead = rng.random()
    if lead < 0.3:
        fields.append(rng.choice(text.TTLS))
    if 0.2 < lead < 0.5:
        fields.append(rng.choice((b"IN", b"in")))
    kind = rng.random()
    if kind < 0.4:
        fields += [
            rng.choice((b"A", b"A", b"a")),
            rng.choice(BAD_A_DATA if rng.random() < 0.1 else A_DATA),
        ]
    elif kind < 0.75:
        fields += [rng.choice((b"TXT", b"txt")), rng.choice(TXT_DATA)]
    elif kind < 0.9:
        fields += [b"MX", rng.choice(MX_DATA)]
    elif kind < 0.97:
        fields += [rng.choice(OTHER_TYPES)]
    else:
        return owner + b" " + text.colon_value(rng), False
    return blank.join(fields), False


def refused_entry(rng):
    """A line for which rbldnsd refuses the whole file, where spurn skips the line."""
    return rng.choice(
        (
            b"foo 99x A 1.2.3.4",
            b"foo MX 10",
            b"foo MX 10 a.b extra",
            b"foo 1h30m TXT t",
            b"foo MX x a.b",
            b"foo MX 10 " + b"l" * 64 + b".example",
            b"foo MX",
            b"foo 99999999999 A 127.0.0.2",
            b"foo MX 65536 a.b",
        )
    )


def special(rng):
    """A special line as generic files have it."""
    return rng.choice((specials.soa, specials.ns, specials.ttl, specials.ttl, specials.variable))(
        rng
    )
