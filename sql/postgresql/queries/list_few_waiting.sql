-- When few wait, their index is read and sorted; from the newest row downwards there may be millions of others before the first.
WITH waiting AS MATERIALIZED (
  SELECT id FROM worker_jobs WHERE started IS NULL AND finished IS NULL
    AND CASE WHEN id < coalesce($5::bigint, 9223372036854775807) AND {{list_filter}} THEN true ELSE false END
)
SELECT {{job_columns}} FROM (SELECT id AS picked_id FROM waiting ORDER BY id DESC LIMIT $7) page
CROSS JOIN LATERAL (SELECT * FROM worker_jobs WHERE id = picked_id OFFSET 0) job
ORDER BY id DESC
