#!/usr/bin/env python3
"""Every mutant of tests/mutants still applies: its guard stands where its table says, and the test that kills it exists."""

import pathlib
import sys

import mutant_table


def main():
    root = pathlib.Path(sys.argv[1])
    mutants = mutant_table.load()
    found = mutant_table.complaints(mutants, root)
    for complaint in found:
        print(complaint)
    print(f"{len(mutants)} mutants, {len(found)} complaints")
    return 1 if found or len(mutants) < 25 else 0


if __name__ == "__main__":
    sys.exit(main())
