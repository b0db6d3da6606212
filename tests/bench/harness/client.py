# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""Who asks: until the first answer comes, for what all servers must agree on, and as much as goes."""

import contextlib
import json
import signal
import socket
import subprocess
import time

from lib import process, udp, wire

from . import usage
from .failure import Wrong
from .servers import ADDRESS, ZONE

# Queries on the way when there is no rate: what rbldnsd's socket has room for.
IN_FLIGHT = 96
# A start that takes longer is none.
START_S = 120


def wait_ready(server, subject, started):
    """Asks for a listed subject until the answer comes; returns the seconds since `started`."""
    packet = wire.query(subject.name(ZONE), ident=1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.connect((ADDRESS, server.port))
        sock.settimeout(0.002)
        while time.monotonic() - started < START_S:
            try:
                sock.send(packet)
                reply = wire.parse(sock.recv(4096))
            except (ConnectionRefusedError, TimeoutError):
                server.check()
                time.sleep(0.0005)
                continue
            if reply.rcode == wire.NXDOMAIN:
                raise Wrong(f"{server.label} says that {subject.text} is not listed")
            if reply.rcode == wire.NOERROR and reply.answer:
                return time.monotonic() - started
            time.sleep(0.001)
    raise Wrong(f"{server.label} does not answer within {START_S} s:\n{server.log()}")


def _answers(server, packets):
    """The rcode and the addresses for each packet."""
    with contextlib.closing(udp.open_socket(ADDRESS, server.port)) as sock:
        replies = udp.exchange(sock, packets)
    for reply in replies:
        if reply is None:
            raise Wrong(f"{server.label} leaves a query without an answer")
        parsed = wire.parse(reply)
        rdata = sorted(record.rdata for record in parsed.answer if record.type == wire.A)
        yield parsed.rcode, rdata


def check_answers(servers, listed, unlisted):
    """Fails unless all servers answer the same, and what is listed with an address."""
    subjects = [*listed, *unlisted]
    packets = [
        wire.query(subject.name(ZONE), ident=number) for number, subject in enumerate(subjects)
    ]
    wanted = []
    for server in servers:
        answers = list(_answers(server, packets))
        for number, (subject, answer) in enumerate(zip(subjects, answers)):
            if number < len(listed) and (answer[0] != wire.NOERROR or not answer[1]):
                raise Wrong(f"{server.label} says that {subject.text} is not listed")
            if wanted and answer != wanted[number]:
                raise Wrong(
                    f"{subject.text}: {server.label} answers {answer}, "
                    f"{servers[0].label} {wanted[number]}"
                )
        wanted = wanted or answers


class Spray:
    """`spurn spray` against one server, from one processor."""

    def __init__(self, server, questions, cpu, *options):
        """Asks for what the file `questions` has; `options` are spray's."""
        command = [server.build / "spurn", "spray", "--json", "--no-nsid", *options]
        command += ["--sample", str(questions.count), "--list", questions.path]
        with usage.on(cpu):
            self.process = subprocess.Popen(
                [*command, f"@{ADDRESS}:{server.port}", ZONE],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )

    def wait_sending(self):
        """Returns when it sends. From then on a signal ends it with its report; before, without."""
        while self.process.poll() is None and not process.has_signal(
            self.process.pid, signal.SIGINT, "SigBlk"
        ):
            time.sleep(0.002)

    def stop(self):
        """Has it end now that it sends."""
        self.process.send_signal(signal.SIGINT)

    def report(self):
        """What it tells at its end."""
        out, err = self.process.communicate(timeout=300)
        if self.process.returncode not in (0, 1):
            raise Wrong(f"spurn spray: status {self.process.returncode}:\n{err.decode()}")
        report = json.loads(out)
        if report["answered"] == 0 or set(report["rcodes"]) - {"NOERROR", "NXDOMAIN"}:
            raise Wrong(f"answers are {report['rcodes']}")
        return report
