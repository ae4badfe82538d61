SELECT min(due) FROM worker_jobs WHERE started IS NULL AND queue = $1 AND priority = $2 AND due > $3
