-- Only in PostgreSQL because SQLite clears at once what is dead: waiting_heads, where nothing is due before the floors $1, as far as is known.
SELECT queue, priority, due, id FROM errand_waiting_heads_from($1)
WHERE queue NOT IN (SELECT name FROM worker_queues WHERE paused)
ORDER BY priority, queue COLLATE "C"
