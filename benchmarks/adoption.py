#!/usr/bin/python3
"""How long `PROGRAM migrate` keeps the programs waiting that already use a table worker_jobs.

    tools/with-postgresql benchmarks/adoption.py PROGRAM [ROWS]

The table is made as an ORM makes it, with rows in every state, several waiting rows of one cron among them. While it is
adopted, one session inserts and one updates, one row after the other: the longest that any of their statements took is
what the migration's locks cost. The result is 1 when that is more than 2 s.
"""

import os
import subprocess
import sys
import threading
import time

import psycopg2

URL = os.environ["POSTGRESQL_URL"]
LONGEST_WAIT_SECONDS = 2.0

TABLE = """
CREATE TABLE worker_jobs (
  id serial PRIMARY KEY, tag text NOT NULL, type text NOT NULL, user_id integer NOT NULL, data json NOT NULL,
  due timestamptz NOT NULL, started timestamptz, finished timestamptz, remove_at timestamptz NOT NULL, success boolean,
  result json, cron_schedule text, auto_reschedule_on_failure boolean NOT NULL DEFAULT false,
  auto_reschedule_on_failure_delay integer NOT NULL DEFAULT 0, remove_delay integer NOT NULL DEFAULT 0,
  rescheduled_from_job integer, persistent boolean NOT NULL DEFAULT false,
  created_at timestamptz NOT NULL DEFAULT now(), updated_at timestamptz NOT NULL DEFAULT now());
"""

# Of ten rows five succeeded, two failed, one runs, two wait; each thousandth row waits for the same cron.
ROWS = """
INSERT INTO worker_jobs (tag, type, user_id, data, due, remove_at, started, finished, success, result, cron_schedule)
SELECT CASE WHEN n %% 1000 = 9 THEN 'nightly' ELSE 'tag ' || n END, 'hello', n %% 100, '{"name":"Ada"}',
  now() - interval '1 day', now() + interval '30 days', CASE WHEN n %% 10 < 8 THEN now() END,
  CASE WHEN n %% 10 < 7 THEN now() END, CASE WHEN n %% 10 < 7 THEN n %% 10 < 5 END,
  CASE WHEN n %% 10 < 7 THEN '{"greeted":"Ada"}'::json END, CASE WHEN n %% 1000 = 9 THEN '0 0 3 * * *' END
FROM generate_series(1, %s) n
"""

USES = {
    "insert": "INSERT INTO worker_jobs (tag, type, user_id, data, due, remove_at) VALUES ('new', 'hello', 1, '{}', "
    "now() + interval '1 day', now() + interval '1 day')",
    "update": "UPDATE worker_jobs SET updated_at = now() WHERE id = (SELECT (1 + random() * 1000)::int)",
}


def session():
    connection = psycopg2.connect(URL)
    connection.autocommit = True
    return connection


class User(threading.Thread):
    """Another program, which goes on using its table."""

    def __init__(self, statement, over):
        super().__init__()
        self.statement, self.over = statement, over
        self.longest, self.statements = 0.0, 0

    def run(self):
        cursor = session().cursor()
        while not self.over.is_set():
            begin = time.monotonic()
            cursor.execute(self.statement)
            self.longest = max(self.longest, time.monotonic() - begin)
            self.statements += 1
            self.over.wait(0.005)


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    program, rows = sys.argv[1], int(sys.argv[2]) if len(sys.argv) == 3 else 1_000_000
    cursor = session().cursor()
    cursor.execute(TABLE)
    cursor.execute(ROWS, [rows])
    over = threading.Event()
    users = {name: User(statement, over) for name, statement in USES.items()}
    for user in users.values():
        user.start()
    begin = time.monotonic()
    result = subprocess.run([program, "migrate"], env={**os.environ, "DATABASE_URL": URL}, check=False)
    seconds = time.monotonic() - begin
    over.set()
    for user in users.values():
        user.join()
    print(f"{rows:,} rows adopted in {seconds:.1f} s")
    for name, user in users.items():
        print(f"longest {name}: {user.longest * 1000:.0f} ms of {user.statements:,}")
    kept = result.returncode == 0 and all(user.longest <= LONGEST_WAIT_SECONDS for user in users.values())
    sys.exit(0 if kept else 1)


if __name__ == "__main__":
    main()
