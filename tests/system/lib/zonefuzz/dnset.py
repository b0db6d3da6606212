# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""Lines of dnset (RBLDNSD.md section 6)."""

from . import text

LABELS = (
    b"com",
    b"com",
    b"org",
    b"co",
    b"uk",
    b"example",
    b"example",
    b"Example",
    b"bad",
    b"BAD",
    b"foo",
    b"foo",
    b"www",
    b"a",
    b"b",
    b"c",
    b"x",
    b"y",
    b"mail-1",
    b"_spf",
    b"xn--bcher-kva",
    b"1",
    b"2",
    b"0",
    b"127",
    b"sub",
)
ODD_LABELS = (
    b"*",
    b"\\*",
    b"\\065bc",
    b"a\\.b",
    b"\\@",
    b"at@sign",
    b"sp\\032ace",
    b"\\000",
    b"nul\\000l",
    b"\\255",
    b"\\256x",
    b"\\9",
    b"\\1x",
    b"\xe4\xf6\xfc",
    b"\xff",
    b'q"q',
    b"semi;x",
    b"hash#x",
    b"dol$ar",
    b"back\\\\slash",
    b"colon:x",
    b"!bang",
    b"tab\\009t",
    b"l" * 63,
    b"L" * 63,
    b"m" * 64,
    b"\\109" * 63,
    b"\\",
    b"",
    b"\x01",
    b"\x7f",
    b"a/b",
    b"=x",
    b"cr\rin",
    b"{",
    b"{|}~",
    b"[@]`",
)
FIXED = (
    b"2.0.0.127",
    b"1.2.3.4",
    b"4.3.2.1",
    b"*.3.2.1",
    b".0.0.10",
    b"test",
    b"invalid",
    b"*",
    b"*.",
    b".",
    b"..",
    b"*.*",
    b"*.*.com",
    b".*",
    b".com",
    b"*com",
    b"*com.org",
    b"**.com",
    b"com.",
    b".com.",
    b"*..com",
    b"..com",
    b"a..com",
    b"@",
    b"*.@",
    b".@",
    b"@.com",
    b"\\.com",
    b"\\*.com",
    b"*\\.com",
    b"1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0",
    b"0.2.ip6",
)


def long_name(rng, limit):
    """A name of `limit` bytes on the wire, root included, or a few more or less."""
    size = limit + rng.choice((-2, -1, 0, 0, 0, 1, 2))
    labels = []
    while size > 1:
        take = min(rng.choice((1, 2, 30, 63, 63, 63)), size - 2)
        if take < 1:
            break
        labels.append(rng.choice((b"n", b"o", b"N")) * take)
        size -= take + 1
    return b".".join(labels)


def name(rng):
    """A name without wildcard, often below another one."""
    chance = rng.random()
    if chance < 0.01:
        return long_name(rng, rng.choice((255, 255, 246, 240, 200)))
    labels = [
        rng.choice(LABELS)
        for _ in range(rng.choice((1, 1, 2, 2, 2, 3, 3, 4, 4, 5, rng.randint(1, 30))))
    ]
    if chance < 0.12:
        labels[rng.randrange(len(labels))] = rng.choice(ODD_LABELS)
    return b".".join(labels)


def entry(rng):
    """An entry: plain, `*.x` or `.x`, perhaps excluded, with a value."""
    line = rng.choice(FIXED) if rng.random() < 0.06 else name(rng)
    kind = rng.random()
    if kind < 0.25:
        line = b"*." + line
    elif kind < 0.45:
        line = b"." + line
    if rng.random() < 0.18:
        line = rng.choice((b"!", b"!", b"!", b"!", b"!", b"! ", b"!!")) + line
    value = text.value(rng)
    if value and value[:1] not in b" \t" and rng.random() < 0.7:
        value = b" " + value  # glued to a name it would be part of the name
    return line + value
