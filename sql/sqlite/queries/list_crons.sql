WITH cron(tag) AS (
  SELECT tag FROM worker_crons
  UNION SELECT tag FROM worker_jobs WHERE cron_schedule IS NOT NULL AND started IS NULL
  UNION SELECT tag FROM worker_jobs WHERE cron_schedule IS NOT NULL AND started IS NOT NULL AND finished IS NULL
)
SELECT cron.tag, coalesce(link.type, declared.type), coalesce(link.cron_schedule, declared.schedule),
  CASE WHEN link.id IS NULL THEN declared.timezone ELSE link.timezone END, link.id, link.due, last.finished, last.success
FROM cron
LEFT JOIN worker_crons declared ON declared.tag = cron.tag
LEFT JOIN worker_jobs link ON link.id = (
  SELECT id FROM worker_jobs WHERE tag = cron.tag AND cron_schedule IS NOT NULL AND finished IS NULL
  ORDER BY started IS NOT NULL, id LIMIT 1)
LEFT JOIN worker_jobs last ON last.id = (
  SELECT id FROM worker_jobs WHERE tag = cron.tag AND cron_schedule IS NOT NULL AND finished IS NOT NULL
  ORDER BY id DESC LIMIT 1)
ORDER BY cron.tag
