UPDATE worker_processes SET ended = $2, end_note = $3 WHERE id = $1 AND ended IS NULL AND ($4 IS NULL OR beat = $4)
