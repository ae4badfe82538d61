-- Only in SQLite because a lock does it in PostgreSQL: of what the process has noted, the rows whose claims others have written.
SELECT id, claim_seq FROM worker_jobs
WHERE claimed_by = $1 AND started IS NOT NULL AND finished IS NULL
  AND EXISTS (SELECT 1 FROM worker_processes process, json_each(process.held_jobs) run
    WHERE process.id = $1 AND worker_jobs.id BETWEEN run.value ->> 0 AND run.value ->> 1)
ORDER BY id
