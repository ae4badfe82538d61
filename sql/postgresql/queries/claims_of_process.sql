-- The order is one that no index has: the primary key's would be read from end to end, where a plan was made while all had gone.
SELECT {{claimed_columns}} FROM worker_jobs
WHERE claimed_by = $1 AND started IS NOT NULL AND finished IS NULL ORDER BY id + 0
