# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""Response rate limiting and quotas of keys. Most limits here are so many an hour: then a test
takes no time that could change what is allowed, and each reply is known in advance. With
--rate-limit-slip 1 each query has a reply, so nothing has to be waited for in vain."""

import re
import select
import signal
import socket
import struct
import time

import conftest
import dns.message
import dns.query
import pytest

from lib import netns, resolvers, tcp, udp, wire
from lib.daemon import PATIENCE_S, wait_until
from test_cookies import MINE, cookie_of, with_cookie
from test_reload import hang_up, replace
from test_resolvers import _resolve  # pylint: disable=unused-import # the fixture

NAME = "4.3.2.1.bl.test"
ZONES = ["bl.test:ip4set:list"]
FILES = {"list": "$SOA 0 ns.test hostmaster.test 1 1h 1h 1h 5m\n1.2.3.4 :5:listed\n"}
BOTH = ("127.0.0.1", "::1")
PROHIBITED = 18  # extended error, RFC 8914 section 4.19


def limited(rate, *more):
    """Options for a limit under which each query has a reply."""
    return ("--rate-limit", rate, "--rate-limit-slip", "1", *more)


def verdict(packet, reply):
    """What a reply is: "data", "refused", or "truncated", which has nothing but the question."""
    parsed = wire.parse(reply)
    assert parsed.question == packet[12 : 12 + len(parsed.question)] and parsed.question
    if parsed.rcode == wire.REFUSED:
        return "refused"
    if not parsed.flags & wire.FLAG_TC:
        assert parsed.answer
        return "data"
    assert parsed.flags == wire.FLAG_QR | wire.FLAG_TC | wire.FLAG_RD
    assert not parsed.answer and not parsed.authority and not parsed.additional
    assert bool(parsed.edns) == (packet[11] == 1)
    assert len(reply) == len(packet), "as long as the query, no amplification"
    return "truncated"


def ask_one(sock, ident=1, name=NAME, edns=None):
    """Asks over a connected socket, once, and says what the reply is."""
    packet = wire.query(name, ident=ident, edns=edns)
    reply = udp.ask_raw(sock, packet, tries=1, wait_s=PATIENCE_S)
    assert reply, "no reply"
    return verdict(packet, reply)


def ask_often(server, source, count, name=NAME, edns=None):
    """The same, `count` times from one address; the verdicts."""
    with udp.client_from(source, server.port) as one:
        return [ask_one(one.sock, ident, name, edns) for ident in range(count)]


def counts(server):
    """The server's own counters of messages and of limits, as it logs them on SIGUSR1."""
    before = len(server.log())
    server.send_signal(signal.SIGUSR1)
    found = server.wait_log(
        r"queries: (\d+) received, (\d+) answered, (\d+) dropped.*\n(?:.*\n)*?"
        r".*limits: (\d+) replies dropped, (\d+) truncated, (\d+) queries over",
        before,
    )
    names = ("received", "answered", "dropped", "limit_dropped", "truncated", "over_quota")
    return dict(zip(names, map(int, found.groups())))


def check_counts(server, **expected):
    """Waits until exactly this has been counted, and 0 of all else: replies are counted when they
    have left, one number after the other."""
    seen = None

    def is_counted():
        nonlocal seen
        seen = counts(server)
        return seen == dict.fromkeys(seen, 0) | expected

    try:
        wait_until(is_counted, f"{expected} in the counters")
    except AssertionError as error:
        raise AssertionError(f"{error}, which are {seen}") from None


@pytest.mark.parametrize("edns", [None, wire.Edns()])
@pytest.mark.parametrize("source", ["127.0.0.1", "::1"])
def test_burst(spurnd, source, edns):
    """Proves that the clients of a prefix have exactly the replies that its limit allows, and
    behind them truncated ones without data, whatever they ask and from whichever port; and that the
    log says whom this befell."""
    server = spurnd.start(ZONES, FILES, limited("10/h:30"), addresses=BOTH)
    assert ask_often(server, source, 25, edns=edns) == ["data"] * 25
    seen = ask_often(server, source, 25, edns=edns)
    assert seen == ["data"] * 5 + ["truncated"] * 20
    # Names that are not listed count no less; errors have no data to leave out.
    assert ask_often(server, source, 2, "9.9.9.9.bl.test", edns) == ["truncated"] * 2
    assert ask_often(server, source, 2, "elsewhere.test", edns) == ["refused"] * 2
    check_counts(server, received=54, answered=54, truncated=24)
    name = {"127.0.0.1": r"127\.0\.0\.0/24", "::1": "::/56"}[source]
    server.wait_log(rf"rate limit reached by {name}: 0 replies dropped, \d+ truncated\n")


