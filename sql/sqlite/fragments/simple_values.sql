-- Only in SQLite because PostgreSQL takes arrays of any length.
($1, $2, $3, $4, $5, $6, $7, $7, $8, $9, NULL, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL, NULL, NULL)
