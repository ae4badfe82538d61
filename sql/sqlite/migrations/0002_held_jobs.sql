-- The jobs that a process holds, as JSON: [[first id, last id], …]. They wait in their rows, but are claimed: whoever writes leaves
-- them to their holder as long as that is alive.
ALTER TABLE worker_processes ADD COLUMN held_jobs TEXT;
