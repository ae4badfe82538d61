{{insert_columns}}
VALUES {{insert_values}}
RETURNING id
