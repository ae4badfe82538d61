{{waiting_types}}
SELECT job.id, job.type, job.attempt, job.crash_count, job.cron_schedule, job.timezone, job.misfire, job.cron_slot
FROM waiting_type JOIN worker_jobs job ON job.type = waiting_type.type AND job.started IS NULL
WHERE waiting_type.type NOT IN
    (SELECT known.value FROM worker_processes process JOIN json_each(process.types) known WHERE process.ended IS NULL)
  AND EXISTS (SELECT 1 FROM worker_processes WHERE ended IS NULL)
  AND job.due <= $1
LIMIT $2
