-- Only in SQLite because there RETURNING costs a third of an insert: the id that the next ones follow, one by one. Null where a trigger
-- may insert between them.
SELECT CASE WHEN EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'trigger' AND lower(tbl_name) = 'worker_jobs'
    UNION ALL SELECT 1 FROM sqlite_temp_schema WHERE type = 'trigger' AND lower(tbl_name) = 'worker_jobs') THEN NULL
  ELSE max(coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'worker_jobs'), 0), coalesce((SELECT max(id) FROM worker_jobs), 0)) END
