-- Differs from SQLite because others claim at the same time: what is locked by them is passed over, and what is returned is started.
-- The array keeps the planner at the primary key, however many rows it expects of LIMIT $5.
WITH due AS MATERIALIZED (
  SELECT id FROM worker_jobs
  WHERE started IS NULL AND finished IS NULL AND queue = $1 AND priority = $2 AND due <= $3
    AND type = ANY (ARRAY(SELECT json_array_elements_text($4::json)))
  ORDER BY due, id LIMIT $5
  FOR NO KEY UPDATE SKIP LOCKED
), claimed AS (
  UPDATE worker_jobs
  SET started = $3, updated_at = $3, claimed_by = $6, claim_seq = claim_seq + 1
  WHERE id = ANY (ARRAY(SELECT id FROM due))
  RETURNING {{claimed_columns}}
)
SELECT {{claimed_columns}} FROM claimed ORDER BY due, id
