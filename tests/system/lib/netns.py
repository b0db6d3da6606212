# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""Network namespaces: a network of our own with as many hosts and addresses as a test needs."""

import contextlib
import ctypes
import os
import socket
import subprocess
import threading

CLONE_NEWNET = 0x40000000
_LIBC = ctypes.CDLL(None, use_errno=True)


def is_possible():
    """Whether this process may make namespaces."""
    if os.geteuid() != 0:
        return False
    probe = subprocess.run(["unshare", "-n", "true"], capture_output=True, check=False)
    return probe.returncode == 0


class Namespace:
    """A network namespace, with lo up. Use `command` before a daemon's command, and `socket` for a
    socket inside."""

    def __init__(self, name):
        self.name = f"spurn-{name}-{os.getpid()}"
        _ip("netns", "add", self.name)
        self.command = ["ip", "netns", "exec", self.name]
        # Addresses are usable at once, without a second of duplicate address detection.
        for scope in ("all", "default"):
            self.run(
                "sysctl",
                "-qw",
                f"net.ipv6.conf.{scope}.accept_dad=0",
                f"net.ipv6.conf.{scope}.disable_ipv6=0",
                f"net.ipv4.conf.{scope}.rp_filter=0",
            )
        self.run("ip", "link", "set", "lo", "up")

    def run(self, *command):
        """Runs a command inside."""
        subprocess.run([*self.command, *command], check=True, capture_output=True)

    def add_address(self, device, address):
        """An address with its prefix length."""
        self.run("ip", "address", "add", address, "dev", device)

    def socket(self, family=socket.AF_INET, kind=socket.SOCK_DGRAM):
        """A socket of this namespace (made by a thread that goes there)."""
        made = []

        def work():
            with open(f"/run/netns/{self.name}", "rb") as handle:
                if _LIBC.setns(handle.fileno(), CLONE_NEWNET) == 0:
                    made.append(socket.socket(family, kind))

        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        assert made, f"cannot enter {self.name}: {os.strerror(ctypes.get_errno())}"
        made[0].settimeout(5)
        return made[0]

    def processes(self):
        """The numbers of the processes inside."""
        found = subprocess.run(
            ["ip", "netns", "pids", self.name], check=True, capture_output=True, text=True
        )
        return [int(number) for number in found.stdout.split()]

    def close(self):
        """Takes the namespace down."""
        subprocess.run(["ip", "netns", "delete", self.name], check=False, capture_output=True)


def _ip(*arguments):
    subprocess.run(["ip", *arguments], check=True, capture_output=True)


def connect(one, device, other, other_device):
    """A cable (a veth pair) between two namespaces, both ends up."""
    _ip(
        "link",
        "add",
        device,
        "netns",
        one.name,
        "type",
        "veth",
        "peer",
        "name",
        other_device,
        "netns",
        other.name,
    )
    one.run("ip", "link", "set", device, "up")
    other.run("ip", "link", "set", other_device, "up")


@contextlib.contextmanager
def namespaces(*names):
    """Namespaces that are taken down at the end."""
    made = []
    try:
        for name in names:
            made.append(Namespace(name))
        yield made
    finally:
        for one in made:
            one.close()
