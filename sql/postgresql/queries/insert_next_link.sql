{{link_copy}}
SELECT tag, type, user_id, data, $2::timestamptz, $3::timestamptz, $3::timestamptz, $2::timestamptz, 1, 0, NULL, cron_schedule,
  {{link_rest}}
FROM worker_jobs WHERE id = $1::bigint
ON CONFLICT (tag) WHERE cron_schedule <> '' AND cron_slot IS NOT NULL AND started IS NULL AND finished IS NULL DO NOTHING
