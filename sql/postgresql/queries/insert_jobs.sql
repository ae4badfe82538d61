-- Differs from SQLite because arrays hold any number of rows: one statement, planned once. Ids are given in the order of the arrays.
{{insert_columns}}
SELECT tag, type, data::json, due, queue, priority, now, now, user_id, max_attempts, retry_policy::json,
  reschedule_delay IS NOT NULL, coalesce(reschedule_delay, 0), timeout_ms, unique_key, concurrency_key, cron_schedule, timezone,
  misfire, cron_slot, persistent, remove_delay, meta::json, idempotency_key
FROM unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[], $5::text[], $6::integer[], $7::timestamptz[], $8::bigint[],
  $9::integer[], $10::text[], $11::bigint[], $12::bigint[], $13::text[], $14::text[], $15::text[], $16::text[], $17::text[],
  $18::timestamptz[], $19::boolean[], $20::bigint[], $21::text[], $22::text[])
  AS job (tag, type, data, due, queue, priority, now, user_id, max_attempts, retry_policy, reschedule_delay, timeout_ms, unique_key,
    concurrency_key, cron_schedule, timezone, misfire, cron_slot, persistent, remove_delay, meta, idempotency_key)
RETURNING id
