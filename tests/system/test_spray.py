# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""`spurn spray` against spurnd, and against a server that loses, delays, repeats and falsifies:
exact counts of what became of queries. Its source ports: which ones, when they are bound, and never
those of others."""

import collections
import json
import math
import os
import signal
import socket
import subprocess
import time

import pytest

from conftest import cannot_run
from lib import daemon, misfortune, netns
from lib.daemon import PATIENCE_S, SANITIZED, environment, run, wait_until
from lib.misfortune import reply
from lib.process import has_signal

LISTED = [f"192.0.2.{number}" for number in range(1, 201)]
HEAD = "$SOA 300 ns.example hostmaster.example 1 1h 1h 1w 1h\n$TTL 300\n"
IP4SET = HEAD + ":2:listed\n" + "\n".join(LISTED) + "\n"
ZONE = "bl.example:ip4set:list"
# A query is lost after so long: a machine that is slow must not lose one by itself.
LOST_S = 10 if SANITIZED else 3
# So many on the way fit into any socket, however long the server has no time for it.
FEW = ("--in-flight", "100")


@pytest.fixture(name="spray")
def _spray(spurn_path, workdir):
    """Runs `spurn spray --json` for the zone file `list` against a server; returns exit status and
    report."""
    (workdir / "list").write_text(IP4SET)

    def go(port, *options, words=(ZONE,), command=(), address="127.0.0.1", status=None):
        target = f"@{address}/{port}"
        arguments = [*command[1:], spurn_path, "spray", "--json", *options, target, *words]
        done = run(
            (*command, spurn_path)[0],
            arguments if command else arguments[1:],
            workdir,
            patience_s=10 * PATIENCE_S,
        )
        if status is not None:
            assert done.returncode == status, done.stderr
        return json.loads(done.stdout) if done.stdout else done

    return go


def counts(report):
    """What is not 0 of what can be out of order."""
    names = "lost wrong_rcode wrong_answer truncated late duplicates strange unsendable held unsent"
    return {name: report[name] for name in names.split() if report[name]}


@pytest.mark.tsan
@pytest.mark.parametrize(
    "options",
    [
        (),
        ("--sockets", "5"),
        ("--pool", "300"),
        ("--pool-grow", "300"),
        ("--per-query",),
        ("--threads", "4", "--sockets", "5"),
        ("--threads", "4", "--pool", "100", "--rate", "20000", *FEW),
        ("--threads", "2", "--per-query", "--rate", "5000", *FEW),
    ],
    ids=" ".join,
)
def test_all_is_well(spurnd, spray, options):
    """Each policy, with one thread and with several: all are answered and right, each is counted
    once, and as the server counts them."""
    server = spurnd.start([ZONE], {"list": IP4SET}, ["--nsid", "here"])
    types = ("--types", "A,TXT,AAAA", "--hit-ratio", "0.25")
    report = spray(server.port, "-n", "2000", *types, *options, status=0)
    assert (report["sent"], report["answered"]) == (2000, 2000)
    assert set(counts(report)) <= {"held"}
    assert report["rcodes"] == {"NOERROR": 500, "NXDOMAIN": 1500}
    assert [(one["nsid"], one["answered"]) for one in report["servers"]] == [("here", 2000)]
    expected = {"--sockets": 5, "--pool": 300, "--pool-grow": 300, "--per-query": 2000}
    if "--threads" not in options:
        assert report["ports"]["used"] == expected[options[0]] if options else 1


@pytest.mark.parametrize("option", ["--no-nsid", "--no-edns"])
def test_nobody_is_asked_who_he_is(spurnd, spray, option):
    """Queries without NSID, and without EDNS: servers are not told apart."""
    server = spurnd.start([ZONE], {"list": IP4SET}, ["--nsid", "here"])
    report = spray(server.port, "-n", "100", option, status=0)
    assert report["servers"] == [{"nsid": None, "nsid_hex": None, "answered": 100}]
    assert report["setup"]["edns"] == (option == "--no-nsid") and not report["setup"]["nsid"]


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_families(spurnd, spray, address):
    """IPv4 and IPv6."""
    server = spurnd.start([ZONE], {"list": IP4SET}, addresses=(address,))
    report = spray(server.port, "-n", "500", "--pool", "20", address=address, status=0)
    assert (report["answered"], report["ports"]["used"]) == (500, 20)


KINDS = {
    "ip4trie": HEAD + "192.0.2.0/24 :2:x\n!192.0.2.128/25\n",
    "ip6trie": HEAD + ":2:x\n2001:db8::/32\n!2001:db8:1::/48\n",
    "dnset": HEAD + ":2:x\nbad.example\n.worse.example\n!good.worse.example\n",
    "generic": HEAD + "a A 127.0.0.2\nb.c TXT text\nm MX 10 mail.example\n",
    "combined": HEAD + "$DATASET ip4set ips @\n:2:x\n192.0.2.1\n"
    "$DATASET dnset names\n:3:y\nbad.example\n",
}


@pytest.mark.parametrize("kind", list(KINDS))
def test_kinds(spurnd, spray, kind):
    """What is right is known for each type of data; a server that has lost its list is found
    out."""
    zone = f"bl.example:{kind}:list"
    words = ["--hit-ratio", "0.5", "--types", "A,TXT,MX", "-n", "600"]
    server = spurnd.start([zone], {"list": KINDS[kind]})
    report = spray(server.port, *words, words=[zone], status=0)
    assert report["rcodes"] == {"NOERROR": 300, "NXDOMAIN": 300}
    empty = spurnd.start([zone], {"list": HEAD})
    (spurnd.directory / "list").write_text(KINDS[kind])
    report = spray(empty.port, *words, words=[zone], status=1)
    assert counts(report) == {"wrong_rcode": 300}


def test_plain_list(spurnd, spray, workdir):
    """A plain list: only errors are wrong; with --hit-ratio it is said to be what is listed."""
    server = spurnd.start([ZONE], {"list": IP4SET})
    (workdir / "names").write_text("\n".join(LISTED[:50] + ["198.51.100.1", "# no"]) + "\n")
    words = ["--list", "names", "bl.example"]
    report = spray(server.port, "-n", "510", words=words, status=0)
    assert report["rcodes"] == {"NOERROR": 500, "NXDOMAIN": 10}
    report = spray(server.port, "-n", "1020", "--hit-ratio", "0.5", words=words, status=1)
    assert report["rcodes"] == {"NOERROR": 500, "NXDOMAIN": 520}
    assert counts(report) == {"wrong_rcode": 10}
    report = spray(server.port, "-n", "10", words=["--list", "names", "other.example"], status=1)
    assert report["rcodes"] == {"REFUSED": 10} and counts(report) == {"wrong_rcode": 10}


def test_misfortunes(spray):
    """Each thing that can happen to a query, ten times, among others that nothing happens to. What
    is no answer is never counted as one."""
    held_back = []

    def rule(server, number, query):
        good = reply(query)
        if number == 300 + 150 * LOST_S:
            return [*held_back, good]
        if number >= 90:
            return good
        if number >= 80:
            held_back.append(good)
            return []
        if number % 8 == 4:  # from another port
            server.elsewhere.sendto(good, server.clients[-1])
            return []
        wrong_id = bytes([good[0], good[1] ^ 1]) + good[2:]
        wrong_question = good[:13] + bytes([good[13] ^ 1]) + good[14:]
        return {
            0: [],
            1: [good, good],
            2: reply(query, misfortune.NXDOMAIN, False),
            3: [wrong_id],
            5: reply(query, has_record=False, flags=misfortune.QR | misfortune.TC),
            6: [wrong_question],
            7: reply(query, has_record=False),
        }[number % 8]

    with misfortune.Server(rule) as server:
        count = 400 + 150 * LOST_S
        report = spray(server.port, "--rate", "150", "-n", str(count), "-w", str(LOST_S), status=1)
    assert report["sent"] == count == len(server.clients)
    assert report["answered"] == count - 50
    assert counts(report) == {
        "lost": 50,
        "late": 10,
        "duplicates": 10,
        "wrong_rcode": 10,
        "wrong_answer": 10,
        "truncated": 10,
        "strange": 20,
    }
    assert report["rcodes"] == {"NOERROR": count - 60, "NXDOMAIN": 10}
    assert report["servers"] == [{"nsid": None, "nsid_hex": None, "answered": count - 50}]
    assert report["setup"]["in_flight"] > 1000


def test_nobody_there(spray):
    """No server on the port: all are lost, and the kernel's messages are counted."""
    port = daemon.free_port()
    report = spray(port, "-n", "50", "-w", "0.3", status=1)
    assert counts(report) == {"lost": 50} and report["refused"] > 0


