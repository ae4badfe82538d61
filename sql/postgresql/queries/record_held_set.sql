-- record_held_run for jobs, $1, that are not consecutive.
UPDATE worker_jobs SET {{held_end}}
WHERE id = ANY (ARRAY(SELECT json_array_elements_text($1::json)::bigint)) AND claim_seq = $2 - 1 AND {{still_waiting}}
