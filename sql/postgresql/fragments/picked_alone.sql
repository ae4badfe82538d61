-- Only in PostgreSQL because a plan made while the table was empty is kept when it has grown: of what equals its own absolute value
-- the planner expects one row, and finds each row by its id.
picked_id = abs(picked_id)
