-- A plan that was made while the table was empty sorts all rows for each head that it looks for: ten thousand queues take it minutes. So
-- these plans are made where nothing is read but in order. Who calls puts the heads in order and leaves out what is paused.
CREATE OR REPLACE FUNCTION errand_waiting_heads() RETURNS TABLE (queue text, priority integer, due timestamptz, id bigint)
LANGUAGE plpgsql STABLE SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY WITH RECURSIVE head(queue, priority, due, id) AS (
    (SELECT queue, priority, due, id FROM worker_jobs WHERE started IS NULL AND finished IS NULL
     ORDER BY queue, priority, due, id LIMIT 1)
    UNION ALL
    SELECT job.queue, job.priority, job.due, job.id FROM head CROSS JOIN LATERAL (
      SELECT queue, priority, due, id FROM worker_jobs
      WHERE started IS NULL AND finished IS NULL AND (queue, priority) > (head.queue, head.priority)
      ORDER BY queue, priority, due, id LIMIT 1) job
  )
  SELECT queue, priority, due, id::bigint FROM head;
END
$$;
