CASE WHEN persistent THEN timestamptz 'infinity' ELSE coalesce(remove_at, finished) END
