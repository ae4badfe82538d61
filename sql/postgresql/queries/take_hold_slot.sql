-- Only in PostgreSQL: whoever locks rows passes over all that others have locked, one by one. So only $1 workers that are $2 hold jobs
-- at once. The server takes a slot back with the transaction, whatever becomes of the connection.
SELECT slot FROM generate_series(1, $1::integer) AS slot
WHERE pg_try_advisory_xact_lock(hashtext('errand hold ' || current_schema() || $2::text), slot) LIMIT 1
