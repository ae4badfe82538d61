INSERT INTO worker_jobs ({{submitted_columns}})
