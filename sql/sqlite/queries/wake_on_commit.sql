-- Differs from PostgreSQL because nobody listens.
SELECT 1
