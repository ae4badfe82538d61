-- insert_job for a job that says no more than every job says.
{{insert_columns}}
VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $8, $9, NULL, false, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, false, NULL, NULL, NULL)
RETURNING id
