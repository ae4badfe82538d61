import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "common"))
import bench_reports
import verbs
from redis import Redis
from rq import Queue, SimpleWorker, Worker

CHUNK = 500

redis = Redis(port=int(os.environ["REDIS_PORT"]))
queue = Queue(connection=redis)
counter = bench_reports.Counter()


def noop(_data):
    pass


def counted(kind):
    """A worker that counts where it waits for the end of a job: in the parent, which lives on."""

    class Counted(kind):
        def execute_job(self, job, queue_):
            begin = bench_reports.now()
            super().execute_job(job, queue_)
            counter.count(begin)

    return Counted


class Peer:
    @staticmethod
    def enqueue_one(name, data):
        queue.enqueue("peer.noop" if name == "noop" else "bench_reports.stamp", data)

    @staticmethod
    def enqueue_many(count):
        for left in range(count, 0, -CHUNK):
            with redis.pipeline() as pipeline:
                one = Queue.prepare_data("peer.noop", (bench_reports.PAYLOAD,))
                queue.enqueue_many([one] * min(left, CHUNK), pipeline=pipeline)
                pipeline.execute()

    @staticmethod
    def work(configuration):
        kind = counted(SimpleWorker if configuration == "best" else Worker)
        kind([queue], connection=redis).work(logging_level="WARNING" if configuration == "best" else "INFO")


if __name__ == "__main__":
    verbs.play(Peer)
