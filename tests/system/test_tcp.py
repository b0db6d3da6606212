# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""DNS over TCP (RFC 7766): what is asked there is answered as over UDP, in whatever pieces it comes,
and as long as it is. Limits are in test_tcp_limits.py."""

import signal
import socket
import struct
import threading

import dns.message
import dns.query
import pytest

from lib import daemon, tcp, traffic, udp, wire
from lib.daemon import PATIENCE_S, run, wait_until

ADDRESSES = ("127.0.0.1", "::1")
# A question of 7 + 4 bytes behind the header; of names with that question, see LONG.
HEAD = 12 + len(wire.name_of("a.l.test")) + 4
TXT_MAX = 12 + 256  # bytes of a record with a text of 255


def texts(size):
    """TXT records, all different, that make a reply to a query for a name in l.test exactly so
    long."""
    size -= HEAD
    count = size // TXT_MAX
    sizes = [255] * count
    left = size - count * TXT_MAX
    if left:  # two that are shorter, for none can have less than 13 bytes
        sizes[-1:] = [(255 + left - 13) // 2, (256 + left - 13) // 2]
    return [f"{number:03d}{'x' * (length - 3)}" for number, length in enumerate(sizes)]


LONG = {"a": 1232, "b": 1233, "c": 16384, "d": 65534, "e": 65535, "f": 65536}
ZONES = ["bl.test:ip4set:list", "l.test:generic:long"]
FILES = {
    "list": "$SOA 50 ns.bl.test host.bl.test 7 1h 2h 3h 40\n:5:Listed $\n1.2.3.4\n",
    "long": "".join(f"{name} TXT {text}\n" for name, size in LONG.items() for text in texts(size)),
}
# No test here is about limits: a busy machine must not run into them.
PATIENT = ("--tcp-idle", "1h", "--tcp-message", "1h")
LISTED = wire.query("4.3.2.1.bl.test")


@pytest.fixture(name="server")
def _server(spurnd):
    return spurnd.start(ZONES, FILES, PATIENT, addresses=ADDRESSES)


@pytest.fixture(name="connect", params=ADDRESSES)
def _connect(server, request):
    """Makes connections to the server, over IPv4 and over IPv6."""
    made = []

    def make(**how):
        made.append(tcp.Client(request.param, server.port, **how))
        return made[-1]

    yield make
    for one in made:
        one.close()


def numbered(count, name="4.3.2.1.bl.test", qtype=wire.A):
    """So many queries with IDs from 0 on."""
    return [wire.query(name, qtype, ident=ident) for ident in range(count)]


def check_all(replies, count, answers=1):
    """Fails unless these are the replies to numbered(count), in this order."""
    parsed = [wire.parse(reply) for reply in replies]
    assert [reply.id for reply in parsed] == list(range(count))
    assert all(len(reply.answer) == answers for reply in parsed)


def test_same_replies_as_over_udp(spurnd):
    """Proves that whatever gets a reply over UDP gets the same one over TCP, byte by byte."""
    server = spurnd.start(traffic.ZONES, traffic.FILES, ("-q",), addresses=ADDRESSES)
    for address in ADDRESSES:
        with udp.Client(address, server.port) as one, tcp.Client(address, server.port) as other:
            wait_until(lambda one=one: one.ask("bl.test").rcode == wire.NOERROR, "the load")
            for packet in traffic.answered():
                assert other.raw(packet) == one.raw(packet), wire.show(packet)


def test_dnspython(server):
    """Proves that another program's client understands us."""
    query = dns.message.make_query("4.3.2.1.bl.test", "TXT", use_edns=0)
    for address in ADDRESSES:
        reply = dns.query.tcp(query, address, PATIENCE_S, server.port)
        assert str(reply.answer[0][0]) == '"Listed 1.2.3.4"'
        _, was_tcp = dns.query.udp_with_fallback(
            dns.message.make_query("e.l.test", "TXT"), address, PATIENCE_S, server.port
        )
        assert was_tcp