def test_off_by_default(spurnd):
    """Proves that nothing is limited unless it is asked for."""
    server = spurnd.start(ZONES, FILES)
    assert ask_often(server, "127.0.0.1", 500) == ["data"] * 500


@pytest.mark.parametrize("slip", [0, 1, 2, 3, None])
def test_slip(spurnd, slip):
    """Proves that of the replies over the limit one in so many goes out truncated, one in two if
    nothing is said, and that no others do."""
    options = ["--rate-limit", "1/h:7", "--rate-limit-exempt", "127.0.0.2", "--workers", "1"]
    if slip is not None:
        options += ["--rate-limit-slip", str(slip)]
    server = spurnd.start(ZONES, FILES, options)
    slip = 2 if slip is None else slip
    assert ask_often(server, "127.0.0.1", 7) == ["data"] * 7
    with udp.client_from("127.0.0.1", server.port) as one:
        packets = [wire.query(NAME, ident=ident) for ident in range(60)]
        for packet in packets:
            one.sock.send(packet)
        # One worker takes one query after the other, so behind this one no reply is to come.
        assert ask_often(server, "127.0.0.2", 1) == ["data"]
        expected = [] if slip == 0 else list(range(slip - 1, 60, slip))
        idents = []
        while len(idents) < len(expected) or select.select([one.sock], [], [], 0)[0]:
            reply = one.sock.recv(2000)
            idents.append(struct.unpack_from("!H", reply)[0])
            assert verdict(packets[idents[-1]], reply) == "truncated"
    assert idents == expected
    sent, dropped = len(idents), 60 - len(idents)
    check_counts(
        server,
        received=68,
        answered=8 + sent,
        dropped=dropped,
        limit_dropped=dropped,
        truncated=sent,
    )


def test_rate_over_time(spurnd):
    """Proves that over some time as many replies go out as the rate allows, neither more nor
    fewer."""
    rate, burst = 50, 1000  # the burst is what the test may sleep through on a busy machine
    server = spurnd.start(ZONES, FILES, limited(f"{rate}/s:{burst}"))
    seen = []
    with udp.client_from("127.0.0.1", server.port) as one:
        first_sent = time.monotonic()
        seen.append(ask_one(one.sock))
        first_seen = time.monotonic()
        # Until the burst is used up, a second longer, and then until nothing is left again.
        over_since = None
        while over_since is None or time.monotonic() < over_since + 1 or seen[-1] == "data":
            last_sent = time.monotonic()
            seen.append(ask_one(one.sock))
            if over_since is None and seen[-1] == "truncated":
                over_since = time.monotonic()
        last_seen = time.monotonic()
    # The server's clock has ticks of at most 10 ms.
    least = burst + int((last_sent - first_seen - 0.02) * rate)
    most = burst + int((last_seen - first_sent + 0.02) * rate) + 1
    assert least <= seen.count("data") <= most, (least, seen.count("data"), most)


@pytest.mark.tsan
def test_many_workers(spurnd):
    """Proves that the limit is exact with many workers and many ports: it is the server's, not each
    worker's."""
    server = spurnd.start(ZONES, FILES, limited("10/h:100", "--workers", "4"), addresses=BOTH)
    for sources in (("127.0.0.1", "127.0.0.2", "127.0.0.3"), ("::1",)):
        clients = [udp.client_from(source, server.port) for source in sources for _ in range(8)]
        # Each of them has a few on the way, so that workers meet at the same slot.
        seen = []
        for ident in range(0, 40, 4):
            for one in clients:
                for more in range(4):
                    one.sock.send(wire.query(NAME, ident=ident + more))
            for one in clients:
                for more in range(4):
                    reply = one.sock.recv(2000)
                    seen.append(verdict(wire.query(NAME), reply))
        for one in clients:
            one.close()
        assert seen.count("data") == 100, sources
        assert seen.count("truncated") == len(clients) * 40 - 100


