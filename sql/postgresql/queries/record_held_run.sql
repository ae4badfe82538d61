-- record_held_many for consecutive jobs that end alike: no row is looked for by itself, and no value is sent for each.
UPDATE worker_jobs
SET started = $11, claimed_by = $10, claim_seq = claim_seq + 1, finished = $12, updated_at = $12, success = $4, outcome = $5, reason = $6,
  result = $7::json, crash_count = greatest(crash_count, $8),
  remove_at = CASE WHEN persistent THEN NULL
    ELSE $12::timestamptz + coalesce(remove_delay * interval '1 millisecond', $9::bigint * interval '1 microsecond') END
WHERE id BETWEEN $1 AND $2 AND claim_seq = $3 - 1 AND {{still_waiting}}
