# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""Drives tests/load/load_client, which counts every query and knows every answer, and makes the lists
that it asks about."""

import contextlib
import json
import os
import select
import signal
import subprocess
import time

from .daemon import PATIENCE_S, SANITIZED, wait_until

ZONE = "load.test"
# Queries a second, and how many may be on the way: where the machine has no time for us the client
# waits, rather than fill the server's queue with what cannot be answered yet.
RATE = 500 if SANITIZED else 2000
WAITING_MAX = 200


def find_client(spurnd_path):
    """The path of the client: it is built with the daemon."""
    path = os.path.join(os.path.dirname(os.path.abspath(spurnd_path)), "tests/load/load_client")
    assert os.access(path, os.X_OK), f"no {path}: build it (make)"
    return path


class List:
    """A list in a file that is replaced by its next generation again and again."""

    def __init__(self, client, directory, *, entries, kind="ip4trie", seed=1):
        """Makes generation 1. `client` is the path of load_client, the file's name "list"."""
        self.client, self.directory = client, directory
        self.entries, self.kind, self.seed = entries, kind, seed
        self.path = directory / "list"
        self.generation = 1
        self.write(1, self._master(1))
        self.write(2, self._master(2))
        self.put(self._master(1))

    @property
    def zone(self):
        """What spurnd is to serve."""
        return f"{ZONE}:{self.kind}:list"

    def rule(self, entries=None):
        """The options of load_client that describe the list."""
        return [
            *("--zone", ZONE, "--type", self.kind, "--seed", str(self.seed)),
            *("--entries", str(entries or self.entries)),
        ]

    def _master(self, generation):
        """Odd and even generations are files that differ in their heads only: they are written once,
        and the one that is not being served is made the next generation."""
        return self.directory / f"list.{generation % 2}"

    def write(self, generation, path, entries=None):
        """Writes a generation to a file of its own, with as many entries as are wanted."""
        self._run("write", generation, path, *self.rule(entries))

    def _run(self, command, generation, path, *options):
        subprocess.run(
            [self.client, command, "--generation", str(generation), *options, str(path)],
            check=True,
            timeout=10 * PATIENCE_S,
        )

    def put(self, path):
        """Renames a link to `path` into the place of the list, as rsync does."""
        fresh = self.directory / "list.new"
        os.link(path, fresh)
        os.rename(fresh, self.path)
        # A rename of a link to the same file does nothing.
        with contextlib.suppress(FileNotFoundError):
            fresh.unlink()

    def prepare_next(self):
        """Makes the next generation, which is not yet in its place; returns its file."""
        self.generation += 1
        path = self._master(self.generation)
        self._run("stamp", self.generation, path)
        return path

    def restore(self):
        """Puts what is served back into its place."""
        self.put(self._master(self.generation))


class Load:
    """A running client."""

    def __init__(
        self,
        client,
        server,
        lists,
        *,
        rate=RATE,
        waiting=WAITING_MAX,
        udp=8,
        tcp=2,
        patience_s=2 * PATIENCE_S,
    ):
        """Asks `server` (a daemon.Daemon) about `lists` (a List). A query is lost after `patience_s`:
        so long that none ever is because the machine is slow."""
        patience = ["--patience", str(patience_s)]
        self.server, self.list = server, lists
        self.last = {}
        self._process = subprocess.Popen(
            [
                *(client, "run", "--address", server.addresses[0], "--port", str(server.port)),
                *("--generation", str(lists.generation), *lists.rule(), *patience),
                *("--rate", str(rate), "--waiting", str(waiting)),
                *("--udp", str(udp), "--tcp", str(tcp)),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            start_new_session=True,
        )

    def _tell(self, line, patience_s=PATIENCE_S):
        self._process.stdin.write(line.encode() + b"\n")
        answer, end = b"", time.monotonic() + patience_s
        while not answer.endswith(b"\n"):
            left_s = max(0, end - time.monotonic())
            ready = select.select([self._process.stdout], [], [], left_s)[0]
            assert ready, f"the load client does not answer {line!r}"
            got = os.read(self._process.stdout.fileno(), 1 << 16)
            assert got, f"the load client has ended:\n{self._process.stderr.read().decode()}"
            answer += got
        return answer.decode()

    def report(self):
        """What it has counted up to now: tests/load/load_report.c."""
        self.last = json.loads(self._tell("report"))
        return self.last

    def announce(self, generation):
        """`generation` may be served from now on. Say it before the file is there."""
        assert self._tell(f"announce {generation}") == "ok\n"

    def settled(self, generation):
        """Nothing older than `generation` may be served any more."""
        assert self._tell(f"settled {generation}") == "ok\n"

    def phase(self, name):
        """Counts what comes under a name."""
        assert self._tell(f"phase {name}") == "ok\n"

    def more(self, count):
        """Waits for `count` more answers."""
        wanted = self.report()["answered"] + count
        wait_until(lambda: self.report()["answered"] >= wanted, f"{count} more answers")

    def stop(self):
        """Lets it wait for what is on the way, and returns the report. The table goes to our
        output."""
        self.last = json.loads(self._tell("stop", 5 * PATIENCE_S))
        print(self._process.stderr.read().decode())
        self._process.wait(PATIENCE_S)
        return self.last

    def kill(self):
        """The last resort; never fails."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            pipe.close()

    # ---- reloads under load ----

    def put_next(self):
        """The next generation in its place, announced."""
        path = self.list.prepare_next()
        self.announce(self.list.generation)
        self.list.put(path)

    def wait_settled(self):
        """Waits until the list's generation is seen in an answer: then it is the one that is served,
        as there is one pointer for all."""
        generation = self.list.generation
        wait_until(
            lambda: self.report()["last_generation"] == generation,
            f"generation {generation}; the server says:\n{self.server.log()[-1000:]}",
        )
        self.settled(generation)

    def hang_up(self, says=r"reload: .*\n"):
        """SIGHUP, and waits for the end of the reload; returns what it logged."""
        before = len(self.server.log())
        self.server.send_signal(signal.SIGHUP)
        self.server.wait_log(says, before)
        return self.server.log()[before:]

    def reload_next(self):
        """Lets the next generation be served, by SIGHUP."""
        self.put_next()
        log = self.hang_up()
        assert "1 of 1 data set read anew" in log, log
        self.wait_settled()


def faults(report):
    """What must be 0 of what the client has counted."""
    names = ("lost", "wrong", "backward", "late", "strange", "refused", "server_drops", "own_drops")
    return {name: report[name] for name in names if report[name]}


def _is_loading(base):
    """Whether there is a thread that loads: the new data are served before it has ended."""
    for task in os.listdir(f"{base}/task"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            with open(f"{base}/task/{task}/comm", encoding="ascii") as comm:
                if comm.read() == "loader\n":
                    return True
    return False


def resources(server):
    """What a server may not take more and more of, between two loads: kB of memory of its own,
    descriptors, threads."""
    base = f"/proc/{server.process.pid}"
    wait_until(lambda: not _is_loading(base), "the end of a load")
    with open(f"{base}/status", encoding="ascii") as status:
        values = dict(line.split(":", 1) for line in status)
    return {
        "anon_kb": int(values["RssAnon"].split()[0]),
        "descriptors": len(os.listdir(f"{base}/fd")),
        "threads": int(values["Threads"]),
    }
