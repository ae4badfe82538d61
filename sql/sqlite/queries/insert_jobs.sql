-- The price of a statement is paid once for 32 rows. Their ids follow last_job_id.
{{insert_columns}}
VALUES {{32 insert_values}}
