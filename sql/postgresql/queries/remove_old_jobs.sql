-- A row that another program has finished may have no remove_at: it stays as long as a failed one.
DELETE FROM worker_jobs USING unnest(ARRAY(
  SELECT id FROM worker_jobs
  WHERE finished IS NOT NULL AND {{removal_time}} <= $1::timestamptz
    AND (remove_at IS NOT NULL OR finished <= $1::timestamptz - coalesce(remove_delay * interval '1 millisecond', interval '7 days'))
    AND id <> $2::bigint
  ORDER BY {{removal_time}} LIMIT $3
  FOR UPDATE SKIP LOCKED)) AS picked (picked_id)
WHERE {{picked_alone}}
