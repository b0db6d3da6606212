# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""The servers that are compared, each started in the foreground with one list. The general ones, NSD
and Knot DNS, serve a zone file made of it."""

import os
import re
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from lib import daemon
from lib.process import find_program

from . import usage
from .failure import LeftOut, Wrong

ADDRESS = "127.0.0.1"
ZONE = "bl.test"
# Zone files need an SOA; the lists as they are have none.
HEAD = f"$SOA 300 ns.{ZONE}. hostmaster.{ZONE}. 1 1h 1h 1w 1h\n"


class Server:
    """One server with one list; started and ended as often as one likes."""

    program = package = None
    can_reload = False

    def __init__(self, build, lists, dataset_type, path):
        """`lists` is the directory in which `path`, the list, is, with HEAD beside it."""
        self.build, self.lists, self.type, self.path = build, lists, dataset_type, path
        self.binary = self.find()
        self.port = self.process = self.log_file = None

    @classmethod
    def find(cls):
        """The path of the program, or None."""
        return find_program(cls.program)

    @property
    def label(self):
        """What tables call it."""
        return f"{self.program} {self.type}"

    def specification(self):
        """The list, as rbldnsd and spurnd take it."""
        return f"{ZONE}:{self.type}:{self.path},{self.lists}/head"

    def command(self):
        """The command line, for self.port."""
        raise NotImplementedError

    def options(self):
        """How Popen starts it."""
        return {}

    def start(self, cpu=None):
        """Starts it, on one processor if `cpu` is not None, and does not wait until it serves; returns
        when that was."""
        self.port = daemon.free_port((ADDRESS,))
        self.log_file = tempfile.TemporaryFile()
        command, options = self.command(), self.options()
        with usage.on(cpu):
            started = time.monotonic()
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=self.log_file,
                stderr=self.log_file,
                env=dict(os.environ, LC_ALL="C"),
                start_new_session=True,
                **options,
            )
        return started

    def log(self):
        """All output so far."""
        return os.pread(self.log_file.fileno(), 1 << 20, 0).decode("utf-8", "backslashreplace")

    def check(self):
        """Fails if it has ended."""
        if self.process.poll() is not None:
            raise Wrong(f"{self.label} has ended, status {self.process.returncode}:\n{self.log()}")

    def index_bytes(self):
        """The bytes of the index, in the server's own words; None if it has none."""
        return None

    def reload(self):
        """Has it load its list again, and waits for that."""
        raise NotImplementedError

    def memory(self):
        """Its memory now."""
        return usage.memory(self.process.pid)

    def processor(self):
        """Its processor time so far."""
        return usage.processor(self.process.pid)

    def stop(self):
        """Ends it if it runs."""
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log_file.close()
        self.process = None


class _ListServer(Server):
    """What spurnd and rbldnsd have in common."""

    can_reload = True
    # What the log has for each load that is over.
    loaded = None

    def reload(self):
        os.utime(self.path)
        self._wait_for_reload()

    def _wait_for_reload(self):
        """Has all files that have changed loaded again."""
        done = len(re.findall(self.loaded, self.log()))
        self.process.send_signal(signal.SIGHUP)
        deadline = time.monotonic() + 120
        while len(re.findall(self.loaded, self.log())) == done:
            self.check()
            if time.monotonic() > deadline:
                raise Wrong(f"{self.label} does not end its reload:\n{self.log()}")
            time.sleep(0.002)


class Spurnd(_ListServer):
    """The server of this tree, with as many workers as the others have."""

    program = "spurnd"
    loaded = r"entries, index of"

    @classmethod
    def find(cls):
        return None

    def command(self):
        where = ["-b", f"{ADDRESS}/{self.port}", "--workers", "1", "--watch", "off"]
        who = [*daemon.user_options(), *daemon.NO_CONTROL]
        return [self.build / "spurnd", "-n", *who, *where, self.specification()]

    def index_bytes(self):
        return int(re.search(r"index of (\d+) bytes", self.log())[1])


class SpurndCompiled(Spurnd):
    """The same, of a list that `spurn compile` has made."""

    label = "spurnd compiled"

    def specification(self):
        return f"{ZONE}:compiled:{self.compiled()}"

    def compiled(self):
        """The compiled list, made when it is asked for first."""
        path = self.lists / f"{self.path.name}-{self.type}.cdb"
        if not path.exists():
            command = [self.build / "spurn", "compile", "-o", path, super().specification()]
            done = subprocess.run(command, stderr=subprocess.PIPE, check=False)
            if done.returncode != 0:
                raise Wrong(f"spurn compile: {done.stderr.decode()}")
        return path

    def reload(self):
        os.utime(self.compiled())
        self._wait_for_reload()


