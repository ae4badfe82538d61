-- errand: statements run one by one, outside a transaction; each text that one returns is run in turn
-- Whoever looks for what waits in the order of claims has never to read it in the order of types: a plan that was made while nothing waited
-- took either index, and the one in the order of types meant to read and sort all that wait. Every type is at least '', but the planner
-- does not know, and so this index serves only the statements that say so.

SET statement_timeout = 0;

SELECT format('DROP INDEX CONCURRENTLY %I.worker_jobs_waiting_by_type', current_schema())
FROM pg_index WHERE NOT indisvalid AND indexrelid = to_regclass(format('%I.worker_jobs_waiting_by_type', current_schema()));

SELECT format('CREATE INDEX %s worker_jobs_waiting_by_type ON worker_jobs (type, tag)
  WHERE started IS NULL AND finished IS NULL AND type >= ''''',
  CASE WHEN EXISTS (SELECT FROM worker_jobs) THEN 'CONCURRENTLY' END)
WHERE to_regclass(format('%I.worker_jobs_waiting_by_type', current_schema())) IS NULL;

CREATE OR REPLACE FUNCTION errand_waiting(tag text) RETURNS SETOF bigint LANGUAGE sql STABLE AS $$
  WITH RECURSIVE waiting_type(type) AS (
    SELECT min(type) FROM worker_jobs WHERE started IS NULL AND finished IS NULL AND type >= ''
    UNION ALL
    SELECT (SELECT min(type) FROM worker_jobs WHERE started IS NULL AND finished IS NULL AND type >= '' AND type > waiting_type.type)
    FROM waiting_type WHERE waiting_type.type IS NOT NULL
  )
  SELECT job.id FROM waiting_type CROSS JOIN LATERAL (
    SELECT id FROM worker_jobs
    WHERE type = waiting_type.type AND tag = errand_waiting.tag AND started IS NULL AND finished IS NULL AND type >= '' OFFSET 0) job
$$;

SELECT format('DROP INDEX CONCURRENTLY %I.worker_jobs_waiting_type', current_schema())
WHERE to_regclass(format('%I.worker_jobs_waiting_type', current_schema())) IS NOT NULL;

RESET statement_timeout;
