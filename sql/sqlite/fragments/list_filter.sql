($1 IS NULL OR type = $1) AND ($2 IS NULL OR tag = $2) AND ($3 IS NULL OR queue = $3) AND ($4 IS NULL OR user_id = $4)
  AND ($5 IS NULL OR id < $5)
  AND ($6 IS NULL OR instr(tag, $6) > 0 OR instr(type, $6) > 0 OR (success = 0 AND instr(result, $6) > 0))
