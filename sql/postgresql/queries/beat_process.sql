UPDATE worker_processes SET beat = $2, rss_bytes = $3 WHERE id = $1 AND ended IS NULL
