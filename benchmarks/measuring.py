"""What the benchmarks of starts have in common: the clocks of the machine, and the statistics."""

import os
import pathlib
import random
import re
import time

CORES = sorted(os.sched_getaffinity(0))
TICK = 1e3 / os.sysconf("SC_CLK_TCK")
RESAMPLES = 2000


def cpu_time(pid):
    """The milliseconds of CPU of a process, with those of its children that it awaited."""
    # What clock_getcpuclockid(3) returns: all threads, to the nanosecond.
    own = time.clock_gettime_ns((~pid << 3) | 2) / 1e6
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    return own + sum(map(int, fields[13:15])) * TICK


def busy_time(cores):
    """The milliseconds that cores were busy, with whatever."""
    lines = [it.split() for it in pathlib.Path("/proc/stat").read_text().splitlines()]
    names = [f"cpu{core}" for core in cores]
    # user, nice, system, irq, softirq and steal of proc_stat(5).
    return sum(int(it[i]) for it in lines if it[0] in names for i in (1, 2, 3, 6, 7, 8)) * TICK


def interval(statistic, rounds):
    """The 95 % interval of a statistic of rounds: the percentile bootstrap."""
    source = random.Random(0)
    values = sorted(statistic(source.choices(rounds, k=len(rounds))) for _ in range(RESAMPLES))
    return values[int(RESAMPLES * 0.025)], values[int(RESAMPLES * 0.975) - 1]


def machine():
    """The processor and the number of its cores that may be used."""
    cpu = re.search("model name.*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())
    return f"{cpu[1] if cpu else os.uname().machine}, {len(CORES)} cores"
