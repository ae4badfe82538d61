-- Only in PostgreSQL because its planner does not look into CASE, and so finds the row by its id.
CASE WHEN started IS NOT NULL AND finished IS NULL THEN true ELSE false END
