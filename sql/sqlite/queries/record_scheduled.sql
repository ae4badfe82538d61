-- A cancel that was asked for stays: whoever claims the row next ends it. A cron's row that goes back while another link of its chain waits runs without being one.
UPDATE worker_jobs
SET started = NULL, claimed_by = NULL, due = coalesce($3, due), crash_count = max(crash_count, $4), updated_at = $5,
  cron_schedule = CASE WHEN cron_schedule IS NOT NULL AND EXISTS (SELECT 1 FROM worker_jobs link
    WHERE link.tag = worker_jobs.tag AND link.cron_schedule IS NOT NULL AND link.started IS NULL) THEN NULL ELSE cron_schedule END
WHERE id = $1 AND claim_seq = $2 AND claimed_by IS NOT NULL AND ($6 = 0 OR claimed_by = $6) AND started IS NOT NULL AND finished IS NULL
