# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""Real input: Debian's publicsuffix as a dnset, its `*.` rules as wildcards and its `!` rules as
exclusions. What is right is worked out here, from the rules, with dictionaries."""

from pathlib import Path

import pytest

import conftest
from lib import udp, wire

RULES = Path("/usr/share/publicsuffix/public_suffix_list.dat")
ZONE = wire.name_of("psl.test")


def ascii_name(text):
    """A rule's name as the DNS has it (RFC 3492)."""
    return ".".join(
        label if label.isascii() else "xn--" + label.encode("punycode").decode("ascii")
        for label in text.split(".")
    )


@pytest.fixture(name="rules", scope="module")
def _rules():
    """{"plain": names, "wildcard": names, "excluded": names}; a name is a tuple of labels."""
    if not RULES.exists():
        conftest.cannot_run(f"no {RULES}: install Debian's package publicsuffix")
    rules = {"plain": set(), "wildcard": set(), "excluded": set()}
    with open(RULES, encoding="utf-8") as lines:
        for line in lines:
            rule = ascii_name(line.split("//")[0].strip().lower())
            if rule.startswith("*."):
                rules["wildcard"].add(tuple(rule[2:].split(".")))
            elif rule.startswith("!"):
                rules["excluded"].add(tuple(rule[1:].split(".")))
            elif rule:
                rules["plain"].add(tuple(rule.split(".")))
    assert len(rules["plain"]) > 9000 and len(rules["wildcard"]) > 50 and rules["excluded"]
    return rules


def octet(name):
    """A last octet for a listed name, so that A tells the answers apart, too."""
    return sum(map(ord, "".join(name))) % 254 + 1


def write(path, rules):
    """The rules as lines of a dnset."""
    with open(path, "w", encoding="ascii") as out:
        for name in rules["plain"]:
            out.write(f"{'.'.join(name)} :{octet(name)}:plain $\n")
        for name in rules["wildcard"]:
            out.write(f"*.{'.'.join(name)} :{octet(name)}:wild $\n")
        for name in rules["excluded"]:
            out.write(f"!{'.'.join(name)}\n")


def above(name):
    """All names that `name` is below, the longest first."""
    return [name[cut:] for cut in range(1, len(name))]


class Expected:
    """What to answer."""

    def __init__(self, rules):
        self.rules = rules
        # Exclusions are of single names below wildcards here, so what is above anything listed is
        # never a name that only exclusions are below.
        self.ents = {one for name in rules["plain"] for one in above(name)}
        self.ents |= {one for name in rules["wildcard"] for one in [name, *above(name)]}

    def listed(self, name):
        """(octet, text), or None."""
        if name in self.rules["excluded"]:
            return None
        if name in self.rules["plain"]:
            return octet(name), "plain " + ".".join(name)
        for one in above(name):
            if one in self.rules["wildcard"]:
                return octet(one), "wild " + ".".join(one)
        return None

    def is_ent(self, name):
        """Is something listed below a name that is not?"""
        return name in self.ents or any(one in self.rules["wildcard"] for one in above(name))


def questions(rules):
    """Each name of a rule, and what is near it."""
    for names in rules.values():
        for name in names:
            yield name
            yield ("nobody-has-this", *name)
            yield ("a", "b", *name)
            yield (name[0] + "x", *name[1:])
            yield (name[0][:-1] or "0", *name[1:])
            yield (name[0], "x" + name[-1])
            yield from above(name)


# Names take turns: either says which entry was found.
TYPES = (wire.A, wire.TXT)


def test_every_rule(spurnd, workdir, rules):
    """Proves that every rule and its near misses are answered right, in answer, text and rcode."""
    write(workdir / "rules", rules)
    server = spurnd.start(["psl.test:dnset:rules"])
    expected = Expected(rules)
    asked = sorted(set(questions(rules)))
    assert len(asked) > 40_000
    rcodes = set()
    for start in range(0, len(asked), 60_000):
        names = asked[start : start + 60_000]
        with udp.Client("127.0.0.1", server.port) as client:
            replies = udp.exchange_all(
                client.sock,
                [
                    wire.query(
                        wire.name(*(label.encode("ascii") for label in name))[:-1] + ZONE,
                        TYPES[number % 2],
                        ident=number,
                    )
                    for number, name in enumerate(names)
                ],
            )
        for number, (name, reply) in enumerate(zip(names, map(wire.parse, replies))):
            found = expected.listed(name)
            if found is None:
                rcode = wire.NOERROR if expected.is_ent(name) else wire.NXDOMAIN
                assert (reply.rcode, reply.answer) == (rcode, ()), name
            else:
                assert reply.rcode == wire.NOERROR, name
                rdata = (bytes((127, 0, 0, found[0])), wire.txt(found[1]))[number % 2]
                assert [record.rdata for record in reply.answer] == [rdata], name
            rcodes.add((reply.rcode, bool(reply.answer)))
    assert len(rcodes) == 3
    assert "more problems" not in server.log() and "skipped" not in server.log()
