# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""`spurn query` and servers that are dead, wrong, slow, lossy or lie; and the ways to name one."""

import json
import signal
import socket
import struct
import threading
import time

import pytest

from lib import daemon, wire
from lib.daemon import free_port, run

NAME, SUBJECT = "bl.test", "127.0.0.2"
A, TXT, NXDOMAIN = 1, 16, 3


def reply(query, rcode=0, answers=(), flags=0x8400):
    """A reply to `query` with records (type, rdata)."""
    end = query.index(b"\0", 12) + 5
    records = b"".join(
        b"\xc0\x0c" + struct.pack("!HHIH", rtype, 1, 60, len(rdata)) + rdata
        for rtype, rdata in answers
    )
    header = struct.pack("!HHHHH", flags | rcode, 1, len(answers), 0, 0)
    return query[:2] + header + query[12:end] + records


def with_error(packet, code, text=b""):
    """The reply with an extended error."""
    options = wire.option(wire.OPTION_EDE, struct.pack("!H", code) + text)
    return packet[:10] + b"\0\1" + packet[12:] + wire.opt_record(wire.Edns(options=options))


def type_of(query):
    """A or TXT."""
    return struct.unpack_from("!H", query, query.index(b"\0", 12) + 1)[0]


def listed(query):
    """The reply of a list that lists everything."""
    rdata = bytes((127, 0, 0, 2)) if type_of(query) == A else b"\4text"
    return reply(query, answers=[(type_of(query), rdata)])


class Server:
    """A server whose replies `answer(query)` makes: a list of packets, or None to stay silent."""

    def __init__(self, answer, address="127.0.0.1", port=0):
        self.answer, self.address = answer, address
        self.queries = []
        self.client = None  # who asked last
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self.sock = socket.socket(family, socket.SOCK_DGRAM)
        self.sock.bind((address, port))
        self.port = self.sock.getsockname()[1]
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self):
        while True:
            query, client = self.sock.recvfrom(4096)
            if not query:
                return
            self.queries.append(query)
            self.client = client
            for packet in self.answer(query) or ():
                self.sock.sendto(packet, client[:2])

    def close(self):
        """Ends it."""
        family = self.sock.family
        with socket.socket(family, socket.SOCK_DGRAM) as sock:
            sock.sendto(b"", (self.address, self.port))
        self.thread.join(daemon.PATIENCE_S)
        self.sock.close()


@pytest.fixture(name="serve")
def _serve():
    """Makes servers."""
    running = []

    def go(answer, address="127.0.0.1", port=0):
        running.append(Server(answer, address, port))
        return running[-1]

    yield go
    for server in running:
        server.close()


@pytest.fixture(name="query")
def _query(spurn_path, workdir):
    """Runs `spurn query`."""
    return lambda *arguments: run(spurn_path, ["query", *arguments], workdir)


def columns(done):
    """The columns of the only line."""
    (line,) = done.stdout.splitlines()
    return line.split("\t")


def test_no_reply(query, serve):
    """Proves that a server that stays silent is asked as often as said, with the same ID and random
    ones for each question, and that this is an error in the time it should take."""
    server = serve(lambda _: None)
    start = time.monotonic()
    done = query("-n", "3", "-t", "0.2", f"@127.0.0.1/{server.port}", NAME, SUBJECT, "127.0.0.3")
    seconds = time.monotonic() - start
    assert done.returncode == 2
    for line in done.stdout.splitlines():
        where = f"127.0.0.1/{server.port}"
        assert line.split("\t")[2:] == [
            "ERROR",
            f"no reply from {where} (tries: 3, of 0.2 s each): is it up, and reachable over UDP?",
        ]
    assert 0.6 <= seconds < 0.6 + daemon.PATIENCE_S / 2
    packets = server.queries
    daemon.wait_until(lambda: len(packets) >= 12, "the last queries")
    assert (
        len(packets) == 12 and sorted(packets.count(packet) for packet in set(packets)) == [3] * 4
    )
    assert len({packet[:2] for packet in packets}) == 4


