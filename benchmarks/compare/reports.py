"""What the processes of a peer append to one file while they run jobs."""

import json
import time

LOOK_SECONDS = 0.001


class Reports:
    def __init__(self, path):
        self.path = path
        path.touch()
        self.file = path.open("rb")
        self.rest = b""
        self.counts, self.latencies = {}, []
        self.first, self.last = float("inf"), 0.0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()

    @property
    def ran(self):
        return sum(self.counts.values())

    def read(self):
        *lines, self.rest = (self.rest + self.file.read()).split(b"\n")
        for line in lines:
            report = json.loads(line)
            if "latency" in report:
                self.latencies.append(report["latency"])
            else:
                self.counts[report["pid"]] = report["ran"]
                self.first = min(self.first, report["first"])
                self.last = max(self.last, report["last"])

    def wait_for(self, count, seconds, workers):
        self.wait_until(lambda: self.ran >= count, f"{count} jobs", seconds, workers)

    def wait_for_latency(self, count, seconds, workers):
        self.wait_until(lambda: len(self.latencies) >= count, f"{count} latencies", seconds, workers)

    def wait_until(self, reached, what, seconds, workers):
        deadline = time.monotonic() + seconds
        while True:
            self.read()
            if reached():
                return
            if time.monotonic() > deadline or any(worker.poll() is not None for worker in workers):
                known = f"{self.ran} jobs ran, {len(self.latencies)} latencies are known"
                raise RuntimeError(f"{what} were not reached, {known}; see peers.log")
            time.sleep(LOOK_SECONDS)
