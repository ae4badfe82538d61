-- A chain of a cron has one live link: a retry beside it runs without being one.
{{link_copy}}
SELECT tag, type, user_id, data, $2, $4, $4, cron_slot,
  1 + (SELECT max(chain.attempt) FROM worker_jobs chain
    WHERE chain.id = worker_jobs.id OR chain.root_job = coalesce(worker_jobs.root_job, worker_jobs.id)),
  $3, coalesce(root_job, id),
  CASE WHEN EXISTS (SELECT 1 FROM worker_jobs link
    WHERE link.tag = worker_jobs.tag AND link.cron_schedule IS NOT NULL AND link.finished IS NULL) THEN NULL ELSE cron_schedule END,
  {{link_rest}}
FROM worker_jobs WHERE id = $1
RETURNING id
