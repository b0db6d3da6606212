# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""Puts into the place of a load.List what must never be served: each kind of failure."""

import gzip
import subprocess

# A generation that nobody announces: an answer with it is wrong.
POISON = 60_001
ENTRIES = 2_000

# What the log says of each kind.
KINDS = {
    "missing": "No such file",
    "unreadable": "denied",
    "corrupt_gzip": "damaged",
    "corrupt_zstd": "damaged",
    "broken_directive": r"\$TTL line",
    "expired": "expired already",
    "shrunk": "entries only",
}


def _damaged(data):
    """`data` with some bytes in the middle changed."""
    at = len(data) // 2
    return data[:at] + bytes(byte ^ 0x55 for byte in data[at : at + 8]) + data[at + 8 :]


class Spoiler:
    """Puts a new file there each time, so that it is read each time."""

    def __init__(self, lists, directory):
        self.list, self.path = lists, directory / "bad"
        lists.write(POISON, self.path, ENTRIES)
        text = self.path.read_bytes()
        packed = subprocess.run(
            ["zstd", "-1", "-c", "--check"], input=text, stdout=subprocess.PIPE, check=True
        )
        self.contents = {
            "unreadable": text,
            "corrupt_gzip": _damaged(gzip.compress(text, 1)),
            "corrupt_zstd": _damaged(packed.stdout),
            "broken_directive": text.replace(b"$TTL 300\n", b"$TTL soon\n"),
            "expired": b"$TIMESTAMP 2020:01:01 +1d\n" + text,
            # Most entries are gone.
            "shrunk": text,
        }

    def spoil(self, kind):
        """Something of this kind in the place of the list. List.restore mends it."""
        if kind == "missing":
            self.list.path.unlink()
            return
        self.path.unlink(missing_ok=True)
        self.path.write_bytes(self.contents[kind])
        if kind == "unreadable":
            self.path.chmod(0)
        self.list.put(self.path)