def test_due_and_not_sent(spray):
    """Time that a query waits for its turn is time that its client waits (no coordinated
    omission)."""

    def rule(_server, _number, query):
        # Not to wait for something: the server is to be slow.
        time.sleep(0.02)
        return reply(query)

    with misfortune.Server(rule) as server:
        options = ("--rate", "1000", "-n", "50", "--in-flight", "1")
        report = spray(server.port, *options, status=0)
    assert counts(report) == {"held": 49}
    # The last one was due after 49 ms, and was answered after a second at the earliest.
    assert report["latency_us"]["max"] > 940_000
    assert report["latency_us"]["p50"] > 400_000


@pytest.mark.parametrize("rate", [4, 300, 20000])
def test_rate(spurnd, spray, rate):
    """A rate is held, from a few queries to many: as many as were due, and not earlier."""
    server = spurnd.start([ZONE], {"list": IP4SET})

    def is_held():
        report = spray(server.port, "--rate", str(rate), "-d", "1", *FEW)
        assert report["sent"] + report["unsent"] == rate
        assert report["sent"] == report["answered"] and report["seconds"] > 0.999
        return rate > 1000 or report["unsent"] == 0

    # The last ones are not sent where there was no CPU for them just then.
    wait_until(is_held, "a machine that is quick enough for once")


