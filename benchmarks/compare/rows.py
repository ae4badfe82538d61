"""What is compared: a row is one question that several programs answer in one run."""

from dataclasses import dataclass, field, replace


@dataclass(frozen=True)
class Row:
    name: str
    title: str
    scenario: str  # what the programs call it
    figure: str  # what of it is compared
    unit: str
    more_is_better: bool = True
    sizes: dict = field(default_factory=dict)  # options of the programs
    limit: str = ""  # the limit program's scenario; "" = it has none
    peers: bool = False  # whether peers can play it


DRAIN = {"jobs": 100_000, "workers": 2}

ROWS = [
    Row("drain", "run 100,000 waiting jobs, 2 workers", "drain", "rate", "jobs/s",
        sizes=DRAIN, limit="drain", peers=True),
    Row("drain-best", "the same beside the limit's best way", "drain", "rate", "jobs/s",
        sizes=DRAIN, limit="drain-best"),
    Row("drain-1", "run 100,000 waiting jobs, 1 worker", "drain", "rate", "jobs/s",
        sizes={"jobs": 100_000, "workers": 1}, limit="drain"),
    Row("drain-8", "run 100,000 waiting jobs, 8 workers", "drain", "rate", "jobs/s",
        sizes={"jobs": 100_000, "workers": 8}, limit="drain"),
    Row("drain-64", "run 100,000 waiting jobs, 64 workers", "drain", "rate", "jobs/s",
        sizes={"jobs": 100_000, "workers": 64}, limit="drain"),
    Row("drain-million", "run 1,000,000 waiting jobs, 2 workers", "drain", "rate", "jobs/s",
        sizes={"jobs": 1_000_000, "workers": 2}, limit="drain"),
    Row("bulk", "submit 100,000 jobs in bulk", "submit.bulk", "rate", "jobs/s",
        sizes={"jobs": 100_000}, limit="submit.copy", peers=True),
    Row("one", "submit one at a time, one client", "submit.one", "rate", "jobs/s",
        sizes={"seconds": 2}, limit="submit.one", peers=True),
    Row("many", "submit one at a time, 64 threads (the limit: 8 clients)", "submit.many", "rate", "jobs/s",
        sizes={"seconds": 2}, limit="submit.many"),
    Row("latency", "submit call to handler start, idle, p50", "latency.idle", "p50", "ms", more_is_better=False,
        sizes={"samples": 500}, peers=True),
    Row("latency-loaded", "submit call to handler start, half loaded, p50", "latency.loaded", "p50", "ms",
        more_is_better=False, sizes={"samples": 500}),
    Row("fan-out", "handler's end to the WebSocket client, p50", "fan-out", "p50", "ms", more_is_better=False,
        sizes={"samples": 500}),
    Row("idle", "CPU of everything when nothing is to do", "idle", "cpu", "% of a core", more_is_better=False,
        sizes={"seconds": 1}, peers=True),
]


def quick(row):
    small = {"jobs": 2_000, "seconds": 0.2, "samples": 20}
    return replace(row, sizes={name: min(value, small.get(name, value)) for name, value in row.sizes.items()})
