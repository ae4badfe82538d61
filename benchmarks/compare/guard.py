"""A test: errand's drain is not slower than a share of what the limit program reaches beside it.

    python3 benchmarks/compare/guard.py --programs FOLDER --floor RATIO [--jobs N] [--tries N]

On SQLite, or on the PostgreSQL server of POSTGRESQL_URL. It compares two programs in one run, never one with a clock, and
takes the best of a few tries: a busy machine is no reason to fail.
"""

import argparse
import sys
from contextlib import nullcontext
from pathlib import Path

import contestants
from databases import Postgresql
from rows import Row


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--programs", type=Path, required=True)
    parser.add_argument("--floor", type=float, required=True, help="errand's jobs/s by the limit's")
    parser.add_argument("--jobs", type=int, default=20_000)
    parser.add_argument("--tries", type=int, default=3)
    parser.add_argument("--database", choices=["postgresql", "sqlite"], required=True)
    return parser.parse_args()


def ratio(row, errand, limit):
    ours, theirs = errand.measure(row), limit.measure(row)
    share = ours["rate"] / theirs["rate"]
    print(f"errand {ours['rate']:,.0f} jobs/s, limit {theirs['rate']:,.0f}: {share:.3f}", flush=True)
    return share


def main():
    wishes = arguments()
    row = Row("drain", "", "drain", "rate", "jobs/s", sizes={"jobs": wishes.jobs, "workers": 2}, limit="drain")
    with Postgresql() if wishes.database == "postgresql" else nullcontext() as server:
        errand, limit = contestants.on(server, wishes.programs)
        for _ in range(wishes.tries):
            if ratio(row, errand, limit) >= wishes.floor:
                return
    sys.exit(f"errand's drain on {wishes.database} stays below {wishes.floor} of the limit in {wishes.tries} tries")


if __name__ == "__main__":
    main()
