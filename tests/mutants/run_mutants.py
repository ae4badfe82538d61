#!/usr/bin/env python3
"""Makes each mutant in a copy of the sources, builds what its killer needs, and expects the killer to fail."""

import fnmatch
import itertools
import os
import pathlib
import subprocess
import sys

import mutant_table

ROOT = pathlib.Path(__file__).resolve().parents[2]
COPY = ROOT / "build" / "mutants" / "source"
BUILD = COPY / "build" / "dev"
KILLER_SECONDS_MAX = 60


def copy_sources():
    """What git knows of, and what is new: files that are as they were keep their time, so that little is built again."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, check=True, capture_output=True).stdout.decode().split("\0")
    wanted = {name for name in listed if name and (ROOT / name).is_file()}
    for name in wanted:
        write_if_different(COPY / name, (ROOT / name).read_bytes(), (ROOT / name).stat().st_mode)
    for path in COPY.rglob("*"):
        name = path.relative_to(COPY)
        if name.parts[0] != "build" and path.is_file() and name.as_posix() not in wanted:
            path.unlink()


def write_if_different(path, content, mode=None):
    if path.exists() and path.read_bytes() == content:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    if mode is not None:
        path.chmod(mode)


def run(command, **options):
    # A server of a run of ctest's has templates that were made without the mutant.
    os.environ.pop("ERRAND_TEST_POSTGRES", None)
    return subprocess.run(command, cwd=COPY, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)


def build(targets):
    done = run(["cmake", "--build", str(BUILD), "--target", *targets])
    return None if done.returncode == 0 else done.stdout


def program_of(target):
    found = [path for path in BUILD.rglob(target) if path.is_file() and os.access(path, os.X_OK)]
    if len(found) != 1:
        sys.exit(f"there is no program {target}")
    return found[0]


def verdict_of(target, tests, seconds_max=KILLER_SECONDS_MAX):
    """passed, failed, hung, or none ran; and what the program said."""
    try:
        done = run([str(program_of(target)), f"--gtest_filter={tests}"], timeout=seconds_max)
    except subprocess.TimeoutExpired:
        return "hung", ""
    if "[==========] Running 0 tests" in done.stdout:
        return "none ran", done.stdout
    return "passed" if done.returncode == 0 else "failed", done.stdout


def batches(mutants):
    """Mutants that are made at once: the statements of one database do not disturb the tests of the other."""
    apart = [[mutant for mutant in mutants if mutant.is_within(f"sql/{dialect}/")] for dialect in mutant_table.DIALECTS]
    together = [[mutant for mutant in pair if mutant] for pair in itertools.zip_longest(*apart)]
    return together + [[mutant] for mutant in mutants if not any(mutant in some for some in apart)]


def try_mutants(mutants):
    """What became of each: killed, or why not."""
    changed = {}
    for edit in [edit for mutant in mutants for edit in mutant.edits]:
        path = COPY / edit.path
        changed.setdefault(path, path.read_bytes())
        path.write_text(edit.apply_to(COPY), encoding="utf-8")
    try:
        failure = build(sorted({mutant.target for mutant in mutants}))
        if failure is not None:
            print(failure[-3000:])
            return ["DOES NOT BUILD"] * len(mutants)
        results = {"failed": "killed", "hung": "killed (hung)", "passed": "SURVIVED", "none ran": "NO TEST RAN"}
        return [results[verdict_of(mutant.target, mutant.filter)[0]] for mutant in mutants]
    finally:
        for path, content in changed.items():
            path.write_bytes(content)


def check_killers(mutants):
    """A test that fails anyway kills nothing."""
    failure = build(sorted({mutant.target for mutant in mutants}))
    if failure is not None:
        sys.exit(failure[-3000:] + "\nthe sources do not build as they are")
    for target in sorted({mutant.target for mutant in mutants}):
        tests = sorted({mutant.filter for mutant in mutants if mutant.target == target})
        verdict, said = verdict_of(target, ":".join(tests), 10 * KILLER_SECONDS_MAX)
        if verdict != "passed":
            sys.exit(f"{said[-3000:]}\n{target}: {verdict}, although nothing is changed")
        print(f"{target}: {len(tests)} killers pass on the sources as they are", flush=True)


def chosen(patterns):
    mutants = mutant_table.load()
    if not patterns:
        return mutants
    return [mutant for mutant in mutants if any(fnmatch.fnmatch(mutant.name, pattern) for pattern in patterns)]


def main():
    mutants = chosen(sys.argv[1:])
    if not mutants:
        sys.exit("no mutant has such a name")
    found = mutant_table.complaints(mutants, ROOT)
    if found:
        sys.exit("\n".join(found))
    copy_sources()
    configured = run(["cmake", "--preset", "dev"])
    if configured.returncode != 0:
        sys.exit(configured.stdout)
    check_killers(mutants)
    alive = []
    print("| guard that is taken out | mutant | killed by | result |\n|---|---|---|---|")
    for batch in batches(mutants):
        for mutant, result in zip(batch, try_mutants(batch)):
            if not result.startswith("killed"):
                alive.append(mutant.name)
            print(f"| {mutant.guard} | {mutant.name} | {mutant.killer} | {result} |", flush=True)
    print(f"{len(mutants) - len(alive)} killed, {len(alive)} not{': ' if alive else ''}{', '.join(alive)}")
    return 1 if alive else 0


if __name__ == "__main__":
    sys.exit(main())
