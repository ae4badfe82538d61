"""Results as a drawing: a bar for each contestant, on a logarithmic scale, readable on light and dark pages."""

import math
from html import escape

import markdown
import results

WIDTH, LABEL, BAR_LEFT, BAR_RIGHT = 860, 300, 310, 740
LINE, GAP, HEAD = 18, 16, 30

STYLE = """
  text { font: 12px system-ui, sans-serif; fill: #1f2328 }
  .title { font-weight: 600; font-size: 13px }
  .axis { stroke: #d0d7de; stroke-width: 1 }
  .errand { fill: #1a7f37 } .limit { fill: #8c959f } .peer { fill: #0969da }
  .range { stroke: #1f2328; stroke-width: 1.5 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } .axis { stroke: #30363d } .range { stroke: #e6edf3 }
    .errand { fill: #3fb950 } .limit { fill: #6e7681 } .peer { fill: #58a6ff }
  }
"""


def scale_of(row):
    """value → x, over the decades that the row's values lie in."""
    found = [value for each in row["contestants"] for value in results.values(each, row["figure"]) if value > 0]
    if not found:
        return None
    low, high = math.floor(math.log10(min(found)) - 0.01), math.ceil(math.log10(max(found)))
    high = max(high, low + 1)
    return lambda value: BAR_LEFT + (BAR_RIGHT - BAR_LEFT) * (math.log10(max(value, 10**low)) - low) / (high - low)


def kind(contestant):
    return "errand" if contestant["is_errand"] else "limit" if contestant["name"] == "limit" else "peer"


def bar(row, contestant, place, top):
    found = results.values(contestant, row["figure"])
    middle = results.median(contestant, row["figure"])
    right, least, most = place(middle), place(min(found)), place(max(found))
    label = escape(f"{contestant['name']}, {contestant['group']}")
    return [
        f'<text x="{LABEL}" y="{top + 13}" text-anchor="end">{label}</text>',
        f'<rect class="{kind(contestant)}" x="{BAR_LEFT}" y="{top + 3}" '
        f'width="{max(right - BAR_LEFT, 1):.1f}" height="12" rx="2"/>',
        f'<line class="range" x1="{least:.1f}" x2="{most:.1f}" y1="{top + 9}" y2="{top + 9}"/>',
        f'<text x="{max(right, most) + 6:.1f}" y="{top + 13}">{markdown.number(middle)} {escape(row["unit"])}</text>',
    ]


def chart(row, top):
    place = scale_of(row)
    shown = [each for each in row["contestants"] if results.values(each, row["figure"])]
    if place is None:
        return [], top
    better = "longer is better" if row["more_is_better"] else "shorter is better"
    lines = [f'<text class="title" x="10" y="{top + 16}">{escape(row["title"])} ({better}, logarithmic)</text>']
    top += HEAD
    first = top
    for contestant in shown:
        lines += bar(row, contestant, place, top)
        top += LINE
    lines.append(f'<line class="axis" x1="{BAR_LEFT}" x2="{BAR_LEFT}" y1="{first}" y2="{top}"/>')
    return lines, top + GAP


def picture(found):
    lines, top = [], 10
    for row in found["rows"].values():
        drawn, top = chart(row, top)
        lines += drawn
    size = f'viewBox="0 0 {WIDTH} {top}" width="{WIDTH}" height="{top}"'
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">', "<title>errand, the limit and its peers</title>",
        f"<style>{STYLE}</style>", *lines, "</svg>", ""])
