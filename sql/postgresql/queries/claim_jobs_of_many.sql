-- Only in PostgreSQL because SQLite has no round trips to save: claim_jobs for many heads, $1. Rows are locked as they are found, and no head
-- is looked behind once there are $4.
WITH due AS MATERIALIZED (
  SELECT job.id FROM {{due_of_many}}
), claimed AS (
  UPDATE worker_jobs
  SET started = $2, updated_at = $2, claimed_by = $6, claim_seq = claim_seq + 1
  FROM unnest(ARRAY(SELECT due.id FROM due)) AS picked (picked_id)
  WHERE {{picked_alone}}
  RETURNING {{claimed_columns}}
)
SELECT {{claimed_columns}} FROM claimed ORDER BY priority, due, id
