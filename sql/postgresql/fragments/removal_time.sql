-- Only in PostgreSQL because an index of an expression is found by the same expression.
CASE WHEN persistent THEN timestamptz 'infinity' ELSE coalesce(remove_at, finished) END
