($1::text IS NULL OR type = $1) AND ($2::text IS NULL OR tag = $2) AND ($3::text IS NULL OR queue = $3)
  AND ($4::bigint IS NULL OR user_id = $4)
  AND ($6::text IS NULL OR strpos(tag, $6) > 0 OR strpos(type, $6) > 0 OR (success IS FALSE AND strpos(result::text, $6) > 0))
