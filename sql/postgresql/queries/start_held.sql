-- The claim is written as if it had been all along.
UPDATE worker_jobs
SET started = held.since, updated_at = held.since, claimed_by = held.holder, claim_seq = claim_seq + 1
FROM unnest($1::bigint[], $2::integer[], $3::timestamptz[], $4::bigint[]) AS held (picked_id, held_seq, since, holder)
WHERE {{picked_alone}} AND claim_seq = held_seq - 1 AND {{still_waiting}}
