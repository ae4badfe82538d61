-- What a node has to see to in one answer: waiting_heads, and in each row, also where nothing waits, how old the oldest beat is and, if asked
-- for, whether somebody dead holds claims.
WITH {{seen_beside}}
SELECT queue, priority, due, id, queue IN (SELECT name FROM worker_queues WHERE paused) AS paused, oldest_beat,
  dead_hold_claims, now
FROM seen LEFT JOIN errand_waiting_heads() head ON true
ORDER BY priority, queue COLLATE "C"
