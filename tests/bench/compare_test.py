"""What benchmarks/compare makes of figures: medians, ratios pair by pair, the table and the drawing."""

import json
import sys
import tempfile
import unittest
import xml.etree.ElementTree as xml
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks" / "compare"))

import markdown
import peers
import play
import plot
import results
from reports import Reports
from rows import ROWS, Row, belongs, quick


def contestant(name, group, is_errand, values, figure="rate"):
    return {"name": name, "group": group, "note": "", "is_errand": is_errand, "runs": [{figure: each} for each in values]}


def played(more_is_better=True):
    return {
        "name": "drain", "title": "run <jobs>", "figure": "rate", "unit": "jobs/s", "more_is_better": more_is_better, "sizes": {},
        "contestants": [
            contestant("errand", "PostgreSQL", True, [80_000, 90_000, 100_000]),
            contestant("errand", "SQLite", True, [200_000, 200_000, 200_000]),
            contestant("limit", "SQLite", False, [400_000, 250_000, 200_000]),
            contestant("other", "Redis", False, [20_000, 30_000, 50_000])]}


class Scripted:
    def __init__(self, name, taken, order):
        self.name, self.taken, self.order = name, list(taken), order
        self.group, self.note, self.is_errand = "SQLite", "", name == "errand"

    def plays(self, _row):
        return True

    def measure(self, _row):
        self.order.append(self.name)
        return {"rate": self.taken.pop(0)}


class Results(unittest.TestCase):
    def test_a_contestant_is_compared_with_errand_on_its_own_database(self):
        row = played()
        self.assertEqual(results.ratios(row, row["contestants"][2]), [0.5, 0.8, 1.0])

    def test_a_contestant_on_another_database_is_compared_with_errand_on_postgresql(self):
        row = played()
        self.assertEqual(results.ratios(row, row["contestants"][3]), [4.0, 3.0, 2.0])

    def test_errand_is_ahead_when_less_is_better_and_it_has_less(self):
        row = played(more_is_better=False)
        self.assertEqual(results.ratios(row, row["contestants"][3]), [0.25, 1 / 3, 0.5])

    def test_a_run_that_failed_has_no_pair(self):
        row = played()
        row["contestants"][3]["runs"][0] = {}
        self.assertEqual(results.ratios(row, row["contestants"][3]), [3.0, 2.0])

    def test_runs_without_the_figure_do_not_count(self):
        self.assertIsNone(results.median(contestant("a", "b", False, [1], figure="other"), "rate"))


class Pages(unittest.TestCase):
    def test_the_table_has_the_median_the_range_and_the_ratios(self):
        line = [each for each in markdown.section(played()).splitlines() if each.startswith("| limit")][0]
        for expected in ("250,000", "200,000 to 400,000", "0.80", "0.50 to 1.00"):
            self.assertIn(expected, line)

    def test_the_drawing_is_well_formed_and_has_a_bar_for_each_contestant(self):
        drawing = xml.fromstring(plot.picture({"rows": {"drain": played()}}))
        self.assertEqual(len(drawing.findall("{http://www.w3.org/2000/svg}rect")), 4)

    def test_the_longest_bar_belongs_to_the_largest_median(self):
        drawing = xml.fromstring(plot.picture({"rows": {"drain": played()}}))
        widths = [float(bar.get("width")) for bar in drawing.findall("{http://www.w3.org/2000/svg}rect")]
        self.assertEqual(widths.index(max(widths)), 2)


class Playing(unittest.TestCase):
    def setUp(self):
        play.tell = lambda _text: None

    def test_contestants_take_turns_and_the_first_turn_does_not_count(self):
        order = []
        two = [Scripted("errand", [1, 2, 3], order), Scripted("limit", [4, 5, 6], order)]
        *_, row = play.row(Row("drain", "", "drain", "rate", "jobs/s"), two, runs=2)
        self.assertEqual(order, ["errand", "limit"] * 3)
        self.assertEqual([results.values(each, "rate") for each in row["contestants"]], [[2, 3], [5, 6]])

    def test_without_a_warm_up_every_turn_counts(self):
        one = [Scripted("errand", [1], [])]
        *_, row = play.row(Row("drain", "", "drain", "rate", "jobs/s"), one, runs=1, warms_up=False)
        self.assertEqual(results.values(row["contestants"][0], "rate"), [1])

    def test_turns_of_an_earlier_call_are_kept_when_everybody_had_them(self):
        row = Row("drain", "", "drain", "rate", "jobs/s")
        *_, first = play.row(row, [Scripted("errand", [1, 2], []), Scripted("limit", [4, 5], [])], runs=1)
        *_, both = play.row(row, [Scripted("errand", [1, 3], []), Scripted("limit", [4, 6], [])], 1, first)
        self.assertEqual([results.values(each, "rate") for each in both["contestants"]], [[2, 3], [5, 6]])

    def test_turns_that_a_contestant_missed_count_for_nobody(self):
        row = Row("drain", "", "drain", "rate", "jobs/s")
        *_, first = play.row(row, [Scripted("errand", [1, 2], [])], runs=1)
        *_, both = play.row(row, [Scripted("errand", [1, 3], []), Scripted("limit", [4, 6], [])], 1, first)
        self.assertEqual([results.values(each, "rate") for each in both["contestants"]], [[3], [6]])

    def test_a_group_is_all_of_its_rows_and_nothing_else(self):
        self.assertGreater(len([row for row in ROWS if belongs(row, "growth")]), 5)
        self.assertEqual([row.name for row in ROWS if belongs(row, "drain")], ["drain"])
        self.assertEqual([row.name for row in ROWS if belongs(row, "growth.queues")], ["growth.queues"])

    def test_quick_makes_every_size_small_and_none_larger(self):
        for row in ROWS:
            for name, value in quick(row).sizes.items():
                self.assertLessEqual(value, row.sizes[name])
                if name in ("jobs", "rows"):
                    self.assertLessEqual(value, row.sizes[name] / 10)


class WhatPeersReport(unittest.TestCase):
    def test_counts_of_several_processes_are_added_and_a_later_one_replaces_an_earlier_one(self):
        with tempfile.TemporaryDirectory() as folder, Reports(Path(folder) / "reports") as reports:
            with reports.path.open("w", encoding="utf-8") as file:
                for pid, ran, first, last in ((1, 5, 100, 200), (2, 7, 90, 150), (1, 9, 100, 300)):
                    file.write(json.dumps({"pid": pid, "ran": ran, "first": first, "last": last}) + "\n")
                file.write('{"latency": 12}\n{"late')
            reports.read()
        self.assertEqual((reports.ran, reports.first, reports.last, reports.latencies), (16, 90, 300, [12]))

    def test_percentiles_are_of_all_samples_in_milliseconds(self):
        figures = peers.latency_figures([1000 * each for each in range(1, 102)])
        self.assertEqual((figures["p50"], figures["p99"], figures["max"]), (51, 100, 101))


if __name__ == "__main__":
    unittest.main()
