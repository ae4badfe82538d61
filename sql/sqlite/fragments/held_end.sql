started = $10, claimed_by = $9, claim_seq = claim_seq + 1, finished = $12, updated_at = $12, success = $3, outcome = $4, reason = $5,
  result = $6, crash_count = max(crash_count, $7), progress = coalesce($11, progress),
  remove_at = CASE WHEN persistent THEN NULL ELSE $12 + coalesce(remove_delay * 1000, $8) END
