{{link_copy}}
SELECT tag, type, user_id, data, $2, $3, $3, $2, 1, 0, NULL, cron_schedule,
  {{link_rest}}
FROM worker_jobs WHERE id = $1
ON CONFLICT (tag) WHERE cron_schedule IS NOT NULL AND started IS NULL DO NOTHING
