{{waiting_types}}
SELECT job.id, job.type, job.attempt, job.crash_count, job.cron_schedule, job.timezone, job.misfire, job.cron_slot
FROM waiting_type CROSS JOIN LATERAL (
  SELECT * FROM worker_jobs WHERE type = waiting_type.type AND due <= $1 AND {{waiting_by_type}}
  ORDER BY type, tag LIMIT $2) job
WHERE waiting_type.type NOT IN (
    SELECT json_array_elements_text(process.types::json) FROM worker_processes process WHERE process.ended IS NULL)
  AND EXISTS (SELECT FROM worker_processes WHERE ended IS NULL)
LIMIT $2
