-- errand: statements run one by one, outside a transaction; each text that one returns is run in turn
-- An index of a table that has rows is built beside its traffic. One that a killed build left invalid is dropped and built again.

SET statement_timeout = 0;

SELECT format('DROP INDEX CONCURRENTLY IF EXISTS %I.%I', n.nspname, c.relname)
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE NOT i.indisvalid AND i.indrelid IN ('worker_jobs'::regclass, 'notifications'::regclass)
  AND c.relname ~ '^(worker_jobs|notifications)_'
  AND n.nspname = current_schema();

SELECT format('CREATE %s INDEX %s %I ON %I %s',
  wanted.kind,
  CASE WHEN wanted.relation = 'worker_jobs' AND EXISTS (SELECT FROM worker_jobs)
    OR wanted.relation = 'notifications' AND EXISTS (SELECT FROM notifications) THEN 'CONCURRENTLY' END,
  wanted.relation || '_' || wanted.name, wanted.relation, wanted.definition)
FROM (VALUES
  -- What claims read, in the order they take.
  (1, 'worker_jobs', 'waiting', '', '(queue, priority, due, id) WHERE started IS NULL AND finished IS NULL'),
  -- Tag policies, and types that nobody knows.
  (2, 'worker_jobs', 'waiting_type', '', '(type, tag) WHERE started IS NULL AND finished IS NULL'),
  (3, 'worker_jobs', 'claimed', '', '(claimed_by, id) WHERE started IS NOT NULL AND finished IS NULL'),
  (4, 'worker_jobs', 'removable', '',
    '((CASE WHEN persistent THEN timestamptz ''infinity'' ELSE coalesce(remove_at, finished) END)) WHERE finished IS NOT NULL'),
  (5, 'worker_jobs', 'unsuccessful', '',
    '(coalesce(outcome, ''failed''), id) INCLUDE (outcome) WHERE finished IS NOT NULL AND success IS NOT TRUE'),
  (6, 'worker_jobs', 'chain', '', '(root_job, id) WHERE root_job IS NOT NULL'),
  (7, 'worker_jobs', 'cron', '', '(tag, finished, id) WHERE cron_schedule <> '''''),
  -- Rows of other programs have no slot: several may wait for one tag, and each runs.
  (8, 'worker_jobs', 'cron_link', 'UNIQUE',
    '(tag) WHERE cron_schedule <> '''' AND cron_slot IS NOT NULL AND started IS NULL AND finished IS NULL'),
  (9, 'worker_jobs', 'unique_key', 'UNIQUE', '(unique_key) WHERE unique_key IS NOT NULL AND finished IS NULL'),
  (10, 'worker_jobs', 'idempotency_key', 'UNIQUE', '(idempotency_key) WHERE idempotency_key IS NOT NULL'),
  (11, 'notifications', 'of_user', '', '(user_id, id)'),
  (12, 'notifications', 'unread', '', '(user_id) WHERE NOT read')
) AS wanted (number, relation, name, kind, definition)
WHERE NOT EXISTS (SELECT FROM pg_class c
  WHERE c.relnamespace = current_schema()::regnamespace AND c.relname = wanted.relation || '_' || wanted.name)
ORDER BY wanted.number;

RESET statement_timeout;