def test_prefixes_of_ip4(spurnd):
    """Proves that clients of one /24 share a limit, those of others have their own, and that
    another length can be chosen."""
    server = spurnd.start(ZONES, FILES, limited("1/h:3"))
    assert ask_often(server, "127.0.1.1", 2) == ["data"] * 2
    assert ask_often(server, "127.0.1.255", 2) == ["data", "truncated"]
    assert ask_often(server, "127.0.2.0", 4) == ["data"] * 3 + ["truncated"]
    assert ask_often(server, "127.0.0.255", 4) == ["data"] * 3 + ["truncated"]
    server = spurnd.start(ZONES, FILES, limited("1/h:3", "--rate-limit-prefix", "32"))
    assert ask_often(server, "127.0.1.1", 4) == ["data"] * 3 + ["truncated"]
    assert ask_often(server, "127.0.1.2", 4) == ["data"] * 3 + ["truncated"]
    # IPv4 clients have IPv4 prefixes also on a socket for both families.
    server = spurnd.start(
        ZONES, FILES, limited("1/h:3"), listen=lambda port: ["-b", f"::/{port}"], addresses=BOTH
    )
    assert ask_often(server, "127.0.1.1", 4) == ["data"] * 3 + ["truncated"]
    assert ask_often(server, "127.0.2.1", 4) == ["data"] * 3 + ["truncated"]
    # This comes by itself.
    server.wait_log(r"rate limit reached by 127\.0\.[12]\.0/24")


def test_prefixes_of_ip6(spurnd):
    """Proves the same for IPv6 and /56."""
    if not netns.is_possible():
        conftest.cannot_run("needs root, for a network namespace")
    same = ("2001:db8:0:100::1", "2001:db8:0:1ff:ffff::1", "2001:db8:0:1aa::2")
    others = ("2001:db8:0:ff::1", "2001:db8:0:200::1", "2001:db9:0:100::1")
    with netns.namespaces("limits") as (host,):
        for address in (*same, *others):
            host.add_address("lo", f"{address}/128")
        server = spurnd.start(
            ZONES, FILES, limited("1/h:5"), addresses=["::1"], prefix=host.command
        )

        def ask(source, count):
            with host.socket(socket.AF_INET6) as sock:
                sock.bind((source, 0))
                sock.connect(("::1", server.port))
                return [ask_one(sock, ident) for ident in range(count)]

        assert ask(same[0], 3) == ["data"] * 3
        assert ask(same[1], 2) == ["data"] * 2
        assert ask(same[2], 2) == ["truncated"] * 2
        for source in others:
            assert ask(source, 6) == ["data"] * 5 + ["truncated"], source


def test_exempt_networks(spurnd):
    """Proves that clients in networks that are exempt have no limit, and their neighbours do."""
    exempt = ("--rate-limit-exempt", "127.0.1.0/25,127.0.2.7", "--rate-limit-exempt", "::1")
    server = spurnd.start(ZONES, FILES, limited("1/h:3", *exempt), addresses=BOTH)
    for source in ("127.0.1.0", "127.0.1.127", "127.0.2.7", "::1"):
        assert ask_often(server, source, 20) == ["data"] * 20, source
    for source in ("127.0.1.128", "127.0.2.8"):
        assert ask_often(server, source, 4) == ["data"] * 3 + ["truncated"], source


