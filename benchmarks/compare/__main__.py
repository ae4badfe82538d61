"""Plays errand, the limit of the database and the peers in turn, and writes what they reach.

    tools/with-postgresql python3 benchmarks/compare [--peers] [--runs N] [--only ROW]... [--quick] --programs FOLDER

ROW is one of --list. Results go to the working folder: results.md, results.json, results.svg. With --keep PAGE they also
replace what PAGE has after its line RESULTS, and the picture beside it. ./bench calls this.
"""

import argparse
import json
import sys
from pathlib import Path

import contestants
import environment
import markdown
import peers
import play
import plot
from databases import Postgresql, Redis
from rows import ROWS, belongs, quick, scaled


RESULTS = "<!-- RESULTS -->"


def arguments():
    parser = argparse.ArgumentParser(prog="compare", description="errand, the limit and peers, interleaved")
    parser.add_argument("--programs", type=Path, required=True, help="where errand_bench and the limit programs are")
    parser.add_argument("--peers", action="store_true", help="with the programs in benchmarks/peers")
    parser.add_argument("--runs", type=int, default=5, help="counted runs, after one that warms up")
    parser.add_argument("--only", action="append", default=[], metavar="ROW", help="these rows alone, or all of growth or feature, which are not played unless asked for")
    parser.add_argument("--contestant", action="append", default=[], metavar="NAME", help="errand and these alone")
    parser.add_argument("--quick", action="store_true", help="small sizes: whether it works, not how fast it is")
    parser.add_argument("--scale", type=float, default=1.0, help="0.2: a fifth of the jobs, rows and samples")
    parser.add_argument("--add", action="store_true", help="keep what results.json has, and add turns to it")
    parser.add_argument("--keep", type=Path, metavar="PAGE", help="a page of Markdown that keeps the results")
    parser.add_argument("--list", action="store_true", help="print the names of the rows")
    return parser.parse_args()


def chosen_rows(wishes):
    unknown = {wish for wish in wishes.only if not any(belongs(row, wish) for row in ROWS)}
    if unknown:
        sys.exit(f"compare: there is no row {', '.join(sorted(unknown))}; see --list")
    usual = [row for row in ROWS if wishes.quick or not row.alone]  # each of the others takes minutes
    rows = [row for row in ROWS if any(belongs(row, wish) for wish in wishes.only)] if wishes.only else usual
    return [quick(row) if wishes.quick else scaled(row, wishes.scale) for row in rows]


def chosen_contestants(wishes, postgresql, redis):
    everybody = contestants.of_house(wishes.programs, postgresql)
    if wishes.peers:
        everybody += peers.all_of(Path(__file__).parent.parent / "peers", postgresql, redis)
    wanted = wishes.contestant
    return [each for each in everybody if not wanted or each.is_errand or any(name in each.name for name in wanted)]


def write(results, folder):
    (folder / "results.json").write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    (folder / "results.md").write_text(markdown.page(results), encoding="utf-8")
    (folder / "results.svg").write_text(plot.picture(results), encoding="utf-8")


def keep(results, page):
    before = page.read_text(encoding="utf-8").partition(RESULTS)[0]
    page.write_text(f"{before}{RESULTS}\n\n{markdown.page(results)}", encoding="utf-8")
    page.with_suffix(".svg").write_text(plot.picture(results), encoding="utf-8")


def earlier(folder, wishes):
    path = folder / "results.json"
    if wishes.add and path.exists():
        return json.loads(path.read_text(encoding="utf-8"))
    return {"rows": {}}


def main():
    wishes = arguments()
    if wishes.list:
        print("\n".join(f"{row.name:20} {row.title.format(**row.sizes)}" for row in ROWS))
        return
    folder = Path.cwd()
    results = earlier(folder, wishes)
    with Postgresql() as postgresql, Redis(folder) as redis:
        everybody = chosen_contestants(wishes, postgresql, redis)
        results["environment"] = environment.describe(postgresql, redis if wishes.peers else None, everybody)
        for row in chosen_rows(wishes):
            for played in play.row(row, everybody, wishes.runs, results["rows"].get(row.name), not wishes.quick):
                results["rows"][row.name] = played
                write(results, folder)
            print(markdown.section(results["rows"][row.name]), flush=True)
    if wishes.keep:
        keep(results, wishes.keep)


if __name__ == "__main__":
    main()
