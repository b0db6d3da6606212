# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""What servers take of processors and memory, as /proc has it.

The kernel knows the time of a thread to the nanosecond, and whether it was its own or the program's by
looking at each tick of its clock (unless it is built with VIRT_CPU_ACCOUNTING_GEN). So totals are exact,
and of a share p in n ticks one sees sqrt(p (1 - p) / n) too much or too little: a tenth in 1,500 ticks
is known to 0.8 percent of the whole."""

import contextlib
import os
import re
import time
from pathlib import Path
from typing import NamedTuple


# A process's clock as clock_getcpuclockid(3) has it: ~PID in the upper bits, and the kind of time.
CPUCLOCK_SCHED = 2


class Memory(NamedTuple):
    """Bytes that are resident now, and at most since the start or the last reset; and those of now that
    no other process has mapped, too, and no file can give again."""

    rss: int
    peak: int
    private: int


class Processor(NamedTuple):
    """Seconds of processor time, and the clock ticks that tell whose they were."""

    total_s: float
    user: int
    system: int

    def __sub__(self, other):
        return Processor(*(new - old for new, old in zip(self, other)))

    def user_s(self):
        """Seconds outside of the kernel."""
        return self.total_s * self.user / max(self.user + self.system, 1)


def _stat(pid):
    """The fields of /proc/PID/stat behind the name; the first one is field 3 of proc(5)."""
    return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()


def processes(session):
    """All processes of a session, that of the server itself among them."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError):
            if int(_stat(pid)[3]) == session:
                found.append(int(pid))
    return found


def _bytes(pid, file, field):
    text = Path(f"/proc/{pid}/{file}").read_text(encoding="ascii")
    return int(re.search(rf"^{field}:\s+(\d+) kB", text, re.M)[1]) * 1024


def memory(session):
    """The memory of a server. Of several processes that share theirs (NSD) each counts its part;
    their peak is at least that, and at least that of the largest one."""
    pids = processes(session)
    peak = max(_bytes(pid, "status", "VmHWM") for pid in pids)
    private = sum(_bytes(pid, "smaps_rollup", "Private_Dirty") for pid in pids)
    if len(pids) == 1:
        return Memory(_bytes(pids[0], "status", "VmRSS"), peak, private)
    rss = sum(_bytes(pid, "smaps_rollup", "Pss") for pid in pids)
    return Memory(rss, max(peak, rss), private)


def reset_peak(session):
    """Lets peaks begin anew; needs the rights of the server's user."""
    for pid in processes(session):
        Path(f"/proc/{pid}/clear_refs").write_text("5", encoding="ascii")


def processor(session):
    """The processor time of a server so far, that of threads that have ended included."""
    total, user, system = 0.0, 0, 0
    for pid in processes(session):
        total += time.clock_gettime(~pid << 3 | CPUCLOCK_SCHED)
        fields = _stat(pid)
        user, system = user + int(fields[11]), system + int(fields[12])
    return Processor(total, user, system)


def pin(session, cpu):
    """Keeps all threads of a server on one processor."""
    for pid in processes(session):
        for task in os.listdir(f"/proc/{pid}/task"):
            with contextlib.suppress(ProcessLookupError):
                os.sched_setaffinity(int(task), {cpu})


@contextlib.contextmanager
def on(cpu):
    """What is started in here runs on one processor; None: on any."""
    before = os.sched_getaffinity(0)
    if cpu is not None:
        os.sched_setaffinity(0, {cpu})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
