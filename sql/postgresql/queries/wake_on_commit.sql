-- Equal hints of one transaction arrive as one.
SELECT pg_notify('errand', '{"type":"wake"}')
