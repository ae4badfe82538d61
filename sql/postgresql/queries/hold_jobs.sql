-- Only in PostgreSQL because SQLite locks no rows: what due_jobs has found is held by a note. What others have locked is passed over;
-- nothing is written but the locks. Whether the own process is alive tells its note: it may be declared dead also while its jobs are held,
-- for nothing of them is written. The head, ($7, $8), is for what it is in claim_jobs.
SELECT {{claimed_columns}} FROM worker_jobs
WHERE started IS NULL AND finished IS NULL AND queue = $1 AND priority = $2 AND due <= $3 AND (due, id) >= ($7, $8)
  AND (type = ANY (ARRAY(SELECT json_array_elements_text($4::json)))) IS TRUE
  AND id <> ALL (ARRAY(SELECT json_array_elements_text($6::json)::bigint))
ORDER BY due, id LIMIT $5
FOR NO KEY UPDATE SKIP LOCKED
