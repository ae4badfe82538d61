-- The queues that a worker serves, as JSON in order: ["mail",…]; NULL = every queue.
ALTER TABLE worker_processes ADD COLUMN queues TEXT;
