-- Only in PostgreSQL because SQLite has no round trips to save: what is due of the heads $1, up to $4 jobs.
json_to_recordset($1::json) AS head (head_queue text, head_priority integer, head_due bigint, head_id bigint)
CROSS JOIN LATERAL (
  SELECT * FROM worker_jobs
  WHERE started IS NULL AND finished IS NULL AND queue = head_queue AND priority = head_priority AND due <= $2
    AND (due, id) >= (timestamptz 'epoch' + head_due * interval '1 microsecond', head_id)
    AND (type = ANY (ARRAY(SELECT json_array_elements_text($3::json)))) IS TRUE
    AND id <> ALL (ARRAY(SELECT json_array_elements_text($5::json)::bigint))
  ORDER BY due, id LIMIT $4
  FOR NO KEY UPDATE SKIP LOCKED) job
LIMIT $4
