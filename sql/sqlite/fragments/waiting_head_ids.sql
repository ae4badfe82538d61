-- Only in SQLite because PostgreSQL has functions for it, errand_waiting_heads and one more.
head(id) AS (
  SELECT (SELECT id FROM worker_jobs WHERE started IS NULL ORDER BY queue, priority, due, id LIMIT 1)
  UNION ALL
  SELECT coalesce(
    (SELECT id FROM worker_jobs WHERE started IS NULL AND queue = here.queue AND priority > here.priority
     ORDER BY queue, priority, due, id LIMIT 1),
    (SELECT id FROM worker_jobs WHERE started IS NULL AND queue > here.queue
     ORDER BY queue, priority, due, id LIMIT 1))
  FROM head JOIN worker_jobs here ON here.id = head.id
)
