-- The first waiting row of every (queue, priority): one index seek each, however many rows wait behind it.
SELECT queue, priority, due, id FROM errand_waiting_heads()
WHERE queue NOT IN (SELECT name FROM worker_queues WHERE paused)
ORDER BY priority, queue COLLATE "C"
