-- record_held_run for jobs, $1, that are not consecutive.
UPDATE worker_jobs
SET started = $10, claimed_by = $9, claim_seq = claim_seq + 1, finished = $11, updated_at = $11, success = $3, outcome = $4, reason = $5,
  result = $6::json, crash_count = greatest(crash_count, $7),
  remove_at = CASE WHEN persistent THEN NULL
    ELSE $11::timestamptz + coalesce(remove_delay * interval '1 millisecond', $8::bigint * interval '1 microsecond') END
WHERE id = ANY (ARRAY(SELECT json_array_elements_text($1::json)::bigint)) AND claim_seq = $2 - 1 AND {{still_waiting}}
