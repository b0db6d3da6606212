# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""Random lists of each type, and a naive model of which names they have: it looks at all entries for
every name, and knows what is below a name by trying all places where anything can change.

A data set has `kind` and `lines` for a zone file, `has(name)`: is it listed?, `has_below(name)`: is
anything below it?, and `edges`: names at which something begins or ends. Names are tuples of labels
(bytes) below the apex of the zone or subzone."""

# A label that no list has.
FRESH = b"zzz"


def _quad(address):
    return tuple(b"%d" % (address >> shift & 255) for shift in (0, 8, 16, 24))


def _nibbles(address):
    return tuple(b"%x" % (address >> shift & 15) for shift in range(0, 128, 4))


def _read_quad(name):
    """The address that one to four octets begin, or None."""
    octets = [label for label in reversed(name) if len(label) <= 3 and label.isdigit()]
    if len(octets) != len(name) or not 1 <= len(name) <= 4 or any(int(o) > 255 for o in octets):
        return None
    return sum(int(octet) << (24 - 8 * place) for place, octet in enumerate(octets))


def _read_nibbles(name):
    """The address that one to 32 nibbles begin, or None."""
    if not 1 <= len(name) <= 32 or any(
        len(label) != 1 or label not in b"0123456789abcdef" for label in name
    ):
        return None
    return int(b"".join(reversed(name)), 16) << (128 - 4 * len(name))


def _is_below(name, other):
    return len(name) > len(other) and name[-len(other) :] == other


def _contains(prefix, length, address, bits):
    return prefix >> (bits - length) == address >> (bits - length) if length else True


def _ip4_text(address):
    return ".".join(str(address >> shift & 255) for shift in (24, 16, 8, 0))


def _ip6_text(address):
    return ":".join(f"{address >> shift & 0xFFFF:x}" for shift in range(112, -16, -16))


class Ip4:
    """ip4set, ip4trie or ip4tset. Their octets are few, so that entries meet."""

    OCTETS = (0, 1, 2, 10, 127, 128, 255)
    has_ip4 = True

    def __init__(self, rng, kind):
        self.kind, self.lines, self.entries = kind, [], []
        for _ in range(rng.choice((1, 3, 10, 25))):
            address = sum(rng.choice(self.OCTETS) << shift for shift in (0, 8, 16, 24))
            length = (
                32 if kind == "ip4tset" else rng.choice((8, 12, 15, 16, 20, 24, 25, 28, 31, 32))
            )
            address = address >> (32 - length) << (32 - length)
            is_listed = kind == "ip4tset" or rng.random() < 0.7
            if kind == "ip4trie" and (address, length) in [entry[:2] for entry in self.entries]:
                continue
            self.entries.append((address, length, is_listed))
            suffix = "" if length == 32 else f"/{length}"
            self.lines.append(("" if is_listed else "!") + _ip4_text(address) + suffix)
        starts = {0}
        for address, length, _ in self.entries:
            starts |= {address, address + (1 << (32 - length)) & 0xFFFFFFFF}
        self.listed = [start for start in starts if self._lists(start)]
        self.edges = [
            make(start) for start in starts for make in (_quad, self._mapped, self._six_to_four)
        ]

    @staticmethod
    def _mapped(address):
        return _nibbles(0xFFFF << 32 | address)

    @staticmethod
    def _six_to_four(address):
        return _nibbles(0x2002 << 112 | address << 80)

    def _lists(self, address):
        found = [
            (length, is_listed)
            for prefix, length, is_listed in self.entries
            if _contains(prefix, length, address, 32)
        ]
        if not found:
            return False
        if self.kind != "ip4set":
            return max(found)[1]
        # Of the finest level of /8, /16, /24 and /32 all count, and exclusions most.
        levels = [(-(-length // 8), is_listed) for length, is_listed in found]
        finest = max(level for level, _ in levels)
        return all(is_listed for level, is_listed in levels if level == finest)

    def has(self, name):
        """Is the name listed?"""
        if len(name) == 4 and _read_quad(name) is not None:
            return self._lists(_read_quad(name))
        address = _read_nibbles(name) if len(name) == 32 else None
        if address is None:
            return False
        if address >> 32 == 0xFFFF:
            return self._lists(address & 0xFFFFFFFF)
        return address >> 112 == 0x2002 and self._lists(address >> 80 & 0xFFFFFFFF)

    def has_below(self, name):
        """Is an address listed whose name, in any form, is below this one?"""
        first, bits = _read_quad(name), 32 - 8 * len(name)
        if first is not None and bits > 0:
            if self._lists(first) or any(start >> bits == first >> bits for start in self.listed):
                return True
        first, bits = _read_nibbles(name), 128 - 4 * len(name)
        if first is None or bits == 0:
            return False
        return self.has(_nibbles(first)) or any(
            make(start)[-len(name) :] == name
            for start in self.listed
            for make in (self._mapped, self._six_to_four)
        )


class Ip6:
    """ip6trie or ip6tset."""

    WORDS = (0, 1, 0x10, 0xF00, 0xDB8, 0xFFFF)
    FIRST_WORDS = (0, 0x2001, 0x2002, 0x2A00, 0xFFFF)
    has_ip4 = False

    def __init__(self, rng, kind):
        self.kind, self.lines, self.entries = kind, [], []
        self.is_beside_ip4 = False  # then it has no ::ffff:0:0/96
        for _ in range(rng.choice((1, 3, 10, 25))):
            words = [rng.choice(self.FIRST_WORDS)] + [rng.choice(self.WORDS) for _ in range(7)]
            address = int("".join(f"{word:04x}" for word in words), 16)
            is_listed = rng.random() < 0.7
            length = rng.choice((4, 16, 17, 31, 32, 48, 50, 64, 100, 126, 128))
            if kind == "ip6tset":
                length = 64 if is_listed else 128
            address = address >> (128 - length) << (128 - length)
            if (address, length) in [entry[:2] for entry in self.entries]:
                continue
            self.entries.append((address, length, is_listed))
            if kind == "ip6tset" and is_listed:
                self.lines.append(":".join(_ip6_text(address).split(":")[:4]))
            else:
                suffix = "" if length == 128 else f"/{length}"
                self.lines.append(("" if is_listed else "!") + _ip6_text(address) + suffix)
        starts = {0, 0xFFFF << 32, 0x10000 << 32}
        for address, length, _ in self.entries:
            starts |= {address, address + (1 << (128 - length)) & (1 << 128) - 1}
        self.edges = [_nibbles(start) for start in starts]

    def has(self, name):
        """Is the name listed?"""
        address = _read_nibbles(name) if len(name) == 32 else None
        if address is None or (self.is_beside_ip4 and address >> 32 == 0xFFFF):
            return False
        return max(
            (
                (length, is_listed)
                for prefix, length, is_listed in self.entries
                if _contains(prefix, length, address, 128)
            ),
            default=(0, False),
        )[1]

    def has_below(self, name):
        """Is an address listed whose name is below this one?"""
        first = _read_nibbles(name)
        if first is None or len(name) == 32:
            return False
        inside = [edge for edge in self.edges if edge[-len(name) :] == name]
        return any(self.has(edge) for edge in (_nibbles(first), *inside))


class Names:
    """dnset: names, and wildcards, of few labels."""

    LABELS = (b"a", b"b", b"com", b"1", b"2", b"0")
    kind = "dnset"
    has_ip4 = False

    def __init__(self, rng):
        self.lines, self.plain, self.wild = [], {}, {}
        for _ in range(rng.choice((1, 3, 10, 25))):
            name = tuple(rng.choice(self.LABELS) for _ in range(rng.choice((1, 2, 3, 4))))
            form = rng.choice(("", "", ".", "*."))
            is_listed = rng.random() < 0.75
            self.lines.append(("" if is_listed else "!") + form + b".".join(name).decode())
            # Of both, exclusion wins.
            if form != "*.":
                self.plain[name] = self.plain.get(name, True) and is_listed
            if form:
                self.wild[name] = self.wild.get(name, True) and is_listed
        self.edges = [*self.plain, *((FRESH, *name) for name in self.wild)]

    def has(self, name):
        """Is the name listed?"""
        if name in self.plain:
            return self.plain[name]
        for cut in range(1, len(name)):
            if name[cut:] in self.wild:
                return self.wild[name[cut:]]
        return False

    def has_below(self, name):
        """Is a name listed below this one?"""
        return self.has((FRESH, *name)) or any(
            self.has(edge) for edge in self.edges if _is_below(edge, name)
        )


class Generic:
    """generic: names with A records."""

    kind = "generic"
    has_ip4 = False

    def __init__(self, rng):
        self.edges = [
            tuple(rng.choice(Names.LABELS) for _ in range(rng.choice((1, 2, 3, 5))))
            for _ in range(rng.choice((1, 3, 10)))
        ]
        self.lines = [b".".join(name).decode() + " A 127.0.0.2" for name in self.edges]

    def has(self, name):
        """Is there a record?"""
        return name in self.edges

    def has_below(self, name):
        """Is there a record below it?"""
        return any(_is_below(edge, name) for edge in self.edges)


class Part:
    """Data sets side by side, of a zone or of a subzone."""

    def __init__(self, datasets):
        self.datasets = datasets
        if any(dataset.has_ip4 for dataset in datasets):
            for dataset in datasets:
                dataset.is_beside_ip4 = True
        self.edges = {name for dataset in datasets for name in dataset.edges}

    def has(self, name):
        """Is the name listed?"""
        return any(dataset.has(name) for dataset in self.datasets)

    def exists(self, name):
        """Is the name, or one below it?"""
        return self.has(name) or any(dataset.has_below(name) for dataset in self.datasets)


def random_dataset(rng):
    """A data set of any type but combined."""
    kind = rng.choice(("ip4set", "ip4trie", "ip4tset", "ip6trie", "ip6tset", "dnset", "generic"))
    if kind.startswith("ip"):
        return (Ip4 if kind.startswith("ip4") else Ip6)(rng, kind)
    return Names(rng) if kind == "dnset" else Generic(rng)


class Combined:
    """A combined file: parts for some subzones, "@" (no labels) among them."""

    SUBZONES = ((), (b"sub",), (b"b", b"sub"), (b"x", b"y", b"z"), (b"1",))

    def __init__(self, rng):
        self.lines, self.parts = [], {}
        for subzone in rng.sample(self.SUBZONES, rng.choice((1, 2, 4))):
            datasets = [random_dataset(rng) for _ in range(rng.choice((1, 1, 2)))]
            self.parts[subzone] = Part(datasets)
            for dataset in datasets:
                self.lines.append(f"$DATASET {dataset.kind} {b'.'.join(subzone).decode() or '@'}")
                self.lines += dataset.lines
        self.edges = {
            (*name, *subzone) for subzone, part in self.parts.items() for name in part.edges
        } | {subzone for subzone in self.parts if subzone}

    def _find(self, name):
        """(the most specific part that the name is in, or None; the name's labels in it)"""
        for cut in range(len(name) + 1):
            if name[cut:] in self.parts:
                return self.parts[name[cut:]], name[:cut]
        return None, name

    def has(self, name):
        """Is the name listed?"""
        part, inner = self._find(name)
        return part is not None and part.has(inner)

    def exists(self, name):
        """Is the name, or one below it?"""
        if any(subzone[-len(name) :] == name for subzone in self.parts if subzone):
            return True
        part, inner = self._find(name)
        return part is not None and part.exists(inner)