@pytest.mark.parametrize("name", LONG)
def test_long_replies(server, connect, client, name):
    """Proves that a reply over TCP is whole up to 65,535 bytes, and only then cut, as a whole RRset
    with TC and AA; and that UDP says TC from 1,233 on."""
    size = LONG[name]
    one = connect()
    packet = wire.query(f"{name}.l.test", wire.TXT)
    raw = one.raw(packet)
    reply = wire.parse(raw)
    cut = size > 65535
    assert bool(reply.flags & wire.FLAG_TC) == cut and reply.flags & wire.FLAG_AA
    if cut:
        assert not reply.answer
    else:
        assert len(raw) == size
        wanted = sorted(wire.txt(text) for text in texts(size))
        assert sorted(record.rdata for record in reply.answer) == wanted
    # With EDNS, whose size means nothing here; OPT takes 11 bytes.
    reply = one.ask(f"{name}.l.test", wire.TXT, edns=wire.Edns(512))
    assert bool(reply.flags & wire.FLAG_TC) == (size + 11 > 65535)
    small = client(server, one.sock.getpeername()[0]).ask(
        f"{name}.l.test", wire.TXT, edns=wire.Edns(4096)
    )
    assert bool(small.flags & wire.FLAG_TC) == (size + 11 > 1232)


@pytest.mark.parametrize("count", [2, 90, 1000])
def test_many_at_once(connect, count):
    """Proves that queries in one segment, or in far more than one, are answered in their order."""
    one = connect()
    for _ in range(2):
        one.send(*numbered(count))
        check_all([one.receive() for _ in range(count)], count)


def test_byte_by_byte(connect):
    """Proves that a query may come in any pieces, and that another connection does not wait for
    it."""
    one, other = connect(), connect()
    for byte in tcp.frame(*numbered(3)):
        one.sock.sendall(bytes((byte,)))
        assert len(other.ask("4.3.2.1.bl.test").answer) == 1
    check_all([one.receive() for _ in range(3)], 3)


def test_half_close(connect):
    """Proves that a client that sends no more gets all replies, and then the end."""
    count = 300
    for name, qtype, answers in (
        ("4.3.2.1.bl.test", wire.A, 1),
        ("c.l.test", wire.TXT, len(texts(LONG["c"]))),
    ):
        one = connect()
        one.send(*numbered(count, name, qtype))
        one.end()
        check_all(one.receive_all(), count, answers)
    # Also when the last query is not whole.
    one = connect()
    one.sock.sendall(tcp.frame(*numbered(5)) + b"\0\x20xx")
    one.end()
    check_all(one.receive_all(), 5)


def test_length_and_message_in_one_piece(connect):
    """Proves that a reply does not come in pieces: clients have been seen that read just once."""
    one = connect()
    for _ in range(20):
        one.send(LISTED)
        data = one.sock.recv(65535)
        assert len(data) == 2 + (data[0] << 8 | data[1])


@pytest.mark.parametrize(
    "bad",
    [
        b"\0\0",
        b"\0\1x",
        b"\x10\1",
        b"\xff\xff" + bytes(5000),
        b"GET / HTTP/1.1\r\nHost: example.com\r\n\r\n",
        tcp.frame(wire.query("bl.test", flags=wire.FLAG_QR)),
    ],
    ids=["empty", "byte", "4097", "65535", "http", "reply"],
)
def test_what_is_no_query(connect, bad):
    """Proves that what no client sends ends the connection, behind the replies to what came before
    it, and whatever comes after it; and that others do not notice."""
    one, other = connect(), connect()
    one.sock.sendall(tcp.frame(*numbered(5)) + bad + tcp.frame(*numbered(100)))
    check_all(one.receive_all(), 5)
    assert other.is_open()


def test_longest_query(connect):
    """Proves that queries of up to 4,096 bytes are answered."""
    one = connect()
    for size in (1473, 4095, 4096):
        assert len(one.ask("4.3.2.1.bl.test", tail=bytes(size - len(LISTED))).answer) == 1


def test_malformed_is_answered(connect):
    """Proves that a malformed query is a query: FORMERR or NOTIMP, and the connection goes on."""
    one = connect()
    assert one.ask("bl.test", counts=(2, 0, 0, 0)).rcode == wire.FORMERR
    assert one.ask("bl.test", flags=0x2800).rcode == wire.NOTIMP
    assert len(one.ask("4.3.2.1.bl.test").answer) == 1


def test_zone_transfers(connect):
    """Proves that AXFR and IXFR are refused politely: NOTIMP, and the connection goes on."""
    one = connect()
    for qtype in (251, 252):
        assert one.ask("bl.test", qtype).rcode == wire.NOTIMP
    assert one.is_open()


