"""Peers: folders with a peer.json and a program that knows the verbs setup, bulk, one, submit and worker.

    PROGRAM setup CONFIGURATION                 makes what its database needs
    PROGRAM bulk CONFIGURATION COUNT            enqueues no-op jobs as fast as it can; prints {"seconds": …}
    PROGRAM one CONFIGURATION SECONDS           enqueues one at a time; prints {"count": …, "seconds": …}
    PROGRAM submit CONFIGURATION                enqueues a stamp job, {"at": microseconds}, for each line it reads
    PROGRAM worker CONFIGURATION                runs jobs until SIGTERM

It finds its database in DATABASE_URL or REDIS_PORT. A process that runs jobs appends lines of JSON to the file in
BENCH_REPORT: {"pid": …, "ran": …, "first": …, "last": …} from time to time, {"latency": …} for each stamp job. Times are
microseconds of the monotonic clock.
"""

import json
import os
import random
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

import processes
from reports import Reports

PATIENCE_SECONDS = 300
LATENCY_SECONDS = 15
READY_SECONDS = 2.0


class Peer:
    is_errand = False

    def __init__(self, folder, manifest, configuration, server):
        self.folder, self.manifest, self.configuration, self.server = folder, manifest, configuration, server
        self.name = f"{manifest['title']}, {configuration}"
        self.note = manifest["configurations"][configuration]["note"]
        self.group = "Redis" if manifest["database"] == "redis" else "PostgreSQL"
        self.settings = manifest["configurations"][configuration]
        self.version = f"{manifest['title']} {self.ask_version()}"
        self.address = ""

    def ask_version(self):
        program = str(self.folder / "version")
        return subprocess.run([program], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()

    def plays(self, row):
        return row.peers == self.configuration

    def measure(self, row):
        self.address = self.server.fresh()
        with tempfile.TemporaryDirectory() as folder, Reports(Path(folder) / "reports") as reports:
            self.call(reports, "setup")
            return getattr(self, "measure_" + row.scenario.replace(".", "_"))(row, reports)

    def environment(self, reports):
        name = "REDIS_PORT" if self.group == "Redis" else "DATABASE_URL"
        return {**os.environ, name: self.address, "BENCH_REPORT": str(reports.path), "PYTHONDONTWRITEBYTECODE": "1"}

    def start(self, reports, verb, *arguments, **pipes):
        command = [*self.manifest["program"], verb, self.configuration, *(str(argument) for argument in arguments)]
        with open("peers.log", "a", encoding="utf-8") as log:
            environment = self.environment(reports)
            return subprocess.Popen(command, cwd=self.folder, env=environment, text=True, stderr=log, **pipes)

    def call(self, reports, verb, *arguments):
        """Runs a verb to its end; what it printed last."""
        with self.start(reports, verb, *arguments, stdout=subprocess.PIPE) as process:
            text, _ = process.communicate(timeout=PATIENCE_SECONDS)
        if process.returncode != 0:
            raise RuntimeError(f"{self.name}: {verb} ended with {process.returncode}")
        lines = text.split("\n")
        return next((json.loads(line) for line in reversed(lines) if line.startswith("{")), {})

    @contextmanager
    def workers(self, reports):
        running = [self.start(reports, "worker", stdout=subprocess.DEVNULL)
                   for _ in range(self.manifest.get("processes", 2))]
        try:
            yield running
        finally:
            for worker in running:
                worker.terminate()
            for worker in running:
                try:
                    worker.wait(timeout=20)
                except subprocess.TimeoutExpired:
                    worker.kill()
                    worker.wait()

    def cpu(self, workers):
        return sum(processes.cpu_seconds(worker.pid) for worker in workers), self.server.cpu_seconds()

    def remaining(self):
        if self.group == "Redis":
            return sum(int(self.server.command(*command)) for command in self.manifest["remaining"])
        return int(self.server.ask(self.manifest["remaining"], self.address))

    def count(self, row):
        """A slow one gets fewer: its rate is what is compared."""
        return min(row.sizes["jobs"], self.settings["jobs"])

    def measure_drain(self, row, reports):
        """From the first job's start to the last one's end, or to the moment when the last end is stored."""
        count = self.count(row)
        self.call(reports, "bulk", count)
        with self.workers(reports) as workers:
            reports.wait_for(1, PATIENCE_SECONDS, workers)
            begun, before = reports.ran, self.cpu(workers)
            reports.wait_for(count, PATIENCE_SECONDS, workers)
            end = reports.last
            if self.remaining() > 0:
                end = self.wait_until_stored()
            after = self.cpu(workers)
            memory = max(processes.pss_mb(worker.pid) for worker in workers)
        figures = {"rate": 1e6 * count / (end - reports.first), "worker_memory": memory}
        if count - begun > count / 5:
            figures["worker_cpu"], figures["database_cpu"] = (
                1e6 * (late - early) / (count - begun) for early, late in zip(before, after))
        return figures

    def wait_until_stored(self):
        deadline = time.monotonic() + PATIENCE_SECONDS
        while self.remaining() > 0:
            if time.monotonic() > deadline:
                raise RuntimeError(f"{self.name}: {self.remaining()} jobs are left")
            time.sleep(0.005)
        return time.monotonic_ns() / 1000

    def measure_submit_bulk(self, row, reports):
        count = min(row.sizes["jobs"], self.manifest["bulk"])
        return {"rate": count / self.call(reports, "bulk", count)["seconds"]}

    def measure_submit_one(self, row, reports):
        done = self.call(reports, "one", row.sizes["seconds"])
        return {"rate": done["count"] / done["seconds"]}

    def measure_latency_idle(self, row, reports):
        """One at a time: the next is submitted when the last has begun and the workers sleep again."""
        chance = random.Random(1)
        until = time.monotonic() + LATENCY_SECONDS
        with self.workers(reports) as workers, self.start(reports, "submit", stdin=subprocess.PIPE) as submitter:
            while len(reports.latencies) < row.sizes["samples"] + 5 and time.monotonic() < until:
                submitter.stdin.write("\n")
                submitter.stdin.flush()
                reports.wait_for_latency(len(reports.latencies) + 1, PATIENCE_SECONDS, workers)
                time.sleep(chance.uniform(0, 0.008))
            submitter.stdin.close()
        return latency_figures(reports.latencies[5:] or reports.latencies)

    def measure_idle(self, row, reports):
        with self.workers(reports) as workers:
            time.sleep(READY_SECONDS + 1)
            seconds = 10 * row.sizes["seconds"]
            before = self.cpu(workers)
            time.sleep(seconds)
            own, database = (100 * (late - early) / seconds for early, late in zip(before, self.cpu(workers)))
            memory = max(processes.pss_mb(worker.pid) for worker in workers)
            if any(worker.poll() is not None for worker in workers):
                raise RuntimeError(f"{self.name}: a worker ended; see peers.log")
        return {"cpu": own, "database_cpu": database, "worker_memory": memory}


def latency_figures(microseconds):
    ordered = sorted(value / 1000 for value in microseconds)

    def at(share):
        return ordered[int(share * (len(ordered) - 1) + 0.5)]

    return {"p50": at(0.5), "p95": at(0.95), "p99": at(0.99), "max": ordered[-1], "samples": len(ordered)}


def all_of(folder, postgresql, redis):
    found = []
    for path in sorted(folder.glob("*/peer.json")):
        manifest = json.loads(path.read_text(encoding="utf-8"))
        server = redis if manifest["database"] == "redis" else postgresql
        found += [Peer(path.parent, manifest, name, server) for name in manifest["configurations"]]
    return found
