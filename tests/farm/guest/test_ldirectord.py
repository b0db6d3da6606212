# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""ldirectord, with the files of contrib/ldirectord as they are shipped, takes servers out of the farm and
back in."""

import re
import shutil
import signal
import time
from pathlib import Path

import pytest
from lib.client import Asking
from lib.director import VIP4
from lib.hosts import CONTRIB, run, wait_until
from lib.servers import everywhere

FILES = CONTRIB / "ldirectord"
PLACE = Path("/etc/ha.d")
LOG = Path("/run/output/logs/ldirectord")
RATE = 300
SOCKETS = 500


@pytest.fixture(name="installed", scope="module")
def _installed():
    """The files are where the first lines of the configuration have them copied to."""
    run("mount", "-t", "tmpfs", "none", str(PLACE))
    lines = re.findall(
        r"^#     cp (.*)$", (FILES / "ldirectord.cf").read_text(encoding="ascii"), re.M
    )
    for source, target in (words.split() for line in lines for words in line.split(" && cp ")):
        if target.startswith(str(PLACE)):
            shutil.copy(FILES / source, target)
    yield PLACE / "ldirectord.cf"
    run("umount", str(PLACE))


@pytest.fixture(name="process")
def _process(installed, director, servers):
    """ldirectord, on a director that has all servers."""
    director.balance_as_shipped()
    process = director.start(["ldirectord", "-d", str(installed), "start"], LOG)
    services = installed.read_text(encoding="ascii").count("\nvirtual")
    wait_until(
        lambda: LOG.read_bytes().count(b"\nSpawned child ") == services, "ldirectord to check all"
    )
    director.wait_for(servers)
    yield process
    process.send_signal(signal.SIGTERM)
    process.wait()


def test_drain_and_kill(process, director, servers, client_host, note):
    """A server that is drained is taken out, over both protocols and IPv4 and IPv6, and can be stopped and
    started, without a query lost; so is one that dies, with those lost that it had before. And when
    ldirectord ends the farm stays as it is."""
    one, others = servers[2], servers[:2] + servers[3:]
    asking = Asking(client_host, VIP4, SOCKETS, RATE)
    one.tell("drain")
    director.wait_for(others)
    one.stop()
    one.serve(everywhere)
    one.wait_until_it_serves()
    director.wait_for(servers)
    drained = asking.finish()
    note(f"drained: {len(drained.lost)} of {drained.sent} lost")
    assert (drained.lost, drained.wrong) == ([], [])

    asking = Asking(client_host, VIP4, SOCKETS, RATE)
    died = time.monotonic()
    one.stop(signal.SIGKILL)
    director.wait_for(others, [VIP4], ["UDP"])
    removed = time.monotonic()
    director.wait_for(others)
    one.serve(everywhere)
    one.wait_until_it_serves()
    director.wait_for(servers)
    killed = asking.finish()
    note(f"killed: removed after {removed - died:.2f} s, {len(killed.lost)} of {killed.sent} lost")
    assert not killed.wrong
    assert all(lost <= removed for lost in killed.lost)

    process.send_signal(signal.SIGTERM)
    process.wait()
    director.wait_for(servers)
