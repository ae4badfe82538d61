"""What is compared: a row is one question that several programs answer in one run."""

from dataclasses import dataclass, field, replace


@dataclass(frozen=True)
class Row:
    name: str
    title: str  # its sizes stand in braces
    scenario: str  # what the programs call it
    figure: str  # what of it is compared
    unit: str
    more_is_better: bool = True
    sizes: dict = field(default_factory=dict)  # options of the programs
    limit: str = ""  # the limit program's scenario; "" = it has none
    peers: str = ""  # the configuration in which peers play it; "" = not at all
    alone: bool = False  # a program plays all runs in one call, the small case and the grown one in turn


def growth(name, title, rows=1_000_000, limit=False):
    return Row(f"growth.{name}", f"growth: {title}, by the small case", f"growth.{name}", "ratio", "of small",
               sizes={"jobs": 100_000, "workers": 2, "rows": rows}, limit=f"growth.{name}" if limit else "", alone=True)


def feature(name, title):
    return Row(f"feature.{name}", f"feature: {title}, by plain jobs", f"feature.{name}", "ratio", "of plain",
               sizes={"jobs": 100_000, "workers": 2}, alone=True)


DRAIN = {"jobs": 100_000, "workers": 2}

ROWS = [
    Row("drain", "run {jobs:,} waiting jobs, 2 workers", "drain", "rate", "jobs/s",
        sizes=DRAIN, limit="drain", peers="best"),
    Row("drain-default", "the same, every peer as it comes", "drain", "rate", "jobs/s", sizes=DRAIN, peers="default"),
    Row("drain-best", "the same beside the limit's best way", "drain", "rate", "jobs/s",
        sizes=DRAIN, limit="drain-best"),
    Row("drain-1", "run {jobs:,} waiting jobs, 1 worker", "drain", "rate", "jobs/s",
        sizes={"jobs": 100_000, "workers": 1}, limit="drain"),
    Row("drain-8", "run {jobs:,} waiting jobs, 8 workers", "drain", "rate", "jobs/s",
        sizes={"jobs": 100_000, "workers": 8}, limit="drain"),
    Row("drain-64", "run {jobs:,} waiting jobs, 64 workers", "drain", "rate", "jobs/s",
        sizes={"jobs": 100_000, "workers": 64}, limit="drain"),
    Row("drain-million", "run {jobs:,} waiting jobs, 2 workers", "drain", "rate", "jobs/s",
        sizes={"jobs": 1_000_000, "workers": 2}, limit="drain"),
    Row("drain-10k", "run {jobs:,} waiting jobs with payloads of 10 KB, 2 workers", "drain", "rate", "jobs/s",
        sizes={"jobs": 10_000, "workers": 2, "payload": 10_000}, limit="drain"),
    Row("bulk", "submit {jobs:,} jobs in bulk", "submit.bulk", "rate", "jobs/s",
        sizes={"jobs": 100_000}, limit="submit.copy", peers="best"),
    Row("one", "submit one at a time, one client", "submit.one", "rate", "jobs/s",
        sizes={"seconds": 2}, limit="submit.one", peers="best"),
    Row("many", "submit one at a time, 64 threads (the limit: 8 clients)", "submit.many", "rate", "jobs/s",
        sizes={"seconds": 2}, limit="submit.many"),
    Row("latency", "submit call to handler start, idle, p50", "latency.idle", "p50", "ms", more_is_better=False,
        sizes={"samples": 2000}, peers="best"),
    Row("latency-default", "the same, every peer as it comes", "latency.idle", "p50", "ms", more_is_better=False,
        sizes={"samples": 2000}, peers="default"),
    Row("latency-loaded", "submit call to handler start, half loaded, p50", "latency.loaded", "p50", "ms",
        more_is_better=False, sizes={"samples": 2000}),
    Row("fan-out", "handler's end to the WebSocket client, p50", "fan-out", "p50", "ms", more_is_better=False,
        sizes={"samples": 2000}),
    Row("idle", "CPU of everything when nothing is to do", "idle", "cpu", "% of a core", more_is_better=False,
        sizes={"seconds": 0.5}, peers="best"),
    growth("future", "beside {rows:,} future jobs"),
    growth("finished", "beside {rows:,} finished jobs"),
    growth("queues", "in 10,000 queues", limit=True),
    growth("priorities", "{rows:,} due jobs of 8 priorities", limit=True),
    growth("workers", "64 workers", limit=True),
    growth("pinned", "after {rows:,} jobs have passed beside a pinned snapshot", 2_000_000),
    growth("cleanup", "while {rows:,} jobs are removed"),
    growth("payload.1k", "payloads of 1 KB", limit=True),
    growth("payload.10k", "payloads of 10 KB", limit=True),
    growth("payload.100k", "payloads of 100 KB", limit=True),
    feature("priority", "another priority"),
    feature("retry", "a retry policy of its own"),
    feature("timeout", "a timeout of its own"),
    feature("unique", "a unique key"),
    feature("meta", "100 bytes of meta"),
    feature("user", "each told to its user, who does not look"),
    feature("result", "a result of 100 bytes"),
    feature("progress", "progress told once"),
    feature("failure", "an exception from the handler"),
    feature("notification", "a notification from the handler"),
    feature("transaction", "its end in a transaction of the handler's"),
]


def belongs(row, wish):
    """drain is a row, growth all rows of growth."""
    return row.name == wish or row.name.startswith(wish + ".")


SCALED = ("jobs", "rows", "samples")


def scaled(row, scale):
    """The same with fewer jobs, rows and samples, of which it has at least 20."""
    return replace(row, sizes={name: max(20, int(value * scale)) if name in SCALED else value
                               for name, value in row.sizes.items()})


def quick(row):
    small = scaled(row, 0.02)
    return replace(small, sizes={name: 0.2 if name == "seconds" else value for name, value in small.sizes.items()})
