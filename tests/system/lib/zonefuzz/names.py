# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""Names as zone files write them."""


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
            digits = text[at : at + 3]
            if len(digits) == 3 and digits.isdigit():
                if int(digits) > 255:
                    return None
                byte, at = int(digits), at + 3
            elif at < len(text):
                byte, at = text[at], at + 1
            else:
                return None
        label.append(byte)
    if label:
        found.append(bytes(label))
    if any(len(part) > 63 for part in found) or sum(map(len, found)) + len(found) > 200:
        return None
    return tuple(part.lower() for part in found)
