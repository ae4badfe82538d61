-- Only in SQLite because PostgreSQL takes arrays of any length.
($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
