# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""Hosts of the farm: a network namespace each, with eth0 on one bridge."""

import contextlib
import ctypes
import os
import socket
import subprocess
import time
from pathlib import Path

# What is shipped is used as it is, addresses included.
CONTRIB = Path(__file__).resolve().parents[4] / "contrib"
NAMESPACES = Path("/run/netns")  # as ip(8) has them
CLONE_NEWNET = 0x40000000
MS_BIND = 0x1000
MNT_DETACH = 2
PATIENCE_S = 30.0
BRIDGE = "br0"
IP4_PREFIX = 24
IP6_PREFIX = 64
NET = "192.0.2"
FAR_NET = "198.51.100"  # behind the director
_LIBC = ctypes.CDLL(None, use_errno=True)


def run(*command, text=None):
    """Runs a command that must work, and returns what it writes."""
    done = subprocess.run(command, capture_output=True, text=True, input=text, check=False)
    assert done.returncode == 0, f"{' '.join(command)}: {done.stdout}{done.stderr}"
    return done.stdout


def wait_until(condition, what):
    """Waits until `condition` holds, or fails with `what`."""
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.02)


def _check(result):
    """An OSError if a function of libc failed."""
    if result != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def _make_namespace(name):
    """`ip netns add`, without a process: that takes long here."""
    NAMESPACES.mkdir(exist_ok=True)
    path = NAMESPACES / name
    path.touch()
    with open("/proc/thread-self/ns/net", "rb") as home:
        _check(_LIBC.unshare(CLONE_NEWNET))
        try:
            here = b"/proc/thread-self/ns/net"
            _check(_LIBC.mount(here, str(path).encode(), b"none", MS_BIND, None))
        finally:
            _check(_LIBC.setns(home.fileno(), CLONE_NEWNET))


def make_bridge():
    """The network. Without snooping: it knows nothing of who wants VRRP's multicast packets."""
    lines = [
        f"link add {BRIDGE} type bridge mcast_snooping 0",
        f"link set {BRIDGE} up",
        "link set lo up",
    ]
    run("ip", "-batch", "-", text="\n".join(lines))


class Host:
    """One host. `number` is the last part of its addresses, NET.NUMBER and 2001:db8::NUMBER (the same
    digits), and of its MAC address: whoever takes its place is known to the others at once."""

    def __init__(self, name, number, net=NET):
        self.name = name
        self.number = number
        self.ip4 = f"{net}.{number}"
        self.ip6 = f"2001:db8::{number}"
        mac = f"02:00:00:00:09:{number:02x}"
        peer = f"v{number}"
        _make_namespace(name)
        self._handle = os.open(NAMESPACES / name, os.O_RDONLY | os.O_CLOEXEC)
        make = f"link add {peer} type veth peer name eth0 address {mac} netns {name}"
        run("ip", "-batch", "-", text=f"{make}\nlink set {peer} master {BRIDGE} up\n")
        # No waiting for duplicate addresses; packets of a VIP may come in where its route is not.
        settings = [f"net.ipv6.conf.{scope}.accept_dad=0" for scope in ("all", "default", "eth0")]
        settings += [f"net.ipv4.conf.{scope}.rp_filter=0" for scope in ("all", "default", "eth0")]
        self.sysctl(*settings)
        self.ip(
            "link set lo up",
            "link set eth0 up",
            f"address add {self.ip4}/{IP4_PREFIX} dev eth0",
            f"address add {self.ip6}/{IP6_PREFIX} dev eth0 nodad",
        )

    def enter(self):
        """Takes the calling thread to this host, for good."""
        _check(_LIBC.setns(self._handle, CLONE_NEWNET))

    @contextlib.contextmanager
    def inside(self):
        """Takes the calling thread to this host and back."""
        with open("/proc/thread-self/ns/net", "rb") as home:
            self.enter()
            try:
                yield
            finally:
                _check(_LIBC.setns(home.fileno(), CLONE_NEWNET))

    def socket(self, family=socket.AF_INET, kind=socket.SOCK_DGRAM):
        """A socket of this host."""
        with self.inside():
            return socket.socket(family, kind)

    def run(self, *command, text=None):
        """Runs a command here that must work, and returns what it writes."""
        with self.inside():
            return run(*command, text=text)

    def start(self, command, log):
        """Starts a program that goes on; what it prints goes to the file `log`."""
        with self.inside(), open(log, "ab") as output:
            return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output)

    def ip(self, *lines):
        """Lines for ip(8), all in one process: to start one takes long here."""
        self.run("ip", "-batch", "-", text="\n".join(lines) + "\n")

    def sysctl(self, *settings):
        """Sets "name=value" of sysctl(8), without a process."""
        with self.inside():
            for setting in settings:
                name, value = setting.split("=", 1)
                with open("/proc/sys/" + name.replace(".", "/"), "w", encoding="ascii") as file:
                    file.write(value)

    def datagrams_received(self):
        """How many UDP datagrams have come to this host for somebody: exact, and at once."""
        with self.inside(), open("/proc/thread-self/net/snmp", encoding="ascii") as file:
            names, values = [line.split() for line in file if line.startswith("Udp: ")]
        return int(values[names.index("InDatagrams")])

    def close(self):
        """Takes the host from the network."""
        # Now: with the namespace it would go some time later, when the next host wants its name.
        run("ip", "link", "delete", f"v{self.number}")
        os.close(self._handle)
        path = NAMESPACES / self.name
        _check(_LIBC.umount2(str(path).encode(), MNT_DETACH))
        path.unlink()
