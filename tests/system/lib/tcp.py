# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""Questions over TCP: messages behind their lengths, written in whatever pieces a test wants."""

import socket
import struct

from . import wire
from .daemon import PATIENCE_S


def frame(*packets):
    """Messages as they stand in a stream, each behind its length."""
    return b"".join(struct.pack("!H", len(packet)) + packet for packet in packets)


class Client:
    """One connection to a server."""

    def __init__(self, address, port, source=None, receive_buffer=None, sock=None):
        """`sock` is one that is not connected yet, from another network namespace."""
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self.sock = sock or socket.socket(family, socket.SOCK_STREAM)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if receive_buffer:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.sock.settimeout(PATIENCE_S)
        if source:
            self.sock.bind((source, 0))
        self.sock.connect((address, port))
        self.buffer = b""

    def close(self):
        """Closes the connection."""
        self.sock.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def send(self, *packets):
        """Sends messages, all in one piece."""
        self.sock.sendall(frame(*packets))

    def end(self):
        """Sends no more, but will read."""
        self.sock.shutdown(socket.SHUT_WR)

    def receive(self):
        """The next reply; None when the server has closed the connection in between."""
        while len(self.buffer) < 2 or len(self.buffer) < 2 + self._size():
            try:
                more = self.sock.recv(1 << 18)
            except ConnectionResetError:
                more = b""
            if not more:
                assert not self.buffer, f"closed within a reply: {self.buffer[:40]}"
                return None
            self.buffer += more
        size = self._size()
        reply, self.buffer = self.buffer[2 : 2 + size], self.buffer[2 + size :]
        return reply

    def _size(self):
        return self.buffer[0] << 8 | self.buffer[1]

    def receive_all(self):
        """All replies until the server closes the connection."""
        replies = []
        while (reply := self.receive()) is not None:
            replies.append(reply)
        return replies

    def raw(self, packet):
        """The reply to one message."""
        self.send(packet)
        reply = self.receive()
        assert reply is not None, f"closed instead of a reply to {wire.show(packet)}"
        return reply

    def ask(self, qname, qtype=wire.A, qclass=wire.IN, **options):
        """The parsed reply to a query as wire.query makes it."""
        return wire.parse(self.raw(wire.query(qname, qtype, qclass, **options)))

    def is_closed(self):
        """Waits for the server to close; False if a reply comes instead."""
        return self.receive() is None

    def is_open(self):
        """Whether a question gets an answer."""
        try:
            self.send(wire.query("open.invalid"))
            return self.receive() is not None
        except OSError:
            return False
