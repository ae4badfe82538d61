-- Only in PostgreSQL because copy_jobs is: the types of its columns, in their order. None where what is copied would not be what is
-- inserted: a rule is not asked, row security forbids it, and a trigger may leave rows out or have ids of its own between theirs.
SELECT a.atttypid::bigint
FROM unnest('{ {{submitted_columns}} }'::text[]) WITH ORDINALITY AS submitted (name, number)
JOIN pg_class c ON c.oid = 'worker_jobs'::regclass AND c.relkind = 'r'
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = submitted.name
WHERE NOT row_security_active('worker_jobs')
  AND NOT EXISTS (SELECT FROM pg_rewrite WHERE ev_class = c.oid)
  AND NOT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = c.oid AND NOT tgisinternal)
ORDER BY submitted.number
