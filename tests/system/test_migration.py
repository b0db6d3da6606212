# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""What doc/migrating-from-rbldnsd.md says of the differences is so: for each row of its table a test
that puts the same files and the same question to Debian's rbldnsd and to spurnd, and shows what each
of them says. (That there are no other differences is what test_differential.py is for.)"""

import gzip
import os
import re
import signal
import socket
import subprocess

import pytest

import conftest

import test_differential
from conftest import TOP
from lib import daemon, tcp, udp, wire
from lib.process import Process

GUIDE = TOP / "doc" / "migrating-from-rbldnsd.md"
SOA = "$SOA 300 ns.example hostmaster.example 1 1h 1h 1w 1h\n"
LISTED, NOT_LISTED = "4.3.2.1.bl.test", "5.3.2.1.bl.test"


class Sides:
    """The same set-up on both servers."""

    def __init__(self, paths, workdir):
        self.paths, self.workdir = paths, workdir
        self.running, self.directories = [], 0

    def start(self, zones, files, options=(), **how):
        """(rbldnsd, spurnd), started with the same files and command line; the files lie in
        directories of their own, `directory` of each server."""
        servers = []
        for path in self.paths:
            self.directories += 1
            directory = self.workdir / f"{self.directories}"
            directory.mkdir(mode=0o755)
            for name, content in files.items():
                data = content if isinstance(content, bytes) else content.encode("latin-1")
                (directory / name).write_bytes(data)
                os.utime(directory / name, (1_700_000_000, 1_700_000_000))
            servers.append(daemon.Daemon(path, [*options, *zones], directory, **how))
            self.running.append(servers[-1])
        return servers

    def ask(self, question, zones, files, options=(), **query):
        """The parsed replies of (rbldnsd, spurnd) to a question (name, type[, class])."""
        servers = self.start(zones, files, options)
        return [ask(server, *question, **query) for server in servers]

    def kill(self):
        """Ends all servers."""
        for server in self.running:
            server.kill()


def ask(server, *question, source="127.0.0.1", **query):
    """The parsed reply of a server."""
    with udp.client_from(source, server.port) as client:
        return wire.parse(client.raw(wire.query(*question, **query)))


@pytest.fixture
def sides(rbldnsd_path, spurnd_path, workdir):
    """Starts both servers, see Sides."""
    both = Sides((rbldnsd_path, spurnd_path), workdir)
    yield both
    both.kill()


def rcodes(replies):
    """The rcodes of replies."""
    return [reply.rcode for reply in replies]


def texts(reply):
    """The TXT records of a reply."""
    return sorted(wire.txt_text(record.rdata) for record in reply.answer if record.type == wire.TXT)


def rows():
    """The names of tests in the table of the guide, in its order."""
    return re.findall(r"^\|.*<!-- (test_\w+) -->\s*\|$", GUIDE.read_text("utf-8"), re.MULTILINE)


def test_each_row_has_its_test():
    """Proves that the table in the guide, the tests here and the differential test's table of
    differences tell of the same things."""
    here = {name for name in globals() if name.startswith("test_")} - {
        "test_each_row_has_its_test",
        "test_three_steps",
        "test_glue_is_not_restricted",
        "test_differential",
    }
    assert len(rows()) == len(set(rows())) and set(rows()) == here
    table = [entry.name for entry in test_differential.DIFFERENCES] + [*test_differential.REWRITTEN]
    assert {f"test_{name.replace('-', '_')}" for name in table} <= here
    lines = [line for line in GUIDE.read_text("utf-8").splitlines() if line.startswith("| ")]
    assert len(lines) == len(rows()) + 2 * GUIDE.read_text("utf-8").count(
        "| rbldnsd |"
    ), "a row without test"


def test_three_steps(sides):
    """Proves that the command line of Debian's default file starts spurnd as it starts rbldnsd."""
    replies = sides.ask(
        (LISTED, wire.TXT),
        ["bl.test:ip4set:list", "rhs.test:dnset:names"],
        {"list": SOA + "1.2.3.4 :5:listed $\n", "names": ".example.com :6:$\n"},
        ["-t", "5m", "-c", "60"],
    )
    assert replies[0].answer == replies[1].answer and len(replies[0].answer) == 1


# ---- answers ----


