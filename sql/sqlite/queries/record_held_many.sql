-- record_finished_many for held rows, whose claim is written with their end: one write instead of two.
WITH done (id, claim_seq, success, outcome, reason, result, crash_count, kept, holder, since, progress) AS (VALUES {{32 held_values}})
UPDATE worker_jobs
SET started = done.since, claimed_by = done.holder, claim_seq = worker_jobs.claim_seq + 1, finished = $353, updated_at = $353,
  success = done.success, outcome = done.outcome, reason = done.reason, result = done.result,
  crash_count = max(worker_jobs.crash_count, done.crash_count), progress = coalesce(done.progress, worker_jobs.progress),
  remove_at = CASE WHEN persistent THEN NULL ELSE $353 + coalesce(remove_delay * 1000, done.kept) END
FROM done
WHERE worker_jobs.id = done.id AND worker_jobs.claim_seq = done.claim_seq - 1
  AND worker_jobs.started IS NULL AND worker_jobs.finished IS NULL
