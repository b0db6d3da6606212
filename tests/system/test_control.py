# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""The control socket, and the commands of the tool that use it: status, reload, stats, drain, stop.
Who may use it, what it tells, and that clients of all kinds get nothing and nobody into its way."""

import concurrent.futures
import json
import os
import re
import signal
import socket
import stat
import subprocess
import threading

import pytest

import conftest
from lib import control, reading, wire
from lib.daemon import PATIENCE_S, free_port, run, unprivileged_ids, user_options, wait_until
from lib.process import Process
from test_reload import big_list, replace

NAME = "4.3.2.1.bl.test"
ZONE = "bl.test:ip4set:list"
# Enough entries to be guarded against loss.
MANY = "".join(f"10.0.{n >> 8}.{n & 255}\n" for n in range(2000))


@pytest.fixture(name="start")
def _start(spurnd, spurn_path, workdir):
    """start(zones, files, *options): a server that changes nothing by itself, and a tool for it."""

    def start(zones, files=None, *options, **how):
        path = workdir / "control" / "sock"
        options = ("-c", "0", "--control", str(path), *options)
        server = spurnd.start(zones, files, options, **how)
        return server, control.Tool(spurn_path, path, workdir)

    return start


# ---- the socket ----


def test_owner_and_group(start, workdir):
    """Proves that the socket, and the directory made for it, belong to the user that spurnd becomes,
    and that nobody else but its group gets in: the tool says why."""
    _, tool = start([ZONE], {"list": "1.2.3.4\n"})
    status = os.stat(tool.path)
    assert stat.S_ISSOCK(status.st_mode) and stat.S_IMODE(status.st_mode) == 0o660
    owner = unprivileged_ids() if os.geteuid() == 0 else (os.getuid(), os.getgid())
    assert (status.st_uid, status.st_gid) == owner
    directory = os.stat(workdir / "control")
    assert (directory.st_uid, directory.st_gid) == owner
    assert stat.S_IMODE(directory.st_mode) == 0o755
    assert tool.run("status").returncode == 0
    if os.geteuid() != 0:
        return
    for ids, expected in (((12345, 12345), 2), ((12345, owner[1]), 0), ((owner[0], 12345), 0)):
        done = run(
            "/usr/bin/setpriv",
            [f"--reuid={ids[0]}", f"--regid={ids[1]}", "--clear-groups", *tool.command("status")],
            workdir,
        )
        assert done.returncode == expected, done
        assert expected == 0 or "only the user and the group of spurnd (nobody)" in done.stderr


def test_stale_socket_is_replaced(start, workdir):
    """Proves that a socket that a killed spurnd has left behind is no obstacle, and that the tool
    knows it from one that is not there; and that spurnd removes its own."""
    server, tool = start([ZONE], {"list": "1.2.3.4\n"})
    server.expected_status = -signal.SIGKILL
    server.stop(signal.SIGKILL)
    done = tool.run("status")
    assert done.returncode == 2 and "has ended" in done.stderr
    server, _ = start([ZONE])
    assert tool.run("status").returncode == 0
    server.stop()
    assert not os.path.exists(tool.path)
    done = tool.run("status")
    assert done.returncode == 2 and "no such socket" in done.stderr
    assert f"spurnd --control {tool.path}" in done.stderr
    assert os.path.exists(workdir / "control")


def test_live_socket_is_left_alone(start, spurnd, spurnd_path, workdir):
    """Proves that a second spurnd does not take the socket of the first one, nor anything that is no
    socket: with --control it does not start, and says why."""
    server, tool = start([ZONE], {"list": "1.2.3.4\n"})
    for path, why in ((tool.path, "another spurnd listens"), (workdir / "list", "is no socket")):
        second = spurnd.start([ZONE], {}, ("--control", str(path)), expect_started=False)
        second.expected_status = 1
        second.process.wait(PATIENCE_S)
        assert second.has_logged(why), second.log()
    assert (workdir / "list").read_text() == "1.2.3.4\n"
    assert control.ask(tool.path, "status")["pid"] == server.process.pid
    done = run(spurnd_path, ["-n", "--control", "x" * 200, "-b", "127.0.0.1/0", ZONE], workdir)
    assert done.returncode != 0


def test_default_socket(spurnd_path, spurn_path, workdir):
    """Proves that started by root spurnd has a socket without being told where, which the tool finds
    by itself; and that a second one goes on without, and says so."""
    if os.geteuid() != 0:
        conftest.cannot_run("the default is for who is started by root")
    (workdir / "list").write_text("1.2.3.4\n")
    own_run = ["unshare", "--mount", "sh", "-c", 'mount -t tmpfs none /run && exec "$@"', "sh"]
    servers = []

    def start(prefix):
        command = [*prefix, spurnd_path, "-n", "--sandbox", "strict", *user_options()]
        command += ["-w", str(workdir), "-b", f"127.0.0.1/{free_port()}", ZONE]
        servers.append(Process(command, workdir / f"log{len(servers)}", is_root=True))
        servers[-1].wait_for(lambda: "started" in servers[-1].log(), "spurnd")
        return servers[-1]

    try:
        first = start(own_run)
        inside = ["nsenter", f"--mount=/proc/{first.process.pid}/ns/mnt"]
        told = run(inside[0], [inside[1], spurn_path, "status", "--json"], workdir)
        assert json.loads(told.stdout)["pid"] == first.process.pid
        second = start(inside)
        assert "another spurnd listens there" in second.log()
        assert "going on without a control socket" in second.log()
        done = run(inside[0], [inside[1], spurn_path, "stop"], workdir)
        assert done.returncode == 0 and first.process.wait(PATIENCE_S) == 0
        assert second.process.poll() is None
    finally:
        for server in servers:
            server.end()


def test_socket_outside_of_the_root(start, workdir):
    """Proves that with -r the socket is made in the old root, and works, and that the next start
    replaces it."""
    if os.geteuid() != 0:
        conftest.cannot_run("only root can change the root directory")
    root = workdir / "root"
    root.mkdir()
    (root / "list").write_text("1.2.3.4\n")
    for _ in range(2):
        server, tool = start([ZONE], {}, "-r", str(root), "-w", "/", look_for_leaks=False)
        assert tool.run("status").returncode == 0
        server.stop()


# ---- status ----


def test_status_tells_what_is_served(start, workdir):
    """Proves that status has the zones, data sets, entries, ages and the last change; that its exit
    status says whether all is well; and which state is which."""
    zones = [ZONE, "bl.test:generic:names", "other.test:ip4trie:trie"]
    files = {"list": "1.2.3.4\n" + MANY, "names": "www A 1.2.3.4\n", "trie": "1.2/16\n"}
    server, tool = start(zones, files, "--workers", "3")
    told = tool.json("status")
    assert told["ok"] and told["state"] == "serving" and told["loading"] is None
    assert (told["pid"], told["workers"], told["draining"]) == (server.process.pid, 3, False)
    assert re.fullmatch(r"\d+\.\d+\.\d+", told["version"])
    assert 0 <= told["uptime"] < PATIENCE_S
    assert 0 <= told["now"] - told["generation"]["published"] < PATIENCE_S
    names = [(zone["name"], zone["state"], zone["data_sets"]) for zone in told["zones"]]
    assert names == [
        ("bl.test", "ok", ["ip4set:list", "generic:names"]),
        ("other.test", "ok", ["ip4trie:trie"]),
    ]
    sets = {one["name"]: one for one in told["data_sets"]}
    assert sets["ip4set:list"]["entries"] == 2001 and sets["generic:names"]["entries"] == 1
    for one in sets.values():
        assert one["state"] == "ok" and one["bytes"] > 0 and one["seconds"] >= 0
        assert abs(one["modified"] - one["loaded"]) < PATIENCE_S
        assert one["why"] is None and one["since"] is None

    # Stale: by a list that has shrunk, and by one that is gone.
    replace(workdir / "list", "1.2.3.4\n")
    os.unlink(workdir / "trie")
    tool.run("reload")
    told = tool.json("status", status=1)
    assert not told["ok"]
    assert [zone["state"] for zone in told["zones"]] == ["stale", "stale"]
    sets = {one["name"]: one for one in told["data_sets"]}
    assert sets["ip4set:list"]["state"] == "stale" and "--max-shrink" in sets["ip4set:list"]["why"]
    assert sets["ip4set:list"]["entries"] == 2001
    assert "No such file" in sets["ip4trie:trie"]["why"]
    assert abs(told["now"] - sets["ip4trie:trie"]["since"]) < PATIENCE_S
    done = tool.run("status")
    assert done.returncode == 1 and re.search(
        r"ip4trie:trie: stale for .*No such file", done.stdout
    )


def test_status_of_what_never_was_there(start, workdir):
    """Proves that zones without data are told of, before and after the reason is known, and that
    names of files may be anything."""
    odd = os.fsdecode(b"odd\xff\x1b[1mname")
    server, tool = start(["bl.test:ip4set:" + odd], {}, "-q")
    wait_until(lambda: control.ask(tool.path, "status")["loading"] is None, "the end of loading")
    told = tool.json("status", status=1)
    assert told["zones"][0]["state"] == "not loaded"
    assert told["data_sets"][0]["state"] == "failed" and told["data_sets"][0]["loaded"] is None
    assert "odd\ufffd\x1b[1mname" in told["data_sets"][0]["name"]
    for text in (tool.run("status").stdout, tool.run("reload").stdout):
        assert "odd\ufffd?[1mname" in text and "\x1b" not in text
    with open(os.path.join(str(workdir), odd), "w", encoding="ascii") as out:
        out.write("1.2.3.4\n")
    assert tool.run("reload").returncode == 0
    assert tool.run("status").returncode == 0
    assert server.process.poll() is None


@pytest.mark.parametrize("columns", [20, 60, 100, 300])
def test_tables_fit_the_terminal(start, columns):
    """Proves that the tables of status and stats are readable at any width: no line of a table is
    longer than the terminal is wide, unless it is too narrow for one; then each cell has a line."""
    names = [f"name-{'x' * 30}-{n}" for n in range(3)]
    zones = [f"{name}.test:ip4set:{name}" for name in names]
    _, tool = start(zones, {name: "1.2.3.4\n" for name in names})
    for command in ("status", "stats"):
        text, status = control.Terminal(tool, columns, command).finish()
        assert status == 0, text
        tables = [part.split("\n") for part in text.split("\n\n")[1:3]]
        for table in tables:
            if columns >= 100:
                assert all(len(line) <= columns for line in table), text
            if columns == 300:
                assert any(names[0] in line for line in table) or "BY" in table[0], text
        if columns == 20:
            assert f"{names[0]}.test\n" in text, text


# ---- reload ----


def test_reload_tells_what_changed(start, client, workdir):
    """Proves that reload comes back when the new data are served, with the exact numbers of what was
    added, removed and changed, per data set; that one zone can be chosen; and that without changes it
    says when the last one was."""
    zones = [ZONE, "other.test:ip4trie:trie", "names.test:dnset:names"]
    files = {
        "list": "1.2.3.4 :2:\n1.2.3.5 :2:\n1.2.3.6 :2:\n",
        "trie": "1.2/16\n",
        "names": "example.com\n",
    }
    server, tool = start(zones, files)
    one = client(server)
    replace(workdir / "list", "1.2.3.4 :7:\n1.2.3.5 :2:\n1.2.3.7 :2:\n1.2.3.8 :2:\n")
    replace(workdir / "trie", "1.2/16\n1.3/16\n")
    told = tool.json("reload", "BL.test.")
    assert one.ask(NAME).answer[0].rdata[3] == 7
    assert told["ok"] and told["zone"] == "bl.test" and told["failures"] == []
    assert [change["data_set"] for change in told["changes"]] == ["ip4set:list"]
    change = told["changes"][0]
    assert (change["entries"], change["added"], change["removed"], change["changed"]) == (
        4,
        2,
        1,
        1,
    )
    assert change["generation"] == told["generation"]
    done = tool.run("reload")
    assert done.returncode == 0 and done.stderr == ""
    lines = done.stdout.splitlines()
    assert re.fullmatch(r"ip4trie:trie: 1 added, 0 removed, 0 changed; 2 now, [\d.]+ s", lines[0])
    assert re.fullmatch(r"generation \d+ is served, [\d.]+ s", lines[1]) and len(lines) == 2
    done = tool.run("reload")
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert re.fullmatch(r"nothing changed; the last change was .* ago:", lines[0])
    assert lines[1].startswith("ip4trie:trie: 1 added")


def test_failed_reload_says_why(start, client, workdir):
    """Proves that what could not be loaded is told here, with the reason and exit status 1, and that
    --force serves what was held back, but not what is no good."""
    zones = [ZONE, "other.test:ip4trie:trie"]
    server, tool = start(zones, {"list": "1.2.3.4\n" + MANY, "trie": "1.2/16\n"})
    replace(workdir / "list", "1.2.3.5\n")
    os.unlink(workdir / "trie")
    done = tool.run("reload")
    assert done.returncode == 1 and done.stderr == ""
    assert re.search(r"ip4set:list: FAILED: .*--max-shrink.*; served as it was", done.stdout)
    assert re.search(r"ip4trie:trie: FAILED: trie: No such file.*; served as it was", done.stdout)
    # Only what was asked for counts.
    assert tool.run("reload", "--force", "bl.test").returncode == 0
    one = client(server)
    assert not one.ask(NAME).answer and one.ask("5.3.2.1.bl.test").answer
    told = tool.json("reload", "--force", status=1)
    assert [failure["data_set"] for failure in told["failures"]] == ["ip4trie:trie"]
    assert told["failures"][0]["is_loaded"] and not told["ok"]


@pytest.mark.tsan
def test_configuration_is_told(start, workdir):
    """Proves that reload without a zone reads the configuration file, tells how many zones came and
    went, and why a broken one was not taken, which status tells, too, until it is right again; and that
    lists are loaded all the same."""
    config = workdir / "spurnd.conf"
    config.write_text('zone "bl.test" { data = { "ip4set:list" } }\n')
    _, tool = start([], {"list": "1.2.3.4\n", "new": "1.2.3.5\n"}, "--config", str(config))
    config.write_text(config.read_text() + 'zone "new.test" { data = { "ip4set:new" } }\n')
    done = tool.run("reload")
    assert done.returncode == 0, done
    assert "ip4set:new: 1 entry loaded" in done.stdout
    assert "zones: 1 added, 0 removed; data sets: 1 added, 0 removed" in done.stdout
    assert [zone["name"] for zone in tool.json("status")["zones"]] == ["bl.test", "new.test"]
    good = config.read_text()
    config.write_text("nonsense = 1\n" + good)
    replace(workdir / "list", "1.2.3.4\n1.2.3.6\n")
    told = tool.json("reload", status=1)
    assert "spurnd.conf:1" in told["configuration_error"] and not told["ok"]
    assert told["changes"][0]["added"] == 1
    assert "configuration: FAILED: " in tool.run("reload").stdout
    # One zone has nothing to do with it; as a whole it is not well.
    assert tool.run("reload", "bl.test").returncode == 0
    assert "spurnd.conf:1" in tool.json("status", status=1)["configuration_error"]
    assert "configuration: " in tool.run("status").stdout
    config.write_text(good)
    assert tool.run("reload").returncode == 0
    assert tool.run("status").returncode == 0


@pytest.mark.parametrize(
    "arguments, why",
    [
        (["nope.test"], "no zone nope.test; there are: bl.test, other.test"),
        (["a b"], "cannot be a zone's name"),
        ([""], "cannot be a zone's name"),
        (["bl.test", "other.test"], "what is 'other.test'"),
        (["--frce"], "unrecognized option"),
    ],
)
def test_wrong_reload(start, arguments, why):
    """Proves that a zone that is not there, and a wrong command line, are errors that help."""
    _, tool = start([ZONE, "other.test:ip4set:list"], {"list": "1.2.3.4\n"})
    done = tool.run("reload", *arguments)
    assert done.returncode == 2 and why in done.stderr and done.stdout == "", done


def test_waiting_is_shown(start):
    """Proves that reload shows on a terminal that it waits, with seconds, and nothing of it in a file."""
    server, tool = start([ZONE], {"list": "1.2.3.4\n"})
    server.send_signal(signal.SIGSTOP)
    try:
        terminal = control.Terminal(tool, 80, "reload")
        silent = tool.start("reload", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        wait_until(lambda: terminal.read() and b"loading: 1 s" in terminal.data, "the seconds")
    finally:
        server.send_signal(signal.SIGCONT)
    text, status = terminal.finish()
    assert status == 0 and "nothing changed" in text.split("\x1b[K")[-1]
    out, err = silent.communicate(timeout=PATIENCE_S)
    assert silent.returncode == 0 and err == b"" and out.startswith(b"nothing changed")


def crowd(tool, server, count=100):
    """Reloads that many clients ask for at once, with signals beside them: the replies, and what the
    log says of the loads that it took."""
    before = len(server.log())
    # While it stands still, all of them come.
    server.send_signal(signal.SIGSTOP)
    clients = [control.connect(tool.path) for _ in range(count)]
    for number, sock in enumerate(clients):
        sock.sendall(b"reload --force\n" if number == count // 2 else b"reload\n")
        server.send_signal(signal.SIGHUP)
    server.send_signal(signal.SIGCONT)
    replies = [json.loads(control.read_all(sock)) for sock in clients]
    return replies, re.findall(r"reload: .*", server.log()[before:])


@pytest.mark.tsan
def test_requests_merge(start, workdir):
    """Proves that a hundred reloads that are asked for at once, and signals beside them, make two loads
    at most, long ones and short ones, and that each who asked is told of all that changed."""
    server, tool = start([ZONE], {"list": "1.2.3.4\n"})
    tries = 0

    def are_merged(text):
        nonlocal tries
        tries += 1
        replace(workdir / "list", text + "#" * tries + "\n")
        replies, loads = crowd(tool, server)
        told = [[change["data_set"] for change in reply["changes"]] for reply in replies]
        # A load waits for more who ask, but not for long: to who comes later there is nothing new.
        assert all(reply["ok"] for reply in replies) and 1 <= len(loads) <= 20, server.log()
        assert all(names in ([], ["ip4set:list"]) for names in told), told
        return len(loads) <= 2 and all(told)

    for text in ("1.2.3.4\n1.2.3.5\n", big_list(2)):
        wait_until(lambda text=text: are_merged(text), "a server that gets a CPU for once")


# ---- stats ----


def test_stats_count_queries(start, client):
    """Proves that stats has each query, by outcome, zone and way, and what it adds up to."""
    server, tool = start([ZONE, "other.test:ip4set:list"], {"list": "1.2.3.4\n"}, "--workers", "2")
    one = client(server)
    for _ in range(3):
        one.ask(NAME)
    one.ask("5.3.2.1.bl.test")
    one.ask("4.3.2.1.other.test")
    one.ask("nowhere.example")

    def counted():
        # Messages are counted first, and what they were about a moment later.
        told = tool.json("stats")
        about = sum(told["queries"][outcome] for outcome in ("noerror", "nxdomain", "failed"))
        return told if told["messages"]["answered"] == about == 6 else None

    told = wait_until(counted, "the counters")
    zones = {zone["name"]: zone for zone in told["zones"]}
    assert (zones["bl.test"]["noerror"], zones["bl.test"]["nxdomain"]) == (3, 1)
    assert zones["other.test"]["noerror"] == 1
    assert told["queries"]["noerror"] == 4 and told["queries"]["failed"] == 1
    assert len(told["workers"]) == 2
    assert sum(worker["received"] for worker in told["workers"]) == 6
    assert told["messages"]["received"] == 6 and told["messages"]["log_lines_lost"] == 0
    assert told["tcp"]["received"] == 0 and told["tcp"]["connections"]["open"] == 0
    assert set(told["rates"]) == {"1s", "10s", "60s"}
    done = tool.run("stats")
    assert done.returncode == 0
    assert re.search(r"^bl\.test +3 +1 +0 +0 ", done.stdout, re.M)
    assert re.search(r"^all +4 +1 +1 +0 ", done.stdout, re.M)


@pytest.mark.parametrize(
    "count, words",
    [
        (1, ["1 reply dropped", "1 query over the quota of its key", "1 line lost"]),
        (2, ["2 replies dropped", "2 queries over the quota of their key", "2 lines lost"]),
    ],
)
def test_stats_words(spurn_path, workdir, count, words):
    """Proves that of one there is said what one says of one."""
    names = ("limit_dropped", "limit_truncated", "over_quota", "log_lines_lost")
    answer = {"ok": True, "messages": dict.fromkeys(names, count), "zones": [], "workers": []}
    answer |= {"version": "1", "pid": 1, "uptime": 1, "rates": {}, "queries": {}}
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(str(workdir / "socket"))
        listener.listen()
        listener.settimeout(PATIENCE_S)
        tool = control.Tool(spurn_path, workdir / "socket", workdir)
        with tool.start("stats", stdout=subprocess.PIPE, text=True) as process:
            sock, _ = listener.accept()
            with sock:
                sock.settimeout(PATIENCE_S)
                assert sock.recv(100) == b"stats\n"
                sock.sendall(json.dumps(answer).encode() + b"\n")
            told, _ = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0 and all(word in told for word in words), told


def test_stats_watch(start, client):
    """Proves that --watch writes a line for each interval where there is no terminal, with what came
    in it, draws anew on one, and ends with an error when the server is gone."""
    server, tool = start([ZONE], {"list": "1.2.3.4\n"})
    one = client(server)
    watching = tool.start("stats", "--watch", "0.2", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    terminal = control.Terminal(tool, 80, "stats", "--watch=0.2")

    def has_seen():
        one.ask(NAME)
        return re.search(rb"received [1-9].* noerror [1-9]", watching.stdout.readline())

    wait_until(has_seen, "a line with queries")
    wait_until(lambda: terminal.read() and terminal.data.count(b"\x1b[H\x1b[J") > 1, "the screen")
    assert tool.run("stop").returncode == 0
    assert watching.wait(PATIENCE_S) == 2 and terminal.finish()[1] == 2
    watching.communicate()


@pytest.mark.parametrize("seconds", ["0", "-1", "x", "nan", "1e9"])
def test_wrong_interval(start, seconds):
    """Proves that an interval that makes no sense is refused."""
    _, tool = start([ZONE], {"list": "1.2.3.4\n"})
    done = tool.run("stats", f"--watch={seconds}")
    assert done.returncode == 2 and "give seconds" in done.stderr


# ---- drain and stop ----


@pytest.mark.tsan
def test_drain(start, client):
    """Proves that drain answers SOA with SERVFAIL and all else as ever, that status tells, that this is
    well, and that --off ends it."""
    files = {"list": "$SOA 300 ns.example hostmaster.example 1 1h 1h 1w 1h\n1.2.3.4\n"}
    server, tool = start([ZONE], files)
    one = client(server)
    assert one.ask("bl.test", wire.SOA).rcode == wire.NOERROR
    for arguments, rcode in (([], wire.SERVFAIL), (["--off"], wire.NOERROR)):
        done = tool.run("drain", *arguments)
        assert done.returncode == 0 and "SOA" in done.stdout
        assert one.ask("bl.test", wire.SOA).rcode == rcode
        assert one.ask(NAME).rcode == wire.NOERROR and one.ask(NAME).answer
        told = tool.json("status")
        assert told["draining"] == (rcode == wire.SERVFAIL)
        assert ("Draining" in tool.run("status").stdout) == told["draining"]


def test_stop_waits_for_the_end(start):
    """Proves that after stop the process is gone and its port free, and that a second one says that
    there is nobody."""
    server, tool = start([ZONE], {"list": "1.2.3.4\n"})
    assert tool.run("stop").returncode == 0
    for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
        with socket.socket(socket.AF_INET, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, kind == socket.SOCK_STREAM)
            probe.bind(("127.0.0.1", server.port))
    assert server.process.wait(PATIENCE_S) == 0
    assert server.has_logged("stopping on request")
    assert tool.run("stop").returncode == 2


@pytest.mark.tsan
def test_stop_during_a_reload(start, workdir):
    """Proves that to stop does not wait for a load, and that who waits for that is told."""
    path = workdir / "list"
    server, tool = start([ZONE], {"list": "1.2.3.4\n"})
    reading.long_list(path)
    waiting = control.connect(tool.path)
    waiting.sendall(b"reload\n")
    reading.wait_reading(server, path)
    assert tool.run("stop").returncode == 0
    reply = json.loads(control.read_all(waiting))
    assert "stopping" in reply.get("error", "") or reply["ok"]
    server.stop()


# ---- clients of all kinds ----


@pytest.mark.parametrize(
    "sent, why",
    [
        (b"nonsense\n", "no command 'nonsense'; there are: drain, reload, stats, status, stop"),
        (b"\n", "no command"),
        (b" \t \r\n", "no command"),
        (b"stat", "does not end in a newline"),
        (b"status\nstatus\n", "one command on one line"),
        (b"status now\n", "no arguments"),
        (b"drain --of\n", r"drain \[--off\]"),
        (b"reload --force x y\n", r"reload \[--force\] \[ZONE\]"),
        (b"reload " + b"a b c d e f g h i\n", "too many words"),
        (b"x" * 100_000 + b"\n", "at most 2047 bytes"),
        (b"x" * 5000, "at most 2047 bytes"),
        (b"\0\n", "no command"),
        (b"reload \x1b[2J\xff\n", "no zone"),
    ],
)
def test_bad_lines(start, sent, why):
    """Proves that what is no command gets an answer that says so, as JSON, and does no harm."""
    _, tool = start([ZONE], {"list": "1.2.3.4\n"})
    with control.connect(tool.path) as sock:
        try:
            sock.sendall(sent)
            sock.shutdown(socket.SHUT_WR)
        except BrokenPipeError:
            pass
        reply = json.loads(control.read_all(sock))
    assert re.search(why, reply["error"]), reply
    assert control.ask(tool.path, "status")["ok"]


def test_line_in_pieces(start):
    """Proves that a line may come byte by byte, with blanks and CR, and that the client may end its
    side of the connection, as nc -N does."""
    _, tool = start([ZONE], {"list": "1.2.3.4\n"})
    for line in (b"status\n", b"  status \r\n", b"reload  --force\tbl.test\n"):
        with control.connect(tool.path) as sock:
            for byte in line:
                sock.sendall(bytes([byte]))
            sock.shutdown(socket.SHUT_WR)
            assert json.loads(control.read_all(sock))["ok"]


def test_silent_clients_keep_nobody_out(start, client):
    """Proves that however many clients connect and say nothing, or half a line, others get their
    answers, on this socket and by DNS; those who have been silent the longest are told why they had to
    go."""
    server, tool = start([ZONE], {"list": "1.2.3.4\n"})
    silent = []
    for number in range(400):
        silent.append(control.connect(tool.path))
        if number % 2:
            silent[-1].sendall(b"rel")
        if number % 50 == 0:
            assert control.ask(tool.path, "status")["ok"]
    assert client(server).ask(NAME).answer
    assert "others want to ask" in json.loads(control.read_all(silent[0]))["error"]
    assert control.ask(tool.path, "status")["ok"]
    silent[-1].sendall(b"oad\n")
    assert json.loads(control.read_all(silent[-1]))["ok"]
    for sock in silent:
        sock.close()


def test_slow_readers_keep_nobody_waiting(start, client):
    """Proves that clients that do not take long replies, or vanish in the middle of them, keep nobody
    waiting."""
    zones = [f"zone-{'x' * 40}-{number}.test:ip4set:list" for number in range(2000)]
    server, tool = start([*zones, ZONE], {"list": "1.2.3.4\n"})
    slow = []
    for number in range(40):
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        sock.connect(tool.path)
        sock.settimeout(PATIENCE_S)
        sock.sendall(b"status\n")
        slow.append(sock)
        if number % 4 == 0:
            assert sock.recv(10)
            sock.close()
    assert client(server).ask(NAME).answer
    assert len(control.ask(tool.path, "stats")["zones"]) == 2001
    # Late, but whole.
    assert len(json.loads(control.read_all(slow[1]))["zones"]) == 2001
    for sock in slow:
        sock.close()


@pytest.mark.tsan
def test_clients_that_vanish_during_a_reload(start, workdir):
    """Proves that those who ask for a reload and go away before it is done are no loss, whether they
    close or break the connection, and that the others are answered."""
    server, tool = start([ZONE], {"list": "1.2.3.4\n"})
    for value in (2, 3):
        replace(workdir / "list", big_list(value))
        staying = control.connect(tool.path)
        for number in range(50):
            sock = control.connect(tool.path)
            sock.sendall(b"reload\nmore\n" if number % 3 == 0 else b"reload\n")
            if number == 25:
                staying.sendall(b"reload\n")
            sock.close()
        assert json.loads(control.read_all(staying))["ok"]
    assert server.process.poll() is None
    assert control.ask(tool.path, "status")["ok"]


@pytest.mark.tsan
def test_all_at_once(start, client, workdir):
    """Proves that commands of all kinds at the same time, with reloads that change data, are all
    answered."""
    server, tool = start([ZONE], {"list": "1.2.3.4\n"})
    lines = ["status", "reload", "stats", "drain", "drain --off", "reload --force bl.test"]
    ended = threading.Event()

    def change():
        value = 2
        while not ended.wait(0.02):
            value = value % 200 + 1
            replace(workdir / "list", f"1.2.3.4 :{value}:\n")

    changing = threading.Thread(target=change)
    changing.start()
    try:
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            replies = list(pool.map(lambda n: control.ask(tool.path, lines[n % 6]), range(240)))
    finally:
        ended.set()
        changing.join()
    assert all("error" not in reply for reply in replies), replies
    assert client(server).ask(NAME).answer
