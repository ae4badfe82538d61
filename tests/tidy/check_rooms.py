#!/usr/bin/env python3
"""Includes point one way: every #include is held against the table of rooms in docs/architecture.md."""

import re

import source_tree

# Which rooms a room may include, besides itself and the public headers.
ROOMS = {
    "base": set(),
    "jobs": {"base"},
    "telemetry": {"base"},
    "store": {"base", "jobs"},
    "ipc": {"base", "jobs"},
    "worker": {"base", "jobs", "store", "ipc"},
    "manager": {"base", "jobs", "store", "ipc"},
    "server": {"base", "jobs", "telemetry", "store"},
    "app": {"base", "jobs", "telemetry", "store", "ipc", "worker", "manager", "server"},
    "cli": {"base", "jobs", "store", "app"},
}

# Libraries that one room hides from the others.
KEPT_IN = {
    r"sqlite3\.h": {"store"},
    r"libpq-fe\.h": {"store"},
    r"boost/asio": {"base", "store", "ipc", "worker", "manager", "server", "app"},
    r"boost/beast": {"base", "server"},
    r"simdjson": {"base"},
    r"spdlog/": {"base"},
    r"date/": {"jobs"},
    r"jwt\.h|openssl/": {"server"},
    r"CLI/": {"cli"},
}

# The rules touch nothing: no clock, no file, no thread. Time comes in as `now`.
NOT_IN_JOBS = r"<(fstream|iostream|thread|mutex|future|filesystem|unistd\.h|fcntl\.h|sys/)"
NOT_IN_PUBLIC = r"<(boost/|libpq|simdjson|sqlite3|spdlog|fmt/|date/|openssl/|jwt|CLI/)"

INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]', re.MULTILINE)


def check_room_file(root, path):
    inside = path.relative_to(root)
    room = inside.parts[1]
    allowed = ROOMS.get(room)
    if allowed is None:
        return [f"{inside}: there is no room called {room} in the table of {__file__}"]
    complaints = []
    for bracket, name in INCLUDE.findall(path.read_text(encoding="utf-8")):
        other = name.split("/")[0]
        if bracket == '"' and other in ROOMS and other != room and other not in allowed:
            complaints.append(f'{inside}: "{name}" is not for {room} to include')
        if bracket == '"' and name.startswith("errand/"):
            complaints.append(f'{inside}: public headers are included as <{name}>')
        if bracket == "<":
            for library, rooms in KEPT_IN.items():
                if re.match(library, name) and room not in rooms:
                    complaints.append(f"{inside}: <{name}> belongs to {', '.join(sorted(rooms))}")
        if room == "jobs" and bracket == "<" and re.match(NOT_IN_JOBS, f"<{name}"):
            complaints.append(f"{inside}: <{name}>: the rules touch nothing")
    return complaints


def check_clock(root, path):
    inside = path.relative_to(root)
    text = source_tree.blank_out(path.read_text(encoding="utf-8"))
    if inside.parts[1] == "jobs" and re.search(r"_clock::now\s*\(", text):
        return [f"{inside}: the rules read no clock: pass the time in"]
    return []


def check_public(root, path):
    inside = path.relative_to(root)
    adapter = "adapters" in inside.parts
    return [
        f"{inside}: public headers do not include {bracket}{name}"
        for bracket, name in INCLUDE.findall(path.read_text(encoding="utf-8"))
        if bracket == '"' or (not adapter and re.match(NOT_IN_PUBLIC, f"<{name}"))
    ]


def check_example(root, path):
    """An example is written as a user would: its own files and the public headers."""
    inside = path.relative_to(root)
    program = root / "examples" / inside.parts[1]
    generated = (program / "CMakeLists.txt").read_text() if (program / "CMakeLists.txt").exists() else ""
    return [
        f'{inside}: "{name}" is not a file of this example'
        for bracket, name in INCLUDE.findall(path.read_text(encoding="utf-8"))
        if bracket == '"'
        and not (program / name).exists()
        and f"OUTPUT {name.removesuffix('.hpp')} " not in generated
    ]


def check(root):
    complaints = []
    for path in source_tree.files(root, ["src"], source_tree.CPP):
        complaints += check_room_file(root, path) + check_clock(root, path)
    for path in source_tree.files(root, ["include"], source_tree.CPP):
        complaints += check_public(root, path)
    for path in source_tree.files(root, ["examples"], source_tree.CPP):
        complaints += check_example(root, path)
    return complaints


if __name__ == "__main__":
    source_tree.run(check)
