{{insert_job}}
RETURNING id
