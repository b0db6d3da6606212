# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""`$...` lines, valid and not (RBLDNSD.md sections 3 to 5)."""

from . import text

HOSTS = (
    b"ns.example.com",
    b"ns1.bl.test",
    b"NS2.BL.test.",
    b"a.b",
    b"x",
    b"2.0.0.127.bl.test",
    b"www.other.example",
    b"host.sub.bl.test",
    b"1.0.0.10.bl.test",
    b"ns\\.dot.example",
    b"\\110s.example.net",
    b"a..b",
    b"bl.test",
)
BAD_HOSTS = (b"y" * 64 + b".example", b"", b".".join((b"z" * 60,) * 5), b"\\300x.a")
SERIALS = (b"0", b"1", b"2026112101", b"4294967295")
BAD_SERIALS = (b"x", b"4294967296", b"-1", b"", b"1h")


def host(rng, bad=0.05):
    """A name as $SOA, $NS and MX take it."""
    return rng.choice(BAD_HOSTS) if rng.random() < bad else rng.choice(HOSTS)


def soa(rng):
    """A $SOA line; one in five or so is not valid."""
    fields = [
        text.ttl(rng, 0.03),
        host(rng, 0.02),
        host(rng, 0.02),
        rng.choice(BAD_SERIALS) if rng.random() < 0.04 else rng.choice(SERIALS),
    ]
    fields += [text.ttl(rng, 0.02) for _ in range(4)]
    shape = rng.random()
    if shape < 0.04:
        fields.pop()
    elif shape < 0.08:
        fields.append(rng.choice((b"extra", b"# comment", b"5")))
    return text.special(rng, b"SOA", rng.choice(text.BLANKS).join(fields))


def ns(rng):  # pylint: disable=invalid-name
    """A $NS line; some names with the minus, some twice, some not valid."""
    hosts = []
    for _ in range(rng.choice((1, 1, 2, 2, 3, 5))):
        # Only the first may be bad: of the names before a bad one rbldnsd makes NS with TTL 0, or with
        # that of a later line.
        hosts.append((b"-" if rng.random() < 0.15 else b"") + host(rng, 0 if hosts else 0.04))
    return text.special(rng, b"NS", rng.choice(text.BLANKS).join([text.ttl(rng, 0.05), *hosts]))


def ttl(rng):
    """A $TTL line."""
    return text.special(rng, b"TTL", text.ttl(rng))


def variable(rng):
    """A $0 ... $9 or (seldom) $= line."""
    if rng.random() < 0.2:
        return text.special(rng, b"=", text.template(rng))
    return text.special(rng, b"%d" % rng.choice((0, 1, 1, 2, 9)), text.template(rng))


def maxrange(rng):
    """A $MAXRANGE4 line that leaves something to list, mostly."""
    return text.special(
        rng,
        b"MAXRANGE4",
        rng.choice(
            (
                b"/8",
                b"/16",
                b"/20",
                b"/24",
                b"256",
                b"65536",
                b"1000",
                b"0",
                b"/33",
                b"/0",
                b"x",
                b"/",
                b"16777216",
                b"/12 x",
            )
        ),
    )


STAMPS = (
    b"2020-01-01",
    b"20200101",
    b"2020:01:01:00:00:00",
    b"2020-1-1",
    b"20260101:1200",
    b"2026-02-28-23-59-59",
    b"20260101235959",
    b"1970-01-01",
    b"2020-01-01-",
    b"0",
    b"-",
)
BAD_STAMPS = (
    b"",
    b"x",
    b"2026",
    b"202611",
    b"2026-13-01",
    b"2026-02-30",
    b"2026.11.22",
    b"2026/11/22",
    b"2026--11-22",
    b"26-01-01",
    b"1969-12-31",
    b"20200101:25",
    b"20200101T000000",
    b"2020-01-01 +0",
    b"2020-01-01 +1h30m",
    b"2020-01-01 1h",
    b"2020-01-01 x",
    b"2020-01-01 +1d extra",
    b"0 +1h",
    b"+1h",
    b"2020-01-01 00:00",
    b"20200101 +99999w",
)
LATER = (b"", b"", b" 0", b" -", b" 2037-12-31", b" 20370101", b" 2038:01:01:12")
EXPIRED = (
    b"2020-01-01 +1d",
    b"20200101 20200102",
    b"0 2021-01-01:12",
    b"- 20251231",
    b"20200101\t+1s",
)
FUTURE = (b"2037-01-01", b"20371231 +1d", b"2037:01:01:00:00:00 0")


def timestamp(rng):
    """A $TIMESTAMP line that expires nothing."""
    stamp = rng.choice(BAD_STAMPS) if rng.random() < 0.3 else rng.choice(STAMPS) + rng.choice(LATER)
    return text.special(rng, b"TIMESTAMP", stamp)


def expired(rng):
    """A $TIMESTAMP line that silences its zones."""
    return text.special(rng, b"TIMESTAMP", rng.choice(EXPIRED))


def future(rng):
    """A $TIMESTAMP line for which the file is refused."""
    return text.special(rng, b"TIMESTAMP", rng.choice(FUTURE))


def any_of(rng):
    """A special line of any kind."""
    return rng.choice((soa, ns, ttl, ttl, variable, variable, variable, variable))(rng)
