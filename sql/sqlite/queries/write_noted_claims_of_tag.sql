-- Only in SQLite because a lock does it in PostgreSQL: write_noted_claim for all that wait under a tag.
{{waiting_types}}
UPDATE worker_jobs SET started = $2, updated_at = $2, claimed_by = ({{noted_holder}}), claim_seq = claim_seq + 1
WHERE id IN (SELECT job.id FROM waiting_type
    JOIN worker_jobs job ON job.type = waiting_type.type AND job.tag = $1 AND job.started IS NULL)
  AND finished IS NULL AND EXISTS ({{noted_holder}})
