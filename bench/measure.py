"""Running a program and counting what it cost: wall time, CPU time of it and its children, peak memory."""

from __future__ import annotations

import os
import statistics
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Cost:
    """What one run cost. Seconds, bytes."""

    wall: float
    cpu: float
    peak_rss: int
    stdout: str

    def __add__(self, other: Cost) -> Cost:
        return Cost(self.wall + other.wall, self.cpu + other.cpu, max(self.peak_rss, other.peak_rss), self.stdout + other.stdout)


class Failed(RuntimeError):
    """A program under measurement failed; its numbers would mean nothing."""


def run(command, *, cpus=None, env=None, cwd=None, accept=(0,), keep_output=True) -> Cost:
    """Runs `command` to its end on the given CPUs (default: all). Any exit status outside `accept` is `Failed`."""
    command = [str(part) for part in command]
    full_env = {**os.environ, **{key: str(value) for key, value in (env or {}).items()}}
    pin = (lambda: os.sched_setaffinity(0, cpus)) if cpus and hasattr(os, "sched_setaffinity") else None
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        started = time.perf_counter()
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out if keep_output else subprocess.DEVNULL,
                                   stderr=err, env=full_env, cwd=cwd, preexec_fn=pin)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        stdout = out.read().decode(errors="replace") if keep_output else ""
        if process.returncode not in accept:
            tail = err.read().decode(errors="replace")[-1500:]
            raise Failed(f"{Path(command[0]).name} ended with {process.returncode}\n{tail}")
    # Linux counts ru_maxrss in KiB.
    return Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024, stdout)


def rounds(contenders: dict, count: int, say=lambda _: None) -> dict[str, list[Cost]]:
    """Runs every contender once per round, so that a noisy minute hurts all of them alike."""
    costs: dict[str, list[Cost]] = {name: [] for name in contenders}
    for number in range(1, count + 1):
        for name, contender in contenders.items():
            say(f"round {number} of {count}: {name}")
            costs[name].append(contender())
    return costs


def median(values) -> float:
    return statistics.median(values)


def ratio(numerator, denominator) -> float:
    """Median of the ratios of one round each: both sides saw the same minute of the machine."""
    return statistics.median(n / d for n, d in zip(numerator, denominator, strict=True))


def spread(values) -> float:
    """Half the distance between the best and the worst, as a share of the median."""
    values = list(values)
    return (max(values) - min(values)) / 2 / statistics.median(values)


def available_cpus() -> set[int]:
    """The CPUs that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return os.sched_getaffinity(0)
    return set(range(os.cpu_count() or 1))


def separate_cores(count: int) -> set[int]:
    """`count` CPUs that share no physical core where the machine says so (fewer, if it has fewer)."""
    available = sorted(available_cpus())
    chosen: list[int] = []
    taken: set[int] = set()
    for cpu in available:
        if cpu in taken:
            continue
        chosen.append(cpu)
        taken |= _siblings(cpu)
    chosen += [cpu for cpu in available if cpu not in chosen]
    return set(chosen[:count])


def _siblings(cpu: int) -> set[int]:
    try:
        text = Path(f"/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list").read_text()
    except OSError:
        return {cpu}
    siblings: set[int] = set()
    for part in text.strip().split(","):
        first, _, last = part.partition("-")
        siblings |= set(range(int(first), int(last or first) + 1))
    return siblings
