-- record_held_many for consecutive jobs that end alike: no row is looked for by itself, and no value is sent for each.
UPDATE worker_jobs SET {{held_end}}
WHERE id BETWEEN $1 AND $13 AND claim_seq = $2 - 1 AND {{still_waiting}}
