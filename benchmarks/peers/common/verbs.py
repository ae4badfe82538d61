"""The verbs of benchmarks/compare/peers.py for a peer written in Python, from what it can do."""

import json
import sys

from bench_reports import PAYLOAD, now


def bulk(peer, count):
    begin = now()
    peer.enqueue_many(int(count))
    print(json.dumps({"seconds": (now() - begin) / 1e6}))


def one(peer, seconds):
    begin, count = now(), 0
    while now() < begin + float(seconds) * 1e6:
        peer.enqueue_one("noop", PAYLOAD)
        count += 1
    print(json.dumps({"count": count, "seconds": (now() - begin) / 1e6}))


def submit(peer):
    for _ in sys.stdin:
        peer.enqueue_one("stamp", {"at": now()})


def play(peer):
    verb, configuration, *arguments = sys.argv[1:]
    if verb == "worker":
        peer.work(configuration)
    elif verb != "setup":
        {"bulk": bulk, "one": one, "submit": submit}[verb](peer, *arguments)
