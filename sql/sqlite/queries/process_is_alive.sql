SELECT 1 FROM worker_processes WHERE id = $1 AND ended IS NULL
