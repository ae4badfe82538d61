-- Only in PostgreSQL because SQLite has no round trips to save: hold_jobs for many heads, $1. Rows are locked as they are returned, and no
-- head is looked behind once there are $4.
SELECT {{claimed_columns}} FROM {{due_of_many}}
