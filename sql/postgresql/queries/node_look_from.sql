-- Only in PostgreSQL because SQLite clears at once what is dead: node_look, where nothing is due before the floors $2, as far as is known.
WITH {{seen_beside}}
SELECT queue, priority, due, id, queue IN (SELECT name FROM worker_queues WHERE paused) AS paused, oldest_beat,
  dead_hold_claims, now
FROM seen LEFT JOIN errand_waiting_heads_from($2) head ON true
ORDER BY priority, queue COLLATE "C"
