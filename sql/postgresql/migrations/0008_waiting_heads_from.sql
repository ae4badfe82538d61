-- errand_waiting_heads, but of each (queue, priority) that "floors" names only what is due from there on: beside a transaction that stays
-- open, all that has been taken before is still in the index, and is not passed over again. Each bound is one of a single column, which the
-- index seeks. A plan is made once: it is the same for any bounds. Who calls puts the heads in order and leaves out what is paused.
CREATE FUNCTION errand_waiting_heads_from(floors json)
RETURNS TABLE (queue text, priority integer, due timestamptz, id bigint)
LANGUAGE plpgsql STABLE
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE
  floor record;
  head record;
  queue_before text := '';
  priority_before bigint := -2147483649;
  priority_end bigint;
BEGIN
  FOR floor IN SELECT floor_queue, floor_priority::bigint, timestamptz 'epoch' + floor_due * interval '1 microsecond' AS floor_due
    FROM json_to_recordset(floors) AS named (floor_queue text, floor_priority integer, floor_due bigint)
    ORDER BY floor_queue COLLATE "C", floor_priority
  LOOP
    LOOP
      priority_end := CASE queue_before WHEN floor.floor_queue THEN floor.floor_priority ELSE 2147483648 END;
      SELECT * INTO head FROM (
        (SELECT queue, priority, due, id FROM worker_jobs
         WHERE started IS NULL AND finished IS NULL AND queue = queue_before
           AND priority > priority_before AND priority < priority_end
         ORDER BY queue, priority, due, id LIMIT 1)
        UNION ALL
        (SELECT queue, priority, due, id FROM worker_jobs
         WHERE started IS NULL AND finished IS NULL AND queue > queue_before AND queue < floor.floor_queue
         ORDER BY queue, priority, due, id LIMIT 1)
        UNION ALL
        (SELECT queue, priority, due, id FROM worker_jobs
         WHERE queue_before <> floor.floor_queue
           AND started IS NULL AND finished IS NULL AND queue = floor.floor_queue AND priority < floor.floor_priority
         ORDER BY queue, priority, due, id LIMIT 1)) between_floors LIMIT 1;
      EXIT WHEN NOT FOUND;
      RETURN QUERY SELECT head.queue, head.priority, head.due, head.id::bigint;
      queue_before := head.queue;
      priority_before := head.priority;
    END LOOP;
    RETURN QUERY SELECT queue, priority, due, id::bigint FROM worker_jobs
      WHERE started IS NULL AND finished IS NULL AND queue = floor.floor_queue AND priority = floor.floor_priority AND due >= floor.floor_due
      ORDER BY queue, priority, due, id LIMIT 1;
    queue_before := floor.floor_queue;
    priority_before := floor.floor_priority;
  END LOOP;
  LOOP
    SELECT queue, priority, due, id INTO head FROM worker_jobs
    WHERE started IS NULL AND finished IS NULL AND (queue, priority) > (queue_before, priority_before)
    ORDER BY queue, priority, due, id LIMIT 1;
    EXIT WHEN NOT FOUND;
    RETURN QUERY SELECT head.queue, head.priority, head.due, head.id::bigint;
    queue_before := head.queue;
    priority_before := head.priority;
  END LOOP;
END
$$;
