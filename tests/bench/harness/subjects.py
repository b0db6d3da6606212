# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""What lists are asked for: an address or a name, listed or made up."""

import ipaddress
import mmap
import os
import random
from pathlib import Path
from typing import NamedTuple

from lib import wire

CHARACTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
SEED = 7


class Subject(NamedTuple):
    """An address or a name."""

    text: str

    def name(self, zone):
        """The wire name to ask for."""
        if ":" in self.text:
            return wire.reversed_ip6(int(ipaddress.IPv6Address(self.text)), zone)
        if self.text[-1].isdigit():
            return wire.reversed_ip4(int(ipaddress.IPv4Address(self.text)), zone)
        return wire.name_of(f"{self.text}.{zone}")


class Questions(NamedTuple):
    """A file of subjects, one a line, as spurn spray takes it, half of them listed."""

    path: Path
    count: int


def _listed(line, rng):
    """A subject that a line of a list is about; None for a comment."""
    if not line or line[0] in "#$:":
        return None
    subject = line.split(maxsplit=1)[0]
    if subject.count(":") == 3:
        subject += "::/64"
    if "/" not in subject:
        return Subject(subject)
    network = ipaddress.ip_network(subject)
    return Subject(str(network[rng.randrange(network.num_addresses)]))


def listed(path, count, rng):
    """Up to `count` different subjects of a list, from all over it."""
    found = {}
    size = os.path.getsize(path)
    with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        # In a short list many places are in one line.
        for _ in range(count * 2):
            start = data.rfind(b"\n", 0, rng.randrange(size)) + 1
            end = data.find(b"\n", start)
            subject = _listed(data[start:end].decode("ascii"), rng)
            if subject is not None:
                found[subject] = None
            if len(found) == count:
                break
    return list(found)


def _random_ip4(rng):
    return str(ipaddress.IPv4Address(rng.randrange(1 << 24, 224 << 24)))


def _random_ip6(rng):
    return str(ipaddress.IPv6Address(1 << 125 | rng.getrandbits(125)))


def _random_name(rng):
    label = "".join(rng.choice(CHARACTERS) for _ in range(rng.randrange(5, 14)))
    return f"{label}.{rng.choice(('com', 'net', 'org', 'xyz'))}"


RANDOM = {"ip4": _random_ip4, "ip6": _random_ip6, "names": _random_name}


def unlisted(kind, count, rng):
    """Subjects at random, hardly any of which is listed, unless nearly all there are, are."""
    return [Subject(RANDOM[kind](rng)) for _ in range(count)]


def questions(blocklist, count):
    """Makes the questions for a list, beside it."""
    rng = random.Random(SEED)
    path = blocklist.path.with_name(f"{blocklist.path.name}.questions")
    texts = [subject.text for subject in listed(blocklist.path, count // 2, rng)]
    texts += [subject.text for subject in unlisted(blocklist.kind, len(texts), rng)]
    rng.shuffle(texts)
    path.write_text("\n".join(texts) + "\n", encoding="ascii")
    return Questions(path, len(texts))
