-- Differs from PostgreSQL because nobody locks rows: whoever writes passes over notes.
SELECT 1 WHERE $1 > 0 AND $2 IS NOT NULL
