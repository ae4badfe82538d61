-- Only in SQLite because a lock does it in PostgreSQL: the live process that has noted the row as its own.
SELECT process.id FROM worker_processes process, json_each(process.held_jobs) run
WHERE process.ended IS NULL AND worker_jobs.id BETWEEN run.value ->> 0 AND run.value ->> 1
