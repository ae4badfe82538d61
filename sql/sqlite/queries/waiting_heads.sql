-- The first waiting row of every (queue, priority): one index seek each, however many rows wait behind it.
WITH RECURSIVE head(id) AS (
  SELECT (SELECT id FROM worker_jobs WHERE started IS NULL ORDER BY queue, priority, due, id LIMIT 1)
  UNION ALL
  SELECT coalesce(
    (SELECT id FROM worker_jobs WHERE started IS NULL AND queue = here.queue AND priority > here.priority
     ORDER BY queue, priority, due, id LIMIT 1),
    (SELECT id FROM worker_jobs WHERE started IS NULL AND queue > here.queue
     ORDER BY queue, priority, due, id LIMIT 1))
  FROM head JOIN worker_jobs here ON here.id = head.id
)
SELECT job.queue, job.priority, job.due, job.id
FROM head JOIN worker_jobs job ON job.id = head.id
WHERE job.queue NOT IN (SELECT name FROM worker_queues WHERE paused)
ORDER BY job.priority, job.queue
