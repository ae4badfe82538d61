-- When few wait, their index is read and sorted; from the newest row downwards there may be millions of others before the first.
WITH waiting AS MATERIALIZED (
  SELECT id FROM worker_jobs WHERE started IS NULL AND finished IS NULL AND {{list_filter}}
)
SELECT {{job_columns}} FROM worker_jobs WHERE id = ANY (ARRAY(SELECT id FROM waiting ORDER BY id DESC LIMIT $7)) ORDER BY id DESC