@pytest.mark.parametrize("source", ["127.0.0.1", "::1"])
def test_cookies(spurnd, source):
    """Proves that a client with a cookie of this server has no limit, that a truncated reply brings
    him one, and that the cookies of others, or none but his own, are no help."""
    server = spurnd.start(ZONES, FILES, limited("1/h:3"), addresses=BOTH)
    assert ask_often(server, source, 3) == ["data"] * 3
    with udp.client_from(source, server.port) as one:
        reply = one.ask(NAME, edns=with_cookie(MINE))
        assert reply.flags & wire.FLAG_TC and not reply.answer
        cookie = cookie_of(reply)
        assert cookie[:8] == MINE and len(cookie) == 24
        for _ in range(20):
            assert one.ask(NAME, edns=with_cookie(cookie)).answer
        for bad in (MINE, cookie[:-1] + bytes([cookie[-1] ^ 1]), b"another!" + cookie[8:]):
            reply = one.ask(NAME, edns=with_cookie(bad))
            assert reply.flags & wire.FLAG_TC and not reply.answer


def ask_over_tcp(server, source, count, name=NAME):
    """As ask_often, over one connection, and one query after the other."""
    packets = [wire.query(name, ident=ident) for ident in range(count)]
    with tcp.Client("::1" if ":" in source else "127.0.0.1", server.port, source) as one:
        return [verdict(packet, one.raw(packet)) for packet in packets]


@pytest.mark.parametrize("source", ["127.0.0.1", "::1"])
def test_tcp(spurnd, source):
    """Proves that a client who asks again over TCP, as a truncated reply tells him to, has no limit
    there, nor does it count for the one over UDP."""
    server = spurnd.start(ZONES, FILES, limited("1/h:3"), addresses=BOTH)
    assert ask_over_tcp(server, source, 20) == ["data"] * 20
    assert ask_often(server, source, 4) == ["data"] * 3 + ["truncated"]
    assert ask_over_tcp(server, source, 20) == ["data"] * 20
    assert ask_often(server, source, 1) == ["truncated"]
    query = dns.message.make_query(NAME, "A")
    reply, is_tcp = dns.query.udp_with_fallback(
        query, source, PATIENCE_S, port=server.port, ignore_unexpected=True
    )
    assert is_tcp and reply.answer[0][0].address == "127.0.0.5"


@pytest.mark.parametrize("program", ["unbound", "named"])
def test_resolver_at_the_limit(spurnd, resolve, program):
    """Proves that a real resolver whose network has used up its limit, be it for a forger's sake,
    loses no answer: unbound gets them over TCP, BIND by the cookie that came with the first
    reply."""
    names = 200
    server = spurnd.start(
        ZONES,
        {"list": "".join(f"10.0.0.{number} :{number}:\n" for number in range(1, names + 1))},
        limited("1/h:5"),
        addresses=(resolvers.SERVER,),
    )
    with udp.Client(resolvers.SERVER, server.port, "127.0.0.99") as forger:
        seen = [ask_one(forger.sock, ident, "1.0.0.10.bl.test") for ident in range(6)]
    assert seen == ["data"] * 5 + ["truncated"]
    resolver = resolve(resolvers.Way(program), server, ["bl.test"])
    resolver.ask_all([("1.0.0.10.bl.test", wire.A)])  # now BIND has a cookie
    numbers = range(1, names + 1)
    replies = resolver.ask_all([(f"{number}.0.0.10.bl.test", wire.A) for number in numbers])
    got = [[rr.rdata for rr in reply.answer] for reply in replies]
    assert got == [[bytes((127, 0, 0, number))] for number in numbers]
    least = names if program == "unbound" else 1
    seen = wait_until(
        lambda: (now := counts(server))["truncated"] >= least and now, "truncated replies"
    )
    assert seen["limit_dropped"] == 0
    if program == "named":
        assert seen["truncated"] < names


# ---- quotas of keys ----

KEYS = """\
:refuse
plain :pass
$QUOTA 1/h:5
small :pass
SMALL2 :pass
$QUOTA none
free :pass
$QUOTA default
closed :refuse
"""
KEY_ZONES = [*ZONES, "bl.test:aclkey:keys"]


def ask_key(server, key, count, source="127.0.0.1", edns=None):
    """What somebody with a key gets for a listed address, `count` times."""
    return ask_often(server, source, count, f"4.3.2.1.{key}.bl.test", edns)


