-- Few run: their index is read and sorted.
WITH running AS MATERIALIZED (
  SELECT id FROM worker_jobs WHERE started IS NOT NULL AND finished IS NULL AND {{list_filter}}
)
SELECT {{job_columns}} FROM worker_jobs WHERE id = ANY (ARRAY(SELECT id FROM running ORDER BY id DESC LIMIT $7)) ORDER BY id DESC
