# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""Real resolvers, unbound and BIND, that ask a server under test about its zones and nobody about
anything else: their sockets are bound to 127.0.0.1 and ::1, from where no packet leaves a host."""

from typing import NamedTuple

from . import udp, wire
from .daemon import IN_USE, free_port
from .process import Process, find_program

ADDRESS = "127.0.0.1"
# Where the server is: BIND needs the same port for all servers, its own among them.
SERVER = "127.0.0.53"
# Longer than any reply, so that no question has to be asked again over TCP.
EDNS = wire.Edns(4096)
# No reply takes so long. A resolver asks a server that is silent again after less than a second.
SILENCE_S = 20

UNBOUND_CONF = """
server:
	interface: {address}
	port: {port}
	outgoing-interface: {address}
	outgoing-interface: ::1
	do-not-query-localhost: no
	access-control: 127.0.0.0/8 allow
	local-zone: "." always_refuse
	module-config: "iterator"
	max-udp-size: 4096
	msg-cache-size: 64m
	rrset-cache-size: 128m
	qname-minimisation: {minimises}
	qname-minimisation-strict: {is_strict}
	harden-below-nxdomain: {minimises}
	do-daemonize: no
	username: ""
	chroot: ""
	directory: "{directory}"
	pidfile: ""
	use-syslog: no
	logfile: ""
remote-control:
	control-enable: no
"""
UNBOUND_ZONE = """
server:
	local-zone: "{zone}" transparent
{via}-zone:
	name: "{zone}"
	{via}-addr: {server}@{server_port}
"""
NAMED_CONF = """
options {{
	directory "{directory}";
	listen-on port {port} {{ {address}; }};
	listen-on-v6 {{ none; }};
	port {server_port};
	query-source address {address};
	query-source-v6 address ::1;
	recursion yes;
	recursive-clients 10000;
	dnssec-validation no;
	max-udp-size 4096;
	max-cache-size 512M;
	qname-minimization {minimisation};
	empty-zones-enable no;
	notify no;
	pid-file none;
	session-keyfile none;
}};
controls {{ }};
zone "." {{ type hint; file "hints"; }};
"""
# For names outside of the zones, which nobody asks for.
NAMED_HINTS = f". 3600 NS ns.\nns. 3600 A {SERVER}\n"
NAMED_STUB = 'zone "{zone}" {{ type static-stub; server-addresses {{ {server}; }}; }};\n'
NAMED_FORWARD = 'zone "{zone}" {{ type forward; forward only; forwarders {{ {server} port {server_port}; }}; }};\n'


class Way(NamedTuple):
    """How a resolver asks."""

    program: str = "unbound"  # or "named"
    minimisation: str = "relaxed"  # of query names (RFC 9156); or "strict", "off"
    via: str = "stub"  # as a stub zone; or "forward": the server is taken for a resolver

    def __str__(self):
        return f"{self.program}-{self.minimisation}-{self.via}"


class Resolver(Process):
    """A resolver with an empty cache, `address` and `port` are where it listens. It knows the given
    zones, which the server at `server` has, and answers in whatever way for other names."""

    def __init__(self, way, directory, zones, server_port, *, server=SERVER, port=None, prefix=()):
        """`directory` is for this resolver alone. `prefix` goes before the command (a namespace,
        that needs root)."""
        self.way, self.address = way, ADDRESS
        directory.mkdir(mode=0o755, exist_ok=True)
        for _ in range(20):
            self.port = port or free_port((ADDRESS,))
            config = directory / "resolver.conf"
            write = _write_unbound if way.program == "unbound" else _write_named
            options = write(
                way,
                config,
                zones,
                {
                    "address": ADDRESS,
                    "port": self.port,
                    "directory": directory,
                    "server": server,
                    "server_port": server_port,
                },
            )
            super().__init__(
                [*prefix, find_program(way.program), *options, "-c", str(config)],
                directory / "resolver.log",
                directory=directory,
                is_root=bool(prefix),
            )
            if prefix:
                self.wait_for(lambda: "start of service" in self.log(), str(way))
                return
            try:
                self.wait_for(lambda: IN_USE.search(self.log()) or self._answers(), str(way))
            except AssertionError:
                if not IN_USE.search(self.log()):
                    raise
            if not IN_USE.search(self.log()):
                return
            self.end()
        raise AssertionError(f"no port for {way}:\n{self.log()}")

    def _answers(self):
        try:
            with udp.Client(self.address, self.port) as client:
                packet = wire.query("version.bind", wire.TXT, wire.CH)
                return udp.ask_raw(client.sock, packet, tries=1, wait_s=0.1)
        except ConnectionRefusedError:
            return None

    def ask_all(self, questions):
        """The parsed replies to the questions (qname, qtype), many of them on the way at once."""
        replies = []
        for start in range(0, len(questions), 60_000):
            packets = [
                wire.query(qname, qtype, ident=number, edns=EDNS)
                for number, (qname, qtype) in enumerate(questions[start : start + 60_000])
            ]
            with udp.Client(self.address, self.port) as client:
                replies += udp.exchange(client.sock, packets, retry_s=SILENCE_S)
        assert None not in replies, f"{self.way} is silent:\n{self.log()}"
        return [wire.parse(reply) for reply in replies]


def _write_unbound(way, config, zones, places):
    """Writes a configuration of unbound; returns the options to start it with."""
    minimises = "no" if way.minimisation == "off" else "yes"
    is_strict = "yes" if way.minimisation == "strict" else "no"
    text = UNBOUND_CONF.format(minimises=minimises, is_strict=is_strict, **places)
    config.write_text(
        text + "".join(UNBOUND_ZONE.format(zone=zone, via=way.via, **places) for zone in zones)
    )
    return ["-d"]


def _write_named(way, config, zones, places):
    """The same for BIND."""
    (config.parent / "hints").write_text(NAMED_HINTS)
    form = NAMED_STUB if way.via == "stub" else NAMED_FORWARD
    config.write_text(
        NAMED_CONF.format(minimisation=way.minimisation, **places)
        + "".join(form.format(zone=zone, **places) for zone in zones)
    )
    return ["-g", "-n", "1"]
