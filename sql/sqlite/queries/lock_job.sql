-- Differs from PostgreSQL because whoever writes holds the writer lock: nothing is left to lock.
SELECT id FROM worker_jobs WHERE id = $1
