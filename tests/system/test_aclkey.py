# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""Access control by key, the label next to the zone's name (2.0.0.127.KEY.bl.test), as in the rspamd
line of rbldnsd."""

import pytest

from lib import udp, wire
from test_acl import says
from test_reload import hang_up, replace

ZONE = "bl.test:ip4set:list"
LIST = "$SOA 0 ns.test hostmaster.test 1 1h 1h 1h 5m\n1.2.3.4 :5:listed\n"
LONG = "x" * 63
KEYS = f"""\
# customers
:refuse
good :pass
Mixed-Case :pass
none :empty
silent :ignore
closed :refuse
all :9:key of $
{LONG} :pass
plain
twice :refuse
twice :pass
"""
LISTED = "127.0.0.5"


def ask(server, key, address="4.3.2.1"):
    """What somebody with `key` gets for an address."""
    return says(server, "127.0.0.1", f"{address}.{key}.bl.test" if key else f"{address}.bl.test")


def check(server):
    """All keys of KEYS, and others."""
    for key in ("good", "GOOD", "mixed-case", "MIXED-cASE", LONG, LONG.upper(), "twice"):
        assert ask(server, key) == LISTED, key
        assert ask(server, key, "9.9.9.9") == wire.NXDOMAIN, key
    assert ask(server, "none") == ask(server, "none", "9.9.9.9") == wire.NXDOMAIN
    assert ask(server, "silent") == "dropped"
    assert ask(server, "all") == ask(server, "all", "9.9.9.9") == "127.0.0.9"
    for key in ("", "unknown", "goo", "goods", LONG[1:], "closed", "plain", "x.good.x"):
        assert ask(server, key) == wire.REFUSED, key
    # only the label next to the zone is a key
    assert ask(server, "good.good") == wire.NXDOMAIN
    assert ask(server, "unknown.good") == wire.NXDOMAIN
    assert ask(server, "good.unknown") == wire.REFUSED


def test_keys(spurnd):
    """Proves what becomes of queries with each kind of key, without one, and with others."""
    server = spurnd.start([ZONE, "bl.test:aclkey:keys"], {"list": LIST, "keys": KEYS})
    check(server)
    # The zone itself is asked for without a key.
    assert says(server, "127.0.0.1", "bl.test", wire.SOA) == wire.REFUSED
    with udp.client_from("127.0.0.1", server.port) as one:
        answer = one.ask("9.9.9.9.all.bl.test", wire.TXT).answer
        assert [record.rdata for record in answer] == [wire.txt("key of 127.0.0.1")]
        # The question comes back as it was sent, key and case included.
        packet = wire.query("4.3.2.1.GoOd.Bl.TesT", ident=7)
        assert one.raw(packet)[12 : len(packet)] == packet[12:]


def test_several_files(spurnd, workdir):
    """Proves that keys of several files are one list, of a key that is in both the last one counts,
    a default line ends with its file, that of the last file is for queries without a key, and that
    all of them change with a reload."""
    server = spurnd.start(
        [ZONE, "bl.test:aclkey:one,two"],
        {
            "list": LIST,
            "one": ":empty\nfirst\nboth :refuse\n",
            "two": "second :pass\nthird\nboth :pass\n:refuse\n",
        },
    )
    assert ask(server, "first") == wire.NXDOMAIN
    assert ask(server, "second") == ask(server, "both") == LISTED
    assert ask(server, "third") == "dropped"
    assert ask(server, "") == ask(server, "fourth") == wire.REFUSED
    replace(workdir / "two", ":pass\nsecond :empty\nfirst :pass\n")
    hang_up(server)
    assert ask(server, "first") == LISTED
    assert ask(server, "second") == wire.NXDOMAIN
    assert ask(server, "both") == wire.REFUSED
    assert ask(server, "") == LISTED
    # A stranger who may come in asks for a name that is not there.
    assert ask(server, "fourth") == wire.NXDOMAIN


def test_broken_keys_stay_as_they_were(spurnd, workdir):
    """Proves that a list of keys that is gone after a reload holds on."""
    server = spurnd.start([ZONE, "bl.test:aclkey:keys"], {"list": LIST, "keys": KEYS})
    (workdir / "keys").unlink()
    replace(workdir / "list", LIST + "1.2.3.5\n")
    assert "failed" in hang_up(server)
    check(server)


@pytest.mark.parametrize(
    "keys, rest",
    [("", "dropped"), (":pass\n", LISTED), (":empty\n", wire.NXDOMAIN), (":8:\n", "127.0.0.8")],
)
def test_no_keys_at_all(spurnd, keys, rest):
    """Proves that a list without keys does with everybody what its default line says; without one,
    nobody gets a reply."""
    server = spurnd.start([ZONE, "bl.test:aclkey:keys"], {"list": LIST, "keys": keys})
    assert ask(server, "") == rest


def test_key_and_address(spurnd):
    """Proves that of what the key and the client's address allow the stricter counts."""
    server = spurnd.start(
        [ZONE, "bl.test:aclkey:keys", "bl.test:acl:acl"],
        {
            "list": LIST,
            "keys": KEYS,
            "acl": "127.0.0.2 :refuse\n127.0.0.3 :7:\n127.0.0.4 :ignore\n",
        },
    )
    name = "4.3.2.1.{}.bl.test"
    assert says(server, "127.0.0.2", name.format("good")) == wire.REFUSED
    assert says(server, "127.0.0.2", name.format("silent")) == "dropped"
    assert says(server, "127.0.0.3", name.format("good")) == "127.0.0.7"
    # both list everything: the address was asked first
    assert says(server, "127.0.0.3", name.format("all")) == "127.0.0.7"
    assert says(server, "127.0.0.3", name.format("none")) == wire.NXDOMAIN
    assert says(server, "127.0.0.4", name.format("good")) == "dropped"
    assert says(server, "127.0.0.1", name.format("good")) == LISTED


