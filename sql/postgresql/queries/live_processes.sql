SELECT id, node, slot, pid, started, beat FROM worker_processes WHERE ended IS NULL ORDER BY id
