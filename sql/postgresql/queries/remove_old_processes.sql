DELETE FROM worker_processes WHERE ended < $1 AND NOT EXISTS (
  SELECT FROM worker_jobs WHERE claimed_by = worker_processes.id AND started IS NOT NULL AND finished IS NULL)
