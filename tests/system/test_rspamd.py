# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""What is taken over from the rspamd line of rbldnsd: entry parameters and IPv6 prefixes in ip4trie,
both off by default, as Debian's rbldnsd knows neither. Keys in names: test_aclkey.py."""

import ipaddress
import time

import pytest

from lib import wire
from lib.daemon import wait_until

PARAMETERS = "--entry-parameters"
IP6 = "--ip6-in-ip4trie"
KEYS = ":pass\nsecret :pass\n"


def texts(client, name):
    """The texts of a name; None if it does not exist."""
    reply = client.ask(name, wire.TXT)
    assert reply.rcode in (0, 3)
    if reply.rcode == 3:
        return None
    return sorted(rr.rdata[1:].decode("latin1") for rr in reply.answer)


def reversed_name(address):
    """The name of an address in the zone."""
    return ipaddress.ip_address(address).reverse_pointer.rsplit(".", 2)[0] + ".bl.test"


def keyed(name):
    """The same question with a key."""
    return name.replace(".bl.test", ".secret.bl.test")


LINES = {
    # name of the entry: (its parameters, seen without a key, seen with one)
    "always": ("", True, True),
    "empty": (" @", True, True),
    "note": (" @ note", True, True),
    "ready": (" @ ts={past};delay=60s", True, True),
    "later": (" @ ts={now};delay=1h", False, False),
    "colons": (" @ delay=1h:ts={now}", False, False),
    "spaces": (" @  ts = {now}; delay = 1h ", False, False),
    "comment": (" @ ts={now};delay=1h # key=nodelay", False, False),
    "delay-only": (" @ delay=1h", True, True),
    "time-only": (" @ ts={future}", True, True),
    "wrong-time": (" @ ts=tomorrow;delay=1h", True, True),
    "wrong-delay": (" @ ts={now};delay=1h30m", True, True),
    "require": (" @ key=require", False, True),
    "nodelay": (" @ ts={now};delay=1h;key=nodelay", False, True),
    "both": (" @ ts={now};delay=1h;key=require", False, False),
    "all": (" @ ts={now};delay=1h;key=require;key=nodelay", False, True),
    "overflow": (" @ ts=999999999999999999;delay=7000w", False, False),
}


def filled(parameters):
    """Parameters with real times in them."""
    now = int(time.time())
    return parameters.format(past=now - 120, now=now, future=now + 3600)


@pytest.mark.parametrize("kind", ["ip4set", "ip4trie", "ip6trie", "dnset", "dnhash"])
def test_entry_parameters(spurnd, client, kind):
    """Proves who sees entries with parameters, in each type, and that the text ends before them."""
    names, lines = {}, []
    for number, (name, (parameters, *_)) in enumerate(LINES.items(), 1):
        if kind in ("dnset", "dnhash"):
            entry, names[name] = f"{name}.example", f"{name}.example.bl.test"
        elif kind == "ip6trie":
            entry = f"2001:db8::{number:x}"
            names[name] = reversed_name(entry)
        else:
            entry, names[name] = f"10.0.0.{number}", f"{number}.0.0.10.bl.test"
        lines.append(f"{entry} {name}{filled(parameters)}\n")
    server = spurnd.start(
        [f"bl.test:{kind}:list", "bl.test:aclkey:keys"],
        {"list": "".join(lines), "keys": KEYS},
        options=[PARAMETERS],
    )
    one = client(server)
    for name, (_, *seen) in LINES.items():
        for asked, is_seen in zip((names[name], keyed(names[name])), seen):
            expected = [name] if is_seen else None
            assert (texts(one, asked) or None) == expected, asked


def test_parameters_without_text(spurnd, client):
    """Proves that an entry of parameters alone has the default value, and is another than the same
    entry without."""
    server = spurnd.start(
        ["bl.test:ip4trie:list", "bl.test:aclkey:keys"],
        {"list": ":5:default $\n10.0.0.1 @ key=require\n10.0.0.2\n", "keys": KEYS},
        options=[PARAMETERS],
    )
    one = client(server)
    assert texts(one, "1.0.0.10.bl.test") is None
    assert texts(one, "1.0.0.10.secret.bl.test") == ["default 10.0.0.1"]
    assert texts(one, "2.0.0.10.bl.test") == ["default 10.0.0.2"]