def test_keepalive(spurnd):
    """Proves that who asks how long a connection may idle (RFC 7828) is told, in tenths of a second;
    and nobody else, nor over UDP."""
    server = spurnd.start(ZONES, FILES, ("--tcp-idle", "77"), addresses=ADDRESSES)
    asked = wire.Edns(1232, options=struct.pack("!HH", 11, 0))
    told = struct.pack("!HHH", 11, 2, 770)
    for address in ADDRESSES:
        with tcp.Client(address, server.port) as one, udp.Client(address, server.port) as other:
            for name in ("4.3.2.1.bl.test", "absent.bl.test", "other.example"):
                assert told in one.ask(name, edns=asked).edns.options
                assert told not in one.ask(name, edns=wire.Edns(1232)).edns.options
                assert told not in other.ask(name, edns=asked).edns.options


def test_wildcards_and_several_addresses(spurnd):
    """Proves that TCP is served wherever UDP is: on wildcards of both families, and on addresses that
    they cover; on :: for IPv4 as well."""
    for addresses, asked in (
        (("0.0.0.0", "127.0.0.1", "::", "::1"), ("127.0.0.1", "127.0.0.5", "::1")),
        (("::",), ("127.0.0.1", "::1")),
    ):
        server = spurnd.start(ZONES, FILES, PATIENT, addresses=addresses)
        for address in asked:
            with tcp.Client(address, server.port) as one, udp.Client(address, server.port) as other:
                assert one.raw(LISTED) == other.raw(LISTED)


def test_no_tcp(spurnd):
    """Proves that --no-tcp leaves the port alone."""
    server = spurnd.start(ZONES, FILES, ("--no-tcp",), addresses=ADDRESSES)
    for address in ADDRESSES:
        with udp.Client(address, server.port) as one:
            assert len(one.ask("4.3.2.1.bl.test").answer) == 1
        with pytest.raises(ConnectionRefusedError):
            tcp.Client(address, server.port)


