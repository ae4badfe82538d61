#!/usr/bin/env python3
"""coverage_report.py REPORT [--uncovered]: what gcovr measured, a line a room and a line a file that decides about jobs.

Ends with 1 below a bar."""

import collections
import json
import pathlib
import sys

# Of lines, in percent.
ROOM_BARS = {"src/jobs": 95.0}
FILE_LINE_BARS = {"src/manager/slot.cpp": 95.0}

# Claim, complete, rescue, cron, fence: every branch.
DECIDING = [
    "src/store/claiming.cpp",
    "src/store/claimed_job.cpp",
    "src/store/recording.cpp",
    "src/store/row_ends.cpp",
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


def excuse(file, text):
    return any(piece in text for piece in EXCUSED.get(file, {}))


def measure(entry):
    """A file's coverage. A line that no branch leaves counts as a line only."""
    file = entry["file"]
    source = pathlib.Path(file).read_text(encoding="utf-8").split("\n")
    coverage = Coverage()
    for line in entry["lines"]:
        if line.get("gcovr/noncode"):
            continue
        number = line["line_number"]
        text = source[number - 1]
        coverage.lines.add(line["count"] > 0)
        if line["count"] == 0:
            coverage.open.append((number, "not run", text))
        if excuse(file, text):
            continue
        missed = 0
        for branch in line["branches"]:
            coverage.branches.add(branch["count"] > 0)
            missed += 1 if branch["count"] == 0 else 0
        if missed and line["count"] > 0:
            coverage.open.append((number, f"{missed} of {len(line['branches'])} branches not taken", text))
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
    files = {entry["file"]: measure(entry) for entry in json.loads(pathlib.Path(report).read_text())["files"]}
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
    sys.exit(main(sys.argv[1], "--uncovered" in sys.argv[2:]))
