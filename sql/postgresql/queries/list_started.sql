-- Few run: their index is read and sorted.
WITH running AS MATERIALIZED (
  SELECT id FROM worker_jobs WHERE started IS NOT NULL AND finished IS NULL
    AND CASE WHEN id < coalesce($5::bigint, 9223372036854775807) AND {{list_filter}} THEN true ELSE false END
)
SELECT {{job_columns}} FROM (SELECT id AS picked_id FROM running ORDER BY id DESC LIMIT $7) page
CROSS JOIN LATERAL (SELECT * FROM worker_jobs WHERE id = picked_id OFFSET 0) job
ORDER BY id DESC