def test_threads_add_up(spray):
    """What threads count adds up to what there was, as a server sees it: lost and wrong answers,
    and the queries from each port."""

    def rule(_server, number, query):
        if number % 10 == 3:
            return []
        return reply(query, misfortune.NXDOMAIN if number % 10 == 7 else misfortune.NOERROR)

    with misfortune.Server(rule) as server:
        options = ("--threads", "3", "--sockets", "5", "-n", "600", "-w", str(LOST_S))
        report = spray(server.port, *options, *FEW, status=1)
    assert (report["sent"], report["answered"]) == (600, 540)
    assert counts(report) == {"lost": 60, "wrong_rcode": 60}
    ports = collections.Counter(server.ports()).values()
    assert sum(ports) == 600
    assert (
        (report["ports"]["used"], report["ports"]["max"])
        == (5, max(ports))
        == (len(ports), max(ports))
    )
    entropy = sum(-n / 600 * math.log2(n / 600) for n in ports)
    assert report["ports"]["entropy"] == pytest.approx(entropy, abs=1e-6)


def test_far_too_fast(spray):
    """At a rate that nobody holds all that was due is told, of each thread."""
    with misfortune.Server() as server:
        options = ("--threads", "2", "--sockets", "2", "--rate", "1000000000", "-d", "0.01")
        report = spray(server.port, *options, "--in-flight", "20", status=1)
    assert report["sent"] == report["answered"] == len(server.clients)
    assert report["sent"] + report["unsent"] == 10_000_000


# ---- source ports ----


@pytest.fixture(name="network")
def _network():
    """A network without anybody else in it, and a server there."""
    if not netns.is_possible():
        cannot_run("network namespaces need root")
    with netns.namespaces("spray") as (space,):
        yield space


def open_ports(pid):
    """The local ports of UDP sockets in the network of a process, but for the server's."""
    with open(f"/proc/{pid}/net/udp", encoding="ascii") as table:
        ports = [int(line.split()[1].split(":")[1], 16) for line in list(table)[1:]]
    return ports


