-- The queues that a worker serves, as JSON in order: ["mail",…]; NULL = every queue.
SET LOCAL lock_timeout = '2s';

ALTER TABLE worker_processes ADD COLUMN IF NOT EXISTS queues text;
