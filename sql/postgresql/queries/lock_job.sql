-- Differs from SQLite because others write at the same time: the row and the first of its chain are locked, in one order everywhere.
SELECT id FROM worker_jobs
WHERE id = ANY (ARRAY[$1::bigint, (SELECT root_job FROM worker_jobs WHERE id = $1::bigint)])
ORDER BY id FOR UPDATE
