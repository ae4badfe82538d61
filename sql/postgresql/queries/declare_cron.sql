INSERT INTO worker_crons (tag, type, schedule, timezone, misfire, updated_at) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (tag) DO UPDATE SET type = $2, schedule = $3, timezone = $4, misfire = $5, updated_at = $6
WHERE worker_crons.type <> $2 OR worker_crons.schedule <> $3 OR worker_crons.timezone IS DISTINCT FROM $4 OR worker_crons.misfire <> $5
