-- insert_job for a job that says no more than every job says.
{{insert_columns}}
VALUES {{simple_values}}
RETURNING id
