INSERT INTO worker_processes (node, hostname, slot, pid, version, types, started, beat)
VALUES ($1, $2, $3, $4, $5, $6, $7, $7)
RETURNING id
