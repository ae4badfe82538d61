-- One write claims and finishes: the lock kept others away, the number tells if it did not.
UPDATE worker_jobs
SET started = done.since, claimed_by = done.holder, claim_seq = claim_seq + 1, finished = $12, updated_at = $12, success = done.success,
  outcome = done.outcome, reason = done.reason, result = done.result::json, crash_count = greatest(worker_jobs.crash_count, done.crash_count),
  progress = coalesce(done.progress::json, worker_jobs.progress),
  remove_at = CASE WHEN persistent THEN NULL
    ELSE $12::timestamptz + coalesce(remove_delay * interval '1 millisecond', done.kept * interval '1 microsecond') END
FROM unnest($1::bigint[], $2::integer[], $3::boolean[], $4::text[], $5::text[], $6::text[], $7::integer[], $8::bigint[], $9::bigint[],
  $10::timestamptz[], $11::text[])
  AS done (picked_id, done_seq, success, outcome, reason, result, crash_count, kept, holder, since, progress)
WHERE {{picked_alone}} AND claim_seq = done_seq - 1 AND {{still_waiting}}