def test_nothing_listens(query):
    """Proves that a port on which nothing listens is told as that, at once."""
    start = time.monotonic()
    done = query("-t", "60", f"@127.0.0.1/{free_port()}", NAME, SUBJECT)
    assert columns(done)[2] == "ERROR" and "nothing listens on 127.0.0.1/" in done.stdout
    assert done.returncode == 2 and time.monotonic() - start < daemon.PATIENCE_S


def test_lost_packets(query, serve):
    """Proves that a lost query or reply is made good by the next try."""
    seen = set()

    def lossy(packet):
        if packet in seen:
            return [listed(packet)]
        seen.add(packet)
        return None

    server = serve(lossy)
    # Patient enough for a server that is not given a CPU.
    done = query("-n", "100", "-t", "0.2", f"@127.0.0.1/{server.port}", NAME, SUBJECT)
    assert columns(done)[2:] == ["LISTED", "127.0.0.2", '"text"'] and done.returncode == 0


# What is no reply to the query, though it comes from the right place.
LIES = {
    "other ID": lambda query, good: bytes((query[0] ^ 1,)) + good[1:],
    "other name": lambda query, good: good[:12] + good[12:].replace(b"\2bl", b"\2xl"),
    "other type": lambda query, good: good[: query.index(b"\0", 12) + 2]
    + b"\5"
    + good[query.index(b"\0", 12) + 3 :],
    "a query": lambda query, good: query,
    "another opcode": lambda query, good: good[:2] + bytes((good[2] | 0x10,)) + good[3:],
    "two questions": lambda query, good: good[:4] + b"\0\2" + good[6:],
    "no question": lambda query, good: good[:4] + b"\0\0" + good[6:],
    "cut": lambda query, good: good[:20],
    "empty": lambda query, good: b"",
    "a byte": lambda query, good: good[:1],
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES.keys())
def test_lies(query, serve, lie):
    """Proves that a packet with another ID or question, or that is no reply, does not count, and the
    right one behind it does."""
    server = serve(lambda packet: [lie(packet, listed(packet)), reply(packet, NXDOMAIN)])
    done = query(f"@127.0.0.1/{server.port}", NAME, SUBJECT)
    assert columns(done)[2:] == ["not listed"] and done.returncode == 1


