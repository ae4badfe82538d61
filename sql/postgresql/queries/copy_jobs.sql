-- Only in PostgreSQL because SQLite has no such statement: insert_jobs for thousands, without arrays to take apart and a result.
COPY worker_jobs ({{submitted_columns}}) FROM STDIN (FORMAT binary)
