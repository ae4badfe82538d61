-- record_finished_run for held ones, whose claim is written with their end.
UPDATE worker_jobs NOT INDEXED SET {{held_end}}
WHERE id BETWEEN $1 AND $13 AND claim_seq = $2 - 1 AND started IS NULL AND finished IS NULL
