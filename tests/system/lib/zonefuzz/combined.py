# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""The frame of combined files (RBLDNSD.md section 6); what is inside comes from the other types."""

from . import specials, text

TYPES = ("ip4set", "ip4set", "ip4trie", "ip4tset", "ip6trie", "ip6tset", "dnset", "generic")
SUBZONES = ("proxies", "relays", "Sub", "a.b", "b", "127", "x.y.z", "com", "1")
ODD_SUBZONES = (b"a..b", b"sub.", b"\\098", b"@")
ODD_SUBZONES_MEAN = {(b"a", b"b"), (b"sub",), (b"b",)}


def header(rng, kind, subzones):
    """A $DATASET line for some of `subzones`."""
    line = kind.encode()
    if rng.random() < 0.4:
        line += b":" + rng.choice((b"name", b"some-name", b"", b"a:b"))
    chosen = rng.sample(subzones, rng.choice((1, 1, 2, min(3, len(subzones)))))
    fields = [line] + [
        bytes(c ^ 0x20 if chr(c).isalpha() and rng.random() < 0.02 else c for c in zone.encode())
        for zone in chosen
    ]
    if rng.random() < 0.05:
        fields.append(rng.choice(ODD_SUBZONES))
    if rng.random() < 0.1:
        fields.append(rng.choice((b"# comment", b"; comment", b"#")))
    return text.special(rng, b"DATASET", rng.choice(text.BLANKS).join(fields))


def common(rng):
    """A line of the common section."""
    return rng.choice(
        (
            specials.soa,
            specials.soa,
            specials.ns,
            specials.ttl,
            specials.variable,
            specials.timestamp,
        )
    )(rng)


def refused(rng):
    """A line for which the whole file is refused, at its beginning or anywhere."""
    return rng.choice(
        (
            b"$DATASET nosuch @",
            b"$DATASET combined @",
            b"$DATASET acl @",
            b"$DATASET ip4 @",
            b"$DATASET IP4SET @",
            b"$DATASET",
            b"$DATASET ",
        )
    )
