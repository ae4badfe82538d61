-- Of a job that its dead process held, and that somebody else has claimed since.
UPDATE worker_jobs SET crash_count = crash_count + 1
WHERE id = $1::bigint AND claim_seq >= $2 AND claimed_by <> $3::bigint AND {{still_started}}
