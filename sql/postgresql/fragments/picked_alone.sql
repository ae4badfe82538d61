-- Only in PostgreSQL because its planner may believe that a table of many rows is empty. Rows are found by their ids, each by itself: of
-- what equals its own absolute value one is expected, and what equals an element of an array can be merged or hashed with nothing.
id = ANY (ARRAY[picked_id]) AND picked_id = abs(picked_id)
