-- The price of a statement is paid once for 32 rows.
{{insert_columns}}
VALUES {{32 insert_values}}
RETURNING id
