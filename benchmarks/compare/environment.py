"""What must be written beside a figure: machine, versions, what was measured."""

import datetime
import os
import platform
import subprocess


def output_of(*command):
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True)
        return done.stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def processor():
    with open("/proc/cpuinfo", encoding="utf-8") as lines:
        models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.machine()


def describe(postgresql, redis, everybody):
    described = {
        "errand": output_of("git", "describe", "--always", "--dirty"),
        "date": datetime.date.today().isoformat(),
        "machine": f"{os.cpu_count()} processors, {processor()}",
        "system": " ".join(platform.freedesktop_os_release().get(name, "") for name in ("NAME", "VERSION_ID")),
        "databases": f"{postgresql.version()}, fsync and synchronous_commit on; SQLite, WAL",
    }
    if redis:
        described["databases"] += "; " + redis.version()
    peers = sorted({each.version for each in everybody if getattr(each, "version", "")})
    if peers:
        described["peers"] = ", ".join(peers)
    return described
