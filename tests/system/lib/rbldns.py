# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""djb's rbldns and rbldns-data, from Debian's package, which ./runtests unpacks and nobody installs."""

import itertools
import os
import socket
import subprocess
from pathlib import Path

from . import udp, wire
from .daemon import PATIENCE_S, unprivileged_ids, wait_until

TOP = Path(__file__).resolve().parents[3]
PORT = 53
_HOSTS = itertools.count()


def directory():
    """Where both programs are; None if they are not there."""
    for place in (os.environ.get("RBLDNS"), TOP / "build/packages/usr/sbin", "/usr/sbin"):
        if place and os.access(Path(place) / "rbldns", os.X_OK):
            return Path(place)
    return None


def make_data(programs, root, lines):
    """Has rbldns-data make root/data.cdb of these lines."""
    (root / "data").write_text(lines, "latin-1")
    done = subprocess.run(
        [programs / "rbldns-data"],
        cwd=root,
        capture_output=True,
        check=False,
        timeout=PATIENCE_S,
    )
    assert done.returncode == 0, done.stderr
    (root / "data.cdb").chmod(0o644)


class Rbldns:
    """rbldns with root/data.cdb, for one zone. It always listens on port 53, so each has an address of its own."""

    def __init__(self, programs, root, zone):
        self.address = f"127.53.{os.getpid() >> 8 & 255}.{os.getpid() & 255}"
        # Of one process of pytest one after the other; others have other numbers, but for two bytes of them.
        for _ in range(200):
            self.address = f"127.{53 + next(_HOSTS) % 100}." + self.address.split(".", 2)[2]
            if self._is_free():
                break
        uid, gid = unprivileged_ids()
        self.process = subprocess.Popen(
            [programs / "rbldns"],
            env={
                "IP": self.address,
                "ROOT": str(root),
                "UID": str(uid),
                "GID": str(gid),
                "BASE": zone,
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            wait_until(self._answers, f"rbldns on {self.address}")
        except BaseException:
            self.end()
            raise

    def _is_free(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            try:
                probe.bind((self.address, PORT))
            except OSError:
                return False
        return True

    def _answers(self):
        assert self.process.poll() is None, "rbldns has ended"
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.connect((self.address, PORT))
            sock.settimeout(0.2)
            try:
                sock.send(wire.query("1.0.0.127.bl.test"))
                return sock.recv(512)
            except OSError:
                return None

    def client(self):
        """A udp.Client of it."""
        return udp.Client(self.address, PORT)

    def end(self):
        """Ends it."""
        self.process.kill()
        self.process.wait(PATIENCE_S)
