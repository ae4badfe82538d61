-- Differs from SQLite because arrays hold any number of rows. How many it wrote tells whether all were written.
UPDATE worker_jobs
SET finished = $10, updated_at = $10, success = done.success, outcome = done.outcome, reason = done.reason, result = done.result::json,
  crash_count = greatest(worker_jobs.crash_count, done.crash_count),
  remove_at = CASE WHEN persistent THEN NULL
    ELSE $10::timestamptz + coalesce(remove_delay * interval '1 millisecond', done.kept * interval '1 microsecond') END
FROM unnest($1::bigint[], $2::integer[], $3::boolean[], $4::text[], $5::text[], $6::text[], $7::integer[], $8::bigint[], $9::bigint[])
  AS done (picked_id, done_seq, success, outcome, reason, result, crash_count, kept, holder)
WHERE {{picked_alone}} AND claim_seq = done_seq AND claimed_by IS NOT NULL
  AND (holder = 0 OR claimed_by = holder) AND {{still_started}}
