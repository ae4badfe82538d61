seen AS MATERIALIZED (
  SELECT (SELECT min(beat) FROM worker_processes WHERE ended IS NULL) AS oldest_beat,
    $1 = 1 AND EXISTS (
      SELECT 1 FROM worker_jobs WHERE claimed_by IS NOT NULL AND started IS NOT NULL AND finished IS NULL
        AND claimed_by NOT IN (SELECT id FROM worker_processes WHERE ended IS NULL)) AS dead_hold_claims
)
