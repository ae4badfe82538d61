-- Only in PostgreSQL because its planner takes any index whose condition follows from the statement's: every type is at least '', but only
-- what says so is read by type.
started IS NULL AND finished IS NULL AND type >= ''
