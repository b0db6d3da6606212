# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""The real servers: spurnd, with the VIPs on lo, where nobody but the director looks for them."""

import os
import signal
from pathlib import Path

from .client import ZONE
from .director import VIP4, VIP6
from .hosts import CONTRIB, PATIENCE_S, Host, wait_until

LOGS = Path("/run/output/logs")
TAKE_VIP = CONTRIB / "realserver" / "spurn-vip"
FIRST_NUMBER = 11
# What is listed is 127.0.0.<version>, so that one can tell what list a server has.
LIST = (
    f"$SOA 600 ns.{ZONE} root.{ZONE} 1 1h 1h 1w 1m\n$NS 600 ns.{ZONE}\n"
    ":127.0.0.{version}:listed\n10.0.0.0/8\n127.0.0.2\n"
)


def everywhere(server):
    """Where servers listen: for clients, and for those who check their health."""
    return (VIP4, VIP6, server.ip4, server.ip6)


class Server(Host):
    """Real server number `index` (from 1)."""

    def __init__(self, index):
        super().__init__(f"s{index}", FIRST_NUMBER + index - 1)
        self.process = None
        self.listens = None  # what tells its addresses, if it does
        self._take_vip("start", VIP4, VIP6)
        self._directory = Path("/run") / self.name
        self._directory.mkdir(mode=0o755)
        self._control = str(self._directory / "control")
        self.write_list(2)

    def write_list(self, version):
        """Puts another list in the place of the one that is there."""
        made = self._directory / "new"
        made.write_text(LIST.format(version=version), encoding="ascii")
        made.rename(self._directory / "list")

    def serve(self, listen, *options):
        """Starts spurnd on the addresses that listen(self) tells. Its NSID is its name."""
        words = ["-w", str(self._directory), "--nsid", self.name, *options]
        words += [word for address in listen(self) for word in ("-b", f"{address}/53")]
        self._start_spurnd(*words, f"{ZONE}:ip4trie:list")
        self.listens = listen

    def serve_as_shipped(self, configuration):
        """Starts spurnd with a configuration file."""
        self._start_spurnd("--config", str(configuration))

    def _start_spurnd(self, *words):
        command = [os.environ["SPURN_FARM_SPURND"], "-n", "-u", "nobody", "--workers", "1"]
        command += ["--control", self._control, *words]
        (LOGS / self.name).unlink(missing_ok=True)
        self.process = self.start(command, LOGS / self.name)

    def replace(self):
        """Has another spurnd take the place of the one that serves."""
        old = self.process
        self.serve(self.listens, "--replace")
        self.wait_until_it_serves()
        assert old.wait(PATIENCE_S) == 0

    def wait_until_it_serves(self):
        """Waits until it does."""
        log = LOGS / self.name

        def is_serving():
            assert self.process.poll() is None, log.read_text()
            return b" started (" in log.read_bytes()

        wait_until(is_serving, f"{self.name} to serve")

    def _take_vip(self, *words):
        self.run("env", f"SPURN_VIP_STATE=/run/vip-{self.name}", str(TAKE_VIP), *words)

    def open_tunnel(self):
        """Lets it take packets for the VIP out of those that the director puts them in."""
        self.sysctl("net.ipv4.conf.all.rp_filter=1")  # as strict as hosts come
        self._take_vip("stop", VIP4)
        self._take_vip("start", "--tunnel", VIP4)

    def close_tunnel(self):
        """Undoes that."""
        self._take_vip("stop", VIP4)
        self._take_vip("start", VIP4)
        self.sysctl("net.ipv4.conf.all.rp_filter=0")

    def tell(self, *command):
        """Has `spurn` do something with the running spurnd."""
        tool = Path(os.environ["SPURN_FARM_SPURND"]).with_name("spurn")
        return self.run(str(tool), *command, "--control", self._control)

    def stop(self, number=signal.SIGTERM):
        """Ends spurnd, if it runs."""
        if self.process is not None:
            self.process.send_signal(number)
            self.process.wait(PATIENCE_S)
            self.process = self.listens = None
