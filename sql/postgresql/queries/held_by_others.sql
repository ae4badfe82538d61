-- To be asked with the rows locked: who noted one of them did so before its lock was lost.
SELECT held_jobs FROM worker_processes WHERE ended IS NULL AND held_jobs IS NOT NULL AND id <> $1