def test_ent(sides):
    replies = sides.ask(("3.2.1.bl.test",), ["bl.test:ip4set:f"], {"f": SOA + "1.2.3.4\n"})
    assert rcodes(replies) == [wire.NXDOMAIN, wire.NOERROR]
    assert replies[0].authority == replies[1].authority and not replies[1].answer


def test_truncation(sides):
    many = "".join(f"1.2.3.4 :{number}:\n" for number in range(1, 100))
    zones, files = ["bl.test:ip4set:f"], {"f": many}
    replies = sides.ask((LISTED,), zones, files)
    assert 0 < len(replies[0].answer) < 99 and not replies[1].answer
    assert [reply.flags & (wire.FLAG_AA | wire.FLAG_TC) for reply in replies] == [
        0,
        wire.FLAG_AA | wire.FLAG_TC,
    ]


def test_tcp(sides):
    servers = sides.start(["bl.test:ip4set:f"], {"f": "1.2.3.4\n"})
    with pytest.raises(ConnectionRefusedError):
        tcp.Client("127.0.0.1", servers[0].port)
    with tcp.Client("127.0.0.1", servers[1].port) as one:
        assert one.ask(LISTED).answer == ask(servers[0], LISTED).answer


def test_opt(sides):
    question = (LISTED,), ["bl.test:ip4set:f"], {"f": "1.2.3.4\n"}
    replies = sides.ask(*question, edns=wire.Edns(4096, flags=wire.EDNS_DO))
    assert [reply.edns for reply in replies] == [None, wire.Edns(1232, flags=wire.EDNS_DO)]
    replies = sides.ask(*question, edns=wire.Edns(4096, version=1))
    assert rcodes(replies) == [wire.NOERROR, wire.BADVERS]
    replies = sides.ask(*question, edns=wire.Edns(4096, options=b"\0"))
    assert rcodes(replies) == [wire.NOERROR, wire.FORMERR]
    question = ("example",), *question[1:]
    replies = sides.ask(*question, edns=wire.Edns(4096))
    assert rcodes(replies) == [wire.REFUSED] * 2
    assert replies[1].edns.options == wire.error(wire.EDE_NOT_AUTHORITATIVE)


def test_cookie(sides):
    zones, files = ["bl.test:ip4set:f"], {"f": "1.2.3.4\n"}
    cookie = wire.Edns(4096, options=b"\0\x0a\0\x08clientck")
    (_, without) = sides.ask((LISTED,), zones, files, edns=cookie)
    assert without.edns == wire.Edns()
    rbldnsd, _ = sides.start(zones, files)
    sides.paths = sides.paths[1:]
    (spurnd,) = sides.start(zones, files, ("--cookies", "on"))
    replies = [ask(server, LISTED, edns=cookie) for server in (rbldnsd, spurnd)]
    assert replies[0].edns is None and replies[0].answer == replies[1].answer
    assert replies[1].edns.options[:4] == b"\0\x0a\0\x18"
    assert replies[1].edns.options[4:12] == b"clientck"
    packet = b"\0\1" + bytes(9) + b"\1" + wire.opt_record(cookie)
    with udp.client_from("127.0.0.1", rbldnsd.port) as client:
        assert client.is_dropped(packet)
    with udp.client_from("127.0.0.1", spurnd.port) as client:
        assert wire.parse(client.raw(packet)).edns.options[4:12] == b"clientck"


def test_formerr(sides):
    rbldnsd, spurnd = sides.start(["bl.test:ip4set:f"], {"f": ""})
    with udp.client_from("127.0.0.1", rbldnsd.port) as client:
        assert client.is_dropped(wire.query(LISTED, counts=(2, 0, 0, 0)))
    reply = ask(spurnd, LISTED, counts=(2, 0, 0, 0))
    assert reply.rcode == wire.FORMERR and reply.size == 12


def test_opcode(sides):
    replies = sides.ask((LISTED,), ["bl.test:ip4set:f"], {"f": ""}, flags=0x2000 | wire.FLAG_RD)
    assert [reply.flags for reply in replies] == [0x8004, 0xA104]


