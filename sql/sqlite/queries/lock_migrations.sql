-- Differs from PostgreSQL because whoever writes holds the writer lock: nothing is left to lock.
SELECT 1
