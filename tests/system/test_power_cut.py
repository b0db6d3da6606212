# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""Whatever happens to `spurn compile`, and whenever: there is the old file or the new one, complete. It is
killed at each system call by which it could do harm, each of these fails in turn, and the order in which
they reach the disk is that in which a power cut does no harm either."""

import errno
import os
import re
import signal

import pytest

import conftest
from lib import compiled, daemon, process

# All by which a file is made, written, put in place or removed. strace counts each on its own, in each thread.
CALLS = ("openat", "fchown", "fchmod", "write", "pwrite64", "lseek", "fsync", "close", "rename")
# Those that may fail, each with an error that it may have.
FAULTS = ("fchmod:EPERM", "write:ENOSPC", "write:EIO", "lseek:EIO", "fsync:EIO", "rename:EACCES")
# What tells the directory from the file: it is the second to be synchronised.
DIRECTORY_SYNC = 2


class Place:
    """A directory with an old list, and sources of a new one."""

    def __init__(self, spurn, directory):
        self.spurn, self.directory, self.out = spurn, directory, directory / "sub" / "out.cdb"
        self.out.parent.mkdir()
        (directory / "list").write_text("192.0.2.1\n")
        self.compile_plainly()
        self.old = self.out.read_bytes()
        # Large enough for several calls of write.
        (directory / "list").write_text("".join(f"name{i}.example\n" for i in range(3000)))

    def arguments(self):
        """Those of spurn compile."""
        kind = "ip4set" if (self.directory / "list").stat().st_size < 100 else "dnset"
        return ["compile", "--jobs", "1", "-o", self.out, f"a.example:{kind}:list"]

    def compile_plainly(self):
        """Without anybody in between."""
        done = compiled.run(self.spurn, self.arguments(), self.directory)
        assert done.returncode == 0, done.stderr

    def compile_traced(self, *options):
        """Under strace with these options. Leaves ./trace."""
        command = ["strace", "-f", "-y", "-qq", "-o", "trace", *options, self.spurn]
        how = {"env": daemon.environment(look_for_leaks=False)}
        return compiled.run(command[0], [*command[1:], *self.arguments()], self.directory, **how)

    def make_old(self):
        """The old file as it was, and no other one."""
        for name in compiled.names(self.out.parent):
            (self.out.parent / name).unlink()
        self.out.write_bytes(self.old)

    def is_old(self):
        """Is there what was there before?"""
        return self.out.read_bytes() == self.old

    def is_alone(self):
        """Is nothing left behind?"""
        return compiled.names(self.out.parent) == ["out.cdb"]

    def check_new(self):
        """There has to be the new file, complete."""
        head = compiled.header(self.spurn, self.out, self.directory)
        assert head["datasets"][0]["entries"] == 3000

    def calls(self):
        """The calls that ./trace has, without what came of them, on the new file or its directory;
        and after it is in place."""
        with open(self.directory / "trace", encoding="utf-8", errors="replace") as trace:
            return re.findall(r"^\d+ +(\w+\(.*sub.*)$", trace.read(), re.MULTILINE)


@pytest.fixture(name="place")
def _place(spurn_path, workdir):
    if process.find_program("strace") is None:
        conftest.cannot_run("no strace: install Debian's package strace")
    return Place(spurn_path, workdir)


def test_killed(place):
    """Killed at each such call, one after the other, until it gets through."""
    stages = set()
    for call in CALLS:
        for when in range(1, 100):
            place.make_old()
            done = place.compile_traced("-e", f"inject={call}:signal=SIGKILL:when={when}")
            if done.returncode == 0:
                break
            assert done.returncode in (-signal.SIGKILL, 128 + signal.SIGKILL), done.stderr
            if place.is_old():
                stages.add("old" if place.is_alone() else "old, beside one that is being made")
            else:
                stages.add("new")
                place.check_new()
        place.check_new()
        assert place.is_alone()
    assert len(stages) == 3, stages


@pytest.mark.parametrize("fault", FAULTS)
def test_faults(place, fault):
    """A call that fails: the reason is told, the old file is as it was, and nothing is left."""
    call, error = fault.split(":")
    seen = 0
    # Other files are written to as well: standard error is one.
    for when in range(1, 8):
        place.make_old()
        done = place.compile_traced("-e", f"inject={call}:error={error}:when={when}")
        if place.is_old():
            seen += 1
            assert done.returncode == 2, done.stderr
            assert os.strerror(getattr(errno, error)) in done.stderr
        else:
            place.check_new()
        assert place.is_alone()
    assert seen >= 1


def test_directory_that_does_not_reach_the_disk(place):
    """The new file is in place then, and that it may not be after a power cut is told."""
    done = place.compile_traced("-e", f"inject=fsync:error=EIO:when={DIRECTORY_SYNC}")
    assert done.returncode == 2
    assert "in place" in done.stderr and "power cut" in done.stderr
    place.check_new()
    assert place.is_alone()


def test_order(place):
    """All is written before it is synchronised, it is synchronised before it is renamed, and then the
    directory is."""
    done = place.compile_traced("-e", "trace=write,pwrite64,fsync,fdatasync,rename")
    assert done.returncode == 0, done.stderr
    kinds = [call.split("(")[0] for call in place.calls()]
    assert re.fullmatch("(write ){2,}fsync rename fsync ", " ".join([*kinds, ""])), kinds
    assert re.match(r"fsync\(\d+<[^>]*/sub/out\.cdb\.\w+>", place.calls()[-3])
    assert re.match(r"fsync\(\d+<[^>]*/sub>", place.calls()[-1])


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_ended_by_a_signal(place, name):
    """A wish to end it leaves the old file and no other one; and it ends by the signal."""
    done = place.compile_traced("-e", f"inject=fsync:signal={name}:when=1")
    number = getattr(signal, name)
    assert done.returncode in (-number, 128 + number), done.stderr
    assert place.is_old() and place.is_alone()
