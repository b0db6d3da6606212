# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""What a run was made on, and with what."""

import os
import re
import subprocess
from pathlib import Path

from .servers import PEERS


def _said(*command):
    """The output of a command, errors included; nothing if there is no such command."""
    try:
        done = subprocess.run(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=20, check=False
        )
    except OSError:
        return ""
    return done.stdout.decode("utf-8", "replace").strip()


def _packages():
    """The versions of the peers, by Debian's package."""
    names = sorted({peer.package for peer in PEERS.values()} | {"dnsperf"})
    found = {}
    for name in names:
        version = _said("dpkg-query", "-W", "-f", "${db:Status-Status} ${Version}", name)
        if version.startswith("installed "):
            found[name] = version.split()[1]
    return found


def _compiler(build):
    """What configure found, and how the programs were built."""
    makefile = Path(build, "Makefile").read_text(encoding="utf-8")
    values = dict(re.findall(r"^(CC|CFLAGS|SPURN_CFLAGS) = (.*)$", makefile, re.M))
    version = _said(*values.get("CC", "cc").split(), "--version").split("\n", 1)[0]
    return f"{version}; {values.get('CFLAGS', '')}".strip()


def describe(build):
    """All of it, in words."""
    cpuinfo = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    model = re.search(r"^model name\s*:\s*(.*)$", cpuinfo, re.M)
    memory = re.search(r"MemTotal:\s+(\d+)", Path("/proc/meminfo").read_text(encoding="ascii"))
    release = Path("/etc/os-release")
    system = re.search(r'^PRETTY_NAME="?([^"\n]*)', release.read_text(encoding="utf-8"), re.M)
    hypervisor = "hypervisor" in cpuinfo
    return {
        "processor": (model[1] if model else "?") + (" (virtual machine)" if hypervisor else ""),
        "processors": len(os.sched_getaffinity(0)),
        "memory_gib": round(int(memory[1]) / (1 << 20), 1),
        "kernel": f"{os.uname().sysname} {os.uname().release}",
        "system": system[1] if system else "?",
        "compiler": _compiler(build),
        "spurnd": _said(str(Path(build, "spurn")), "--version").split("\n", 1)[0],
        "packages": _packages(),
    }
