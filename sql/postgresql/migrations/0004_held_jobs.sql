-- The jobs that a process holds by the locks of their rows, as JSON: [[first id, last id], …]. A lock may be lost with its connection;
-- what is noted here is left to its holder as long as that is alive.
SET LOCAL lock_timeout = '2s';

ALTER TABLE worker_processes ADD COLUMN IF NOT EXISTS held_jobs text;
