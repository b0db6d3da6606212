# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""Access control by client address: who is who on every kind of socket, and that no mishap with an
ACL's file lets anybody in."""

import os
import re
import select

import pytest

from lib import udp, wire
from lib.daemon import NO_CONTROL, free_port, run, user_options
from test_reload import hang_up, replace

NAME = "4.3.2.1.bl.test"
ZONE = "bl.test:ip4set:list"
LIST = "$SOA 0 ns.test hostmaster.test 1 1h 1h 1h 5m\n1.2.3.4 :5:listed\n"
ACL = """\
127.0.0.1 :pass
127.0.0.2 :refuse
127.0.0.3 :empty
127.0.0.4 :9:you are $
127.0.0.5 :ignore
127.0.1.0/24 :refuse
127.0.1.7 :pass
::ffff:7f00:200/120 :refuse
::1 :9:you are $
"""
# What the clients of that ACL get for a listed name, an unlisted address and the zone itself.
LISTED, ALWAYS, NOWHERE = "127.0.0.5", "127.0.0.9", wire.NXDOMAIN
VIEWS = {
    "127.0.0.1": (LISTED, NOWHERE, wire.NOERROR),
    "127.0.0.2": (wire.REFUSED, wire.REFUSED, wire.REFUSED),
    "127.0.0.3": (NOWHERE, NOWHERE, wire.NOERROR),
    "127.0.0.4": (ALWAYS, ALWAYS, wire.NOERROR),
    "127.0.0.5": ("dropped",) * 3,
    "127.0.0.6": (LISTED, NOWHERE, wire.NOERROR),
    "127.0.1.1": (wire.REFUSED, wire.REFUSED, wire.REFUSED),
    "127.0.1.7": (LISTED, NOWHERE, wire.NOERROR),
    "127.0.2.1": (wire.REFUSED, wire.REFUSED, wire.REFUSED),
    "::1": (ALWAYS, ALWAYS, wire.NOERROR),
}


def reply_to(server, one, packet):
    """The raw reply to a packet; None if there is none though others, asked later by somebody who
    may, and so often that every worker has some, have theirs."""
    free = "::1" if server.addresses == ("::1",) else "127.0.0.99"
    one.sock.send(packet)
    if not select.select([one.sock], [], [], udp.SHORT_S)[0]:
        with udp.client_from(free, server.port) as other:
            for _ in range(udp.FENCES):
                other.ask("fence.invalid")
    return one.sock.recv(65535) if select.select([one.sock], [], [], 0)[0] else None


def says(server, source, name=NAME, qtype=wire.A):
    """The A record, or the rcode without one, or "dropped", that a client gets."""
    with udp.client_from(source, server.port) as one:
        raw = reply_to(server, one, wire.query(name, qtype, ident=0x1234))
    if raw is None:
        return "dropped"
    reply = wire.parse(raw)
    if reply.answer and reply.answer[0].type == wire.A:
        return ".".join(map(str, reply.answer[0].rdata))
    return reply.rcode


def check_views(server, sources=tuple(VIEWS)):
    """Asks as every client of VIEWS."""
    for source in sources:
        seen = tuple(says(server, source, name) for name in (NAME, "9.9.9.9.bl.test"))
        seen += (says(server, source, "bl.test", wire.SOA),)
        assert seen == VIEWS[source], source


IP4_SOURCES = tuple(source for source in VIEWS if ":" not in source)


@pytest.mark.parametrize("spec", ["bl.test:acl:acl", ":acl:acl"])
@pytest.mark.parametrize(
    "addresses, sources",
    [(("127.0.0.1",), IP4_SOURCES), (("::1",), ("::1",)), (("::",), tuple(VIEWS))],
)
def test_who_asks(spurnd, spec, addresses, sources):
    """Proves that the ACL of a zone and that of all zones tell clients apart by address, and that an
    IPv4 client is one on a socket for both families, too."""
    server = spurnd.start([ZONE, spec], {"list": LIST, "acl": ACL}, addresses=addresses)
    check_views(server, sources)


