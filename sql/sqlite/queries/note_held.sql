-- Changes nothing once the process is dead.
UPDATE worker_processes SET held_jobs = $2 WHERE id = $1 AND ended IS NULL
