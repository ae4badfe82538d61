-- Only in PostgreSQL because copy_jobs is: for jobs that say no more than every job says.
COPY worker_jobs ({{simple_columns}}) FROM STDIN (FORMAT binary)
