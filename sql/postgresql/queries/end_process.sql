-- Differs from SQLite because a claim may be under way: it holds the row FOR KEY SHARE, which only FOR UPDATE waits for.
WITH locked AS MATERIALIZED (
  SELECT id FROM worker_processes WHERE id = $1 AND ended IS NULL AND ($4::timestamptz IS NULL OR beat = $4) FOR UPDATE
)
UPDATE worker_processes SET ended = $2, end_note = $3
WHERE id = (SELECT id FROM locked) AND ended IS NULL AND ($4::timestamptz IS NULL OR beat = $4)
