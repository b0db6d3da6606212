# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""Resolvers that forward the zone to the farm: with the files of contrib/forwarders as they are shipped,
and with the lines in them that doc/forwarders.md warns of."""

import os
import pwd
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from .client import ZONE, query
from .hosts import CONTRIB, Host, wait_until

SHIPPED = CONTRIB / "forwarders"
LOGS = Path("/run/output/logs")
DIRECTORY = Path("/run/forwarder")
NUMBER = 150
PROBE_S = 0.5
END_S = 5.0
# Not installed, as that changes /etc/resolv.conf: `make farm` unpacks it somewhere.
RESOLVED = Path(os.environ.get("SPURN_FARM_PACKAGES", "/")) / "lib/systemd/systemd-resolved"
# In place of a user of its own, which it has only where it is installed.
AS_NOBODY = (
    "setpriv --reuid=nobody --regid=nogroup --clear-groups --inh-caps={0} --ambient-caps={0}"
)
CAPABILITIES = "+net_bind_service,+net_raw,+setpcap"


@dataclass(frozen=True)
class Program:
    """How a forwarder is started: with {file}, which stands in for what is shipped, and may write to
    the directory that it is in and is started in."""

    shipped: str
    command: str
    version: str  # the command that tells it
    user: str = "root"
    address: str = "127.0.0.1"


PROGRAMS = {
    "unbound": Program("unbound.conf", "unbound -dd -c {file}", "unbound -V"),
    "BIND": Program("named.conf", "named -g -u bind -c {file}", "named -v", "bind"),
    "dnsmasq": Program("dnsmasq.conf", "dnsmasq -k --log-facility=- -C {file}", "dnsmasq -v"),
    "dnsdist": Program("dnsdist.conf", "dnsdist --supervised -C {file}", "dnsdist -V"),
    "pdns-recursor": Program(
        "recursor.conf",
        "pdns_recursor --config-dir=. --socket-dir=.",
        "pdns_recursor --version",
    ),
    "knot-resolver": Program("kresd.conf", "kresd -n -c {file} .", "kresd -V"),
    "systemd-resolved": Program(
        "resolved.conf",
        f"{AS_NOBODY.format(CAPABILITIES)} {RESOLVED}",
        "systemctl --version",
        "nobody",
        "127.0.0.53",
    ),
}


@dataclass(frozen=True)
class Setup:
    """A forwarder with what is shipped for it, but with `new` instead of `old`, or behind it all."""

    program: str
    new: str = ""
    old: str = ""

    def text(self):
        """The configuration."""
        text = (SHIPPED / PROGRAMS[self.program].shipped).read_text(encoding="ascii")
        if not self.old:
            return text + self.new
        assert self.old in text
        return text.replace(self.old, self.new, 1)


# As it comes, where what is shipped is more than zone and servers and makes a difference.
DEFAULTS = {
    "dnsmasq, no dns-forward-max": Setup("dnsmasq", old="dns-forward-max=1000"),
}
# One port, so one server has it all.
PINNING = {
    "unbound, one outgoing port": Setup(
        "unbound", "server:\n\toutgoing-port-avoid: 0-65535\n\toutgoing-port-permit: 5300\n"
    ),
    "BIND, query-source with a port": Setup(
        "BIND", "options {\n\tquery-source address * port 5300;", "options {"
    ),
    "dnsmasq, query-port=5300": Setup("dnsmasq", "query-port=5300\n"),
    "dnsmasq, query-port=0": Setup("dnsmasq", "query-port=0\n"),
    "dnsdist, no sockets=": Setup("dnsdist", "", ", sockets=2048"),
}
# Against DNS rebinding; and the same with a line that lets the list's answers through.
FILTERS = {
    "unbound": (
        Setup("unbound", "server:\n\tprivate-address: 127.0.0.0/8\n"),
        Setup(
            "unbound", 'server:\n\tprivate-address: 127.0.0.0/8\n\tprivate-domain: "bl.example"\n'
        ),
    ),
    "BIND": (
        Setup("BIND", "options {\n\tdeny-answer-addresses { 127.0.0.0/8; };", "options {"),
        Setup(
            "BIND",
            'options {\n\tdeny-answer-addresses { 127.0.0.0/8; } except-from { "bl.example"; };',
            "options {",
        ),
    ),
    "dnsmasq": (
        Setup("dnsmasq", "stop-dns-rebind\n"),
        Setup("dnsmasq", "stop-dns-rebind\nrebind-domain-ok=/bl.example/\n"),
        Setup("dnsmasq", "stop-dns-rebind\nrebind-localhost-ok\n"),
    ),
    "knot-resolver": (Setup("knot-resolver", "modules.load('rebinding < iterate')\n"),),
}


class ForwarderHost(Host):
    """Where forwarders run, and mail servers that ask them, as it often is."""

    def __init__(self):
        super().__init__("fwd", NUMBER)
        self.address = None  # where the forwarder answers
        self._process = None
        self._log = None

    def start_forwarder(self, setup, must_forward=True):
        """Starts one, and waits until there is an answer of the farm, or some answer."""
        program = PROGRAMS[setup.program]
        shutil.rmtree(DIRECTORY, ignore_errors=True)
        DIRECTORY.mkdir()
        file = DIRECTORY / program.shipped
        file.write_text(setup.text(), encoding="ascii")
        self._give(DIRECTORY, program.user)
        if setup.program == "systemd-resolved":
            self._give_places(file, program.user)
        self._log = LOGS / setup.program
        self.address = program.address
        with self.inside(), open(self._log, "ab") as log:
            command = program.command.format(file=file).split()
            self._process = subprocess.Popen(
                command, cwd=DIRECTORY, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        self._wait_until_it_serves(must_forward)

    @staticmethod
    def _give(directory, user):
        owner = pwd.getpwnam(user)
        os.chown(directory, owner.pw_uid, owner.pw_gid)

    def _give_places(self, file, user):
        """It takes no file from its command line."""
        drop_ins, state = Path("/run/systemd/resolved.conf.d"), Path("/run/systemd/resolve")
        drop_ins.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, drop_ins)
        state.mkdir(exist_ok=True)
        self._give(state, user)

    def _wait_until_it_serves(self, must_forward):
        def answers():
            assert self._process.poll() is None, self._log.read_text(errors="replace")
            with self.socket() as probe:
                probe.settimeout(PROBE_S)
                probe.connect((self.address, 53))
                try:
                    probe.send(query(1, f"2.0.0.127.{ZONE}"))
                    reply = probe.recv(4096)
                except OSError:  # it is not there yet, or does not answer yet
                    return False
                return reply[3] & 15 == 0 or not must_forward

        wait_until(answers, f"an answer through {self._log.name}")

    def end_forwarder(self):
        """Ends it, if there is one."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(END_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None


def version(program):
    """Its version, as it tells it."""
    command = PROGRAMS[program].version.split()
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    return re.search(r"\d+(\.\d+)+", said.stdout + said.stderr)[0]