def test_key_before_a_combined_zone(spurnd):
    """Proves that names are looked up without their key in combined and IPv6 data, too."""
    server = spurnd.start(
        ["bl.test:combined:c", "bl.test:ip6trie:six", "bl.test:aclkey:keys"],
        {
            "c": "$DATASET ip4set @ sub\n1.2.3.4 :5:\n",
            "six": "2001:db8::/32 :6:\n",
            "keys": KEYS,
        },
    )
    assert ask(server, "good") == ask(server, "sub.good") == LISTED
    assert ask(server, "good.sub") == wire.REFUSED
    assert ask(server, "", "1." * 24 + "8.b.d.0.1.0.0.2.good") == "127.0.0.6"
    assert says(server, "127.0.0.1", "3.2.1.sub.good.bl.test") == wire.NOERROR
    assert says(server, "127.0.0.1", "sub.good.bl.test") == wire.NOERROR
    assert says(server, "127.0.0.1", "x.sub.good.bl.test") == wire.NXDOMAIN


@pytest.mark.parametrize("others", [":refuse\n", "", ":pass\n"])
@pytest.mark.parametrize("ent, alone", [("nodata", wire.NOERROR), ("nxdomain", wire.NXDOMAIN)])
def test_key_alone_is_an_empty_non_terminal(spurnd, others, ent, alone):
    """Proves that a resolver that asks label by label gets past a key (RFC 8020): the name of the zone
    with a key before it was refused, or got no reply, like any other without a key."""
    keys = others + "good :pass\nnone :empty\nclosed :refuse\nsilent :ignore\n"
    server = spurnd.start(
        [f"--ent={ent}", ZONE, "bl.test:aclkey:keys"], {"list": LIST, "keys": keys}
    )
    client = "127.0.0.1"
    for qtype in (wire.A, wire.NS, wire.SOA):
        for key in ("good", "GOOD", "none"):
            assert says(server, client, f"{key}.bl.test", qtype) == alone, (key, qtype)
    # Whose key opens nothing is as without one.
    rest = {":refuse\n": wire.REFUSED, "": "dropped", ":pass\n": wire.NXDOMAIN}[others]
    assert says(server, client, "stranger.bl.test") == rest
    if others != ":pass\n":
        assert says(server, client, "closed.bl.test") in (wire.REFUSED, rest)
        assert says(server, client, "silent.bl.test") in (wire.REFUSED, rest)
    assert ask(server, "good") == LISTED
