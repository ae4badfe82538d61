INSERT INTO worker_processes (node, hostname, slot, pid, version, types, queues, started, beat)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8)
RETURNING id
