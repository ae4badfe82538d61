-- From the newest row downwards until the page is full: the planner does not look into CASE, and knows that a page is small.
SELECT {{job_columns}} FROM (
  SELECT * FROM worker_jobs
  WHERE id < coalesce($5::bigint, 9223372036854775807)
    AND CASE WHEN finished IS NOT NULL AND success AND {{list_filter}} THEN true ELSE false END
  ORDER BY id DESC LIMIT 1001) page
ORDER BY id DESC LIMIT $7
