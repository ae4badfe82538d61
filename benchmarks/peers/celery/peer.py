import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "common"))
import bench_jobs
import verbs
from bench_reports import PAYLOAD

BEST = ["--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "WARNING"]


class Peer:
    @staticmethod
    def enqueue_one(name, data):
        getattr(bench_jobs, name).delay(data)

    @staticmethod
    def enqueue_many(count):
        with bench_jobs.app.producer_pool.acquire() as producer:
            for _ in range(count):
                bench_jobs.noop.apply_async((PAYLOAD,), producer=producer)

    @staticmethod
    def work(configuration):
        """One parent with two processes that run jobs."""
        os.environ["BENCH_CONFIGURATION"] = configuration
        os.environ["C_FORCE_ROOT"] = "1"
        more = BEST if configuration == "best" else []
        command = [sys.executable, "-m", "celery", "--app", "bench_jobs", "worker", "--concurrency", "2", *more]
        os.execv(sys.executable, command)


verbs.play(Peer)