@pytest.mark.parametrize("source", ["127.0.0.1", "::1"])
def test_key_quotas(spurnd, workdir, source):
    """Proves that a key has the queries that its file allows, or else the command line, whoever has
    the key and in whatever letter case; that other keys go on, that a reload changes nothing but
    what the file says, and that the log names the keys."""
    server = spurnd.start(
        KEY_ZONES,
        {**FILES, "keys": KEYS},
        ("--key-quota", "1/h:8", "--workers", "2"),
        addresses=BOTH,
    )
    assert ask_key(server, "small", 3, source) == ["data"] * 3
    assert ask_key(server, "Small", 3) == ["data"] * 2 + ["refused"]
    assert ask_key(server, "small2", 6, source) == ["data"] * 5 + ["refused"]
    assert ask_key(server, "plain", 9, source) == ["data"] * 8 + ["refused"]
    assert ask_key(server, "free", 30, source) == ["data"] * 30
    over_tcp = ask_over_tcp(server, source, 2, "4.3.2.1.small.bl.test")
    assert over_tcp == ["refused"] * 2, "a quota is no matter of forged addresses"
    assert ask_key(server, "closed", 10, source) == ["refused"] * 10
    assert ask_key(server, "unknown", 10, source) == ["refused"] * 10
    check_counts(server, received=73, answered=73, over_quota=5)
    server.wait_log(r"quota of queries used up by key [a-z2, ]*small.*: \d refused\n")
    replace(workdir / "keys", KEYS.replace("1/h:5", "1/h:7") + "more :pass\n")
    hang_up(server)
    assert ask_key(server, "small", 3, source) == ["data"] * 2 + ["refused"]
    assert ask_key(server, "plain", 1, source) == ["refused"]
    assert ask_key(server, "more", 9, source) == ["data"] * 8 + ["refused"]


def test_key_quota_says_why(spurnd):
    """Proves that a client with EDNS is told why it is refused, by an extended error."""
    server = spurnd.start(KEY_ZONES, {**FILES, "keys": KEYS})
    assert ask_key(server, "small", 6, edns=wire.Edns())[-1] == "refused"
    with udp.client_from("127.0.0.1", server.port) as one:
        reply = one.ask("4.3.2.1.small.bl.test", edns=wire.Edns())
    assert reply.rcode == wire.REFUSED
    because = struct.pack("!H", PROHIBITED) + b"over quota"
    assert list(wire.options_of(reply.edns)) == [(wire.OPTION_EDE, because)]


def test_quota_lines(spurnd):
    """Proves that a $QUOTA line that is no good is reported and skipped, in an acl as ever."""
    server = spurnd.start(
        [*KEY_ZONES, "bl.test:acl:acl"],
        {
            **FILES,
            "keys": "$QUOTA 1/h:2\n$QUOTA 5/w\n$QUOTA 7 8\nkey :pass\n",
            "acl": ":pass\n$QUOTA 1/h:2\n",
        },
    )
    log = server.log()
    assert re.search(r"keys:2: .*a rate is a number", log), log
    assert re.search(r"keys:3: .*something follows the rate", log), log
    assert re.search(r"acl:2: .*", log), log
    assert ask_key(server, "key", 3) == ["data"] * 2 + ["refused"]


def test_broken_quota_is_held_back(spurnd, workdir):
    """Proves that new keys whose $QUOTA cannot be read leave those in service where they are: their
    owner would have no limit, or another one's; at the start they are served without it."""
    good = "$QUOTA 1/h:2\nkey :pass\n"
    server = spurnd.start(KEY_ZONES, {**FILES, "keys": good}, ["-c", "0"])
    replace(workdir / "keys", "$QUOTA 2/w\nkey :pass\nnew :pass\n")
    log = hang_up(server)
    assert re.search(r"keys:1: .*a rate is a number", log), log
    assert re.search(r"aclkey:keys: held back.*have a \$QUOTA line that cannot be read", log), log
    assert ask_key(server, "key", 3) == ["data"] * 2 + ["refused"]
    replace(workdir / "keys", good.replace("/h:2", "/h:4"))
    assert "newest data are served again" in hang_up(server)
