# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""DNS cookies (RFC 7873, RFC 9018): which replies have them, servers of a farm that take each
other's, secrets that are changed while clients ask, and files that are no good. Whether a cookie is
valid, a query without a question tells: NOERROR, or BADCOOKIE (RFC 7873 section 5.4)."""

import os
import shutil
import signal
import struct
import subprocess
import threading

import conftest
import pytest

from lib import daemon, process, resolvers, tcp, udp, wire
from lib.daemon import wait_until
from lib.wire import BADCOOKIE, FORMERR, NOERROR

ADDRESSES = ("127.0.0.1", "::1")
NAME = "2.0.0.127.bl.test"
ZONES = ["bl.test:ip4set:list"]
FILES = {"list": "127.0.0.2\n"}
MINE = b"\1\2\3\4\5\6\7\x08"
OPTION = 10
SECRET_A = "e5e973e5a6b2a43f48e7dc849e37bfcf"
SECRET_B = "445536bcd2513298075a5d379663c962"
# Questions that clients of a farm ask in each step of a roll-over, at least.
LOAD = 100 if daemon.SANITIZED else 1000


def with_cookie(cookie, size=1232):
    """OPT with a COOKIE option."""
    return wire.Edns(size, options=struct.pack("!HH", OPTION, len(cookie)) + cookie)


def cookie_of(reply):
    """The one option of the reply beside an extended error, which must be a cookie; None if there is
    none."""
    options = dict(wire.options_of(reply.edns))
    options.pop(wire.OPTION_EDE, None)
    assert set(options) <= {OPTION}
    return options.get(OPTION)


def no_question(cookie):
    """A query for nothing but a cookie."""
    return struct.pack("!6H", 77, 0, 0, 0, 0, 1) + wire.opt_record(with_cookie(cookie))


def try_cookie(one, cookie=MINE):
    """What a server thinks of a cookie, and which one it would like better."""
    reply = wire.parse(one.raw(no_question(cookie)))
    assert not reply.question and not reply.answer and not reply.authority and not reply.additional
    return reply.rcode, cookie_of(reply)


def write_secrets(path, *secrets, mode=0o600):
    """Puts a new file of secrets in the place of the old one, for the daemon's user alone."""
    fresh = path.with_name(path.name + ".new")
    fresh.write_text("".join(f"{secret}\n" for secret in secrets))
    if os.geteuid() == 0:
        os.chown(fresh, *daemon.unprivileged_ids())
    fresh.chmod(mode)
    os.rename(fresh, path)


@pytest.fixture(name="farm")
def _farm(spurnd, workdir):
    """Starts servers: farm("a", "b") is one for each file of secrets, None for a random one."""

    def start(*secrets, **how):
        return [
            spurnd.start(
                ZONES,
                FILES,
                ("--cookie-secret", name) if name else ("--cookies", "on"),
                addresses=ADDRESSES,
                **how,
            )
            for name in secrets
        ]

    write_secrets(workdir / "a", SECRET_A)
    write_secrets(workdir / "b", SECRET_B)
    return start


@pytest.fixture(name="ask_over")
def _ask_over():
    """Makes clients of servers: ask_over("UDP" or "TCP", server, address)."""
    made = []

    def make(transport, server, address):
        kind = tcp.Client if transport == "TCP" else udp.Client
        made.append(kind(address, server.port))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.mark.parametrize("transport", ["UDP", "TCP"])
@pytest.mark.parametrize("address", ADDRESSES)
def test_replies(farm, ask_over, address, transport):
    """Proves that the reply to a query with a client's cookie has that and the server's, in the form
    of RFC 9018, and the answer; that a good one is kept and any other replaced, with the answer; and
    that a query without a cookie gets none."""
    one = ask_over(transport, farm("a")[0], address)
    assert cookie_of(one.ask(NAME, edns=wire.Edns())) is None
    assert one.ask(NAME).edns is None
    reply = one.ask(NAME, edns=with_cookie(MINE))
    good = cookie_of(reply)
    assert good[:12] == MINE + b"\1\0\0\0" and len(good) == 24 and len(reply.answer) == 1
    assert cookie_of(one.ask(NAME, edns=with_cookie(good))) == good
    assert try_cookie(one, good) == (NOERROR, good)
    for wrong in (good[:-1], good + b"\0", good[:-1] + bytes((good[-1] ^ 1,)), MINE + bytes(32)):
        reply = one.ask(NAME, edns=with_cookie(wrong))
        fresh = cookie_of(reply)
        assert reply.rcode == NOERROR and len(reply.answer) == 1
        assert fresh != wrong and try_cookie(one, fresh) == (NOERROR, fresh)
        assert try_cookie(one, wrong)[0] == BADCOOKIE
    # Whatever the answer is.
    for name, rcode in (("bl.test", NOERROR), ("x.bl.test", wire.NXDOMAIN), ("org", wire.REFUSED)):
        reply = one.ask(name, edns=with_cookie(MINE))
        assert reply.rcode == rcode and cookie_of(reply)[:8] == MINE


