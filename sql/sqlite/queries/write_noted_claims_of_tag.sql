-- Only in SQLite because a lock does it in PostgreSQL: write_noted_claim for all that wait under a tag. CROSS JOIN has the notes read
-- first: they are shorter than what may wait under a tag.
WITH noted (id, holder) AS MATERIALIZED (
  SELECT job.id, process.id FROM worker_processes process CROSS JOIN json_each(process.held_jobs) run CROSS JOIN worker_jobs job
  WHERE process.ended IS NULL AND job.id BETWEEN run.value ->> 0 AND run.value ->> 1
    AND job.tag = $1 AND job.started IS NULL AND job.finished IS NULL)
UPDATE worker_jobs SET started = $2, updated_at = $2, claimed_by = noted.holder, claim_seq = claim_seq + 1
FROM noted WHERE worker_jobs.id = noted.id
