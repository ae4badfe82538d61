SELECT id, started IS NOT NULL FROM worker_jobs WHERE tag = $1 AND cron_schedule <> '' AND finished IS NULL
ORDER BY started IS NOT NULL, id LIMIT 1
