-- The order names the index to read, and IS TRUE keeps the types from naming another; neither costs anything.
SELECT 1 FROM worker_jobs
WHERE started IS NULL AND finished IS NULL AND queue = $1 AND priority = $2 AND due <= $3 AND (due, id) >= ($5, $6)
  AND (type = ANY (ARRAY(SELECT json_array_elements_text($4::json)))) IS TRUE
ORDER BY due, id LIMIT 1
