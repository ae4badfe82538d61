#!/usr/bin/env python3
"""coverage_report.py REPORT [--uncovered]: what an lcov report says, a line a room and a line a file that decides about jobs.

Ends with 1 below a bar."""

import collections
import pathlib
import sys

# Of lines, in percent.
ROOM_BARS = {"src/jobs": 95.0}
FILE_LINE_BARS = {"src/manager/slot.cpp": 95.0}

# Claim, complete, rescue, cron, fence: every branch.
DECIDING = [
    "src/store/claiming.cpp",
    "src/store/claimed_job.cpp",
    "src/store/exchange.cpp",
    "src/store/exchange_by_locks.cpp",
    "src/store/exchange_by_notes.cpp",
    "src/store/held_jobs.cpp",
    "src/store/held_note.cpp",
    "src/store/holding.cpp",
    "src/store/recording.cpp",
    "src/store/row_ends.cpp",
    "src/store/alike_runs.cpp",
    "src/store/sql_job_store.cpp",
    "src/store/sql_maintenance.cpp",
    "src/jobs/transition.cpp",
    "src/jobs/cron.cpp",
    "src/jobs/cron_parse.cpp",
    "src/jobs/cron_schedule.cpp",
    "src/jobs/cron_zone.cpp",
    "src/manager/rescue.cpp",
    "src/manager/rescuer.cpp",
    "src/manager/maintenance.cpp",
    "src/worker/poll_loop.cpp",
]

# Branches that no test can take, by a piece of their line: why.
EXCUSED = {}


class Count:
    def __init__(self):
        self.covered = 0
        self.total = 0

    def add(self, covered):
        self.covered += 1 if covered else 0
        self.total += 1

    def percent(self):
        return 100.0 * self.covered / self.total if self.total else 100.0

    def __str__(self):
        return f"{self.percent():6.1f} % ({self.covered}/{self.total})"


class Coverage:
    def __init__(self):
        self.lines = Count()
        self.branches = Count()
        self.open = []  # (line, what) that nothing reached


def is_excused(file, text):
    return any(piece in text for piece in EXCUSED.get(file, {}))


def read(report):
    """By file, of an lcov report: how often each line and each side of a condition was taken, by line. A template is there once
    for each of its instances: what one of them takes is taken."""
    lines = collections.defaultdict(lambda: collections.defaultdict(int))
    sides = collections.defaultdict(lambda: collections.defaultdict(lambda: collections.defaultdict(int)))
    root = f"{pathlib.Path.cwd()}/"
    file = ""
    for record in pathlib.Path(report).read_text(encoding="utf-8").splitlines():
        kind, _, rest = record.partition(":")
        if kind == "SF":
            file = rest.removeprefix(root)
        elif kind == "DA":
            line, count = rest.split(",")[:2]
            lines[file][int(line)] += int(count)
        elif kind == "BRDA":
            line, block, side, count = rest.split(",")
            sides[file][int(line)][block, side] += 0 if count == "-" else int(count)
    return lines, sides


def measure(file, lines, sides):
    source = pathlib.Path(file).read_text(encoding="utf-8").split("\n")
    coverage = Coverage()
    for number in sorted(lines):
        text = source[number - 1]
        coverage.lines.add(lines[number] > 0)
        if lines[number] == 0:
            coverage.open.append((number, "not run", text))
        if is_excused(file, text):
            continue
        for count in sides[number].values():
            coverage.branches.add(count > 0)
        missed = sum(count == 0 for count in sides[number].values())
        if missed and lines[number] > 0:
            coverage.open.append((number, f"{missed} of {len(sides[number])} sides not taken", text))
    return coverage


def sum_up(rooms, file, coverage):
    room = rooms["/".join(file.split("/")[:2])]
    for mine, its in ((room.lines, coverage.lines), (room.branches, coverage.branches)):
        mine.covered += its.covered
        mine.total += its.total


def show(name, coverage):
    print(f"  {name:34} lines {coverage.lines!s:24} branches {coverage.branches}")


def below(name, what, percent, bar):
    if percent >= bar:
        return 0
    print(f"  below the bar: {what} of {name}: {percent:.1f} %, at least {bar:.0f} %")
    return 1


def main(report, uncovered):
    lines, sides = read(report)
    files = {file: measure(file, lines[file], sides[file]) for file in sorted(lines)}
    rooms = collections.defaultdict(Coverage)
    for file, coverage in files.items():
        sum_up(rooms, file, coverage)
    print("rooms")
    for room in sorted(rooms):
        show(room, rooms[room])
    print("files that decide about jobs")
    for file in DECIDING:
        show(file, files[file])
        for number, what, text in files[file].open if uncovered else []:
            print(f"    {number}: {what}: {text.strip()}")
    failed = sum(below(room, "lines", rooms[room].lines.percent(), bar) for room, bar in ROOM_BARS.items())
    failed += sum(below(file, "lines", files[file].lines.percent(), bar) for file, bar in FILE_LINE_BARS.items())
    failed += sum(below(file, "branches", files[file].branches.percent(), 100.0) for file in DECIDING)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], bool(sys.argv[2:])))
