# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""Name servers that serve master files, to see what a dump means to others: BIND and NSD."""

import os
import re
import subprocess

from . import udp, wire
from .daemon import PATIENCE_S, free_port
from .process import Process, find_program

NAMED_CONF = """
options {{
	directory "{directory}";
	listen-on port {port} {{ 127.0.0.1; }};
	listen-on-v6 {{ none; }};
	pid-file none;
	session-keyfile none;
	recursion no;
	notify no;
	dnssec-validation no;
	minimal-responses yes;
	max-udp-size 4096;
	check-names primary ignore;
}};
controls {{ }};
{zones}
"""
NSD_CONF = """
server:
	ip-address: 127.0.0.1@{port}
	server-count: 1
	username: ""
	chroot: ""
	database: ""
	pidfile: ""
	zonesdir: "{directory}"
	zonelistfile: "{directory}/nsd.list"
	xfrdfile: "{directory}/nsd.xfrd"
	xfrdir: "{directory}"
	logfile: "{directory}/nsd.log"
	ipv4-edns-size: 4096
	rrl-ratelimit: 0
	minimal-responses: yes
remote-control:
	control-enable: no
{zones}
"""
NAMED_ZONE = 'zone "{zone}" {{ type primary; file "{file}"; }};\n'
NSD_ZONE = 'zone:\n\tname: "{zone}"\n\tzonefile: "{file}"\n'
# What both say about a file that is not as it should be. (NS of names that nobody can look up, and
# MX of such, are the list's own.)
COMPLAINT = re.compile(r"error|bad|ignor|unknown|too|duplicate|CNAME", re.IGNORECASE)


def cut(dump):
    """The zones of a dump: name to text."""
    parts = re.split(r"^\$ORIGIN\t(.*)\.\n", dump, flags=re.MULTILINE)
    zones = {}
    for zone, text in zip(parts[1::2], parts[2::2]):
        assert zone not in zones, f"two zones {zone} in the dump"
        zones[zone] = f"$ORIGIN\t{zone}.\n{text}"
    return zones


def check(zone, path):
    """Fails if BIND or NSD cannot load the zone at `path`."""
    for tool in (["named-checkzone", "-i", "local", "-k", "ignore"], ["nsd-checkzone"]):
        done = subprocess.run(
            [find_program(tool[0]), *tool[1:], zone, path],
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )
        said = done.stdout + done.stderr
        assert done.returncode == 0, f"{tool[0]} {zone}: {said[-2000:]}"
        wrong = [
            line
            for line in said.splitlines()
            if COMPLAINT.search(line) and "has no address" not in line and "is an addr" not in line
        ]
        assert not wrong, f"{tool[0]} {zone}: {wrong[:5]}"


class Master(Process):
    """One running name server with the zones of a directory (zone name to file name)."""

    def __init__(self, kind, directory, zones):
        """Starts `kind`, "named" or "nsd", and returns when it answers for the zones."""
        self.directory = str(directory)
        self.port = free_port()
        form, zone_form = (NAMED_CONF, NAMED_ZONE) if kind == "named" else (NSD_CONF, NSD_ZONE)
        config = os.path.join(self.directory, f"{kind}.conf")
        with open(config, "w", encoding="utf-8") as out:
            entries = "".join(
                zone_form.format(zone=zone, file=file) for zone, file in zones.items()
            )
            out.write(form.format(directory=self.directory, port=self.port, zones=entries))
        options = ["-g", "-n", "1", "-c", config] if kind == "named" else ["-d", "-c", config]
        super().__init__(
            [find_program(kind), *options],
            os.path.join(self.directory, f"{kind}.output"),
            directory=self.directory,
        )
        zone = next(iter(zones))
        self.wait_for(lambda: self._serves(zone), f"{kind} to serve {zone}")

    def _serves(self, zone):
        try:
            with udp.Client("127.0.0.1", self.port) as client:
                packet = wire.query(zone, wire.SOA)
                reply = udp.ask_raw(client.sock, packet, tries=1, wait_s=0.2)
            return reply is not None and wire.parse(reply).rcode == wire.NOERROR
        except OSError:
            return False
