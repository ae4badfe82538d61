-- Differs from SQLite because others submit at the same time: whoever looks at what waits for a tag decides alone.
SELECT 1 FROM pg_advisory_xact_lock(hashtextextended('errand tag ' || $1::text, 0))
