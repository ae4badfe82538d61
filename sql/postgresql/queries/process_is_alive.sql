-- Differs from SQLite because a manager may declare the process dead meanwhile: it waits for this transaction's end.
SELECT 1 FROM worker_processes WHERE id = $1 AND ended IS NULL FOR KEY SHARE
