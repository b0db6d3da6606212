# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""The configuration file: what it says is served, a reload reads it again, and a broken one changes
nothing."""

import os
import re
import shutil
import signal
import subprocess

import conftest
import pytest

from lib import control, daemon, wire
from lib.daemon import run, wait_until

EXAMPLE = conftest.TOP / "contrib" / "spurnd.conf"
ZONES = conftest.TOP / "zones"
NAME = "4.3.2.1"


def write(path, text):
    """Puts a new file in the place of the old one."""
    fresh = path.with_name(path.name + ".new")
    fresh.write_text(text)
    fresh.chmod(0o644)
    os.rename(fresh, path)


def start(spurnd, workdir, text, options=(), config=None, **how):
    """A server with this configuration, in which PORT is its port, and with no other address; it
    finds the file at `config`."""
    path = workdir / "spurnd.conf"

    def listen(port):
        write(path, text.replace("PORT", str(port)))
        return ["--config", str(config or path)]

    return spurnd.start([], options=options, listen=listen, **how)


def reload(server):
    """SIGHUP; returns what was logged up to the end of the reload."""
    before = len(server.log())
    server.send_signal(signal.SIGHUP)
    server.wait_log(r"reload: .*\n", before)
    return server.log()[before:]


def answer_of(client, zone, name=NAME):
    """(rcode, TTL, last octet) of the answer for a name in a zone."""
    reply = client.ask(f"{name}.{zone}")
    if not reply.answer:
        return (reply.rcode, None, None)
    return (reply.rcode, reply.answer[0].ttl, reply.answer[0].rdata[3])


def becomes(client, zone, expected, name=NAME):
    """Waits until that is the answer."""
    wait_until(lambda: answer_of(client, zone, name) == expected, f"{expected} for {name}.{zone}")


LISTEN = "listen = 127.0.0.1/PORT\n"


def test_example(spurnd, client, workdir):
    """Proves that the example that comes with spurnd serves the samples."""
    for path in ZONES.iterdir():
        shutil.copy(path, workdir)
    text = EXAMPLE.read_text(encoding="ascii")
    assert 'listen = { "127.0.0.1", "[::1]" }' in text
    text = text.replace('{ "127.0.0.1", "[::1]" }', '{ "127.0.0.1/PORT", "[::1]/PORT" }')
    server = start(spurnd, workdir, text, addresses=("127.0.0.1", "::1"))
    for address in server.addresses:
        one = client(server, address)
        for zone in ("bl.example", "dul.example", "rhsbl.example", "open.example"):
            assert one.ask(zone, wire.SOA).rcode == wire.NOERROR, zone
        assert one.ask("2.0.0.127.bl.example").answer


@pytest.mark.tsan
def test_zones_come_and_go(spurnd, client, workdir):
    """Proves that a reload adds and removes zones and data sets and changes settings, and that data
    sets that stay as they are are not read again."""
    (workdir / "a").write_text("1.2.3.4 :4:\n")
    (workdir / "b").write_text("1.2.3.4 :5:\n1.2.3.5 :6:\n")
    text = LISTEN + 'ttl = 10\nzone "a.test" { data = "ip4set:a" }\n'
    server = start(spurnd, workdir, text)
    text = text.replace("PORT", str(server.port))
    path, one = workdir / "spurnd.conf", client(server)
    assert answer_of(one, "a.test") == (wire.NOERROR, 10, 4)
    assert answer_of(one, "b.test") == (wire.REFUSED, None, None)
    assert "nothing changed" in reload(server)

    write(path, text + 'zone "b.test" { ttl = 20 dataset "ip4trie:b" { ttl = 30 } }\n')
    log = reload(server)
    becomes(one, "b.test", (wire.NOERROR, 30, 5))
    assert answer_of(one, "a.test") == (wire.NOERROR, 10, 4)
    assert "ip4trie:b" in log and "ip4set:a" not in log

    # The other one goes; what is left has another value for all, and an ACL.
    (workdir / "acl").write_text("127.0.0.0/8 :refuse\n")
    kept = (
        LISTEN.replace("PORT", str(server.port)) + "ttl = 40 nsid = other hide-version = refuse\n"
    )
    write(path, kept + 'zone "b.test" { data = "ip4trie:b" }\n')
    reload(server)
    becomes(one, "b.test", (wire.NOERROR, 40, 5))
    assert answer_of(one, "a.test") == (wire.REFUSED, None, None)
    assert one.ask("id.server", wire.TXT, wire.CH).answer[0].rdata == b"\x05other"
    assert one.ask("version.bind", wire.TXT, wire.CH).rcode == wire.REFUSED
    write(path, kept + 'acl = acl\nzone "b.test" { data = "ip4trie:b" }\n')
    reload(server)
    becomes(one, "b.test", (wire.REFUSED, None, None))

    # And comes back, as it was at first.
    write(path, text)
    reload(server)
    becomes(one, "a.test", (wire.NOERROR, 10, 4))
    assert answer_of(one, "b.test") == (wire.REFUSED, None, None)


def test_settings_of_zones(spurnd, client, workdir):
    """Proves that zones differ in what they answer, and data sets in how they are read."""
    text = "1.2.3.4/24 :4:\n$SOA 0 a. b. 0 1 1 1 7\n$NS 0 ns.test\n"
    (workdir / "a").write_text(text)
    server = start(
        spurnd,
        workdir,
        LISTEN
        + 'zone a.test { data = "ip4trie:a" minimal-answers = yes ent = nxdomain }\n'
        + 'zone b.test { dataset "ip4trie:a" { allow-host-bits = yes } }\n',
    )
    one = client(server)
    assert answer_of(one, "a.test")[0] == wire.NXDOMAIN
    assert answer_of(one, "b.test") == (wire.NOERROR, 2100, 4)
    assert len(one.ask(f"{NAME}.b.test").authority) == 1
    assert one.ask("3.2.1.b.test").rcode == wire.NOERROR
    assert one.ask("3.2.1.a.test").rcode == wire.NXDOMAIN


BROKEN = {
    "unknown key": ("lsiten = 1\n", r"spurnd\.conf:3: unknown key lsiten: did you mean listen\?"),
    "value": ("ttl = 5x\n", r"spurnd\.conf:3: ttl 5x: give default:min:max"),
    "duplicate": (
        "listen = 127.0.0.1\ncheck = 1\ncheck = 2\n",
        r"spurnd\.conf:5: check is given twice",
    ),
    "zone": ("zone b { data = ip4sett:b }\n", r"spurnd\.conf:3: ip4sett:b: unknown data set type"),
    "brace": ("zone b { data = ip4set:b\n", r"spurnd\.conf:3: the \{ in this line is not closed"),
    "quote": ('zone "b { }\n', r"spurnd\.conf:3: a quote has no end"),
    "type": ("ttl = { 1, 2 }\n", r"spurnd\.conf:3: '\{' is out of place"),
    "bytes": ("\x01\x02", r"spurnd\.conf:3: there is a control character"),
}


@pytest.mark.tsan
def test_broken_files_change_nothing(spurnd, client, workdir):
    """Proves that at a reload a broken file is told of with its line, that all goes on as before,
    with changed lists read, and that the file counts once it is good."""
    (workdir / "a").write_text("1.2.3.4 :4:\n")
    (workdir / "b").write_text("1.2.3.4 :5:\n")
    text = LISTEN + "zone a.test { data = ip4set:a }\n"
    server = start(spurnd, workdir, text)
    text = text.replace("PORT", str(server.port))
    path, one = workdir / "spurnd.conf", client(server)
    value = 4
    for what, (more, expected) in BROKEN.items():
        write(path, text + more)
        value += 1
        write(workdir / "a", f"1.2.3.4 :{value}:\n# {what}\n")
        os.utime(workdir / "a", (value, value))
        log = reload(server)
        assert re.search(expected, log), (what, log)
        assert "not used: zones and settings stay as they are" in log
        becomes(one, "a.test", (wire.NOERROR, 2100, value))
    os.remove(path)
    assert "cannot read this configuration file: No such file" in reload(server)
    os.mkdir(path)
    assert "cannot read this configuration file: Is a directory" in reload(server)
    os.rmdir(path)
    os.mkfifo(path)
    assert "no regular file" in reload(server)
    write(path, text + "zone b.test { data = ip4set:b }\nttl = 7\n")
    reload(server)
    becomes(one, "b.test", (wire.NOERROR, 7, 5))
    assert answer_of(one, "a.test") == (wire.NOERROR, 7, value)


def test_who_asks_is_told(spurnd, spurn_path, client, workdir):
    """Proves that `spurn reload` tells what is wrong with the file, with its line and with its exit
    status, that `spurn status` tells it as long as it is so, and what a good file has changed."""
    (workdir / "a").write_text("1.2.3.4 :4:\n")
    text = LISTEN + "zone a.test { data = ip4set:a }\n"
    server = start(spurnd, workdir, text, ["--control", str(workdir / "socket")])
    text = text.replace("PORT", str(server.port))
    path, tool = workdir / "spurnd.conf", control.Tool(spurn_path, workdir / "socket", workdir)
    assert tool.json("status")["configuration_error"] is None
    write(path, text + "tttl = 5\n")
    expected = f"{path}:3: unknown key tttl: did you mean ttl?"
    done = tool.run("reload")
    assert done.returncode == 1 and expected in done.stdout + done.stderr
    assert tool.json("reload", status=1)["configuration_error"] == expected
    # A zone alone has nothing to do with the file, and does not make it good.
    tool.json("reload", "a.test")
    assert tool.json("status", status=1)["configuration_error"] == expected
    assert answer_of(client(server), "a.test") == (wire.NOERROR, 2100, 4)
    write(path, text + "zone b.test { data = ip4trie:a }\n")
    told = tool.json("reload")
    assert told["configuration"]["zones_added"] == 1 and "configuration_error" not in told
    assert answer_of(client(server), "b.test") == (wire.NOERROR, 2100, 4)
    assert tool.json("status")["configuration_error"] is None


@pytest.mark.parametrize("text", [text for text, _ in BROKEN.values()], ids=BROKEN.keys())
def test_broken_files_do_not_start(spurnd_path, workdir, text):
    """Proves that spurnd neither starts with a broken file nor finds it good."""
    path = workdir / "spurnd.conf"
    path.write_text("listen = 127.0.0.1/5300\nzone a { data = ip4set:a }\n" + text)
    for option, status in (("-n", 2), ("--check-config", 1)):
        arguments = [*daemon.user_options(), option, "--config", "spurnd.conf", "--control", "none"]
        done = run(spurnd_path, arguments, workdir)
        assert done.returncode == status
        assert re.search(r"spurnd: spurnd\.conf:[35]: ", done.stderr)


def test_command_line_and_file(spurnd, client, workdir):
    """Proves that of two values that of the command line counts, also after a reload, and that
    zones and addresses add up."""
    (workdir / "a").write_text("1.2.3.4 :4:\n")
    text = LISTEN + "ttl = 10 nsid = file\nzone a.test { data = ip4set:a }\n"
    port = daemon.free_port(("127.0.0.2",))
    options = ["-t", "20", "b.test:ip4set:a", "-b", f"127.0.0.2/{port}"]
    server = start(spurnd, workdir, text, options)
    one = client(server)
    for _ in range(2):
        for zone in ("a.test", "b.test"):
            becomes(one, zone, (wire.NOERROR, 20, 4))
        assert one.ask("id.server", wire.TXT, wire.CH).answer[0].rdata == b"\x04file"
        server.send_signal(signal.SIGHUP)
    with conftest.udp.Client("127.0.0.2", port) as other:
        assert answer_of(other, "a.test") == (wire.NOERROR, 20, 4)
    # Another value in the file changes nothing, a zone's own counts.
    text = text.replace("PORT", str(server.port)).replace("10", "30")
    write(workdir / "spurnd.conf", text.replace("{ data", "{ ttl = 50 data"))
    reload(server)
    becomes(one, "a.test", (wire.NOERROR, 50, 4))
    assert answer_of(one, "b.test") == (wire.NOERROR, 20, 4)


def test_what_cannot_change(spurnd, client, workdir):
    """Proves that what needs a start is told, each setting with its line, and the rest done."""
    (workdir / "a").write_text("1.2.3.4 :4:\n")
    text = LISTEN + "tcp-idle = 5 workers = 1\nzone a.test { data = ip4set:a }\n"
    server = start(spurnd, workdir, text)
    text = text.replace("workers = 1\n", "\nuser = someone\nttl = 8\n").replace(
        "tcp-idle = 5", "tcp-idle = 6"
    )
    write(workdir / "spurnd.conf", text.replace("PORT", "1, 127.0.0.1"))
    assert re.search(r"spurnd\.conf:1: ',' is out of place", reload(server))
    write(workdir / "spurnd.conf", text.replace("PORT", "1"))
    log = reload(server)
    for expected in (r":1: listen", r":2: tcp-idle"):
        assert re.search(
            rf"{expected}: another value than at the start takes effect with spurnd --replace", log
        )
    assert re.search(r"that workers is not there any more takes effect with spurnd --replace", log)
    # -u is on the command line when root tests, and counts.
    assert ("user: another value" in log) == (os.geteuid() != 0)
    becomes(client(server), "a.test", (wire.NOERROR, 8, 4))


def test_check_interval_changes(spurnd, workdir, out):
    """Proves that the interval of checks, at which statistics are written, too, can change while the
    server runs."""
    (workdir / "a").write_text("1.2.3.4 :4:\n")
    text = LISTEN + "check = 0 statistics = out/counters\nzone a.test { data = ip4set:a }\n"
    server = start(spurnd, workdir, text)
    text = text.replace("check = 0", "check = 1").replace("PORT", str(server.port))
    assert len((out / "counters").read_text().splitlines()) == 1
    write(workdir / "spurnd.conf", text)
    reload(server)
    wait_until(lambda: len((out / "counters").read_text().splitlines()) > 1, "a check")


def needs_root():
    """For what only root can do."""
    if os.geteuid() != 0:
        conftest.cannot_run("needs root")


def test_chroot(spurnd, client, workdir):
    """Proves that with a new root directory the file is found again if it is below that, and that a
    warning at the start tells if it is not."""
    needs_root()
    inner = workdir / "inner"
    (inner / "lists").mkdir(parents=True)
    (inner / "lists" / "a").write_text("1.2.3.4 :4:\n")
    (workdir / "link").symlink_to("inner")
    text = LISTEN + "root = INNER workdir = /lists\nzone a.test { data = ip4set:a }\n"
    for root, config in (("inner", inner), ("link", inner), ("inner", workdir / "link")):
        mine = text.replace("INNER", str(workdir / root))
        server = start(
            spurnd,
            inner,
            mine,
            ["-w", "/lists"],
            config=config / "spurnd.conf",
            look_for_leaks=False,
        )
        assert "cannot read this file again" not in server.log()
        one = client(server)
        assert answer_of(one, "a.test") == (wire.NOERROR, 2100, 4)
        write(inner / "spurnd.conf", mine.replace("PORT", str(server.port)) + "ttl = 9")
        reload(server)
        becomes(one, "a.test", (wire.NOERROR, 9, 4))
    mine = text.replace("INNER", str(inner))
    server = start(spurnd, workdir, mine, ["-w", "/lists"], look_for_leaks=False)
    assert (
        "a reload cannot read this file again, for it is outside of the root directory"
        in server.log()
    )
    assert "cannot be read again, for it is outside of the root directory" in reload(server)
    assert answer_of(client(server), "a.test") == (wire.NOERROR, 2100, 4)


def test_unreadable_by_the_user(spurnd, client, workdir):
    """Proves that a file that only root can read is warned of at the start, and is no reason to stop
    at a reload."""
    needs_root()
    (workdir / "a").write_text("1.2.3.4 :4:\n")
    text = LISTEN + "zone a.test { data = ip4set:a }\n"
    path = workdir / "spurnd.conf"

    def listen(port):
        write(path, text.replace("PORT", str(port)))
        path.chmod(0o600)
        return ["--config", str(path)]

    server = spurnd.start([], listen=listen)
    assert "a reload cannot read this file again: Permission denied: let user" in server.log()
    assert "cannot read this configuration file: Permission denied" in reload(server)
    assert answer_of(client(server), "a.test") == (wire.NOERROR, 2100, 4)


def test_check_config(spurnd_path, workdir):
    """Proves that --check-config shows what would be served, with or without a file, and finds lists
    that cannot be read."""
    (workdir / "a").write_text("1.2.3.4\n")
    (workdir / "c").mkdir()
    path = workdir / "spurnd.conf"
    text = (
        "listen = { 127.0.0.1/53, '[::1]/5300' } no-tcp = yes\nacl = a\n"
        "zone b.test { data = ip4set:a ent = nxdomain dataset ip4trie:a { ttl = 5:1:9 } }\n"
    )
    path.write_text(text)
    base = [*daemon.user_options(), "--check-config"]
    done = run(spurnd_path, [*base, "--config", "spurnd.conf"], workdir)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "listen 127.0.0.1/53, UDP",
        "listen ::1/5300, UDP",
        "zone b.test, ent nxdomain",
        "  ip4set:a (ttl 2100 s, max-shrink 50%)",
        "  ip4trie:a (ttl 5 s min 1 s max 9 s, max-shrink 50%)",
        "all zones",
        "  acl:a (ttl 2100 s, max-shrink 50%)",
        "all is well: 1 zone, 3 data sets",
    ]
    path.write_text(text + "zone c { data = { ip4set:b, ip4set:c } }\n")
    done = run(spurnd_path, [*base, "--config", str(path)], workdir)
    assert done.returncode == 1
    assert "b: cannot read this file: No such file or directory" in done.stderr
    assert "c: cannot read this file: Is a directory" in done.stderr
    assert "all is well" not in done.stdout

    line = ["-b", "127.0.0.1/5300", "x.test:ip4set:a"]
    done = run(spurnd_path, [*base, *line], workdir)
    assert done.returncode == 0 and "all is well: 1 zone, 1 data set" in done.stdout
    done = run(spurnd_path, [*base, *line, "-t", "5x", "-c", "y"], workdir)
    assert done.returncode == 1
    assert "-t 5x: " in done.stderr and "-c y: " in done.stderr
    assert run(spurnd_path, ["--zzz", *base, *line], workdir).returncode == 1


def test_check_config_as_somebody(spurnd_path, workdir):
    """Proves that --check-config is for everybody, whoever the server's user is and wherever its root
    directory, and that root sees what that user can read."""
    needs_root()
    (workdir / "inner").mkdir()
    (workdir / "inner" / "a").write_text("1.2.3.4\n")
    path = workdir / "spurnd.conf"
    text = f"listen = 127.0.0.1/53 user = daemon root = {workdir}/inner\nzone z {{ data = ip4set:a }}\n"
    path.write_text(text)
    path.chmod(0o644)
    command = [spurnd_path, "--check-config", "--config", str(path)]
    uid, gid = daemon.unprivileged_ids()

    def check(**who):
        return subprocess.run(
            command,
            cwd=workdir,
            capture_output=True,
            encoding="utf-8",
            timeout=daemon.PATIENCE_S,
            env=daemon.environment(look_for_leaks=False),
            check=False,
            **who,
        )

    as_nobody = {"user": uid, "group": gid, "extra_groups": []}
    for who in ({}, as_nobody):
        done = check(**who)
        assert done.returncode == 0, done.stderr
        assert "all is well" in done.stdout
    (workdir / "inner" / "a").chmod(0o600)
    for who in ({}, as_nobody):
        done = check(**who)
        assert done.returncode == 1
        assert "cannot read this file: Permission denied" in done.stderr
    path.write_text(text.replace("daemon", "nosuchuser"))
    done = check(**as_nobody)
    assert done.returncode == 1
    assert re.search(r"spurnd\.conf:1: user nosuchuser: there is no user", done.stderr)


@pytest.mark.tsan
def test_many_reloads(spurnd, client, workdir):
    """Proves that files, good and broken by turns, can be reloaded as often as one likes: the last
    good one counts, and nothing is left behind (the leak sanitizer looks)."""
    (workdir / "a").write_text("1.2.3.4 :4:\n")
    text = LISTEN + "zone a.test { data = ip4set:a ttl = TTL }\n"
    server = start(spurnd, workdir, text.replace("TTL", "5"))
    text = text.replace("PORT", str(server.port))
    one = client(server)
    for turn in range(1, 31):
        write(
            workdir / "spurnd.conf",
            text.replace("TTL", str(turn)) + f"zone z{turn} {{ data = ip4set:a }}\n",
        )
        reload(server)
        becomes(one, "a.test", (wire.NOERROR, turn, 4))
        becomes(one, f"z{turn}", (wire.NOERROR, 2100, 4))
        write(workdir / "spurnd.conf", text.replace("TTL", "1x"))
        reload(server)
    assert answer_of(one, "z1") == (wire.REFUSED, None, None)
    assert answer_of(one, "a.test") == (wire.NOERROR, 30, 4)
