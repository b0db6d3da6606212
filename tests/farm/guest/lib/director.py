# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""The director: the host that has the virtual addresses (VIPs) and spreads what comes for them."""

import ipaddress
import os
import re
import shutil
import signal
import socket
from pathlib import Path

from .hosts import CONTRIB, FAR_NET, Host, wait_until

NUMBER = 1
VIP4 = "192.0.2.100"
VIP6 = "2001:db8::100"
UDP_TIMEOUT_S = 10
LONG_S = 300  # the kernel's own


class Director(Host):
    """A director without rules: the only one, which has the VIPs, or one of several, which get them
    from keepalived."""

    def __init__(self, name="dir", number=NUMBER, is_only=True):
        super().__init__(name, number)
        self._keepalived = None
        if is_only:
            # Not preferred: it is no address to send from, least of all to servers that have it, too.
            ip6 = f"address add {VIP6}/128 dev eth0 nodad preferred_lft 0"
            self.ip(f"address add {VIP4}/32 dev eth0", ip6)
        settings = (CONTRIB / "ipvsadm" / "sysctl.conf").read_text(encoding="ascii")
        self.sysctl(*(line for line in settings.split("\n") if line and line[0] != "#"))

    def balance(self, servers, vip=VIP4, options="", forwarding="-g", protocol="-u"):
        """Spreads what comes for port 53 of `vip` over the servers, by turns (wrr); forwarding: -g
        (DR), -i (TUN), -m (NAT)."""
        quoted = "[{}]" if ":" in vip else "{}"
        service = f"{protocol} {quoted.format(vip)}:53"
        lines = [f"-A {service} -s wrr {options}"]
        for server in servers:
            real = quoted.format(server.ip6 if ":" in vip else server.ip4)
            lines.append(f"-a {service} -r {real}:53 {forwarding} -w 2")
        self.run("ipvsadm", "-R", text="\n".join(lines) + "\n")
        self.run("ipvsadm", "--set", "900", "120", str(UDP_TIMEOUT_S))

    def balance_as_shipped(self):
        """The same for all servers with the rules that people get to copy."""
        rules = (CONTRIB / "ipvsadm" / "rules").read_text(encoding="ascii")
        self.run("ipvsadm", "-R", text=rules)
        self.run("ipvsadm", "--set", "900", "120", str(UDP_TIMEOUT_S))

    def remember_flows(self):
        """Lets no flow be forgotten before the test is over, however slow the machine is."""
        self.run("ipvsadm", "--set", "900", "120", str(LONG_S))

    def check_health(self, configuration):
        """Starts keepalived with a file of contrib/keepalived, which makes the rules and keeps them
        in step with the servers."""
        run, logs = Path("/run") / f"keepalived-{self.name}", Path("/run/output/logs")
        shutil.rmtree(run, ignore_errors=True)  # as a boot does
        run.mkdir()
        command = [
            "keepalived",
            "-n",
            "-l",
            "-D",
            "-f",
            str(CONTRIB / "keepalived" / configuration),
        ]
        for option, name in (("-p", "pid"), ("-c", "checkers"), ("-r", "vrrp")):
            command += [option, str(run / name)]
        self._keepalived = self.start(command, logs / f"keepalived-{self.name}")

    def end_keepalived(self, number=signal.SIGTERM):
        """Ends keepalived, if it runs: SIGTERM lets it clean up, SIGKILL ends all of its processes."""
        if self._keepalived is None:
            return
        if number == signal.SIGKILL:
            children = f"/proc/{self._keepalived.pid}/task/{self._keepalived.pid}/children"
            for child in Path(children).read_text(encoding="ascii").split():
                os.kill(int(child), number)
        self._keepalived.send_signal(number)
        self._keepalived.wait()
        self._keepalived = None

    def has_vips(self):
        """Whether it has them: both."""
        with self.inside():  # not ip(8): a process takes long here, and this is asked again and again
            ip4 = Path("/proc/thread-self/net/fib_trie").read_text(encoding="ascii")
            ip6 = Path("/proc/thread-self/net/if_inet6").read_text(encoding="ascii")
        return f" {VIP4}\n" in ip4 and ipaddress.ip_address(VIP6).packed.hex() in ip6

    def servers_of(self, vip, protocol="UDP"):
        """The addresses of the servers that it spreads over."""
        service = protocol + "  " + (f"[{vip}]" if ":" in vip else vip) + ":53 "
        addresses = []
        is_ours = False
        for line in self.table().split("\n"):
            if line[:3] in ("UDP", "TCP"):
                is_ours = line.startswith(service)
            elif is_ours and line.startswith("  -> "):
                addresses.append(re.sub(r":53$", "", line.split()[1]).strip("[]"))
        return sorted(addresses)

    def connections(self, vip):
        """InActConn of each server behind a VIP, for UDP, sorted."""
        lines = self.table().split("UDP  " + (f"[{vip}]" if ":" in vip else vip) + ":53 ")[1]
        lines = re.split(r"\n(?!  ->)", lines, maxsplit=1)[0].split("\n")[1:]
        return sorted(int(line.split()[-1]) for line in lines)

    def wait_for(self, servers, vips=(VIP4, VIP6), protocols=("UDP", "TCP")):
        """Waits until it spreads over just these."""
        for vip in vips:
            wanted = sorted(server.ip6 if ":" in vip else server.ip4 for server in servers)
            for protocol in protocols:
                wait_until(
                    lambda v=vip, p=protocol, w=wanted: self.servers_of(v, p) == w,
                    f"{self.name} to have {wanted} behind {vip} {protocol}",
                )

    def close(self):
        """Ends keepalived, too."""
        self.end_keepalived()
        super().close()

    def route(self):
        """Lets it be the router between the two networks."""
        # Both are on one wire: it must not tell hosts to go past it.
        redirects = (f"net.ipv4.conf.{scope}.send_redirects=0" for scope in ("all", "eth0"))
        self.sysctl("net.ipv4.ip_forward=1", *redirects)
        self.ip(f"address add {FAR_NET}.{NUMBER}/24 dev eth0")

    def forget(self):
        """Ends all services."""
        self.run("ipvsadm", "-C")

    def table(self):
        """Services, servers and their numbers of connections, as ipvsadm prints them."""
        return self.run("ipvsadm", "-L", "-n")

    def client_ports(self, address):
        """From which UDP ports of an IPv4 address it has had packets; it knows that for UDP_TIMEOUT_S."""
        address = socket.inet_aton(address).hex().upper()
        with self.inside(), open("/proc/thread-self/net/ip_vs_conn", encoding="ascii") as file:
            lines = [line.split() for line in file]
        return {int(line[2], 16) for line in lines if line[:2] == ["UDP", address]}
