seen AS MATERIALIZED (
  SELECT clock_timestamp() AS now,
    (SELECT min(beat) FROM worker_processes WHERE ended IS NULL) AS oldest_beat,
    $1::int = 1 AND EXISTS (
      SELECT FROM worker_jobs WHERE claimed_by IS NOT NULL AND started IS NOT NULL AND finished IS NULL
        AND NOT EXISTS (SELECT FROM worker_processes WHERE id = claimed_by AND ended IS NULL)) AS dead_hold_claims
)