@pytest.mark.parametrize("transport", ["UDP", "TCP"])
@pytest.mark.parametrize("address", ADDRESSES)
def test_malformed(farm, ask_over, address, transport):
    """Proves that a cookie of a size that none has is FORMERR without a cookie (RFC 7873 section
    5.2.2), with a question or without one, and that of several the first one counts."""
    one = ask_over(transport, farm("a")[0], address)
    for size in (0, 1, 7, 9, 15, 41, 100):
        reply = one.ask(NAME, edns=with_cookie(bytes(size)))
        assert reply.rcode == FORMERR and not reply.answer and cookie_of(reply) is None
        reply = wire.parse(one.raw(no_question(bytes(size))))
        assert reply.rcode == FORMERR and cookie_of(reply) is None
    two = with_cookie(MINE).options + with_cookie(b"another1").options
    assert cookie_of(one.ask(NAME, edns=wire.Edns(options=two)))[:8] == MINE


def test_addresses(farm, client, ask_over):
    """Proves that a cookie is good for the client's address alone, whatever its port, and over UDP
    and TCP alike."""
    (server,) = farm("a")
    good = try_cookie(client(server))[1]
    for transport in ("UDP", "TCP"):
        assert try_cookie(ask_over(transport, server, "127.0.0.1"), good)[0] == NOERROR
    with udp.Client("127.0.0.1", server.port, "127.0.0.2") as other:
        assert try_cookie(other, good)[0] == BADCOOKIE
    assert try_cookie(client(server, "::1"), good)[0] == BADCOOKIE


@pytest.mark.parametrize("transport", ["UDP", "TCP"])
@pytest.mark.parametrize("address", ADDRESSES)
def test_farm(farm, ask_over, address, transport):
    """Proves that servers with one secret take each other's cookies, that those with another one, or
    without a file, do not, and that a server does not take those from before it was started, unless
    it has a file."""
    a, also_a, b, alone, also_alone = [
        ask_over(transport, server, address) for server in farm("a", "a", "b", None, None)
    ]
    for maker, takers in ((a, (a, also_a)), (b, (b,)), (alone, (alone,))):
        good = try_cookie(maker)[1]
        for one in (a, also_a, b, alone, also_alone):
            assert try_cookie(one, good)[0] == (NOERROR if one in takers else BADCOOKIE)
    before = try_cookie(a)[1]
    for secrets, rcode in (("a", NOERROR), (None, BADCOOKIE)):
        assert try_cookie(ask_over(transport, farm(secrets)[0], address), before)[0] == rcode


def test_dig(farm):
    """Proves that dig, which checks cookies, likes ours, with a question and without."""
    if shutil.which("dig") is None:
        pytest.fail("no dig: install bind9-dnsutils")
    (server,) = farm("a")
    for options in ([NAME], ["+header-only"]):
        for address in ADDRESSES:
            printed = subprocess.run(
                ["dig", f"@{address}", "-p", str(server.port), "+cookie=0102030405060708"]
                + options,
                capture_output=True,
                text=True,
                check=True,
                timeout=daemon.PATIENCE_S,
            ).stdout
            assert "status: NOERROR" in printed, printed
            assert "COOKIE: 010203040506070801000000" in printed and "(good)" in printed, printed


def test_bind(spurnd, workdir, out):
    """Proves that BIND, which sends cookies without being told to, finds what is listed while the
    server's secret changes behind its back, as in a farm without a common one, and also when there
    are no cookies any more: then it asks again over TCP."""
    if process.find_program("named") is None:
        conftest.cannot_run("no named: install bind9")
    files = {"list": "".join(f"127.0.0.{number}\n" for number in range(256))}
    way = resolvers.Way("named", "off", "forward")
    where = {"addresses": (resolvers.SERVER,), "port": None}
    resolver, number = None, 0
    try:
        for cookies, size in (("on", 28), ("on", 28), ("off", 0)):
            options = ("-l", "out/log", "--cookies", cookies)
            server = spurnd.start(ZONES, files, options, **where)
            where["port"] = server.port
            if resolver is None:
                resolver = resolvers.Resolver(way, workdir / "named", ["bl.test"], server.port)
            names = [f"{number + i}.0.0.127.bl.test" for i in range(50)]
            replies = resolver.ask_all([(wire.name_of(name), wire.A) for name in names])
            assert all(len(reply.answer) == 1 for reply in replies), replies
            number += 50
            server.stop()
            # The reply's size tells whether it had cookies: header, question, A, OPT.
            for name in names:
                question = len(wire.name_of(name)) + 4
                expected = f"{name} A IN: NOERROR/1/{12 + question + 16 + 11 + size}\n"
                assert expected in (out / "log").read_text()
    finally:
        if resolver is not None:
            resolver.end()


