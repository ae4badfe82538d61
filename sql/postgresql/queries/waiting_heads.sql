-- The first waiting row of every (queue, priority): one index seek each, however many rows wait behind it.
WITH RECURSIVE head(queue, priority, due, id) AS (
  (SELECT queue, priority, due, id FROM worker_jobs WHERE started IS NULL AND finished IS NULL
   ORDER BY queue, priority, due, id LIMIT 1)
  UNION ALL
  SELECT job.queue, job.priority, job.due, job.id FROM head CROSS JOIN LATERAL (
    SELECT queue, priority, due, id FROM worker_jobs
    WHERE started IS NULL AND finished IS NULL AND (queue, priority) > (head.queue, head.priority)
    ORDER BY queue, priority, due, id LIMIT 1) job
)
SELECT queue, priority, due, id FROM head
WHERE queue NOT IN (SELECT name FROM worker_queues WHERE paused)
ORDER BY priority, queue