def test_text_names_the_client(spurnd):
    """Proves that `$` in the text of an ACL's entry is the address of the client that asks."""
    server = spurnd.start([ZONE, ":acl:acl"], {"list": LIST, "acl": ACL}, addresses=("::",))
    for source in ("127.0.0.4", "::1"):
        with udp.client_from(source, server.port) as one:
            answer = one.ask("9.9.9.9.bl.test", wire.TXT).answer
            assert [record.rdata for record in answer] == [wire.txt(f"you are {source}")]


def test_silence_is_complete(spurnd):
    """Proves that a client whom the ACL of all zones ignores gets no reply to anything, not even to
    what is no good query, and one whom a zone's ACL ignores only none about that zone."""
    server = spurnd.start(
        [ZONE, "b.test:ip4set:list", "b.test:acl:zone", ":acl:acl"],
        {"list": LIST, "acl": "127.0.0.5 :ignore\n", "zone": "127.0.0.6 :ignore\n"},
    )
    packets = {
        "listed": wire.query(NAME, ident=1),
        "other": wire.query("nowhere.invalid", ident=1),
        "version": wire.query("version.bind", wire.TXT, wire.CH, ident=1),
        "transfer": wire.query("b.test", 252, ident=1),
        "badvers": wire.query(NAME, edns=wire.Edns(version=1), ident=1),
    }
    with udp.client_from("127.0.0.5", server.port) as ignored:
        for what, packet in packets.items():
            assert reply_to(server, ignored, packet) is None, what
    with udp.client_from("127.0.0.6", server.port) as one:
        for what, packet in packets.items():
            assert reply_to(server, one, packet) is not None, what
        for name, qtype in (("4.3.2.1.b.test", wire.A), ("b.test", wire.SOA)):
            assert reply_to(server, one, wire.query(name, qtype, ident=1)) is None


def _remove(path):
    path.unlink()


def _forbid(path):
    replace(path, "127.0.0.1 :refuse\n")
    os.chmod(path, 0)


def _postpone(path):
    replace(path, "$TIMESTAMP 2099:01:01\n127.0.0.1 :refuse\n")


def _cut(path):
    path.write_bytes(b"\x1f\x8b\x08 cut short")


@pytest.mark.parametrize("damage", [_remove, _forbid, _postpone, _cut])
@pytest.mark.parametrize("spec", ["bl.test:acl:acl", ":acl:acl"])
def test_broken_acl_stays_as_it_was(spurnd, workdir, spec, damage):
    """Proves that an ACL whose file is gone or broken holds on after a reload, with a message that
    names the file, while the data change; and that it is taken again when it is mended."""
    server = spurnd.start([ZONE, spec], {"list": LIST, "acl": ACL})
    damage(workdir / "acl")
    replace(workdir / "list", LIST + "7.7.7.7 :7:\n")
    log = hang_up(server)
    assert "acl:acl: could not be loaded; its last good data are still served" in log
    check_views(server, IP4_SOURCES)
    assert says(server, "127.0.0.1", "7.7.7.7.bl.test") == "127.0.0.7"
    replace(workdir / "acl", "127.0.0.1 :refuse\n")
    hang_up(server)
    assert says(server, "127.0.0.1") == wire.REFUSED
    assert says(server, "127.0.0.2") == LISTED