@pytest.mark.parametrize(
    "options, has_cookies",
    [
        ("", False),
        ("--cookies on", True),
        ("--cookies off", False),
        ("--rate-limit 1000", True),
        ("--rate-limit 1000 --cookies off", False),
        ("--cookies off --rate-limit 1000", False),
    ],
)
def test_on_and_off(spurnd, client, options, has_cookies):
    """Proves that there are no cookies unless they are asked for or of use, as other servers at this
    address may have none; and that without them a query for nothing but a cookie makes no sense."""
    one = client(spurnd.start(ZONES, FILES, options.split()))
    reply = one.ask(NAME, edns=with_cookie(MINE))
    assert reply.rcode == NOERROR and len(reply.answer) == 1
    assert (cookie_of(reply) is not None) == has_cookies
    reply = wire.parse(one.raw(no_question(MINE)))
    assert reply.rcode == (NOERROR if has_cookies else FORMERR)
    assert (cookie_of(reply) is not None) == has_cookies


@pytest.mark.parametrize(
    "options, error",
    [("off --cookie-secret x", "contradict"), ("maybe", "--cookies maybe: give on or off")],
)
def test_bad_choice(spurnd_path, workdir, options, error):
    """Proves that a choice that makes no sense is refused."""
    command = ["--cookies", *options.split(), "-b", "127.0.0.1", *ZONES]
    done = daemon.run(spurnd_path, command, workdir)
    assert done.returncode == 2 and error in done.stderr


class Asker(threading.Thread):
    """A client that asks the servers of a farm in turn, always with the cookie that it was given
    last. A cookie that is refused is kept in `refused`."""

    def __init__(self, address, ports):
        super().__init__()
        self.address, self.ports = address, ports
        self.asked, self.refused = 0, None
        self.must_stop = threading.Event()

    def run(self):
        clients = [udp.Client(self.address, port) for port in self.ports]
        cookie = try_cookie(clients[0])[1]
        while not self.must_stop.is_set() and self.refused is None:
            for one in clients:
                rcode, fresh = try_cookie(one, cookie)
                if rcode != NOERROR:
                    self.refused = (cookie, one.sock.getpeername())
                cookie = fresh
                self.asked += 1
        for one in clients:
            one.close()

    def wait(self):
        """Waits until it has asked some more."""
        enough = self.asked + LOAD
        wait_until(lambda: self.asked >= enough or not self.is_alive(), "questions with cookies")


@pytest.mark.tsan
def test_roll_over(farm, client, workdir):
    """Proves that a secret can be rolled over as the manual says, server by server and without a
    restart, while clients ask all servers, and no cookie that a client holds is ever refused; and
    that those of the old secret are, in the end."""
    write_secrets(workdir / "c", SECRET_A)
    servers = farm("a", "c")
    first = try_cookie(client(servers[0]))[1]
    askers = [Asker(address, [server.port for server in servers]) for address in ADDRESSES]
    for asker in askers:
        asker.start()
    try:
        for step in ((SECRET_A, SECRET_B), (SECRET_B, SECRET_A), (SECRET_B,)):
            for server, path in zip(servers, (workdir / "a", workdir / "c")):
                before = len(server.log())
                write_secrets(path, *step)
                server.send_signal(signal.SIGHUP)
                server.wait_log("new cookie secrets are in use", before)
                for asker in askers:
                    asker.wait()
    finally:
        for asker in askers:
            asker.must_stop.set()
        for asker in askers:
            asker.join()
    assert [asker.refused for asker in askers] == [None, None]
    for server in servers:
        assert try_cookie(client(server), first)[0] == BADCOOKIE


def test_check_finds_new_secrets(spurnd, client, workdir):
    """Proves that a new file comes into service at -c, too, and that the same secrets in a new file
    are nothing new."""
    write_secrets(workdir / "a", SECRET_A)
    server = spurnd.start(ZONES, FILES, ("-c", "1", "--cookie-secret", "a"))
    one = client(server)
    good = try_cookie(one)[1]
    write_secrets(workdir / "a", SECRET_A)
    before = len(server.log())
    server.send_signal(signal.SIGHUP)
    server.wait_log("nothing changed", before)
    write_secrets(workdir / "a", SECRET_B)
    wait_until(lambda: try_cookie(one, good)[0] == BADCOOKIE, "the new secret")
    server.wait_log("new cookie secrets are in use")
    assert server.log().count("new cookie secrets are in use") == 1


