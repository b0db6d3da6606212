# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""Names as zone files write them."""

SIZE_MAX = 254


def labels(text):
    """The labels of a name with escapes, in lower case; None when it is no name. Trailing and
    double dots do not count; "@" is the zone itself, without labels."""
    if text == b"@":
        return ()
    found, label, at = [], bytearray(), 0
    while at < len(text):
        byte, at = text[at], at + 1
        if byte == 0x2E:
            if label:
                found.append(bytes(label))
            label = bytearray()
            continue
        if byte == 0x5C:
            number, digits = 0, 0
            while digits < 3 and at < len(text) and 0x30 <= text[at] <= 0x39:
                number, digits, at = number * 10 + text[at] - 0x30, digits + 1, at + 1
            if number > 255:
                return None
            if digits:
                byte = number
            elif at < len(text):
                byte, at = text[at], at + 1
            else:
                continue
        label.append(byte)
    if label:
        found.append(bytes(label))
    if any(len(part) > 63 for part in found) or sum(map(len, found)) + len(found) > SIZE_MAX:
        return None
    return tuple(part.lower() for part in found)


def in_file(content):
    """(names, names with a wildcard) as tuples of labels: whatever may be the owner of a line, of
    dnset or generic, in a file."""
    plain, wild = set(), set()
    for line in content.split(b"\n"):
        line = line.split(b"\0", 1)[0].strip(b" \t\r")
        while line:
            owner = line.replace(b"\t", b" ").split(b" ", 1)[0]
            plain.add(labels(owner))
            for mark in (b".", b"*."):
                if owner.startswith(mark):
                    plain.add(labels(owner[len(mark) :]))
                    wild.add(labels(owner[len(mark) :]))
            # "!!x" may exclude "!x".
            line = line[1:].lstrip(b" \t") if line[:1] == b"!" else b""
    plain -= {None, ()}
    wild -= {None, ()}
    return plain, wild


def address_edges(found):
    """The ends of the IPv4 networks that names of up to four octets look like."""
    edges = set()
    for name in found:
        if 1 <= len(name) <= 4 and all(part.isdigit() and len(part) < 4 for part in name):
            first = 0
            for place in range(4):
                octet = int(name[len(name) - 1 - place]) if place < len(name) else 0
                first = first << 8 | octet & 255
            edges |= {first, first | (1 << (32 - 8 * len(name))) - 1}
    return edges


def address6_edges(found):
    """The same of IPv6."""
    edges = set()
    for name in found:
        if 1 <= len(name) <= 32 and all(
            len(part) == 1 and part in b"0123456789abcdef" for part in name
        ):
            bits = 128 - 4 * len(name)
            first = int(b"".join(reversed(name)), 16) << bits
            edges |= {first, first | (1 << bits) - 1}
    return edges
