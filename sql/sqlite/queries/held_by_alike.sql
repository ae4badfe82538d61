-- Of workers that serve the same queues and know the same types: they come to whatever this one would.
SELECT alike.held_jobs FROM worker_processes alike JOIN worker_processes own
  ON alike.types = own.types AND alike.queues IS own.queues AND alike.id <> own.id
WHERE own.id = $1 AND alike.ended IS NULL AND alike.held_jobs IS NOT NULL