@pytest.mark.parametrize("address", ADDRESSES)
def test_port_taken(spurnd_path, workdir, address):
    """Proves that a TCP port that another program has ends the start, with a hint; and that UDP alone
    can still be had."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    (workdir / "list").write_text("1.2.3.4\n")
    with socket.socket(family, socket.SOCK_STREAM) as taken:
        port = daemon.free_port((address,))
        # For connections that the last server there has had.
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind((address, port))
        taken.listen()
        command = [
            "-n",
            *daemon.user_options(),
            *daemon.NO_CONTROL,
            "-b",
            f"{address}/{port}",
            ZONES[0],
        ]
        done = run(spurnd_path, command, workdir)
        assert done.returncode == 1
        assert f"cannot listen on {address}/{port} (TCP): address already in use" in done.stderr
        assert "ss -tlpn" in done.stderr and "--no-tcp" in done.stderr
        server = daemon.Daemon(
            spurnd_path, ["--no-tcp", ZONES[0]], workdir, addresses=(address,), port=port
        )
        server.stop()


def test_starts_again_at_once(spurnd, workdir):
    """Proves that connections of a server that has ended do not keep the next one from its port."""
    for _ in range(2):
        server = spurnd.start(ZONES, FILES)
        with tcp.Client("127.0.0.1", server.port) as one:
            assert one.is_open()
            server.stop()
            assert one.is_closed()
        again = daemon.Daemon(server.binary, ZONES, workdir, port=server.port)
        again.stop()


def test_who_asks(spurnd):
    """Proves that access lists see the client of a connection, and that an ignored one gets no
    reply."""
    server = spurnd.start(
        [*ZONES, ":acl:most", "bl.test:acl:some"],
        {
            **FILES,
            "most": "127.0.0.3 :ignore\n::1 :refuse\n",
            "some": ":pass\n127.0.0.4 :ignore\n127.0.0.5 :9:you, $\n",
        },
        addresses=ADDRESSES,
    )
    with tcp.Client("127.0.0.1", server.port) as one:
        assert one.ask("4.3.2.1.bl.test").answer[0].rdata == wire.ip4("127.0.0.5")
    with tcp.Client("127.0.0.1", server.port, "127.0.0.5") as one:
        assert one.ask("9.9.9.9.bl.test", wire.TXT).answer[0].rdata == wire.txt("you, 127.0.0.5")
    with tcp.Client("::1", server.port) as one:
        assert one.ask("4.3.2.1.bl.test").rcode == wire.REFUSED
    with tcp.Client("127.0.0.1", server.port, "127.0.0.3") as one:
        one.send(LISTED)
        assert one.is_closed()
    # Whom only a zone ignores may ask others.
    with tcp.Client("127.0.0.1", server.port, "127.0.0.4") as one:
        one.send(LISTED)
        assert one.ask("a.l.test", ident=7).id == 7


@pytest.mark.tsan
def test_statistics_and_log(spurnd, out):
    """Proves that the same queries over UDP and over TCP make the same numbers in the file of -s and
    in the log on SIGUSR1, and the same lines in the query log."""
    found = []
    for client in (udp.Client, tcp.Client):
        stats, log = out / f"stats-{client.__module__}", out / f"log-{client.__module__}"
        options = ("--workers", "1", "-q", "-c", "0", "-s", str(stats), "-l", str(log))
        server = spurnd.start(traffic.ZONES, traffic.FILES, options)
        asked = 1
        with udp.Client("127.0.0.1", server.port) as one:
            while one.ask("bl.test").rcode != wire.NOERROR:
                asked += 1
        # What has a line has been counted, too.
        wait_until(lambda path=log, n=asked: len(traffic.lines_of(path)) >= n, "the lines")
        server.send_signal(signal.SIGUSR2)
        wait_until(lambda path=stats: len(traffic.lines_of(path)) >= 3, "the reset")
        skipped = len(traffic.lines_of(log))
        with client("127.0.0.1", server.port) as one:
            for packet in traffic.answered():
                if client is tcp.Client:
                    one.raw(packet)
                else:
                    assert udp.ask_raw(one.sock, packet, 1, PATIENCE_S)
        server.stop()
        found.append(
            (
                [entry.split(" ", 1)[1] for entry in traffic.lines_of(stats)[-2:-1]],
                [entry.split(" ", 1)[1] for entry in traffic.lines_of(log)[skipped:]],
            )
        )
    assert found[1] == found[0]
    assert len(found[1][1]) == len(traffic.answered())
    assert "TCP connections: 1 accepted" in server.log()


def test_end(server, connect):
    """Proves that SIGTERM lets what has come be answered, and closes connections: idle ones, those in
    the middle of a query, and those that do not read."""
    idle, half, deaf, busy = (connect() for _ in range(4))
    assert idle.is_open()
    half.sock.sendall(b"\0\x20xx")
    deaf.sock.setblocking(False)
    fill(deaf, tcp.frame(*numbered(50, "e.l.test", wire.TXT)))
    busy.send(*numbered(20))
    check_all([busy.receive() for _ in range(20)], 20)
    server.stop()
    for one in (idle, half, busy):
        assert one.is_closed()
    assert "TCP connections: 4 accepted, 0 open" in server.log()


def fill(one, data):
    """Sends `data` again and again over a connection that does not wait, until nothing is taken any
    more. Returns how many bytes went."""
    total = 0
    while True:
        try:
            total += one.sock.send(data[total % len(data) :])
        except BlockingIOError:
            return total


def test_queries_at_the_end(server, connect):
    """Proves that of queries that came before SIGTERM each one that was read is answered whole."""
    one = connect()
    one.send(*numbered(1000))
    one.receive()
    server.send_signal(signal.SIGTERM)
    replies = one.receive_all()
    assert [wire.parse(reply).id for reply in replies] == list(range(1, 1 + len(replies)))


@pytest.mark.tsan
def test_during_reloads(spurnd, workdir):
    """Proves that over connections that ask all the time, while lists are loaded and the query log is
    opened anew, no query is lost, each answer is one of the old or the new list, and never the old
    one after the new one."""
    path = workdir / "list"
    server = spurnd.start([ZONES[0]], {"list": "1.2.3.4 :1:\n"}, ("-l", str(workdir / "log")))
    done = threading.Event()
    seen, problems = [[], [], []], []

    def ask(values):
        with tcp.Client("127.0.0.1", server.port) as one:
            while not done.is_set():
                one.send(*numbered(20))
                for ident in range(20):
                    raw = one.receive()
                    if raw is None or wire.parse(raw).id != ident:
                        problems.append(f"{raw}")
                        return
                    values.append(wire.parse(raw).answer[0].rdata[3])

    threads = [threading.Thread(target=ask, args=(values,)) for values in seen]
    for thread in threads:
        thread.start()
    try:
        for value in range(2, 8):
            new = workdir / "new"
            new.write_text(f"1.2.3.4 :{value}:\n" + "#" * value)
            new.rename(path)
            server.send_signal(signal.SIGHUP)
            wait_until(
                lambda value=value: problems or all(one and one[-1] == value for one in seen),
                f"version {value}",
            )
    finally:
        done.set()
        for thread in threads:
            thread.join()
    assert not problems
    assert all(values == sorted(values) and set(values) <= set(range(1, 8)) for values in seen)
