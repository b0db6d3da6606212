# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""A mail system in a network namespace: Postfix, and mail clients with any address. Files and
processes are all our own; nothing of this host's mail system is read but Debian's programs."""

import os
import pwd
import signal
import smtplib
import socket

from .daemon import PATIENCE_S
from .process import Process, find_program

POSTFIX = "/usr/sbin/postfix"
SMTPD_PORT = 25
POSTSCREEN_PORT = 2525

# What Debian's master.cf has, without chroot and without what delivers: all mail is thrown away.
MASTER_CF = f"""
{SMTPD_PORT}        inet  n - n - -  smtpd
{POSTSCREEN_PORT}   inet  n - n - 1  postscreen
smtpd     pass  - - n - -      smtpd
dnsblog   unix  - - n - 0      dnsblog
tlsproxy  unix  - - n - 0      tlsproxy
pickup    unix  n - n 60 1     pickup
cleanup   unix  n - n - 0      cleanup
qmgr      unix  n - n 300 1    qmgr
rewrite   unix  - - n - -      trivial-rewrite
bounce    unix  - - n - 0      bounce
defer     unix  - - n - 0      bounce
trace     unix  - - n - 0      bounce
verify    unix  - - n - 1      verify
flush     unix  n - n 1000? 0  flush
proxymap  unix  - - n - -      proxymap
proxywrite unix - - n - 1      proxymap
showq     unix  n - n - -      showq
error     unix  - - n - -      error
retry     unix  - - n - -      error
discard   unix  - - n - -      discard
anvil     unix  - - n - 1      anvil
scache    unix  - - n - 1      scache
postlog   unix-dgram n - n - 1 postlogd
"""

# Before the lines that are tested. No client is of our own networks.
MAIN_CF = """
compatibility_level = 3.6
maillog_file_prefixes = {directory}
maillog_file = {directory}/maillog
queue_directory = {directory}/queue
data_directory = {directory}/data
myhostname = mx.example
mydestination =
mynetworks =
relay_domains = mx.example
default_transport = discard
relay_transport = discard
inet_protocols = all
smtpd_peername_lookup = no
alias_maps =
alias_database =
# Many clients come from a few addresses.
smtpd_client_connection_count_limit = 0
smtpd_soft_error_limit = 1000
"""


def what_is_missing():
    """The first program that is not installed; None if all are."""
    return next((name for name in ("postfix", "unbound") if find_program(name) is None), None)


class Postfix(Process):
    """Postfix in a namespace, asking the resolver on 127.0.0.1. `lines` are for its main.cf, and the
    last ones to count."""

    def __init__(self, namespace, directory, lines):
        self.namespace = namespace
        self.maillog = directory / "maillog"
        config = directory / "postfix"
        config.mkdir()
        (config / "main.cf").write_text(MAIN_CF.format(directory=directory) + lines)
        (config / "master.cf").write_text(MASTER_CF)
        (directory / "queue").mkdir()
        (directory / "data").mkdir()
        os.chown(directory / "data", pwd.getpwnam("postfix").pw_uid, -1)
        # `ip netns exec` gives each command a mount namespace of its own: what is mounted there is
        # seen, and left behind, nowhere else. In a PID namespace as well the master is process 1,
        # and all others go when it goes.
        resolv_conf = directory / "resolv.conf"
        resolv_conf.write_text("nameserver 127.0.0.1\n")
        inside = f'mount --bind {resolv_conf} /etc/resolv.conf && exec "$@"'
        super().__init__(
            [
                *namespace.command,
                *("unshare", "--pid", "--fork", "--kill-child"),
                *("sh", "-c", inside, "sh", POSTFIX, "-c", str(config), "start-fg"),
            ],
            directory / "postfix.log",
            is_root=True,
        )
        self.wait_for(self._is_serving, "Postfix")

    def log(self):
        """All output so far, and the mail log."""
        maillog = self.maillog.read_text() if self.maillog.exists() else ""
        return super().log() + maillog

    def _is_serving(self):
        for port in (SMTPD_PORT, POSTSCREEN_PORT):
            with self.namespace.socket(kind=socket.SOCK_STREAM) as probe:
                if probe.connect_ex(("127.0.0.1", port)) != 0:
                    return False
        return True

    def end(self):
        """Ends all its processes."""
        number = self.process.pid
        if self.process.poll() is None:
            # unshare waits for the master, and takes no notice of signals.
            with open(f"/proc/{number}/task/{number}/children", encoding="ascii") as children:
                for child in children.read().split():
                    os.kill(int(child), signal.SIGTERM)
        super().end()


class Client(smtplib.SMTP):
    """A mail client in a namespace with the address `source`, in conversation with Postfix."""

    def __init__(self, namespace, source, port=SMTPD_PORT):
        self._namespace = namespace
        self._source = source
        # Given no host it does not connect, and does not ask for the name of this one.
        super().__init__(local_hostname="client.example", timeout=PATIENCE_S)
        self.greeting = self.connect("::1" if ":" in source else "127.0.0.1", port)

    def _get_socket(self, host, port, timeout):
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        sock = self._namespace.socket(family, socket.SOCK_STREAM)
        sock.bind((self._source, 0))
        sock.settimeout(timeout)
        sock.connect((host, port))
        return sock

    def offer(self, sender="someone@client.example", helo="client.example"):
        """Goes as far as RCPT; returns the reply to that: "250 2.1.5 Ok" """
        self.helo(helo)
        self.mail(sender)
        code, text = self.rcpt("postmaster@mx.example")
        return f"{code} {text.decode()}"
