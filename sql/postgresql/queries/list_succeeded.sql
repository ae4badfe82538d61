-- From the newest row downwards until the page is full: OFFSET 0 keeps the filter out of the choice of an index.
SELECT {{job_columns}} FROM (SELECT * FROM worker_jobs WHERE id < coalesce($5, 9223372036854775807) ORDER BY id DESC OFFSET 0) newest
WHERE finished IS NOT NULL AND success AND {{list_filter}}
LIMIT $7
