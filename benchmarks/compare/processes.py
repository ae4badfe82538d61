"""CPU and memory of processes and of everything below them, from /proc."""

import os
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")


def stat(pid):
    """Fields of /proc/PID/stat from the third on, or nothing when the process is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:
        return []


def parent(pid):
    fields = stat(pid)
    return int(fields[1]) if fields else 0


def children(pid):
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found += [int(child) for child in task.read_text(encoding="utf-8").split()]
        except OSError:
            continue
    return found


def tree(pid):
    return [pid] + [below for child in children(pid) for below in tree(child)]


def own_cpu(pid):
    """Nanoseconds of the living threads, as the scheduler counts them."""
    total = 0
    for task in Path(f"/proc/{pid}/task").glob("*/schedstat"):
        try:
            total += int(task.read_text(encoding="utf-8").split()[0])
        except (OSError, IndexError):
            continue
    return total


def cpu_seconds(pid):
    """Of a process, all below it, and all below it that have ended."""
    total = 0.0
    for each in tree(pid):
        fields = stat(each)
        if fields:
            total += own_cpu(each) / 1e9 + (int(fields[13]) + int(fields[14])) / TICK
    return total


def pss_mb(pid):
    """Of a process and all below it; shared pages are divided among those who share them."""
    total = 0.0
    for each in tree(pid):
        try:
            lines = Path(f"/proc/{each}/smaps_rollup").read_text(encoding="utf-8").splitlines()
        except OSError:
            continue
        total += sum(float(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024
    return total
