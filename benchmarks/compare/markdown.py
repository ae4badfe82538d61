"""Results as a page of Markdown."""

import statistics

import results

def number(value):
    if value is None:
        return "–"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def spread(found):
    return f"{number(min(found))} to {number(max(found))}" if found else "–"


def ratio(row, contestant):
    if contestant["is_errand"]:
        return "", ""
    found = results.ratios(row, contestant)
    if not found:
        return "–", "–"
    return f"{statistics.median(found):.2f}", f"{min(found):.2f} to {max(found):.2f}"


def extra_figures(row):
    """What was measured beside the figure that the row is about."""
    known = []
    for contestant in row["contestants"]:
        for run in contestant["runs"]:
            known += [name for name in run if name != row["figure"] and name not in known]
    return known


def line(row, contestant, extras):
    found = results.values(contestant, row["figure"])
    middle, around = ratio(row, contestant)
    cells = [
        contestant["name"] + (f" ({contestant['note']})" if contestant["note"] else ""), contestant["group"],
        number(statistics.median(found) if found else None), spread(found), middle, around,
        *(number(results.median(contestant, name)) for name in extras)]
    return "| " + " | ".join(cells) + " |"


def section(row):
    extras = extra_figures(row)
    better = "more" if row["more_is_better"] else "less"
    head = ["who", "database", row["unit"], "range", "errand is better by", "pair by pair", *extras]
    return "\n".join([
        f"### {row['title']}", "",
        f"`{row['name']}`, {row['figure']} in {row['unit']}, {better} is better; "
        f"{max(len(each['runs']) for each in row['contestants'])} runs.", "",
        "| " + " | ".join(head) + " |", "|" + "---|" * len(head),
        *(line(row, contestant, extras) for contestant in row["contestants"]), ""])


def page(found):
    lines = ["## Measured on", ""]
    lines += [f"* {name}: {value}" for name, value in found.get("environment", {}).items()]
    return "\n".join([*lines, "", *(section(row) for row in found["rows"].values())])
