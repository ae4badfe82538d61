-- Only in PostgreSQL because others claim at the same time: what is locked by them is passed over, and what is returned is started.
-- Before the head, ($7, $8), is only what is dead and not cleared away yet: it would be read once more.
-- The array keeps LIMIT $5 from raising what the planner expects; IS TRUE keeps the types from naming an index other than the one in
-- the order of claims.
WITH due AS MATERIALIZED (
  SELECT id FROM worker_jobs
  WHERE started IS NULL AND finished IS NULL AND queue = $1 AND priority = $2 AND due <= $3 AND (due, id) >= ($7, $8)
    AND (type = ANY (ARRAY(SELECT json_array_elements_text($4::json)))) IS TRUE
    AND id <> ALL (ARRAY(SELECT json_array_elements_text($6::json)::bigint))
  ORDER BY due, id LIMIT $5
  FOR NO KEY UPDATE SKIP LOCKED
), claimed AS (
  UPDATE worker_jobs
  SET started = $3, updated_at = $3, claimed_by = $9, claim_seq = claim_seq + 1
  FROM unnest(ARRAY(SELECT due.id FROM due)) AS picked (picked_id)
  WHERE {{picked_alone}}
  RETURNING {{claimed_columns}}
)
SELECT {{claimed_columns}} FROM claimed ORDER BY due, id
