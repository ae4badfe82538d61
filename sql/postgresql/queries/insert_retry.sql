-- A chain of a cron has one live link: a retry beside it runs without being one.
{{link_copy}}
SELECT tag, type, user_id, data, $2::timestamptz, $4::timestamptz, $4::timestamptz, cron_slot,
  1 + greatest(attempt, (SELECT max(chain.attempt) FROM worker_jobs chain
    WHERE chain.root_job = coalesce(worker_jobs.root_job, worker_jobs.id))),
  $3::integer, coalesce(root_job, id),
  CASE WHEN EXISTS (SELECT FROM worker_jobs link
    WHERE link.tag = worker_jobs.tag AND link.cron_schedule <> '' AND link.finished IS NULL) THEN NULL ELSE cron_schedule END,
  {{link_rest}}
FROM worker_jobs WHERE id = $1::bigint
RETURNING id