@pytest.mark.parametrize("spec", ["bl.test:acl:acl", ":acl:acl", "bl.test:aclkey:acl"])
def test_start_without_the_acl(spurnd, spurnd_path, workdir, spec):
    """Proves that the server does not start without its ACL, and with -q serves SERVFAIL until the
    ACL is there; rbldnsd serves everybody."""
    (workdir / "list").write_text(LIST)
    where = [
        "-n",
        *user_options(),
        *NO_CONTROL,
        "-b",
        f"127.0.0.1/{free_port()}",
        "-w",
        str(workdir),
    ]
    done = run(spurnd_path, [*where, ZONE, spec], workdir)
    assert done.returncode == 1 and re.search(r"\bacl\b.*No such file", done.stderr), done.stderr
    server = spurnd.start([ZONE, spec], {}, ["-q"])
    for name in (NAME, "bl.test", "9.9.9.9.bl.test", "4.3.2.1.key.bl.test"):
        assert says(server, "127.0.0.1", name) == wire.SERVFAIL
    assert says(server, "127.0.0.1", "other.test") == wire.REFUSED
    if "aclkey" in spec:
        (workdir / "acl").write_text(":refuse\nkey :pass\n")
        hang_up(server)
        assert says(server, "127.0.0.1") == wire.REFUSED
        assert says(server, "127.0.0.1", "4.3.2.1.key.bl.test") == LISTED
    else:
        (workdir / "acl").write_text(ACL)
        hang_up(server)
        check_views(server, IP4_SOURCES)


@pytest.mark.parametrize("others", [[], ["other.test:ip4set:list"]])
def test_acl_alone_is_no_zone(spurnd_path, workdir, others):
    """Proves that a zone of nothing but an ACL is refused at the start."""
    (workdir / "list").write_text(LIST)
    (workdir / "acl").write_text(ACL)
    where = [
        "-n",
        *user_options(),
        *NO_CONTROL,
        "-b",
        f"127.0.0.1/{free_port()}",
        "-w",
        str(workdir),
    ]
    done = run(spurnd_path, [*where, "bl.test:acl:acl", *others], workdir)
    assert done.returncode == 2 and "zone bl.test has an ACL" in done.stderr


# rbldnsd, in all its versions, dies of these while it loads.
DEADLY = {
    "127.0.0.4 :8\n": "127.0.0.8",
    "127.0.0.4 text\n": "127.0.0.2",
    ":8\n127.0.0.4\n": "127.0.0.8",
    ":8\n127.0.0.4 text\n": "127.0.0.8",
}


@pytest.mark.parametrize("word", ["ignore", "blackhole", "refuse", "empty", "pass"])
def test_values_behind_a_word(spurnd, workdir, word):
    """Proves that what kills rbldnsd, a default that is a word and then a value that leaves A or
    TXT to the default, takes the built-in one, at the start and in reloads."""
    for number, (lines, value) in enumerate(DEADLY.items()):
        text = f":{word}\n{lines}"
        if number == 0:
            server = spurnd.start([ZONE, ":acl:acl"], {"list": LIST, "acl": text})
        else:
            replace(workdir / "acl", text)
            assert "failed" not in hang_up(server)
        assert says(server, "127.0.0.4") == value, text


def test_subzone_has_no_acl_of_its_own(spurnd):
    """Proves that an ACL is its zone's only: a zone below it is free, or has another one."""
    server = spurnd.start(
        [
            ZONE,
            "sub.bl.test:ip4set:list",
            "strict.bl.test:ip4set:list",
            "bl.test:acl:acl",
            "strict.bl.test:acl:other",
        ],
        {"list": LIST, "acl": "127.0.0.2 :refuse\n", "other": "127.0.0.2 :empty\n"},
    )
    assert says(server, "127.0.0.2") == wire.REFUSED
    assert says(server, "127.0.0.2", "4.3.2.1.sub.bl.test") == LISTED
    assert says(server, "127.0.0.2", "4.3.2.1.strict.bl.test") == wire.NXDOMAIN
    assert says(server, "127.0.0.1", "4.3.2.1.strict.bl.test") == LISTED


def test_glue_is_for_everybody(spurnd):
    """Proves that an ACL takes away no glue from those who may ask: it is made once for all."""
    server = spurnd.start(
        ["bl.test:generic:g", ":acl:acl"],
        {
            "g": "$NS 1d ns.bl.test\nns A 192.0.2.53\nwww A 192.0.2.80\n",
            "acl": "::/0 :refuse\n0/0 :refuse\n127.0.0.1 :pass\n",
        },
    )
    with udp.client_from("127.0.0.1", server.port) as one:
        reply = one.ask("www.bl.test")
        assert [record.rdata for record in reply.additional] == [wire.ip4("192.0.2.53")]
