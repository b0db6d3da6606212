# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""Servers of others (BIND, NSD, unbound, Postfix) as processes of a test, in the foreground."""

import os
import shutil
import signal
import subprocess

from .daemon import PATIENCE_S, unprivileged_ids, wait_until


def find_program(name):
    """The path of a program that Debian has in sbin, or None."""
    return shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")


def has_signal(pid, number, *sets):
    """Whether a signal is in one of these sets of a process, as /proc/PID/status calls them: SigBlk those that are
    blocked, SigPnd and ShdPnd those that were sent and not taken yet (two of a kind are one)."""
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        fields = dict(line.split(":", 1) for line in status)
    return any(int(fields[name], 16) >> (number - 1) & 1 for name in sets)


class Process:
    """A server in the foreground, with its output in a file."""

    def __init__(self, command, log_path, *, directory=None, is_root=False):
        """Starts `command` in `directory`. When root starts it, it runs as nobody, to whom the
        directory is given then; with `is_root` as root."""
        self.log_path = log_path
        who = {}
        if os.geteuid() == 0 and not is_root:
            uid, gid = unprivileged_ids()
            os.chown(directory, uid, gid)
            who = {"user": uid, "group": gid, "extra_groups": []}
        with open(log_path, "wb") as log:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=directory,
                env=dict(os.environ, LC_ALL="C"),
                start_new_session=True,
                **who,
            )

    def log(self):
        """All output so far."""
        with open(self.log_path, "rb") as log:
            return log.read().decode("utf-8", "backslashreplace")

    def wait_for(self, is_there, what):
        """Waits until `is_there()`, while the process runs; ends it if that fails."""

        def check():
            assert self.process.poll() is None, f"{what} ended:\n{self.log()}"
            return is_there()

        try:
            wait_until(check, what)
        except BaseException:
            self.end()
            raise

    def end(self):
        """Ends it, and waits for that."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
