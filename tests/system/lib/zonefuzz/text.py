# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""Values, templates, comments and noise: what all data set types of the zone language share
(RBLDNSD.md sections 1 to 4). Everything is bytes, without the end of the line."""

WORDS = (
    b"spam",
    b"Listed",
    b"see",
    b"http://bl.example/?ip=$",
    b"$",
    b"$$",
    b"$1",
    b"$0",
    b"$9",
    b"$10",
    b"$=",
    b"$a",
    b"$ ",
    b"#no comment",
    b";nor this",
    b'"quoted"',
    b"back\\slash",
    b"\\065",
    b"tab\there",
    b"\xc3\xa9\xff",
    b":colon:",
    b"=",
    b"a=b",
    b"@",
    b"\r.",
    b"{}",
)
BLANKS = (b" ", b"\t", b"  ", b" \t ")
TTLS = (b"60", b"300", b"1h", b"90S", b"2m", b"1d", b"1w", b"0", b"7", b"2100", b"86400", b"3H")
BAD_TTLS = (b"1h30m", b"x", b"-5", b"99999999999", b"4000000000w", b"5 5", b"", b"1.5", b"5y")
COMMENTS = (b"#", b"# comment", b";", b";; two", b"# $TTL 5", b"  # indented", b"#TTL 5", b"#\x01")
JUNK = (
    b"",
    b" ",
    b"\t",
    b"garbage",
    b"foo.bar",
    b"$",
    b"$a x",
    b"$TTLx 5",
    b"$ 5",
    b"!",
    b":",
    b"::",
    b":::",
    b"-",
    b"/",
    b".",
    b"\\",
    b"@",
    b"\xff\xfe",
    b"\0",
    b"\0 1.2.3.4",
    b"!$TTL 5",
    b"=x",
    b"a b c d",
    b":bogus:x",
    b": 4:x",
    b":0:",
    b":256:y",
    b"$DATASET ip4set @",
    b'"',
    b"{",
    b"*",
)
A_VALUES = (
    b"2",
    b"5",
    b"6",
    b"127.0.0.9",
    b"1.2",
    b"1.2.3",
    b"10.0.0.1",
    b"255",
    b"007",
    b"127.0.0.02",
)
BAD_A_VALUES = (
    b"0",
    b"0.0.0.0",
    b"256",
    b"",
    b"1.2.3.4.5",
    b"1.2.3.256",
    b"x",
    b"-1",
    b"0x7f",
    b"4.",
    b".4",
    b"1..2",
    b" 4",
    b"4x",
    b"1.2.3.4/32",
    b"00",
)
SPECIAL_LEADS = (b"$", b"$", b"$", b"#$", b";$", b":$")


# rbldnsd cuts texts after so many bytes as they are written, before it puts values in the place of
# variables: what comes out may be shorter than what it answers at most, or end with half a variable, and
# so tells nothing about the whole text.
LONGEST_WITH_VARIABLES = 255


def template(rng, longest=600):
    """A TXT text, perhaps with substitutions, perhaps longer than fits, never empty."""
    kind = rng.random()
    if kind < 0.3:
        return rng.choice(
            (b"$", b"listed $", b"$ is listed", b"$1 $2 $", b"=raw $", b"$=", b"$=$", b"x")
        )
    if kind < 0.34:
        # See LONGEST_WITH_VARIABLES.
        size = rng.choice((200, 240, 250, 253, 254, 255, 256, 257, longest))
        unit = rng.choice((b"z", b"$", b"$1", b"$$", b"y "))
        line = (b"%d " % size) + unit * size
        most = LONGEST_WITH_VARIABLES
        return line[: most - (most - 4) % len(unit)] if b"$" in unit else line
    if kind < 0.38:
        return b"w" * rng.choice((236, 240, 244, 247, 252, 253, 254, 255)) + rng.choice(
            (b"$", b"$$", b"$1", b"!")
        )
    return b" ".join(rng.choice(WORDS) for _ in range(rng.randint(1, 5))).strip(b" \t") or b"$"


def colon_value(rng):
    """A value that starts with a colon, as default lines have it too; sometimes not valid."""
    form = rng.random()
    if form < 0.15:
        number = rng.choice(BAD_A_VALUES)
    else:
        number = rng.choice(A_VALUES)
    tail = rng.random()
    if tail < 0.2:
        return b":" + number
    if tail < 0.35:
        return b":" + number + b":"
    if tail < 0.4:
        return (
            b":"
            + number
            + rng.choice(
                (b" trailing", b" :  text", b" :", b"\t:x", b":  $ ", b": # c", b" #c", b";c")
            )
        )
    return b":" + number + b":" + template(rng)


def value(rng):
    """What stands behind an address: blanks and value, or a comment, or nothing."""
    kind = rng.random()
    if kind < 0.25:
        return b""
    if kind < 0.33:
        return rng.choice(
            (b"#glued", b";glued", b" # comment", b"\t; c", b" ", b"\t", b" #", b" ;")
        )
    if kind < 0.6:
        return rng.choice(BLANKS) + template(rng)
    return rng.choice((b"", b" ", b" ", b" ", b"\t")) + colon_value(rng)


def special(rng, keyword, rest):
    """A `$keyword rest` line in one of its spellings."""
    if rng.random() < 0.3:
        keyword = bytes(rng.choice((c, c ^ 0x20)) if chr(c).isalpha() else c for c in keyword)
    return rng.choice(SPECIAL_LEADS) + keyword + rng.choice(BLANKS) + rest


def ttl(rng, bad=0.1):
    """A TTL in one of its forms, or something that is none."""
    return rng.choice(BAD_TTLS) if rng.random() < bad else rng.choice(TTLS)


def noise(rng):
    """A line that lists nothing, or one that looks so."""
    return rng.choice(COMMENTS) if rng.random() < 0.4 else rng.choice(JUNK)


def dressed(rng, line):
    """The line with blanks around it now and then."""
    if rng.random() < 0.05:
        line = rng.choice(BLANKS) + line
    if rng.random() < 0.05:
        line += rng.choice(BLANKS)
    return line


TYPO_BYTES = b'0123456789.-/:;#!$ \t\n\\"=@abIN%,*\x01\xff'


def with_typos(rng, content):
    """The file with one byte in 50 or so changed, lost or added."""
    content = bytearray(content)
    for _ in range(len(content) // 50):
        place, kind = rng.randrange(len(content)), rng.randrange(3)
        if kind == 0:
            content[place] = rng.choice(TYPO_BYTES)
        elif kind == 1:
            del content[place]
        else:
            content.insert(place, rng.choice(TYPO_BYTES))
    # A byte more, or a line's end less, may make texts with variables too long.
    lines = bytes(content).split(b"\n")
    return b"\n".join(line[:LONGEST_WITH_VARIABLES] if b"$" in line else line for line in lines)
