{{waiting_types}}
UPDATE worker_jobs
SET started = $2, finished = $2, success = 0, outcome = 'cancelled', reason = 'superseded', updated_at = $2,
  remove_at = CASE WHEN persistent THEN NULL ELSE $2 + coalesce(remove_delay * 1000, $3) END
WHERE id IN (SELECT job.id FROM waiting_type
  JOIN worker_jobs job ON job.type = waiting_type.type AND job.tag = $1 AND job.started IS NULL)
