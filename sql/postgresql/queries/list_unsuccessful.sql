-- From the newest row downwards until the page is full: the planner does not look into CASE, and knows that a page is small. Rows that
-- another program finished have no outcome: they failed.
SELECT {{job_columns}} FROM (
  SELECT * FROM worker_jobs
  WHERE finished IS NOT NULL AND success IS NOT TRUE AND coalesce(outcome, 'failed') = $8
    AND id < coalesce($5::bigint, 9223372036854775807)
    AND CASE WHEN {{list_filter}} THEN true ELSE false END
  ORDER BY coalesce(outcome, 'failed') DESC, id DESC LIMIT 1001) page
ORDER BY id DESC LIMIT $7
