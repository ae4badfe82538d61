SELECT id, node, slot, pid, started, beat, ended, end_note, rss_bytes, hostname FROM worker_processes
WHERE ended IS NULL OR ended > $1
ORDER BY ended IS NOT NULL, node, slot, id
