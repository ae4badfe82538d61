"""The application that the celery program loads."""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "common"))
import bench_reports
from celery import Celery

app = Celery("bench_jobs", broker=f"redis://127.0.0.1:{os.environ['REDIS_PORT']}/0")
if os.environ.get("BENCH_CONFIGURATION") == "best":
    app.conf.update(worker_prefetch_multiplier=64, task_ignore_result=True, worker_redirect_stdouts=False)

counter = bench_reports.Counter()


@app.task
def noop(_data):
    counter.count()


@app.task
def stamp(data):
    bench_reports.stamp(data)
