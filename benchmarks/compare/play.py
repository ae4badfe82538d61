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


def turns(row_, players, runs, warms_up):
    """What everybody measured in each counted turn, one turn after the other."""
    for turn in range(0 if warms_up else 1, runs + 1):
        measured = [measure(player, row_, "warm-up" if turn == 0 else f"{turn}/{runs}") for player in players]
        if turn > 0:
            yield [[figures] for figures in measured]


def alone(row_, players, runs, _):
    tell(f"  {row_.name}, {runs} runs on each database")
    yield [player.measure_alone(row_, runs) for player in players]


def earlier_runs(earlier, player):
    """Turns of an earlier call count as well: everybody had one in each."""
    for each in (earlier or {"contestants": []})["contestants"]:
        if (each["name"], each["group"]) == (player.name, player.group):
            return each["runs"]
    return []


def row(row_, everybody, runs, earlier=None, warms_up=True):
    """Everything that was measured, and what must be known to read it: after each turn."""
    players = [each for each in everybody if each.plays(row_)]
    taken = [earlier_runs(earlier, player) for player in players]
    if len({len(runs_) for runs_ in taken}) != 1:
        taken = [[] for _ in players]
    for more in (alone if row_.alone else turns)(row_, players, runs, warms_up):
        taken = [before + after for before, after in zip(taken, more)]
        yield described(row_, players, taken)


def described(row_, players, taken):
    return {
        "name": row_.name, "title": row_.title.format(**row_.sizes), "figure": row_.figure, "unit": row_.unit,
        "more_is_better": row_.more_is_better, "sizes": row_.sizes,
        "contestants": [
            {"name": player.name, "group": player.group, "note": player.note, "is_errand": player.is_errand,
             "runs": figures}
            for player, figures in zip(players, taken)],
    }