def test_any(sides):
    files = {"f": SOA + "$NS 300 ns.example\n1.2.3.4 :5:text\n"}
    replies = sides.ask((LISTED, wire.ANY), ["bl.test:ip4set:f"], files)
    assert [{r.type for r in reply.answer} for reply in replies] == [{wire.A, wire.TXT}, {wire.A}]
    replies = sides.ask(("bl.test", wire.ANY), ["bl.test:ip4set:f"], files)
    assert [{r.type for r in reply.answer} for reply in replies] == [
        {wire.SOA, wire.NS},
        {wire.SOA},
    ]


def test_unknown_type(sides):
    zones, files = ["bl.test:ip4set:f"], {"f": SOA + "1.2.3.4\n"}
    assert rcodes(sides.ask((LISTED, 257), zones, files)) == [wire.NOTIMP, wire.NOERROR]
    assert rcodes(sides.ask((NOT_LISTED, 257), zones, files)) == [wire.NOTIMP, wire.NXDOMAIN]


def test_apex_without(sides):
    zones, files = ["bl.test:ip4set:f"], {"f": "1.2.3.4\n"}
    for qtype in (wire.SOA, wire.NS, wire.ANY):
        replies = sides.ask(("bl.test", qtype), zones, files)
        assert rcodes(replies) == [wire.REFUSED, wire.NOERROR] and not replies[1].answer


def test_glue(sides):
    replies = sides.ask(
        ("bl.test", wire.NS),
        ["bl.test:generic:f"],
        {"f": SOA + "$NS 300 a.bl.test b.bl.test\na A 192.0.2.1\nb A 192.0.2.1\n"},
    )
    assert [len(reply.additional) for reply in replies] == [1, 2]


def test_many_name_servers(sides):
    names = " ".join(f"ns{number}.example" for number in range(40))
    files = {"f": f"$NS 300 {names}\n1.2.3.4\n"}
    replies = sides.ask(("bl.test", wire.NS), ["bl.test:ip4set:f"], files, edns=wire.Edns(1232))
    assert [len(reply.answer) for reply in replies] == [0, 32]


def test_generic_txt_255(sides):
    text = "x" * 255
    replies = sides.ask(
        ("a.bl.test", wire.TXT),
        ["bl.test:generic:f"],
        {"f": f"a TXT {text}\na TXT {text}\n"},
        edns=wire.Edns(1232),
    )
    assert [len(reply.answer) for reply in replies] == [2, 1]


def test_long_text(sides):
    files = {"f": f"1.2.3.4 {'x' * 600}\n"}
    replies = sides.ask((LISTED, wire.TXT), ["bl.test:ip4set:f"], files, edns=wire.Edns(1232))
    assert [texts(reply) for reply in replies] == [[b"x" * 254], [b"x" * 600]]
    files = {"f": f"a TXT {'x' * 600}\n"}
    replies = sides.ask(("a.bl.test", wire.TXT), ["bl.test:generic:f"], files, edns=wire.Edns(1232))
    assert [texts(reply) for reply in replies] == [[b"x" * 255], [b"x" * 600]]


def test_version(sides):
    replies = sides.ask(
        ("version.bind", wire.TXT, wire.CH), ["bl.test:ip4set:f"], {"f": ""}, ["-v"]
    )
    assert [texts(reply) for reply in replies] == [[b"rbldnsd"], [b"spurn"]]


def test_identity(sides):
    zones, files = ["bl.test:ip4set:f"], {"f": ""}
    for name in ("id.server", "hostname.bind"):
        replies = sides.ask((name, wire.TXT, wire.CH), zones, files)
        assert rcodes(replies) == [wire.REFUSED, wire.NOERROR]
        assert texts(replies[1]) == [socket.gethostname().encode()]
    replies = sides.ask((LISTED,), zones, files, edns=wire.Edns(options=wire.option(3)))
    assert replies[0].edns is None
    assert replies[1].edns.options == wire.option(3, socket.gethostname().encode())


def test_reply_address(sides):
    servers = sides.start(
        ["bl.test:ip4set:f"], {"f": "1.2.3.4\n"}, listen=lambda port: ["-b", f"0.0.0.0/{port}"]
    )
    packet, senders = wire.query(LISTED), []
    for server in servers:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.settimeout(daemon.PATIENCE_S)
            sock.sendto(packet, ("127.0.0.5", server.port))
            senders.append(sock.recvfrom(512)[1][0])
    assert senders == ["127.0.0.1", "127.0.0.5"]


