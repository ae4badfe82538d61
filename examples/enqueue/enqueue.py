#!/usr/bin/env python3
"""An order and the job that ships it in one transaction of psycopg2.

DATABASE_URL=postgresql://… ./enqueue.py ORDER
"""

import json
import os
import sys

import psycopg2


def submit_job(cursor, **job):
    cursor.execute("SELECT errand_submit_job(%s)", [json.dumps(job)])
    return cursor.fetchone()[0]


def place_order(connection, order):
    with connection, connection.cursor() as cursor:  # commits, or rolls back what raises
        job = submit_job(
            cursor,
            tag=f"ship:{order}",
            type="shipOrder",
            userId=42,
            data={"order": order, "note": 'Grüße an "Ada"'},
            due="10m",
            queue="shipping",
            priority=5,
            retry={"first": "5s", "maxAttempts": 5},
            timeout="1m",
            removeDelay="7d",
            meta={"by": "shop"},
        )
        cursor.execute("INSERT INTO orders VALUES (%s)", [order])
    print(f"job {job} will ship order {order}")


if __name__ == "__main__":
    try:
        place_order(psycopg2.connect(os.environ["DATABASE_URL"]), int(sys.argv[1]))
    except psycopg2.Error as error:
        sys.exit(f"{error}")
