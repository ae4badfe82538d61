-- Differs from SQLite because others may migrate at the same time. The lock ends with the transaction, whoever dies; it may last as long
-- as an index is built by another connection. One lock for each schema.
SELECT 1
FROM set_config('idle_in_transaction_session_timeout', '0', true) idle, set_config('statement_timeout', '0', true) statement
WHERE pg_try_advisory_xact_lock(hashtextextended('errand migrations of ' || current_schema(), 0))
