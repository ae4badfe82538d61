UPDATE worker_jobs
SET started = $2, finished = $2, updated_at = $2, success = false, outcome = 'failed', reason = $3, result = $4,
  remove_at = CASE WHEN persistent THEN NULL
    ELSE $2::timestamptz + coalesce(remove_delay * interval '1 millisecond', $5::bigint * interval '1 microsecond') END
WHERE id = $1::bigint AND {{still_waiting}}
