WITH RECURSIVE waiting_type(type) AS (
  SELECT min(type) FROM worker_jobs WHERE started IS NULL AND finished IS NULL AND type >= ''
  UNION ALL
  SELECT (SELECT min(type) FROM worker_jobs WHERE started IS NULL AND finished IS NULL AND type >= '' AND type > waiting_type.type)
  FROM waiting_type WHERE waiting_type.type IS NOT NULL
)