def test_large_query(sides):
    query = wire.query(LISTED)
    for size, answered in ((1472, [True, True]), (1473, [True, False])):
        packet = query + bytes(size - len(query))
        replies = []
        for server in sides.start(["bl.test:ip4set:f"], {"f": "1.2.3.4\n"}):
            with udp.client_from("127.0.0.1", server.port) as client:
                replies.append(not client.is_dropped(packet))
        assert replies == answered


def order_of_replies(server):
    """The IDs of 40 queries, in the order in which they were answered."""
    with udp.client_from("127.0.0.1", server.port) as client:
        for ident in range(40):
            client.sock.send(wire.query(LISTED, ident=ident))
        return [int.from_bytes(client.sock.recv(512)[:2], "big") for _ in range(40)]


def test_order_of_replies(sides):
    zones, files = ["bl.test:ip4set:f"], {"f": "1.2.3.4\n"}
    rbldnsd, spurnd = sides.start(zones, files)
    sides.paths = sides.paths[1:]
    (any_way,) = sides.start(zones, files, ("--workers", "4"))
    (one_way,) = sides.start(zones, files, ("--workers", "4", "--steer", "hash"))
    daemon.wait_until(lambda: order_of_replies(any_way) != list(range(40)), "another order")
    for _ in range(20):
        assert order_of_replies(rbldnsd) == order_of_replies(one_way) == list(range(40))
    assert sorted(order_of_replies(spurnd)) == list(range(40))


def test_service_port(sides):
    for port, answered in ((19, [True, False]), (1023, [True, True])):
        servers = sides.start(["bl.test:ip4set:f"], {"f": "1.2.3.4\n"})
        for server, is_answered in zip(servers, answered):
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
                try:
                    sock.bind(("127.99.0.1", port))
                except PermissionError:
                    conftest.cannot_run("needs root, for ports below 1024")
                sock.connect(("127.0.0.1", server.port))
                wait_s = daemon.PATIENCE_S if is_answered else 0.2
                reply = udp.ask_raw(sock, wire.query(LISTED), wait_s=wait_s)
                assert (reply is not None) == is_answered


# ---- zone files ----


def test_crlf(sides):
    zones, files = ["bl.test:ip4set:f"], {"f": "1.2.3.4\r\n1.2.3.5 text\r\n"}
    assert rcodes(sides.ask((LISTED,), zones, files)) == [wire.NXDOMAIN, wire.NOERROR]
    replies = sides.ask((NOT_LISTED, wire.TXT), zones, files)
    assert [texts(reply) for reply in replies] == [[b"text\r"], [b"text"]]


def test_generic_bad_line(sides):
    files = {"f": "a A 192.0.2.1\nb 99x A 192.0.2.2\n"}
    with pytest.raises(AssertionError, match="status 1"):
        sides.start(["bl.test:generic:f"], files)
    sides.paths = sides.paths[1:]
    assert rcodes(sides.ask(("a.bl.test",), ["bl.test:generic:f"], files)) == [wire.NOERROR]


def test_time_with_colon(sides):
    files = {"f": "$NS 300:a.example b.example\n1.2.3.4\n"}
    replies = sides.ask(("bl.test", wire.NS), ["bl.test:ip4set:f"], files)
    assert [len(reply.answer) for reply in replies] == [2, 0]


def test_combined_second_file(sides):
    files = {"one": "$DATASET ip4set @\n1.2.3.4\n", "two": "$TTL 5\n1.2.3.5\n"}
    (reference,) = Sides(sides.paths[:1], sides.workdir).start(["bl.test:combined:one,two"], files)
    sides.running.append(reference)
    assert ask(reference, NOT_LISTED).rcode == wire.NOERROR
    sides.paths, sides.directories = sides.paths[1:], 1
    with pytest.raises(AssertionError, match="status 1"):
        sides.start(["bl.test:combined:one,two"], files)


def test_gzip_parts(sides):
    files = {"f": gzip.compress(b"1.2.3.4\n") + gzip.compress(b"1.2.3.5\n")}
    zones = ["bl.test:ip4set:f"]
    assert rcodes(sides.ask((LISTED,), zones, files)) == [wire.NOERROR, wire.NOERROR]
    assert rcodes(sides.ask((NOT_LISTED,), zones, files)) == [wire.NXDOMAIN, wire.NOERROR]


