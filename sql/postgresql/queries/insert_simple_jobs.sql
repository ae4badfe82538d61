-- insert_jobs for jobs that say no more than every job says: each array costs its share of every row.
{{insert_columns}}
SELECT tag, type, data::json, due, queue, priority, now, now, user_id, max_attempts, NULL, false, 0, NULL, NULL, NULL, NULL, NULL, NULL,
  NULL, false, NULL, NULL, NULL
FROM unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[], $5::text[], $6::integer[], $7::timestamptz[], $8::bigint[],
  $9::integer[])
  AS job (tag, type, data, due, queue, priority, now, user_id, max_attempts)
RETURNING id
