-- Only in SQLite because PostgreSQL's claim_jobs returns them: what due_jobs has left out.
SELECT {{claimed_columns}} FROM worker_jobs WHERE id BETWEEN $1 AND $2 ORDER BY id
