# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""A client that asks through `spurn spray`, as anybody would who wants to know how a farm is doing."""

import collections
import json
import os
import signal
import subprocess
from pathlib import Path

from .client import ZONE

SPURN = Path(os.environ["SPURN_FARM_SPURND"]).with_name("spurn")
LIST = Path("/run/s1/list")  # as each of the servers has it
HITS = "0.5"  # the others are for what is not listed
# Of what is neither right nor lost nor wrong: none of it may be there.
ODDITIES = ("late", "duplicates", "strange", "refused", "unsendable", "unsent", "own_drops")


class Outcome:
    """What it says of a run: `json` is all of it."""

    def __init__(self, text):
        self.json = json.loads(text)
        self.servers = collections.Counter()
        for server in self.json["servers"]:
            self.servers[server["nsid"]] += server["answered"]
        self.ports = self.json["ports"]["used"]

    def must_be(self, count):
        """So many were sent, and each was answered right, once."""
        counts = [
            self.json[name] for name in ("sent", "answered", "lost", "wrong_rcode", "wrong_answer")
        ]
        assert counts == [count, count, 0, 0, 0], self.json
        assert not any(self.json[name] for name in ODDITIES), self.json
        assert sum(self.servers.values()) == count

    def spread(self, count):
        """The most answers of one server over the mean of `count` servers, also of those that gave none.
        1.0 is even; `count`: one gave all."""
        return max(self.servers.values()) * count / sum(self.servers.values())

    def table(self, servers):
        """What the servers answered, for people."""
        counts = " ".join(f"{server.name}:{self.servers[server.name]}" for server in servers)
        return f"{counts}  max/mean {self.spread(len(servers)):.3f}"


def command(server, options, svg):
    """The command line."""
    words = [str(SPURN), "spray", "--json", f"@{server}", "--hit-ratio", HITS, "--timeout", "10"]
    words += [str(option) for option in options]
    words += ["--svg", str(svg)] if svg is not None else []
    return [*words, f"{ZONE}:ip4trie:{LIST}"]


def spray(host, server, *options, svg=None):
    """Runs it on a host to its end."""
    with host.inside():
        done = subprocess.run(
            command(server, options, svg), capture_output=True, text=True, check=False
        )
    assert done.returncode in (0, 1), done.stderr
    return Outcome(done.stdout)


class Spraying:
    """The same in the background, until finish()."""

    def __init__(self, host, server, *options):
        with host.inside():
            self._process = subprocess.Popen(
                command(server, ("--duration", "600", *options), None),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                text=True,
            )

    def finish(self):
        """Stops it, and returns what it says."""
        self._process.send_signal(signal.SIGINT)
        output, _ = self._process.communicate()
        assert self._process.returncode in (0, 1)
        return Outcome(output)