def test_timestamp_2039(sides):
    for stamp, expected in (("2020-01-01 2039-01-01", wire.NOERROR), ("2039-01-01", wire.SERVFAIL)):
        files = {"f": f"$TIMESTAMP {stamp}\n1.2.3.4\n"}
        servers = sides.start(["bl.test:ip4set:f"], files, ["-q"])
        assert ask(servers[0], LISTED).rcode == wire.NOERROR
        daemon.wait_until(
            lambda: ask(servers[1], LISTED).rcode == expected, "the load"
        )  # pylint: disable=cell-var-from-loop


def test_blank_before_nul(sides):
    files = {"f": b"1.2.3.4 text \0junk\n"}
    replies = sides.ask((LISTED, wire.TXT), ["bl.test:ip4set:f"], files)
    assert [texts(reply) for reply in replies] == [[b"text "], [b"text"]]


def test_acl_crash(sides):
    zones = ["bl.test:ip4set:f", "bl.test:acl:acl"]
    files = {"f": "1.2.3.4\n", "acl": ":refuse\n127.0.0.9 :8\n"}
    with pytest.raises(AssertionError, match=f"status -{signal.SIGSEGV:d}"):
        sides.start(zones, files)
    sides.paths = sides.paths[1:]
    (server,) = sides.start(zones, files)
    reply = ask(server, NOT_LISTED, source="127.0.0.9")
    assert [record.rdata for record in reply.answer] == [wire.ip4("127.0.0.8")]


# ---- running ----


def test_failed_reload(sides):
    for server in sides.start(["bl.test:ip4set:f"], {"f": "1.2.3.4\n"}):
        os.unlink(f"{server.directory}/f")
        server.send_signal(signal.SIGHUP)
        server.wait_log(r"unable to open|could not be loaded|keep")
    replies = [ask(server, LISTED) for server in sides.running]
    assert rcodes(replies) == [wire.SERVFAIL, wire.NOERROR]


def test_half_written(sides):
    zones = ["bl.test:ip4set:f"]
    reference, server = sides.start(zones, {"f": "1.2.3.4\n1.2.3.5\n"}, options=("-c", "1"))
    half = [open(f"{one.directory}/f", "w", encoding="ascii") for one in (reference, server)]
    for out in half:
        out.write("1.2.3.4\n1.2.3.6\n")
        out.flush()
    daemon.wait_until(
        lambda: ask(reference, "6.3.2.1.bl.test").rcode == wire.NOERROR, "rbldnsd's check"
    )
    names = ("5.3.2.1.bl.test", "6.3.2.1.bl.test")
    assert rcodes([ask(reference, name) for name in names]) == [wire.NXDOMAIN, wire.NOERROR]
    assert rcodes([ask(server, name) for name in names]) == [wire.NOERROR, wire.NXDOMAIN]
    for out in half:
        out.close()


def test_noticed_at_once(sides):
    zones = ["bl.test:ip4set:f"]
    servers = sides.start(zones, {"f": "1.2.3.4\n"}, options=("-c", "60"))
    for server in servers:
        with open(f"{server.directory}/new", "w", encoding="ascii") as out:
            out.write("1.2.3.5\n")
        os.rename(f"{server.directory}/new", f"{server.directory}/f")
    daemon.wait_until(
        lambda: ask(servers[1], "5.3.2.1.bl.test").rcode == wire.NOERROR, "spurnd's new data"
    )
    assert ask(servers[0], "5.3.2.1.bl.test").rcode == wire.NXDOMAIN


def reloaded(sides, before, after):
    """(rbldnsd, spurnd), both through with a reload of a list that was `before` and is `after`."""
    zones = ["bl.test:ip4set:f", "mark.test:ip4set:mark"]
    servers = sides.start(zones, {"f": before, "mark": "1.2.3.4\n"})
    for server in servers:
        for name, text in ("f", after), ("mark", "1.2.3.5 :2:x\n"):
            with open(f"{server.directory}/{name}", "w", encoding="ascii") as out:
                out.write(text)
        server.send_signal(signal.SIGHUP)
        daemon.wait_until(
            lambda s=server: ask(s, "5.3.2.1.mark.test").rcode == wire.NOERROR, "the reload"
        )
    return servers