BAD_FILES = [
    ("", "holds no cookie secret"),
    ("# nothing\n", "holds no cookie secret"),
    (f"{SECRET_A}\n{SECRET_B[:-1]}\n", ":2: a line must be 32 hexadecimal digits"),
    (f"\n{SECRET_A}{SECRET_B}\n", ":2: a line must be 32 hexadecimal digits"),
    (f"{SECRET_A[:-1]}x\n", ":1: a line must be 32 hexadecimal digits"),
    (f"{SECRET_A}\n{SECRET_B}\n{'0' * 32}\n", ":3: a third secret"),
    (f"{SECRET_A}\n{SECRET_A}\n", ":2: the same secret"),
    ("x" * 5000, "longer than 4096 bytes"),
    (None, "No such file"),
]


@pytest.mark.parametrize("options", [(), ("-q",)])
def test_bad_files_at_the_start(spurnd_path, workdir, options):
    """Proves that with a file of secrets that is no good nothing is served, not even with -q, and
    that the reason has file and line, but never a secret."""
    (workdir / "list").write_text(FILES["list"])
    for text, says in BAD_FILES:
        (workdir / "bad").unlink(missing_ok=True)
        if text is not None:
            (workdir / "bad").write_text(text)
        port = daemon.free_port()
        listen = [
            "-n",
            *daemon.user_options(),
            *daemon.NO_CONTROL,
            "-b",
            f"127.0.0.1/{port}",
            "-w",
            str(workdir),
        ]
        done = daemon.run(
            spurnd_path, [*listen, *options, "--cookie-secret", "bad", *ZONES], workdir
        )
        assert done.returncode == 1 and "bad" in done.stderr and says in done.stderr, done.stderr
        assert "started" not in done.stderr and SECRET_A[:16] not in done.stderr, done.stderr


def test_bad_files_later(farm, client, workdir):
    """Proves that a file that is no good any more leaves the secrets as they were, with the reason,
    and that it heals."""
    (server,) = farm("a")
    one = client(server)
    good = try_cookie(one)[1]
    for text, says in BAD_FILES:
        before = len(server.log())
        (workdir / "a").unlink()
        if text is not None:
            (workdir / "a").write_text(text)
        server.send_signal(signal.SIGHUP)
        server.wait_log("the cookie secrets that were read before stay in use", before)
        assert says in server.log()[before:]
        assert try_cookie(one, good) == (NOERROR, good)
        write_secrets(workdir / "a", SECRET_A)
    before = len(server.log())
    write_secrets(workdir / "a", SECRET_B, SECRET_A)
    server.send_signal(signal.SIGHUP)
    server.wait_log("new cookie secrets are in use", before)
    rcode, fresh = try_cookie(one, good)
    assert rcode == NOERROR and fresh != good
    assert SECRET_A[:16] not in server.log() and SECRET_B[:16] not in server.log()


def test_who_may_read(spurnd, spurnd_path, workdir):
    """Proves that a file that everybody may read is warned of, and that one which the user that
    spurnd becomes may not read ends the start: it is read as that user."""
    write_secrets(workdir / "a", SECRET_A)
    write_secrets(workdir / "open", SECRET_A, mode=0o644)
    warning = "every user may read or change it"
    assert warning not in spurnd.start(ZONES, FILES, ("--cookie-secret", "a")).log()
    server = spurnd.start(ZONES, FILES, ("--cookie-secret", "open"))
    assert f"open: {warning}" in server.log()
    write_secrets(workdir / "closed", SECRET_A, mode=0)
    port = daemon.free_port()
    listen = [
        "-n",
        *daemon.user_options(),
        *daemon.NO_CONTROL,
        "-b",
        f"127.0.0.1/{port}",
        "-w",
        str(workdir),
    ]
    done = daemon.run(spurnd_path, [*listen, "--cookie-secret", "closed", *ZONES], workdir)
    assert done.returncode == 1 and "closed: Permission denied" in done.stderr


def test_chroot(spurnd, client, workdir):
    """Proves that the file is looked for in the new root, and from the directory of -w."""
    if os.geteuid() != 0:
        conftest.cannot_run("needs root")
    place = workdir / "root" / "zones"
    place.mkdir(parents=True)
    (place / "list").write_text(FILES["list"])
    write_secrets(place / "secret", SECRET_A)
    server = spurnd.start(
        ZONES,
        None,
        ("-r", str(workdir / "root"), "-w", "/zones", "--cookie-secret", "secret"),
        look_for_leaks=False,
    )
    one = client(server)
    good = try_cookie(one)[1]
    write_secrets(place / "secret", SECRET_B, SECRET_A)
    server.send_signal(signal.SIGHUP)
    server.wait_log("new cookie secrets are in use")
    assert try_cookie(one, good)[0] == NOERROR
