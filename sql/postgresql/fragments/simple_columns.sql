-- Only in PostgreSQL because what copy_simple_jobs names is named twice.
tag, type, data, due, queue, priority, created_at, updated_at, user_id, max_attempts
