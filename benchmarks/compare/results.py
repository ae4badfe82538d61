"""Figures of a played row: medians, ranges, and ratios pair by pair."""

import statistics


def values(contestant, figure):
    return [run[figure] for run in contestant["runs"] if figure in run]


def median(contestant, figure):
    found = values(contestant, figure)
    return statistics.median(found) if found else None


def errand_beside(row, contestant):
    """The errand that a contestant is compared with: the one on its database, or the one on PostgreSQL."""
    those = [each for each in row["contestants"] if each["is_errand"]]
    same = [each for each in those if each["group"] == contestant["group"]]
    return (same or those or [None])[0]


def ratios(row, contestant):
    """How much better errand is than this one, run by run: above 1 errand is ahead."""
    errand = errand_beside(row, contestant)
    if errand is None:
        return []
    figure = row["figure"]
    pairs = [(ours[figure], theirs[figure]) for ours, theirs in zip(errand["runs"], contestant["runs"])
             if ours.get(figure, 0) > 0 and theirs.get(figure, 0) > 0]
    return [ours / theirs if row["more_is_better"] else theirs / ours for ours, theirs in pairs]
