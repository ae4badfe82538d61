DELETE FROM worker_processes WHERE ended < $1 AND id NOT IN (
  SELECT claimed_by FROM worker_jobs WHERE claimed_by IS NOT NULL AND started IS NOT NULL AND finished IS NULL)
