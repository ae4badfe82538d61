{{waiting_types}}
UPDATE worker_jobs
SET started = $2, finished = $2, success = false, outcome = 'cancelled', reason = 'superseded', updated_at = $2,
  remove_at = CASE WHEN persistent THEN NULL
    ELSE $2::timestamptz + coalesce(remove_delay * interval '1 millisecond', $3::bigint * interval '1 microsecond') END
FROM unnest(ARRAY(SELECT job.id FROM waiting_type CROSS JOIN LATERAL (
  SELECT id FROM worker_jobs
  WHERE type = waiting_type.type AND tag = $1 AND {{waiting_by_type}} OFFSET 0) job)) AS picked (picked_id)
WHERE {{picked_alone}} AND {{still_waiting}}