def test_some_values_of_an_address_are_hidden(spurnd, client):
    """Proves that of several values of one address those are sent that the asker sees."""
    server = spurnd.start(
        ["bl.test:ip4set:list", "bl.test:aclkey:keys"],
        {"list": "10.0.0.1 one\n10.0.0.1 two @ key=require\n", "keys": KEYS},
        options=[PARAMETERS],
    )
    one = client(server)
    assert texts(one, "1.0.0.10.bl.test") == ["one"]
    assert texts(one, "1.0.0.10.secret.bl.test") == ["one", "two"]


def test_an_entry_appears_by_itself(spurnd, client):
    """Proves that an entry is seen as soon as its time has come, without a reload."""
    ready = int(time.time()) + 2
    server = spurnd.start(
        ["bl.test:ip4set:list"],
        {"list": f"10.0.0.1 soon @ ts={ready - 60};delay=60s\n"},
        options=[PARAMETERS],
    )
    one = client(server)
    asked = []

    def is_there():
        asked.append(time.time())
        return texts(one, "1.0.0.10.bl.test") is not None

    wait_until(is_there, "the entry")
    assert time.time() >= ready
    # Whoever asked in vain did so before; the clock that time(2) reads is a tick behind.
    assert all(when < ready + 0.02 for when in asked[:-1])


def test_parameters_are_text_by_default(spurnd, client):
    """Proves that without the switch " @ " is text like any other, as in Debian's rbldnsd."""
    server = spurnd.start(["bl.test:ip4trie:list"], {"list": "10.0.0.1 text @ key=require\n"})
    assert texts(client(server), "1.0.0.10.bl.test") == ["text @ key=require"]


IP6_LINES = """:2:default $
10.0.0.0/8
10.1.0.0/16 :3:four $
!10.1.2.0/24
2001:db8::/32 :4:six $
!2001:db8:1::/48
::1
2002:102:304::/48 :5:six to four
"""


def test_ip6_in_ip4trie(spurnd, client):
    """Proves that with the switch an ip4trie holds and answers prefixes of both families."""
    server = spurnd.start(["bl.test:ip4trie:list"], {"list": IP6_LINES}, options=[IP6])
    one = client(server)
    for address, expected in {
        "10.9.9.9": ["default 10.9.9.9"],
        "10.1.9.9": ["four 10.1.9.9"],
        "10.1.2.9": None,
        "11.0.0.1": None,
    }.items():
        assert texts(one, reversed_name(address)) == expected
    for address, expected in {
        "2001:db8::5": ["six 2001:db8::5"],
        "2001:db8:1::5": None,
        "2001:db9::": None,
        "::1": ["default ::1"],
        "::2": None,
        "2002:102:304::1": ["six to four"],
        "2002:a01:909::1": ["four 10.1.9.9"],
        "::ffff:10.1.9.9": ["four 10.1.9.9"],
    }.items():
        assert texts(one, reversed_name(address)) == expected, address
    assert texts(one, "8.b.d.0.1.0.0.2.bl.test") == []
    assert texts(one, "9.b.d.0.1.0.0.2.bl.test") is None
    assert texts(one, "10.bl.test") == []


def test_ip6_in_ip4trie_is_off_by_default(spurnd, client):
    """Proves that without the switch IPv6 lines of an ip4trie are reported and skipped."""
    server = spurnd.start(["bl.test:ip4trie:list"], {"list": "10.0.0.1\n2001:db8::/32\n"})
    assert server.has_logged("list:2: ")
    one = client(server)
    assert texts(one, "1.0.0.10.bl.test") == []
    assert texts(one, reversed_name("2001:db8::5")) is None
