# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""What stands in front of several servers in one address: a director, as small as it can be, and a
server that says whatever one likes of itself. (The real director is in tests/farm.)"""

import contextlib
import selectors
import socket
import struct
import threading

from . import wire


class Front(threading.Thread):
    """A UDP socket on 127.0.0.1, and a thread that looks after it until the end of `with`."""

    def __init__(self, sock=None):
        """`sock` is a socket of another network, to be bound."""
        super().__init__(daemon=True)
        self.socket = sock or socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.setblocking(False)
        self.port = self.socket.getsockname()[1]
        self.queries = 0
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.socket, selectors.EVENT_READ, self._receive)
        self._end, self._ended = socket.socketpair()
        self.selector.register(self._ended, selectors.EVENT_READ, None)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self._end.send(b".")
        self.join()
        for key in list(self.selector.get_map().values()):
            key.fileobj.close()
        self._end.close()
        self.selector.close()

    def run(self):
        while True:
            for key, _ in self.selector.select():
                if key.data is None:
                    return
                with contextlib.suppress(BlockingIOError, ConnectionRefusedError):
                    while True:
                        key.data()

    def _receive(self):
        query, client = self.socket.recvfrom(4096)
        self.queries += 1
        self.take(query, client)

    def take(self, query, client):
        """Does something with a query."""
        raise NotImplementedError


class Director(Front):
    """Hands queries to the servers at `ports`, by turns: the first of each flow, a client's address
    and port, and all others of it to the same one; or, with `one_packet`, each by itself."""

    def __init__(self, ports, *, one_packet=False):
        super().__init__()
        self.ports, self.one_packet = ports, one_packet
        self.flows = {}
        self.turn = 0

    def _flow(self, client):
        """A socket to the server whose turn it is, whose replies go to `client`."""
        flow = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        flow.connect(("127.0.0.1", self.ports[self.turn % len(self.ports)]))
        flow.setblocking(False)
        self.turn += 1

        def reply():
            self.socket.sendto(flow.recv(4096), client)

        self.selector.register(flow, selectors.EVENT_READ, reply)
        return flow

    def take(self, query, client):
        key = (client, self.turn % len(self.ports)) if self.one_packet else client
        if key not in self.flows:
            self.flows[key] = self._flow(client)
        elif self.one_packet:
            self.turn += 1
        self.flows[key].send(query)


class Pretender(Front):
    """Answers NOERROR without records, and says to be nsids[0], then nsids[1], and so on, by turns;
    None: does not say."""

    def __init__(self, nsids):
        super().__init__()
        self.nsids = nsids

    def take(self, query, client):
        nsid = self.nsids[(self.queries - 1) % len(self.nsids)]
        _, end = wire.read_name(query, 12)
        head = query[:2] + struct.pack("!HHHHH", 0x8400, 1, 0, 0, 1)
        options = b"" if nsid is None else wire.option(wire.OPTION_NSID, nsid)
        opt = wire.opt_record(wire.Edns(options=options))
        self.socket.sendto(head + query[12 : end + 4] + opt, client)
