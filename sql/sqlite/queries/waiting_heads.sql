-- The first waiting row of every (queue, priority): one index seek each, however many rows wait behind it.
WITH RECURSIVE {{waiting_head_ids}}
SELECT job.queue, job.priority, job.due, job.id
FROM head JOIN worker_jobs job ON job.id = head.id
WHERE job.queue NOT IN (SELECT name FROM worker_queues WHERE paused)
ORDER BY job.priority, job.queue
