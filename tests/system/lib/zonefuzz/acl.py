# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""ACL files (RBLDNSD.md section 6), and the clients that they speak of."""

from . import specials, text

# Where the harness asks its own questions from: nothing may restrict it.
FREE = "127.0.0.1"
CLIENTS = (
    FREE,
    FREE,
    "127.0.0.2",
    "127.0.0.3",
    "127.0.1.4",
    "127.1.2.3",
    "127.1.255.255",
    "127.128.0.9",
    "127.255.255.254",
    "::1",
)
# No v4-mapped ones: to rbldnsd they are IPv4 clients on a socket for both families, and nobody on one
# for IPv4; to spurn they are IPv4 clients (test_acl.py).
PREFIXES = (
    b"127.0.0.2",
    b"127.0.0.3",
    b"127.0.0.2/31",
    b"127.0.1",
    b"127.0.1.4",
    b"127.0.1.0/24",
    b"127.1",
    b"127.1.2.3",
    b"127.1.2/24",
    b"127.1/16",
    b"127.128/9",
    b"127.128.0.8/29",
    b"127.255.255.254",
    b"127.192/10",
    b"127/8",
    b"0/0",
    b"::1",
    b"::/0",
    b"::/127",
    b"0:0:0:0:0:0:0:1",
    b"10/8",
    b"2001:db8::/32",
)
BAD = (
    b"!127.0.0.2",
    b"127.0.0.1-127.0.0.9",
    b"127.0.0.2/33",
    b"127.0.0.3/24",
    b"127",
    b"foo",
    b"$SOA 5 a b 1 2 3 4 5",
    b"$NS 5 a",
    b"$MAXRANGE4 /24",
    b":bogus",
    b"=bogus",
    b":passs",
    b":0:x",
    b":",
    b"=",
    b"::g",
    b"$TTL x",
)
# Ignored clients cost waiting: not too many of them.
KEYWORDS = (b"refuse", b"refuse", b"empty", b"empty", b"pass", b"pass", b"ignore", b"blackhole")


def keyword(rng):
    """An action as a value."""
    word = rng.choice(KEYWORDS)
    if rng.random() < 0.2:
        word = word.upper()
    return (
        rng.choice((b":", b":", b"="))
        + word
        + rng.choice((b"", b"", b":", b" ", b" # why", b"\t;c"))
    )


def value(rng, has_keyword_default):
    """The value of an entry. Behind a default of a keyword, a
    value that takes its A or TXT from the default makes rbldnsd crash."""
    kind = rng.random()
    if kind < 0.5:
        return keyword(rng)
    if has_keyword_default:
        return rng.choice((b"", b":8:", b":9:full $", b":127.0.0.9:x"))
    if kind < 0.6:
        return b""
    if kind < 0.8:
        return text.template(rng)
    return text.colon_value(rng)


def content(rng):
    """The lines of an ACL file."""
    lines = [b"127.0.0.1 :pass"]
    has_keyword_default = False
    for _ in range(rng.choice((1, 3, 6, 12))):
        kind = rng.random()
        if kind < 0.06:
            lines.append(rng.choice(BAD))
        elif kind < 0.12:
            lines.append(text.noise(rng))
        elif kind < 0.2:
            lines.append(rng.choice((specials.ttl, specials.variable, specials.variable))(rng))
        elif kind < 0.26:
            lines.append(keyword(rng))
            has_keyword_default = True
        elif kind < 0.29 and not has_keyword_default:
            lines.append(text.colon_value(rng))
        elif kind < 0.32:
            lines.append(rng.choice((b":8:", b":9:full $")))
            has_keyword_default = False
        else:
            blank = rng.choice(text.BLANKS)
            lines.append(rng.choice(PREFIXES) + blank + value(rng, has_keyword_default))
    return lines