def test_wrong_source(query, serve):
    """Proves that a reply from another port does not count, and the right one behind it does."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:

        def answer(packet):
            stranger.sendto(listed(packet), server.client)
            time.sleep(0.02)
            return [reply(packet, NXDOMAIN)]

        server = serve(answer)
        done = query(f"@127.0.0.1/{server.port}", NAME, SUBJECT)
    assert columns(done)[2:] == ["not listed"] and done.returncode == 1


# Replies, and what is made of them: columns behind the list, exit status.
LONG = b"".join(bytes((200,)) + b"x" * 200 for _ in range(3))
REPLIES = {
    "SERVFAIL": (lambda q: reply(q, 2), ["ERROR", "SERVFAIL from"], 2),
    "REFUSED": (lambda q: reply(q, 5), ["ERROR", "REFUSED by"], 2),
    "REFUSED, and why": (
        lambda q: with_error(reply(q, 5), 18, b"ask us\x1b first"),
        ["ERROR", " (EDE 18: Prohibited, ask us? first)"],
        2,
    ),
    "an unknown error": (
        lambda q: with_error(reply(q, 2), 999, b"x" * 400),
        ["ERROR", " (EDE 999: another error, xxx"],
        2,
    ),
    "filtered": (
        lambda q: with_error(reply(q, 3), 17),
        ["not listed", "(the server says that it does not show you what it has (EDE))"],
        1,
    ),
    "NOTIMP": (lambda q: reply(q, 4), ["ERROR", "NOTIMP from"], 2),
    "FORMERR": (lambda q: reply(q, 1), ["ERROR", "FORMERR from"], 2),
    "header alone": (lambda q: q[:2] + b"\x80\x01" + bytes(8), ["ERROR", "FORMERR from"], 2),
    "unknown RCODE": (lambda q: reply(q, 15), ["ERROR", "an unknown error from"], 2),
    "no data": (reply, ["not listed"], 1),
    "cut off": (lambda q: reply(q, flags=0x8600), ["ERROR", "does not fit into UDP"], 2),
    "damaged": (lambda q: listed(q)[:-1], ["ERROR", "is damaged"], 2),
    "records missing": (lambda q: listed(q)[:6] + b"\0\2" + listed(q)[8:], ["ERROR", "damaged"], 2),
    "not in 127/8": (
        lambda q: reply(q, answers=[(A, bytes((1, 2, 3, 4)))] if type_of(q) == A else ()),
        ["LISTED", "1.2.3.4", "", "(not in 127.0.0.0/8"],
        0,
    ),
    "a part": (
        lambda q: reply(
            q, answers=[(A, bytes((127, 0, 0, 2)))] if type_of(q) == A else (), flags=0x8600
        ),
        ["LISTED", "127.0.0.2", "", "(the question for TXT was not answered)"],
        0,
    ),
    "a part of each": (
        lambda q: listed(q)[:2] + b"\x86" + listed(q)[3:],
        ["LISTED", "127.0.0.2", '"text"', "(cut off:"],
        0,
    ),
    "no TXT": (
        lambda q: listed(q) if type_of(q) == A else reply(q, 2),
        ["LISTED", "127.0.0.2", "", "(the question for TXT was not answered)"],
        0,
    ),
    "a CNAME before": (
        lambda q: reply(
            q, answers=[(5, b"\1x\0"), (type_of(q), b"\x7f\0\0\2" if type_of(q) == A else b"\1t")]
        ),
        ["LISTED", "127.0.0.2", '"t"'],
        0,
    ),
    "several strings": (
        lambda q: listed(q) if type_of(q) == A else reply(q, answers=[(TXT, LONG)]),
        ["LISTED", "127.0.0.2", '"' + "x" * 600 + '"'],
        0,
    ),
    "string beyond its record": (
        lambda q: listed(q) if type_of(q) == A else reply(q, answers=[(TXT, b"\2ab\7c")]),
        ["LISTED", "127.0.0.2", '"ab"'],
        0,
    ),
    "bytes": (
        lambda q: listed(q) if type_of(q) == A else reply(q, answers=[(TXT, b"\5\0\x1b\xc3\xa4~")]),
        ["LISTED", "127.0.0.2", '"\\000\\027\\195\\164~"'],
        0,
    ),
    "odd sizes": (
        lambda q: reply(q, answers=[(A, b"\x7f\0\0"), (A, b"\x7f\0\0\2\0")]),
        ["not listed"],
        1,
    ),
}


@pytest.mark.parametrize("answer, expected, status", REPLIES.values(), ids=REPLIES.keys())
def test_replies(query, serve, answer, expected, status):
    """Proves what is made of each kind of reply."""
    server = serve(lambda packet: [answer(packet)])
    done = query(f"@127.0.0.1/{server.port}", NAME, SUBJECT)
    got = columns(done)[2:]
    assert len(got) == len(expected)
    assert all(want in have for want, have in zip(expected, got)), got
    assert (done.returncode, done.stderr) == (status, "")


def cut(query):
    """A reply that does not fit."""
    return reply(query, flags=0x8600)


def test_over_tcp(spurnd, query):
    """Proves that an answer that does not fit into UDP is asked for over TCP, over IPv4 and IPv6."""
    files = {"list": "".join(f"127.0.0.2 :{number}:{number}\n" for number in range(1, 151))}
    server = spurnd.start(["bl.test:ip4set:list"], files, addresses=("127.0.0.1", "::1"))
    for address in server.addresses:
        done = query("-j", f"@{address}/{server.port}", NAME, SUBJECT)
        assert (done.returncode, done.stderr) == (0, "")
        found = json.loads(done.stdout)
        assert len(found["a"]) == len(found["txt"]) == 150
    server.send_signal(signal.SIGUSR1)
    server.wait_log(r"TCP connections: 4 accepted")


# What a server does with a connection, and what is said about it.
BAD_STREAMS = {
    "closes": (lambda sock, q: None, "Connection reset"),
    "closes in the middle": (lambda sock, q: sock.sendall(b"\0\x40" + q[:20]), "Connection reset"),
    "another question": (lambda sock, q: sock.sendall(b"\0\x0c" + bytes(12)), "Protocol error"),
    "nothing": (lambda sock, q: sock.recv(1), "timed out"),
    "cut again": (
        lambda sock, q: sock.sendall(struct.pack("!H", len(cut(q))) + cut(q)),
        "over TCP: nor there",
    ),
}


@pytest.mark.parametrize("behave, said", BAD_STREAMS.values(), ids=BAD_STREAMS.keys())
def test_bad_streams(query, serve, behave, said):
    """Proves that a server whose TCP is no good does not keep us, and is told from one that says no;
    and that it is not tried twice."""
    # Connections that others have closed keep the TCP ports of thousands of free UDP ones for a minute.
    server = serve(lambda packet: [cut(packet)], port=free_port())
    with socket.create_server(("127.0.0.1", server.port)) as listener:
        accepted = []

        def run_stream():
            while True:
                try:
                    sock, _ = listener.accept()
                except OSError:
                    return
                with sock:
                    accepted.append(1)
                    packet = sock.recv(4096)
                    if packet:
                        behave(sock, packet[2:])

        thread = threading.Thread(target=run_stream, daemon=True)
        thread.start()
        # It has to be enough for the question over UDP, too.
        patience = "2" if "timed out" in said else "10"
        done = query("-t", patience, f"@127.0.0.1/{server.port}", NAME, SUBJECT, "127.0.0.3")
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()
    assert done.returncode == 2 and done.stdout.count(said) == 2, done.stdout
    assert len(accepted) == (4 if said.endswith("there") else 1)


def test_json_of_bytes(query, serve):
    """Proves that --json is JSON whatever bytes a text has, and keeps what is UTF-8."""
    text = "ä€😀".encode() + b'\0\xff\x80"\\\n'
    server = serve(
        lambda q: [
            listed(q) if type_of(q) == A else reply(q, answers=[(TXT, bytes((len(text),)) + text)])
        ]
    )
    done = query("--json", f"@127.0.0.1/{server.port}", NAME, SUBJECT)
    assert json.loads(done.stdout)["txt"] == ['ä€😀\0\ufffd\ufffd"\\\n']


def test_the_question(query, serve):
    """Proves what goes out: RD, one question, EDNS that offers 1232 bytes, A and TXT."""
    server = serve(lambda packet: [listed(packet)])
    query(f"@127.0.0.1/{server.port}", NAME, SUBJECT)
    assert sorted(map(type_of, server.queries)) == [A, TXT]
    for packet in server.queries:
        parsed = wire.parse(packet)
        assert packet[2:12] == bytes((1, 0, 0, 1, 0, 0, 0, 0, 0, 1))
        assert parsed.question[:-4] == wire.name_of("2.0.0.127.bl.test")
        assert parsed.edns.size == 1232


def test_silent_list(spurnd, query):
    """Proves that a list which is not loaded is SERVFAIL, with a hint."""
    server = spurnd.start(["bl.test:ip4set:absent"], options=("-q",))
    done = query(f"@127.0.0.1/{server.port}", NAME, SUBJECT)
    assert columns(done)[2] == "ERROR" and "its log" in done.stdout and done.returncode == 2


@pytest.mark.parametrize(
    "form",
    [
        ["@127.0.0.1/{}"],
        ["@127.0.0.1:{}"],
        ["@127.0.0.1", "-p", "{}"],
        ["--port={}", "@[127.0.0.1]"],
        ["@localhost:{}", "-4"],
        ["@localhost/{}"],
        ["@[::1]:{}"],
        ["@[::1]/{}"],
        ["@::1/{}"],
        ["@::1", "-p{}"],
        ["@ip6-or-4", "-p", "{}"],
    ],
)
def test_forms_of_servers(spurnd, query, form):
    """Proves each form in which a server and its port can be given, before or behind the rest; of a
    name with several addresses, one that answers is enough."""
    if form[0] == "@ip6-or-4":
        form = ["@localhost", *form[1:]]
    both = all(part.find("::1") < 0 for part in form)
    server = spurnd.start(
        ["bl.test:ip4set:list"],
        {"list": "127.0.0.2\n"},
        addresses=("127.0.0.1",) if both else ("::1",),
    )
    words = [part.format(server.port) for part in form]
    for arguments in ([*words, NAME, SUBJECT], [NAME, SUBJECT, *words]):
        done = query(*arguments)
        assert columns(done)[2:] == ["LISTED", "127.0.0.2", ""]
