-- Differs from PostgreSQL because the program's clock is the database's: waiting_heads, and in each row, also where nothing waits, how old the
-- oldest beat is and, if asked for, whether somebody dead holds claims.
WITH RECURSIVE {{waiting_head_ids}},
{{seen_beside}}
SELECT job.queue, job.priority, job.due, job.id, job.queue IN (SELECT name FROM worker_queues WHERE paused) AS paused,
  oldest_beat, dead_hold_claims, NULL AS now
FROM seen LEFT JOIN (head JOIN worker_jobs job ON job.id = head.id) ON true
ORDER BY job.priority, job.queue
