WITH cron(tag) AS (
  SELECT tag FROM worker_crons
  UNION SELECT tag FROM worker_jobs WHERE cron_schedule <> '' AND finished IS NULL
)
SELECT cron.tag, coalesce(link.type, declared.type), coalesce(link.cron_schedule, declared.schedule),
  CASE WHEN link.id IS NULL THEN declared.timezone ELSE link.timezone END, link.id, link.due, last.finished, last.success
FROM cron
LEFT JOIN worker_crons declared ON declared.tag = cron.tag
LEFT JOIN LATERAL (
  SELECT id, type, cron_schedule, timezone, due FROM worker_jobs WHERE tag = cron.tag AND cron_schedule <> '' AND finished IS NULL
  ORDER BY started IS NOT NULL, id LIMIT 1) link ON true
LEFT JOIN LATERAL (
  SELECT finished, success FROM worker_jobs WHERE tag = cron.tag AND cron_schedule <> '' AND finished IS NOT NULL
  ORDER BY tag DESC, finished DESC, id DESC LIMIT 1) last ON true
ORDER BY cron.tag COLLATE "C"
