-- record_finished for 32 rows at once: the price of a statement is paid once. How many it wrote tells whether all were written;
-- RETURNING would load every column of a row to say which.
WITH done (id, claim_seq, success, outcome, reason, result, crash_count, kept, holder) AS (VALUES {{32 finished_values}})
UPDATE worker_jobs
SET finished = $289, updated_at = $289, success = done.success, outcome = done.outcome, reason = done.reason, result = done.result,
  crash_count = max(worker_jobs.crash_count, done.crash_count),
  remove_at = CASE WHEN persistent THEN NULL ELSE $289 + coalesce(remove_delay * 1000, done.kept) END
FROM done
WHERE worker_jobs.id = done.id AND worker_jobs.claim_seq = done.claim_seq
  AND worker_jobs.claimed_by IS NOT NULL AND (done.holder = 0 OR worker_jobs.claimed_by = done.holder)
  AND worker_jobs.started IS NOT NULL AND worker_jobs.finished IS NULL
