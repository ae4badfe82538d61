-- A row that another program has started is nobody's claim.
UPDATE worker_jobs
SET finished = $10, updated_at = $10, success = $3, outcome = $4, reason = $5, result = $6, crash_count = greatest(crash_count, $7),
  remove_at = CASE WHEN persistent THEN NULL
    ELSE $10::timestamptz + coalesce(remove_delay * interval '1 millisecond', $8::bigint * interval '1 microsecond') END
WHERE id = $1::bigint AND claim_seq = $2 AND claimed_by IS NOT NULL AND ($9::bigint = 0 OR claimed_by = $9) AND {{still_started}}
