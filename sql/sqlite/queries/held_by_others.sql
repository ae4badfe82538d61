SELECT held_jobs FROM worker_processes WHERE ended IS NULL AND held_jobs IS NOT NULL AND id <> $1
