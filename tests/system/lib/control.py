# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""Clients of spurnd's control socket: raw ones, that behave as badly as one likes, and the tool."""

import contextlib
import fcntl
import json
import os
import pty
import socket
import struct
import subprocess
import termios

from .daemon import PATIENCE_S, environment, run


def connect(path):
    """A connection."""
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    sock.settimeout(PATIENCE_S)
    sock.connect(str(path))
    return sock


def read_all(sock):
    """All that comes until the end of the connection."""
    data = b""
    with contextlib.suppress(ConnectionResetError):
        while True:
            piece = sock.recv(65536)
            if not piece:
                break
            data += piece
    return data


def ask(path, line):
    """The reply to a line, as an object."""
    with connect(path) as sock:
        sock.sendall(line.encode() + b"\n")
        reply = read_all(sock)
    assert reply.endswith(b"\n") and reply.count(b"\n") == 1, reply
    return json.loads(reply)


class Tool:
    """The tool spurn, for one server."""

    def __init__(self, binary, path, directory):
        self.binary, self.path, self.directory = binary, str(path), str(directory)

    def command(self, name, *arguments):
        """A command line."""
        return [self.binary, name, "--control", self.path, *arguments]

    def run(self, name, *arguments):
        """Runs a command to its end; a CompletedProcess with text."""
        return run(self.binary, self.command(name, *arguments)[1:], self.directory)

    def json(self, name, *arguments, status=0):
        """What a command writes with --json, which has to end with that status."""
        done = self.run(name, "--json", *arguments)
        assert done.returncode == status, done
        return json.loads(done.stdout)

    def start(self, name, *arguments, **how):
        """Starts a command; a Popen."""
        return subprocess.Popen(
            self.command(name, *arguments),
            cwd=self.directory,
            stdin=subprocess.DEVNULL,
            env=environment(),
            **how,
        )


class Terminal:
    """A command on a terminal of its own, for both of its streams."""

    def __init__(self, tool, columns, name, *arguments):
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
        self.process = tool.start(name, *arguments, stdout=slave, stderr=slave)
        os.close(slave)
        self.data = b""

    def read(self):
        """Waits for more output, which is in `data` then; False at its end."""
        try:
            piece = os.read(self.master, 65536)
        except OSError:
            piece = b""
        self.data += piece
        return piece != b""

    def finish(self):
        """Waits for the end. Returns all output as text, and the exit status."""
        while self.read():
            pass
        os.close(self.master)
        return self.data.decode().replace("\r\n", "\n"), self.process.wait(PATIENCE_S)