def test_expired_reload(sides):
    servers = reloaded(sides, "1.2.3.4\n", "$TIMESTAMP 2020:01:01 +1d\n1.2.3.4\n1.2.3.5\n")
    assert rcodes(ask(server, LISTED) for server in servers) == [wire.SERVFAIL, wire.NOERROR]


def test_broken_directive(sides):
    broken = SOA.replace("ns.example ", "")
    servers = reloaded(sides, SOA + "1.2.3.4\n", broken + "1.2.3.4\n1.2.3.5\n")
    replies = [ask(server, "bl.test", wire.SOA) for server in servers]
    assert [len(reply.answer) for reply in replies] == [0, 1]
    servers = sides.start(["bl.test:ip4set:f"], {"f": broken + "1.2.3.4\n"})
    assert rcodes(ask(server, LISTED) for server in servers) == [wire.NOERROR] * 2


def test_shrunk_list(sides):
    many = "".join(f"10.0.{n >> 8}.{n & 255}\n" for n in range(1000))
    servers = reloaded(sides, many + "1.2.3.4\n", many[: len(many) // 3])
    assert rcodes(ask(server, LISTED) for server in servers) == [wire.NXDOMAIN, wire.NOERROR]
    # As the guide says for such lists.
    directory = servers[1].directory
    with open(f"{directory}/f", "w", encoding="ascii") as out:
        out.write(many + "1.2.3.4\n")
    zones = ["--max-shrink", "100%", "bl.test:ip4set:f"]
    free = daemon.Daemon(sides.paths[1], zones, directory)
    sides.running.append(free)
    assert ask(free, LISTED).rcode == wire.NOERROR
    with open(f"{directory}/f", "w", encoding="ascii") as out:
        out.write(many[: len(many) // 3])
    free.send_signal(signal.SIGHUP)
    daemon.wait_until(lambda: ask(free, LISTED).rcode == wire.NXDOMAIN, "the shorter list")


def test_missing_acl(sides):
    zones = ["bl.test:ip4set:f", "bl.test:acl:acl"]
    for server in sides.start(zones, {"f": "1.2.3.4\n", "acl": "127.0.0.9 :refuse\n"}):
        assert ask(server, LISTED, source="127.0.0.9").rcode == wire.REFUSED
        os.unlink(f"{server.directory}/acl")
        server.send_signal(signal.SIGHUP)
        server.wait_log(r"unable to open|could not be loaded|keep")
    replies = [ask(server, LISTED, source="127.0.0.9") for server in sides.running]
    assert rcodes(replies) == [wire.NOERROR, wire.REFUSED]


def test_who_asks(sides):
    zones, files = ["bl.test:ip4set:f", "bl.test:acl:acl"], {"f": "1.2.3.4\n"}
    files["acl"] = "::ffff:7f00:9 :refuse\n"
    replies = sides.ask((LISTED,), zones, files, source="127.0.0.9")
    assert rcodes(replies) == [wire.NOERROR, wire.REFUSED]
    files["acl"] = "127.0.0.9 :refuse\n::/0 :empty\n"
    servers = sides.start(zones, files, listen=lambda port: ["-b", f"::/{port}"])
    replies = [ask(server, LISTED, source="127.0.0.9") for server in servers]
    assert rcodes(replies) == [wire.NXDOMAIN, wire.REFUSED]


def test_acl_and_generic(sides):
    replies = sides.ask(
        ("www.bl.test",),
        ["bl.test:generic:f", "bl.test:acl:acl"],
        {"f": "www A 192.0.2.1\n", "acl": "127.0.0.9 :empty\n"},
        source="127.0.0.9",
    )
    assert [len(reply.answer) for reply in replies] == [0, 1]


def test_ttl_maximum(sides):
    zones, files, options = ["bl.test:ip4set:f"], {"f": "1.2.3.4\n"}, ["-t", "::2m"]
    with pytest.raises(AssertionError, match="inconsistent"):
        sides.start(zones, files, options)
    sides.paths = sides.paths[1:]
    assert [record.ttl for record in sides.ask((LISTED,), zones, files, options)[0].answer] == [120]


def test_extensions(sides):
    said = [
        subprocess.run(
            [
                path,
                "-n",
                *daemon.user_options(),
                "-b",
                "127.0.0.1/1",
                "-x",
                "/nowhere.so",
                "a:ip4set:f",
            ],
            capture_output=True,
            timeout=daemon.PATIENCE_S,
            check=False,
            text=True,
        )
        for path in sides.paths
    ]
    assert all(done.returncode for done in said) and "-x" in said[1].stderr


def test_upgrade(sides):
    control = ["--control", str(sides.workdir / "control.sock")]
    servers = sides.start(["bl.test:ip4set:f"], {"f": "1.2.3.4\n"})
    sides.workdir.chmod(0o777)
    spurnd = sides.paths[1]
    zones, options = ["bl.test:ip4set:f"], [*control, "--replace"]
    # rbldnsd cannot be started beside itself, and knows no such option.
    done = daemon.run(sides.paths[0], servers[0].command[1:], servers[0].directory)
    assert done.returncode != 0 and ask(servers[0], LISTED).rcode == wire.NOERROR
    port = servers[1].port
    servers[1].stop()
    family = [
        daemon.Daemon(spurnd, [*options, *zones], servers[1].directory, port=port) for _ in range(2)
    ]
    sides.running += family
    assert family[0].process.wait(daemon.PATIENCE_S) == 0
    assert ask(family[1], LISTED).rcode == wire.NOERROR


def test_control_socket(sides):
    if os.geteuid() != 0:
        conftest.cannot_run("needs root")
    own_run = ["unshare", "--mount", "sh", "-c", 'mount -t tmpfs none /run && exec "$@"', "sh"]
    (sides.workdir / "f").write_text("1.2.3.4\n")
    made = []
    for number, path in enumerate(sides.paths):
        where = ["-w", str(sides.workdir), "-b", f"127.0.0.1/{daemon.free_port()}"]
        command = [*own_run, path, "-n", *daemon.user_options(), *where, "bl.test:ip4set:f"]
        server = Process(command, sides.workdir / f"log{number}", is_root=True)
        try:
            server.wait_for(lambda one=server: "started" in one.log(), path)
            run = f"/proc/{server.process.pid}/root/run"
            made.append([os.path.join(at, name) for at, _, names in os.walk(run) for name in names])
        finally:
            server.end()
        made[-1] = [name.partition("/root")[2] for name in made[-1]]
    assert made == [[], ["/run/spurn/control.sock"]]


def test_query_log(sides):
    options = [*daemon.user_options(), "-l", "log"]
    for server in sides.start(["bl.test:ip4set:f"], {"f": "1.2.3.4\n", "log": ""}, options):
        log = f"{server.directory}/log"
        os.chmod(log, 0o666)
        server.send_signal(signal.SIGHUP)
    logs = [f"{server.directory}/log" for server in sides.running]

    def is_written():
        assert rcodes([ask(server, LISTED) for server in sides.running]) == [wire.NOERROR] * 2
        return os.path.getsize(logs[1]) > 0

    daemon.wait_until(is_written, "the line")
    assert os.path.getsize(logs[0]) == 0


def test_dump(sides):
    dumps = []
    for path in sides.paths:
        directory = sides.workdir / os.path.basename(path)
        directory.mkdir(mode=0o755)
        (directory / "f").write_text(SOA + "*.example.com\nsub.example.com\n")
        (directory / "f").chmod(0o644)
        done = daemon.run(path, ["-d", "bl.test:dnset:f"], directory)
        assert done.returncode == 0
        dumps.append(set(re.findall(r"^(\S*example\.com)\s", done.stdout, re.MULTILINE)))
    # x.sub.example.com is listed; that *.example.com does not say so where there is sub.example.com
    # (RFC 4592 section 2.2.1).
    assert dumps[0] == {"*.example.com", "sub.example.com"}
    assert dumps[1] == {*dumps[0], "*.sub.example.com"}


def test_glue_is_not_restricted(sides):
    """Proves that what an ACL says of "::" has no effect on glue: it is the server that looks for it."""
    for action in (":refuse", ":7:everything"):
        replies = sides.ask(
            ("bl.test", wire.NS),
            ["bl.test:generic:f", ":acl:acl"],
            {"f": SOA + "$NS 300 a.bl.test b.bl.test\na A 192.0.2.1\n", "acl": f"::/0 {action}\n"},
        )
        assert [[record.rdata for record in reply.additional] for reply in replies] == [
            [wire.ip4("192.0.2.1")]
        ] * 2
