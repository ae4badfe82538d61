-- A retry keeps its own due; the slots after it follow the new schedule.
UPDATE worker_jobs
SET due = CASE WHEN attempt = 1 AND (cron_schedule <> $3 OR timezone IS DISTINCT FROM $4) THEN $6::timestamptz ELSE due END,
  cron_slot = CASE WHEN attempt = 1 AND (cron_schedule <> $3 OR timezone IS DISTINCT FROM $4) THEN $7::timestamptz ELSE cron_slot END,
  type = $2, cron_schedule = $3, timezone = $4, misfire = $5, queue = $8, priority = $9, max_attempts = $10, timeout_ms = $11,
  updated_at = $12
WHERE id = $1::bigint AND {{still_waiting}}
  AND (type <> $2 OR cron_schedule <> $3 OR timezone IS DISTINCT FROM $4 OR misfire IS DISTINCT FROM $5 OR queue <> $8
    OR priority <> $9 OR max_attempts <> $10 OR timeout_ms IS DISTINCT FROM $11)
