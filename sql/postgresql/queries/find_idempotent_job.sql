SELECT id FROM worker_jobs WHERE idempotency_key = $1
