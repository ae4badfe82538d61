-- Only in PostgreSQL because SQLite has no network to save: insert_jobs for thousands, whose pages are written to the log as a whole.
COPY worker_jobs ({{submitted_columns}}) FROM STDIN (FORMAT binary)
