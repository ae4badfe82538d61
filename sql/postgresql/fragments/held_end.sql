started = $10, claimed_by = $9, claim_seq = claim_seq + 1, finished = $12, updated_at = $12, success = $3, outcome = $4, reason = $5,
  result = $6::json, crash_count = greatest(crash_count, $7), progress = coalesce($11::json, progress),
  remove_at = CASE WHEN persistent THEN NULL
    ELSE $12::timestamptz + coalesce(remove_delay * interval '1 millisecond', $8::bigint * interval '1 microsecond') END
