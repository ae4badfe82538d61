-- insert_jobs for jobs that say no more than every job says.
{{insert_columns}}
VALUES {{32 simple_values}}