class Rbldnsd(_ListServer):
    """Debian's rbldnsd."""

    program = package = "rbldnsd"
    loaded = r"zones reloaded"

    def command(self):
        where = ["-b", f"{ADDRESS}/{self.port}", "-c", "0"]
        return [self.binary, "-n", *daemon.user_options(), *where, self.specification()]

    def index_bytes(self):
        """What it has of the heap: it has nothing else there that counts."""
        told = re.search(r"mem arena=(\d+) free=(\d+) mmap=(\d+) Kb", self.log())
        arena, free, mapped = (int(number) * 1024 for number in told.groups())
        return arena - free + mapped


class _ZoneServer(Server):
    """What NSD and Knot DNS have in common: a configuration, a zone file, a directory."""

    configuration = None

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.home = self.lists / f"{self.program}-{self.path.name}"
        self.zone_file = self.lists / f"{self.path.name}.zone"

    def prepare(self):
        """Writes the zone file, if no other server has: what all answer is in it, but for the IPv6
        names of IPv4 addresses, which only make it larger."""
        self.home.mkdir(exist_ok=True)
        if os.geteuid() == 0:
            os.chown(self.home, *daemon.unprivileged_ids())
        if self.zone_file.exists():
            return
        new = self.zone_file.with_suffix(".new")
        dump = [self.build / "spurn", "dump", "--no-ip6-forms", self.specification()]
        with open(new, "wb") as out:
            done = subprocess.run(dump, stdout=out, stderr=subprocess.PIPE, check=False)
        if done.returncode != 0:
            raise Wrong(f"spurn dump: {done.stderr.decode()}")
        os.rename(new, self.zone_file)

    def options(self):
        if os.geteuid() != 0:
            return {}
        uid, gid = daemon.unprivileged_ids()
        return {"user": uid, "group": gid, "extra_groups": []}

    def command(self):
        self.prepare()
        where = {"address": ADDRESS, "port": self.port, "zone": ZONE, "home": self.home}
        text = self.configuration.format(zone_file=self.zone_file, **where)
        path = self.home / "conf"
        path.write_text(text, encoding="utf-8")
        return [self.binary, *self.arguments(), "-c", path]

    @staticmethod
    def arguments():
        """What the command line has besides."""
        return []


class Nsd(_ZoneServer):
    """NSD, with one server process, and replies as short as those of the others."""

    program, package, label = "nsd", "nsd", "NSD"
    configuration = """
server:
	ip-address: {address}@{port}
	username: ""
	zonesdir: "{home}"
	database: ""
	pidfile: ""
	xfrdfile: ""
	zonelistfile: "{home}/zone.list"
	server-count: 1
	minimal-responses: yes
	rrl-ratelimit: 0
	rrl-whitelist-ratelimit: 0
remote-control:
	control-enable: no
zone:
	name: {zone}
	zonefile: "{zone_file}"
"""

    @staticmethod
    def arguments():
        return ["-d"]


class Knot(_ZoneServer):
    """Knot DNS, with one UDP worker, and no journal."""

    program, package, label = "knotd", "knot", "Knot DNS"
    configuration = """
server:
  rundir: "{home}"
  listen: {address}@{port}
  udp-workers: 1
  tcp-workers: 1
  background-workers: 1
database:
  storage: "{home}"
log:
  - target: stderr
    any: info
zone:
  - domain: {zone}
    file: "{zone_file}"
    journal-content: none
    zonefile-sync: -1
    zonefile-load: whole
"""


PEERS = {"rbldnsd": Rbldnsd, "nsd": Nsd, "knot": Knot}


def missing_packages(peers):
    """Debian's packages that are missing for some of PEERS."""
    return sorted(PEERS[peer].package for peer in peers if PEERS[peer].find() is None)


def install_line(packages):
    """What installs them."""
    return f"apt-get install --no-install-recommends {' '.join(packages)}"


def need(peers):
    """Leaves a benchmark out if a peer of it is missing."""
    packages = missing_packages(peers)
    if packages:
        raise LeftOut(f"not installed: {', '.join(packages)}; {install_line(packages)}")


def head(directory):
    """Writes what is read beside each list into `directory`."""
    Path(directory, "head").write_text(HEAD, encoding="ascii")
