-- Only in PostgreSQL because copy_jobs is, which does not tell them: the ids between two rows that this transaction inserted before and
-- after, without those that others have been given meanwhile.
SELECT id FROM worker_jobs WHERE id > $1 AND id < $2 AND xmin = (SELECT xmin FROM worker_jobs WHERE id = $1) ORDER BY id
