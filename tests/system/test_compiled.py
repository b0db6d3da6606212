# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""Lists that `spurn compile` made, served by the type compiled: a server that reads the text and one that maps
what was compiled of it stand side by side, with the same options, and every reply is compared as a
whole.

SPURN_COMPILED_QUERIES says how many questions are asked (1000000: at every end of the real lists, too;
that takes some minutes), SPURN_SEED where random zones begin."""

import contextlib
import json
import os
import random
import re
import shutil
from ipaddress import IPv6Address
from pathlib import Path

import conftest
from lib import compiled, daemon, geoip, udp, wire
from lib.compare import Judge
from lib.zonefuzz import queries, zoneset

DEFAULT_QUERIES = 6_000 if daemon.SANITIZED else 40_000
QUERIES = int(os.environ.get("SPURN_COMPILED_QUERIES", DEFAULT_QUERIES))
QUERIES_PER_SET = 2000
FIRST_SEED = int(os.environ.get("SPURN_SEED", 20261122))
# Questions whose replies are compared at a time: as many as there are IDs.
PART = 50_000
SHOWN = 5

SUFFIXES = Path("/usr/share/publicsuffix/public_suffix_list.dat")
# What spurn compile wants to know of the options of spurnd: the others are for those who answer.
PARSING = ("-e", "-C", "--entry-parameters", "--ip6-in-ip4trie")


def compile_specs(spurn_path, directory, specs, options=(), output="all.cdb"):
    """Compiles all data sets of `specs` in `directory`; the specifications that serve them from there."""
    data = [spec for spec in specs if ":acl:" not in spec and ":aclkey:" not in spec]
    parsing = [option for option in options if option in PARSING]
    done = compiled.run(spurn_path, ["compile", "-o", output, *parsing, *data], directory)
    assert done.returncode == 0, done.stderr
    os.chmod(os.path.join(directory, output), 0o644)
    served = [
        spec if spec not in data else f"{spec.split(':')[0]}:compiled:{output}" for spec in specs
    ]
    return list(dict.fromkeys(served))


@contextlib.contextmanager
def both_running(paths, directory, specs, options=()):
    """(server of the text, server of what was compiled of it): `paths` are those of spurnd and spurn."""
    spurnd, spurn = paths
    addresses = ("127.0.0.1",)
    mapped = compile_specs(spurn, directory, specs, options)
    servers = []
    try:
        for what in (specs, mapped):
            servers.append(daemon.Daemon(spurnd, [*options, *what], directory, addresses=addresses))
        yield servers
        for server in servers:
            server.stop()
    finally:
        for server in servers:
            server.kill()


def is_same(one, other):
    """Do two raw replies to one question say the same? The order of records changes from reply to reply."""
    return one == other or Judge.is_same(wire.parse(one), wire.parse(other))


def compare(servers, packets):
    """Asks both servers the same; `packets` are without their IDs."""
    for first in range(0, len(packets), PART):
        part = packets[first : first + PART]
        numbered = [number.to_bytes(2, "big") + packet for number, packet in enumerate(part)]
        replies = []
        for server in servers:
            with udp.client_from("127.0.0.1", server.port) as client:
                replies.append(udp.exchange_all(client.sock, numbered))
        different = [at for at in range(len(part)) if not is_same(replies[0][at], replies[1][at])]
        assert not different, f"{len(different)} of {len(part)} replies differ\n" + "\n".join(
            f"--- text\n{wire.show(replies[0][at])}\n--- compiled\n{wire.show(replies[1][at])}"
            for at in different[:SHOWN]
        )


def question(qname, qtype=wire.A):
    """A query without its ID."""
    on_wire = qname if isinstance(qname, bytes) else wire.name_of(qname)
    return wire.query(on_wire, qtype, ident=0)[2:]


def mixed(rng, qnames):
    """Questions for names: each for one of the types that lists are asked for."""
    types = (wire.A, wire.A, wire.TXT, wire.ANY)
    return [question(qname, rng.choice(types)) for qname in qnames]


# ---- Everything that the zone language has. ----


def zone_sets():
    """Random zone sets and questions that fit them. A server that is to serve what cannot be loaded (-q) has
    nothing that one could compile; malformed questions are none of a data set's."""
    seed = FIRST_SEED
    for _ in range(max(1, QUERIES // QUERIES_PER_SET)):
        zones = zoneset.make(seed)
        while "-q" in zones.options:
            seed += 1
            zones = zoneset.make(seed)
        yield seed, zones, queries.Asker(zones, seed).make(QUERIES_PER_SET)
        seed += 1


def test_random_zones(spurnd_path, spurn_path, workdir):
    """Proves that random zones of all types, with all that lines can say, right and wrong, are answered from
    what was compiled as from the text, whatever -t, -e, -a and -A say, and with access lists."""
    for seed, zones, asked in zone_sets():
        print(f"SPURN_SEED={seed}", *zones.options, *zones.specs)
        directory = workdir / str(seed)
        directory.mkdir(mode=0o755)
        zones.write(directory)
        packets = [query.packet[2:] for query in asked if query.source == "127.0.0.1"]
        with both_running((spurnd_path, spurn_path), directory, zones.specs, zones.options) as two:
            compare(two, packets)
        shutil.rmtree(directory)


PARAMETERS = """\
$TTL 5m
$1 one
$= <$=> for $
:2:the default $1
192.0.2.1
192.0.2.2 :3:never @ ts=4102444800
192.0.2.3 =raw \xe4\xf6\xfc \xff @ key=require
192.0.2.4 @ ts=1;delay=5m
192.0.2.0/24 :4:
2001:db8::/32 six $ @ ts=1
!2001:db8:1::/48
"""


def test_entry_parameters(spurnd_path, spurn_path, workdir):
    """Proves that conditions, an ip4trie with IPv6 prefixes, variables and texts that are no UTF-8 are the same."""
    (workdir / "list").write_bytes(PARAMETERS.encode("latin-1"))
    (workdir / "keys").write_text(":pass\nsecret :pass\n")
    specs = ["bl.test:ip4trie:list", "bl.test:aclkey:keys", "two.test:ip4trie:list"]
    asked = [
        question(name, qtype)
        for zone in ("bl.test", "secret.bl.test", "two.test")
        for name in (
            *(wire.reversed_ip4(0xC0000200 + last, zone) for last in range(6)),
            *(wire.reversed_ip6(number << 80, zone) for number in (0x20010DB80000, 0x20010DB80001)),
        )
        for qtype in (wire.A, wire.TXT, wire.ANY)
    ]
    options = ["--entry-parameters", "--ip6-in-ip4trie", "-t", "1h:10m:2h"]
    with both_running((spurnd_path, spurn_path), workdir, specs, options) as two:
        compare(two, asked)


def test_samples(spurnd_path, spurn_path, workdir):
    """Proves that the samples of zones/ are the same, their SOA and NS, empty non-terminals and what is not there
    included."""
    zones = conftest.TOP / "zones"
    specs = [
        line for line in (zones / "zone-specs").read_text().splitlines() if line[:1] not in "#"
    ]
    for path in zones.iterdir():
        shutil.copy(path, workdir)
        (workdir / path.name).chmod(0o644)
    apexes = {spec.split(":")[0] for spec in specs} - {""}
    names = ["", "2.0.0.127", "1.0.0.127", "0.0.127", "test", "invalid", "www", "mail", "2.2.0.192"]
    names += ["example.com", "a.example.com", ".".join("2000007fffff") + 20 * ".0"]
    asked = [
        question(f"{name}.{apex}".lstrip("."), qtype)
        for apex in apexes
        for name in names
        for qtype in (wire.A, wire.TXT, wire.ANY, wire.SOA, wire.NS, wire.MX, wire.AAAA)
    ]
    with both_running((spurnd_path, spurn_path), workdir, specs) as two:
        compare(two, asked)


# ---- Real lists. ----


# Of real ranges one in so many, unless there is time.
STEP = 1 if QUERIES > DEFAULT_QUERIES else 20 if daemon.SANITIZED else 5


def ends(rng, ranges, count, beyond):
    """Numbers at the ends of ranges and beside them, all of them or about `count`, and as many anywhere."""
    some = ranges if 4 * len(ranges) <= count else rng.sample(ranges, count // 4)
    numbers = [
        number
        for first, last, _ in some
        for number in (first - 1, first, last, (last + 1) % beyond)
    ]
    return numbers + [rng.randrange(beyond) for _ in range(count)]


def test_real_addresses(spurnd_path, spurn_path, workdir):
    """Proves that 385,000 ranges of IPv4 and 277,000 of IPv6 are the same, at their ends, beside them and
    anywhere."""
    rng = random.Random(FIRST_SEED)
    four, six = geoip.ip4_ranges()[::STEP], geoip.ip6_ranges()[::STEP]
    with open(workdir / "four", "w", encoding="ascii") as out:
        for first, last, country in four:
            out.write(f"{dotted(first)}-{dotted(last)} :{ord(country[0])}:{country} $\n")
    with open(workdir / "six", "w", encoding="ascii") as out:
        for first, last, country in six:
            length = 128 - (last - first + 1).bit_length() + 1
            out.write(f"{IPv6Address(first).exploded}/{length} :{ord(country[0])}:{country} $\n")
    specs = ["four.test:ip4set:four", "six.test:ip6trie:six"]
    numbers4 = ends(rng, four, QUERIES // 8, 1 << 32)
    numbers6 = ends(rng, six, QUERIES // 8, 1 << 128)
    asked = mixed(rng, (wire.reversed_ip4(one % (1 << 32), "four.test") for one in numbers4))
    asked += mixed(rng, (wire.reversed_ip6(one % (1 << 128), "six.test") for one in numbers6))
    with both_running((spurnd_path, spurn_path), workdir, specs) as two:
        compare(two, asked)


def dotted(number):
    """An IPv4 address as text."""
    return ".".join(str(number >> shift & 255) for shift in (24, 16, 8, 0))


def test_real_names(spurnd_path, spurn_path, workdir):
    """Proves that the public suffixes, with their wildcards and exceptions, are the same: each rule's name, what is
    below and above it, and neighbours that have none."""
    if not SUFFIXES.exists():
        conftest.cannot_run(f"no {SUFFIXES}: install Debian's package publicsuffix")
    rng = random.Random(FIRST_SEED)
    text = SUFFIXES.read_text(encoding="utf-8")
    rules = [line.split()[0] for line in text.splitlines() if line.strip() and line[:2] != "//"]
    rules = [rule for rule in rules if rule.isascii()]
    (workdir / "names").write_text("".join(f"{rule} :2:{rule} is $\n" for rule in rules))
    some = rules if 4 * len(rules) <= QUERIES // 2 else rng.sample(rules, QUERIES // 8)
    names = []
    for rule in some:
        name = rule.lstrip("!*.")
        names += [name, f"x.{name}", f"y.x.{name}", name.partition(".")[2] or "x", f"x{name}"]
    asked = mixed(rng, (f"{name}.psl.test" for name in names))
    with both_running((spurnd_path, spurn_path), workdir, ["psl.test:dnset:names"]) as two:
        compare(two, asked)


# ---- How they are served. ----

LIST = "$SOA 1h ns.test h.test 0 1h 15m 4w 10m\n$NS 1d ns.test\n" + "".join(
    f"10.0.{number >> 8}.{number & 255}\n" for number in range(3000)
)


def remake(spurn_path, workdir, text, output="list.cdb"):
    """Compiles bl.test anew."""
    (workdir / "list").write_text(text)
    return compile_specs(spurn_path, workdir, ["bl.test:ip4set:list"], output=output)


def is_listed(client, server, address):
    """Is an address of bl.test listed?"""
    name = ".".join([*reversed(address.split(".")), "bl.test"])
    return client(server).ask(name).rcode == wire.NOERROR


def test_reload(spurnd, client, spurn_path, workdir):
    """Proves that a new file that is renamed into place is served at once, that what is new in it is counted, and
    that one that has lost too much is held back until somebody insists."""
    specs = remake(spurn_path, workdir, LIST)
    out = workdir / "out"
    out.mkdir(0o777)
    out.chmod(0o777)
    control = ["--control", str(out / "control")]
    server = spurnd.start(specs, options=[*control, "-c", "1h"])
    assert "3000 entries" in server.log() and "of them mapped" in server.log()
    remake(spurn_path, workdir, LIST + "10.9.9.9 :3:new\n10.0.0.1 :4:\n")
    server.wait_log(r"3002 entries.*; 2 added, 0 removed, 0 changed")
    daemon.wait_until(lambda: is_listed(client, server, "10.9.9.9"), "the new list")
    remake(spurn_path, workdir, "10.0.0.1\n")
    server.wait_log("last good data are still served: of 3002 entries only 1 would be left")
    assert is_listed(client, server, "10.9.9.9")
    done = daemon.run(spurn_path, ["reload", "--force", "--control", str(out / "control")], workdir)
    assert done.returncode == 0, done.stderr
    assert not is_listed(client, server, "10.9.9.9") and is_listed(client, server, "10.0.0.1")


def test_another_type(spurnd, client, spurn_path, workdir):
    """Proves that a file may come to have data of another type, or of several: all entries are new then."""
    specs = remake(spurn_path, workdir, LIST)
    server = spurnd.start(specs, options=["-c", "1h", "--max-shrink", "100%"])
    (workdir / "trie").write_text("10.0.0.1\n")
    (workdir / "names").write_text("*.x.example\n")
    compile_specs(spurn_path, workdir, ["bl.test:ip4trie:trie"], output="list.cdb")
    server.wait_log("1 entry,.*; 1 added, 3000 removed, 0 changed")
    both = ["bl.test:ip4trie:trie", "bl.test:dnset:names"]
    compile_specs(spurn_path, workdir, both, output="list.cdb")
    server.wait_log("2 entries.*; 2 added, 1 removed, 0 changed")
    one = client(server)
    assert one.ask("a.x.example.bl.test").rcode == wire.NOERROR
    assert one.ask("1.0.0.10.bl.test").rcode == wire.NOERROR
    assert one.ask("2.0.0.10.bl.test").rcode == wire.NXDOMAIN


def test_zones_of_a_file(spurnd, spurnd_path, client, spurn_path, workdir):
    """Proves that each zone gets what was compiled for it, a file for one zone serves any, several files are one
    data set, and that a zone that is not in a file is told, with those that are."""
    for name in ("one", "two"):
        (workdir / name).write_text(f":{len(name) + ord(name[0]) % 2}:{name}\n1.2.3.4\n")
    pairs = ["one.test:ip4set:one", "two.test:ip4set:two"]
    specs = compile_specs(spurn_path, workdir, pairs)
    compile_specs(spurn_path, workdir, pairs[:1], output="one.cdb")
    compile_specs(spurn_path, workdir, pairs[1:], output="two.cdb")
    server = spurnd.start(
        [*specs, "else.test:compiled:one.cdb", "both.test:compiled:one.cdb,two.cdb"]
    )
    one = client(server)
    texts = {
        zone: sorted(
            wire.txt_text(record.rdata) for record in one.ask(f"4.3.2.1.{zone}", wire.TXT).answer
        )
        for zone in ("one.test", "two.test", "else.test", "both.test")
    }
    assert texts == {
        "one.test": [b"one"],
        "two.test": [b"two"],
        "else.test": [b"one"],
        "both.test": [b"one", b"two"],
    }
    done = daemon.run(
        spurnd_path,
        [
            "-n",
            "-b",
            f"127.0.0.1/{daemon.free_port()}",
            *daemon.user_options(),
            "x.test:compiled:all.cdb",
        ],
        workdir,
    )
    assert done.returncode != 0
    assert re.search(r"nothing for x\.test.*one\.test, two\.test", done.stderr), done.stderr


def test_expiry(spurnd, client, spurn_path, workdir):
    """Proves that data that have expired are silent, also when they were compiled before that."""
    (workdir / "list").write_text("$TIMESTAMP 2020:01:01 2021:01:01\n1.2.3.4\n")
    specs = compile_specs(spurn_path, workdir, ["bl.test:ip4set:list"])
    server = spurnd.start(specs)
    assert client(server).ask("4.3.2.1.bl.test").rcode == wire.SERVFAIL


def test_serial(spurnd, client, spurn_path, workdir):
    """Proves that a serial of 0 is the time of the newest file that was compiled, not of the compiled one."""
    (workdir / "list").write_text(LIST)
    os.utime(workdir / "list", (1_700_000_000, 1_700_000_000))
    specs = compile_specs(spurn_path, workdir, ["bl.test:ip4set:list"])
    server = spurnd.start(specs)
    soa = client(server).ask("bl.test", wire.SOA).answer[0]
    assert (1_700_000_000).to_bytes(4, "big") in soa.rdata


def test_ttls(spurnd_path, spurn_path, workdir):
    """Proves that TTLs have the default and the bounds of the server, those of SOA and NS as well."""
    head = "$SOA {0} ns.test hm.test 1 2 3 4 5\n$NS {0} ns.test\n"
    (workdir / "low").write_text(head.format(10) + "$TTL 20\n1.2.3.4 :2:low\n")
    (workdir / "high").write_text(head.format(9000) + "$TTL 8000\n*.x.example\n")
    (workdir / "none").write_text("@ A 192.0.2.1\nw 7000 A 192.0.2.2\nv 30 TXT v\n")
    specs = ["l.test:ip4set:low", "h.test:dnset:high", "n.test:generic:none"]
    names = ("l.test", "h.test", "n.test", "4.3.2.1.l.test", "a.x.example.h.test", "w.n.test")
    names += ("v.n.test", "gone.l.test", "gone.h.test")
    packets = [question(name, qtype) for name in names for qtype in (wire.A, wire.SOA, wire.NS)]
    packets += [question(name, wire.TXT) for name in names]
    for options in ([], ["-t", "300:200:400"]):
        with both_running((spurnd_path, spurn_path), workdir, specs, options) as servers:
            compare(servers, packets)


def test_parts(spurnd, client, spurn_path, workdir):
    """Proves that of several data sets the newest says how old they are, in whatever order they come, and that they
    have expired with the first one that has: then the last good ones are served."""
    for number, name in enumerate(("one", "two", "three")):
        (workdir / name).write_text(f"$TIMESTAMP 2020:01:01 2037:01:01\n1.2.3.{number}\n")
        os.utime(workdir / name, (1_700_000_000 + number % 2, 1_700_000_000 + number % 2))
    sets = [f"bl.test:ip4set:{name}" for name in ("one", "two", "three")]
    specs = compile_specs(spurn_path, workdir, sets)
    out = workdir / "out"
    out.mkdir(0o777)
    out.chmod(0o777)
    control = ["--control", str(out / "control")]
    server = spurnd.start(specs, options=[*control, "-c", "1h"])
    done = daemon.run(spurn_path, ["status", "--json", *control], workdir)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["data_sets"][0]["modified"] == 1_700_000_001
    (workdir / "two").write_text("$TIMESTAMP 2020:01:01 2021:01:01\n1.2.3.1\n")
    compile_specs(spurn_path, workdir, sets)
    server.wait_log("last good data are still served: the new data have expired already")
    for number in range(3):
        assert is_listed(client, server, f"1.2.3.{number}")


def test_tools(spurnd, spurn_path, workdir):
    """Proves that dump writes the same zone of what was compiled as of the text, that check sees the same in it but
    for lines, and that spray finds what is listed, and is answered as it expects."""
    zones = conftest.TOP / "zones"
    for path in zones.iterdir():
        shutil.copy(path, workdir)
        (workdir / path.name).chmod(0o644)
    specs = [
        "ip4set:bl.example.ip4set",
        "generic:bl.example.generic",
        "ip6trie:dul.example.ip6trie",
    ]
    specs += ["combined:all.example.combined", "dnset:rhsbl.example.dnset"]
    specs = [f"bl.example:{spec}" for spec in specs]
    mapped = compile_specs(spurn_path, workdir, specs)

    def said(command, what):
        done = daemon.run(spurn_path, [command, *what], workdir)
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert mapped == ["bl.example:compiled:all.cdb"]
    dumps = [said("dump", what).splitlines()[1:] for what in (specs, mapped)]
    assert dumps[0] == dumps[1] and len(dumps[0]) > 50
    entries = sum(int(number) for number in re.findall(r"(\d+) entries", said("check", specs)))
    assert f"{entries} entries, 0 errors, 0 warnings" in said("check", mapped)
    server = spurnd.start(mapped)
    told = said("spray", [f"@127.0.0.1/{server.port}", "--count", "500", "--rate", "5000", *mapped])
    assert re.search(r"Wrong +0\n", told) and "NOERROR 500" in told


def test_chroot(spurnd, client, spurn_path, workdir):
    """Proves that a file is mapped, and mapped anew, by another user than root in a chroot."""
    if os.geteuid() != 0:
        conftest.cannot_run("only root can change its root")
    (workdir / "list").write_text("1.2.3.4\n")
    specs = compile_specs(spurn_path, workdir, ["bl.test:ip4set:list"])
    server = spurnd.start(
        specs, options=["-r", str(workdir), "-w", "/", "-c", "1h"], look_for_leaks=False
    )
    assert is_listed(client, server, "1.2.3.4")
    (workdir / "list").write_text("1.2.3.4\n1.2.3.5\n")
    compile_specs(spurn_path, workdir, ["bl.test:ip4set:list"])
    server.wait_log("1 added, 0 removed")
    daemon.wait_until(lambda: is_listed(client, server, "1.2.3.5"), "the new list")


def private_kb(server):
    """Memory that is the process's alone, in kB, and its share of all."""
    with open(f"/proc/{server.process.pid}/smaps_rollup", encoding="ascii") as lines:
        sizes = {line.split(":")[0]: int(line.split()[1]) for line in list(lines)[1:]}
    return sizes["Private_Clean"] + sizes["Private_Dirty"], sizes["Pss"]


def test_memory_is_shared(spurnd, client, spurn_path, workdir):
    """Proves that a server of a million addresses has not even a third of their index for itself, and that ten
    servers of one file have it once."""
    numbers = range(1 << 24, 223 << 24, 3511)
    (workdir / "list").write_text("".join(map("{}\n".format, map(dotted, numbers))))
    specs = compile_specs(spurn_path, workdir, ["bl.test:ip4set:list"], output="list.cdb")
    size_kb = (workdir / "list.cdb").stat().st_size // 1024
    count = 2 if daemon.SANITIZED else 10
    servers = [spurnd.start(specs, options=["--workers", "1"]) for _ in range(count)]
    for server in servers:
        assert is_listed(client, server, dotted(numbers[500_000]))
        with udp.client_from("127.0.0.1", server.port) as one:
            asked = [wire.reversed_ip4(number, "bl.test") for number in numbers[::1000]]
            udp.exchange_all(
                one.sock,
                [number.to_bytes(2, "big") + question(name) for number, name in enumerate(asked)],
            )
    sizes = [private_kb(server) for server in servers]
    print(f"file {size_kb} kB; private and Pss, kB: {sizes}")
    if daemon.SANITIZED:  # sanitizers have memory of their own
        return
    assert max(private for private, _ in sizes) < 8 * 1024
    small = min(private for private, _ in sizes)
    assert sum(pss for _, pss in sizes) < size_kb + 10 * (small + 2048)
