"""A row, played: a run that warms up, then everybody in turn, again and again."""

import subprocess
import sys
import time

import markdown


def tell(text):
    print(text, file=sys.stderr, flush=True)


def measure(contestant, row, turn):
    begin = time.monotonic()
    try:
        figures = contestant.measure(row)
    except (RuntimeError, subprocess.SubprocessError) as failure:
        tell(f"  {row.name} {turn} {contestant.group} {contestant.name} failed: {failure}")
        return {}
    value = figures.get(row.figure)
    shown = "nothing" if value is None else f"{markdown.number(value)} {row.unit}"
    tell(f"  {row.name} {turn} {contestant.group} {contestant.name}: {shown} ({time.monotonic() - begin:.1f} s)")
    return figures


def in_turn(row_, players, runs):
    taken = [[] for _ in players]
    for turn in range(runs + 1):
        for player, figures in zip(players, taken):
            measured = measure(player, row_, "warm-up" if turn == 0 else f"{turn}/{runs}")
            if turn > 0:
                figures.append(measured)
    return taken


def alone(row_, players, runs):
    tell(f"  {row_.name}, {runs} runs on each database")
    return [player.measure_alone(row_, runs) for player in players]


def row(row_, everybody, runs):
    """Everything that was measured, and what must be known to read it."""
    players = [each for each in everybody if each.plays(row_)]
    taken = (alone if row_.alone else in_turn)(row_, players, runs)
    return {
        "name": row_.name, "title": row_.title, "figure": row_.figure, "unit": row_.unit,
        "more_is_better": row_.more_is_better, "sizes": row_.sizes,
        "contestants": [
            {"name": player.name, "group": player.group, "note": player.note, "is_errand": player.is_errand,
             "runs": figures}
            for player, figures in zip(players, taken)],
    }
