-- record_held_run for jobs, $1, that are not consecutive.
UPDATE worker_jobs NOT INDEXED SET {{held_end}}
WHERE id IN (SELECT value FROM json_each($1)) AND claim_seq = $2 - 1 AND started IS NULL AND finished IS NULL