@pytest.mark.parametrize(
    "policy, expected",
    [
        (["--sockets", "3"], lambda n: 3),
        (["--pool", "60"], lambda n: 60),
        (["--pool-grow", "60"], lambda n: min(n + 1, 60)),
        (["--per-query"], lambda n: 1),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_when_ports_are_bound(spray, network, policy, expected):
    """How many ports are bound as each query leaves, with the next one behind its answer; and each
    query's is a new one until there are no more."""
    seen = []

    def rule(_server, _number, query):
        ports = open_ports(network.processes()[-1])
        ports.remove(server.port)
        seen.append(ports)
        return reply(query)

    with misfortune.Server(rule, network.socket()) as server:
        options = ("-n", "80", "--in-flight", "1", *policy)
        spray(server.port, *options, command=network.command, status=0)
    assert [len(ports) for ports in seen] == [expected(n) for n in range(80)]
    assert all(len(set(ports)) == len(ports) for ports in seen)
    different = len(set(server.ports()))
    assert different == {"--sockets": 3, "--per-query": 80}.get(policy[0], 60)
    # All have had one query before one has a second.
    assert len(set(server.ports()[:different])) == different


@pytest.mark.parametrize(
    "policy",
    [
        ["--pool", "48"],
        ["--pool-grow", "48"],
        ["--per-query"],
        ["--per-query", "--threads", "2"],
    ],
    ids=" ".join,
)
def test_ports_of_others(spray, network, workdir, policy):
    """Ports that are reserved, to be avoided, or somebody's are never used, though there are hardly
    any others; the report says whose they were."""
    network.run("sysctl", "-qw", "net.ipv4.ip_local_reserved_ports=1800-1810,1815")
    (workdir / "services").write_text("# mine\nradius-acct 1813/udp\nweb 1816/tcp\n")
    somebody = network.socket()
    somebody.bind(("127.0.0.2", 1812))  # on whichever address
    options = ["--port-range", "1800-1865", "--avoid", "services", "--avoid", "1814,1864-1900"]
    usable = set(range(1800, 1866)) - {*range(1800, 1811), *range(1813, 1817), 1864, 1865}
    with misfortune.Server(sock=network.socket()) as server:
        report = spray(
            server.port, "-n", "500", *options, *policy, command=network.command, status=0
        )
    somebody.close()
    assert set(server.ports()) == usable - {1812}
    assert report["ports"]["used"] == 48 and report["ports"]["usable"] == 49
    assert (report["ports"]["reserved"], report["ports"]["avoided"]) == (12, 5)
    # A pool may be full before it comes to that one.
    taken = [{"port": 1812, "service": "radius"}]
    assert report["ports"]["taken"] in ([taken] if "--per-query" in policy else [taken, []])


def test_too_few_ports(spray, network):
    """More sockets than ports: an error that says what there is."""
    somebody = network.socket()
    somebody.bind(("127.0.0.1", 5005))
    for count, status in (("9", 0), ("10", 2), ("11", 2)):
        with misfortune.Server(sock=network.socket()) as server:
            options = ("-n", "20", "--pool", count, "--port-range", "5000-5009")
            done = spray(server.port, *options, command=network.command, status=status)
            assert status == 0 or not server.clients
    somebody.close()
    assert "not enough free ports: of 5000-5009 10 may be used" in done.stderr


def test_other_family(spurnd, spray):
    """Over IPv6 a port that somebody has over IPv4 is free."""
    server = spurnd.start([ZONE], {"list": IP4SET}, addresses=("::1",))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as somebody:
        somebody.bind(("", 0))
        port = somebody.getsockname()[1]
        options = ("-n", "20", "--port-range", f"{port}-{port}")
        report = spray(server.port, *options, address="::1", status=0)
    assert report["answered"] == 20 and report["ports"]["taken"] == []


# ---- limits and ends ----


def test_open_files(spray):
    """The soft limit of open files is raised; if the hard one is too low, that is said."""
    with misfortune.Server() as server:
        few = ["sh", "-c", 'ulimit -Sn 50; exec "$@"', "sh"]
        report = spray(server.port, "-n", "400", "--pool", "200", command=few, status=0)
        assert report["ports"]["used"] == 200
        fewer = ["sh", "-c", 'ulimit -n 150; exec "$@"', "sh"]
        if os.geteuid() == 0:
            fewer = ["setpriv", "--bounding-set=-sys_resource", *fewer]
        done = spray(server.port, "-n", "400", "--pool", "200", command=fewer, status=2)
        assert "may open 150 files" in done.stderr and "ulimit -n" in done.stderr
        # Without a number of one's own it does with what there is.
        options = ("-n", "400", "--per-query", "--rate", "100000")
        report = spray(server.port, *options, command=fewer, status=0)
        assert report["setup"]["in_flight"] < 150 and report["ports"]["used"] == 400


@pytest.mark.parametrize("signals", [1, 2])
def test_ctrl_c(spurn_path, workdir, signals):
    """Ctrl-C ends it, and the report is of what was up to then; twice, it does not wait for
    answers."""
    (workdir / "list").write_text(IP4SET)

    def rule(_server, _number, query):
        return reply(query) if signals == 1 else []

    with misfortune.Server(rule) as server:
        child = subprocess.Popen(
            [
                *(spurn_path, "spray", "--json", f"@127.0.0.1/{server.port}", "--rate", "200"),
                *("-n", "1000000", "-w", "3000", ZONE),
            ],
            cwd=workdir,
            stdout=subprocess.PIPE,
            env=environment(),
        )
        try:
            wait_until(lambda: len(server.clients) >= 50, "50 queries")
            for _ in range(signals):
                child.send_signal(signal.SIGINT)
                wait_until(
                    lambda: not has_signal(child.pid, signal.SIGINT, "SigPnd", "ShdPnd"), "Ctrl-C"
                )
            out, _ = child.communicate(timeout=PATIENCE_S)
        finally:
            child.kill()
            child.wait()
    report = json.loads(out)
    assert report["interrupted"] and 50 <= report["sent"] == len(server.clients)
    answered = report["sent"] if signals == 1 else 0
    assert report["answered"] == answered and report["lost"] == report["sent"] - answered
    assert child.returncode == (0 if signals == 1 else 1)


def test_ctrl_c_before_it_sends(spurn_path, workdir):
    """While it waits for what to ask there is nothing to report: Ctrl-C ends it as any program."""
    with subprocess.Popen(
        [spurn_path, "spray", "@127.0.0.1:9", "--list", "-", "bl.example"],
        cwd=workdir,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        bufsize=0,
        env=environment(),
    ) as child:
        child.stdin.write(b"192.0.2.1\n" * 100000)  # more than a pipe holds, so that it has begun
        child.send_signal(signal.SIGINT)
        assert child.wait(timeout=PATIENCE_S) == -signal.SIGINT
        assert child.stdout.read() == b""


@pytest.mark.parametrize(
    "arguments, says",
    [
        ([ZONE], "no server to ask"),
        (["@127.0.0.1"], "nothing to ask for"),
        (["@127.0.0.1", "@127.0.0.2", ZONE], "one server at a time"),
        (["@127.0.0.1", "bl.example"], "bl.example"),
        (["@127.0.0.1", "bl.example:ip4set:no-such-file"], "no-such-file"),
        (["@127.0.0.1", "--list", "no-such-file", "bl.example"], "no-such-file"),
        (["@127.0.0.1", ZONE, "bl.example:acl:list"], "access list"),
        (["@127.0.0.1", "--rate", "-1", ZONE], "--rate -1"),
        (["@127.0.0.1", "--rate", "nan", ZONE], "--rate nan"),
        (["@127.0.0.1", "--pool", "0", ZONE], "--pool 0"),
        (["@127.0.0.1", "--pool", "65536", ZONE], "--pool 65536"),
        (["@127.0.0.1", "--port-range", "9-5", ZONE], "--port-range 9-5"),
        (["@127.0.0.1", "--avoid", "no-such-file", ZONE], "no-such-file"),
        (["@127.0.0.1", "--types", "A,NAPTR", ZONE], "--types A,NAPTR"),
        (["@127.0.0.1", "--hit-ratio", "1.5", ZONE], "--hit-ratio 1.5"),
        (["@127.0.0.1", "--port-range", "0", ZONE], "not enough free ports"),
        (["@127.0.0.1", "--nonsense", ZONE], "nonsense"),
    ],
)
def test_slips(spurn_path, workdir, arguments, says):
    """Slips of the command line, and what is in the way: status 2, nothing on stdout, and what it
    is."""
    (workdir / "list").write_text(IP4SET)
    done = run(spurn_path, ["spray", "-n", "1", *arguments], workdir)
    assert (done.returncode, done.stdout) == (2, "") and says in done.stderr, done.stderr
