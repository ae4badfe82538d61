-- What submit_job does, for triggers and other languages: the same fields, the same rules, the same row. It knows no type's defaults, which
-- live in the programs that run it. Each refusal names the field, also as the error's COLUMN.

CREATE FUNCTION errand_refuse(field text, why text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% %', field, why USING ERRCODE = 'invalid_parameter_value', COLUMN = field;
END
$$;

-- A field of a JSON object, or NULL when it is missing or null; refused when it is not of the kind that is wanted.
CREATE FUNCTION errand_field(fields json, parent text, name text, kind text, wanted text) RETURNS json LANGUAGE plpgsql AS $$
DECLARE
  value json := fields -> name;
  found text := json_typeof(value);
BEGIN
  IF value IS NULL OR found = 'null' THEN
    RETURN NULL;
  END IF;
  IF found <> kind THEN
    PERFORM errand_refuse(parent || name, 'is ' || wanted || ', not ' || found);
  END IF;
  RETURN value;
END
$$;

CREATE FUNCTION errand_text(fields json, name text) RETURNS text LANGUAGE sql AS $$
  SELECT errand_field(fields, '', name, 'string', 'a string') #>> '{}'
$$;

-- NUL and lone surrogates can stand in JSON, but not in text: then no field of it can be read.
CREATE FUNCTION errand_readable(job json) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  why text;
  example text;
BEGIN
  BEGIN
    PERFORM job::jsonb;
    RETURN;
  EXCEPTION WHEN data_exception OR statement_too_complex OR program_limit_exceeded THEN
    GET STACKED DIAGNOSTICS why = MESSAGE_TEXT, example = PG_EXCEPTION_DETAIL;
  END;
  PERFORM errand_refuse('job', 'cannot be stored as JSON: ' || concat_ws(' ', why, '(' || nullif(example, '') || ')'));
END
$$;

CREATE FUNCTION errand_whole(fields json, parent text, name text, most bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  digits text := errand_field(fields, parent, name, 'number', 'a whole number') #>> '{}';
BEGIN
  IF digits !~ '^-?\d+$' THEN
    PERFORM errand_refuse(parent || name, 'is a whole number');
  END IF;
  IF abs(digits::numeric) > most THEN
    PERFORM errand_refuse(parent || name, format('is not between -%s and %s', most, most));
  END IF;
  RETURN digits::bigint;
END
$$;

CREATE FUNCTION errand_real(fields json, parent text, name text) RETURNS float8 LANGUAGE plpgsql AS $$
BEGIN
  RETURN (errand_field(fields, parent, name, 'number', 'a number') #>> '{}')::float8;
EXCEPTION WHEN numeric_value_out_of_range THEN
  PERFORM errand_refuse(parent || name, 'is a number that a double can hold');
END
$$;

CREATE FUNCTION errand_flag(fields json, name text) RETURNS boolean LANGUAGE sql AS $$
  SELECT coalesce((errand_field(fields, '', name, 'boolean', 'true or false') #>> '{}')::boolean, false)
$$;

-- "250ms", "10s", "5m", "1h", "7d" or a number of milliseconds; NULL for anything else.
CREATE FUNCTION errand_milliseconds(duration text) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN duration ~ '^\d{1,18}(ms|s|m|h|d)?$' AND milliseconds <= 9223372036854775807 THEN milliseconds::bigint END
  FROM (SELECT substring(duration FROM '^\d{1,18}')::numeric * CASE substring(duration FROM '\D+$')
    WHEN 's' THEN 1000 WHEN 'm' THEN 60000 WHEN 'h' THEN 3600000 WHEN 'd' THEN 86400000 ELSE 1 END AS milliseconds) measured
$$;

CREATE FUNCTION errand_duration(fields json, parent text, name text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  value json := fields -> name;
  milliseconds bigint;
BEGIN
  IF value IS NULL OR json_typeof(value) = 'null' THEN
    RETURN NULL;
  END IF;
  IF json_typeof(value) = 'number' AND value #>> '{}' ~ '^-?\d+$' THEN
    milliseconds := errand_whole(fields, parent, name, 9007199254740992);
  ELSIF json_typeof(value) = 'string' THEN
    milliseconds := errand_milliseconds(value #>> '{}');
  END IF;
  IF milliseconds IS NULL OR milliseconds < 0 THEN
    PERFORM errand_refuse(parent || name, 'is a duration such as "5s", "10m", "7d", or a number of milliseconds');
  END IF;
  RETURN milliseconds;
END
$$;

CREATE FUNCTION errand_span(fields json, name text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  milliseconds bigint := errand_duration(fields, '', name);
BEGIN
  IF milliseconds > 3155760000000 THEN
    PERFORM errand_refuse(name, format('of %s ms is not between 0 and 100 years', milliseconds));
  END IF;
  RETURN milliseconds;
END
$$;

CREATE FUNCTION errand_known(fields json, parent text, known text[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  name text;
  times bigint;
BEGIN
  IF json_typeof(fields) <> 'object' THEN
    PERFORM errand_refuse(coalesce(nullif(rtrim(parent, '.'), ''), 'a job'),
      format('is a JSON object with the fields %s, not %s', array_to_string(known, ', '), json_typeof(fields)));
  END IF;
  FOR name, times IN SELECT key, count(*) FROM json_object_keys(fields) key GROUP BY key LOOP
    IF times > 1 THEN
      PERFORM errand_refuse(parent || left(name, 64), 'stands twice');
    ELSIF name <> ALL (known) THEN
      PERFORM errand_refuse(parent || left(name, 64), 'is not a known field; the known ones are ' || array_to_string(known, ', '));
    END IF;
  END LOOP;
END
$$;

-- What both databases store alike: at most 1 MiB and 64 levels, no NUL, no lone surrogate, no key twice, numbers that survive a double.
CREATE FUNCTION errand_payload(value json, field text) RETURNS json LANGUAGE plpgsql AS $$
DECLARE
  why text;
BEGIN
  IF octet_length(value::text) > 1048576 THEN
    PERFORM errand_refuse(field, format('cannot be stored as JSON: it has %s bytes, more than 1048576; store it elsewhere and send a reference',
      octet_length(value::text)));
  END IF;
  WITH RECURSIVE node(value, kind, level) AS (
    SELECT errand_payload.value, json_typeof(errand_payload.value), 1
    UNION ALL
    SELECT child.value, json_typeof(child.value), node.level + 1
    FROM node CROSS JOIN LATERAL (
      SELECT member.value FROM json_each(CASE WHEN node.kind = 'object' THEN node.value ELSE '{}' END) member
      UNION ALL
      SELECT element.value FROM json_array_elements(CASE WHEN node.kind = 'array' THEN node.value ELSE '[]' END) element) child
    WHERE node.kind IN ('object', 'array') AND node.level <= 64
  )
  SELECT max(CASE
    WHEN kind IN ('object', 'array') AND level > 64 THEN 'it is nested deeper than 64 levels'
    WHEN kind = 'object' THEN (SELECT format('the key "%s" stands twice in one object', left(min(name), 64))
      FROM (SELECT name FROM json_object_keys(node.value) name GROUP BY name HAVING count(*) > 1) twice HAVING count(*) > 0)
    WHEN kind = 'number' AND node.value::text ~ '^-?\d+$' AND abs(node.value::text::numeric) > 9007199254740992
      THEN 'an integer is beyond ±2^53 and would lose digits; send it as text'
    WHEN kind = 'number' AND substring(node.value::text FROM '[eE][+-]?0*(\d+)$')::numeric > 308
      THEN 'a number has an exponent beyond ±308; send it as text'
    WHEN kind = 'number' AND node.value::text ~ '[.eE]'
      AND (abs(node.value::text::numeric) > 1.7976931348623157e308 OR node.value::text::numeric <> 0 AND abs(node.value::text::numeric) < 5e-324)
      THEN 'a number is too large or too small; send it as text' END)
  INTO why FROM node;
  IF why IS NOT NULL THEN
    PERFORM errand_refuse(field, 'cannot be stored as JSON: ' || why);
  END IF;
  RETURN value;
END
$$;

CREATE FUNCTION errand_name(fields json, name text, required boolean) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  value text := errand_text(fields, name);
BEGIN
  IF required AND coalesce(value, '') = '' THEN
    PERFORM errand_refuse(name, 'is missing; give 1 to 256 bytes of text');
  END IF;
  IF octet_length(value) > 256 THEN
    PERFORM errand_refuse(name, format('has %s bytes; at most 256 are allowed', octet_length(value)));
  END IF;
  RETURN nullif(value, '');
END
$$;

-- An instant, or a delay from `submitted`.
CREATE FUNCTION errand_due(fields json, submitted timestamptz) RETURNS timestamptz LANGUAGE plpgsql AS $$
DECLARE
  given text := nullif(errand_text(fields, 'due'), '');
  delay bigint := errand_milliseconds(given);
  due timestamptz := submitted;
BEGIN
  IF delay > 3155760000000 THEN
    PERFORM errand_refuse('due', 'lies more than 100 years away');
  ELSIF delay IS NOT NULL THEN
    due := submitted + delay * interval '1 millisecond';
  ELSIF given IS NOT NULL THEN
    BEGIN
      IF given ~ '^\d{4}-\d\d-\d\d[T ]([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d+)?)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$' THEN
        due := regexp_replace(given, '(\.\d{6})\d+', '\1')::timestamptz;
      ELSE
        due := NULL;
      END IF;
    EXCEPTION WHEN data_exception THEN
      due := NULL;
    END;
    IF due IS NULL THEN
      PERFORM errand_refuse('due', 'is an instant such as "2026-01-29T05:08:33Z" or a delay such as "10m"');
    END IF;
    IF due > submitted + interval '876600 hours' OR due < submitted - interval '876600 hours' THEN
      PERFORM errand_refuse('due', 'lies more than 100 years away');
    END IF;
  END IF;
  RETURN due;
END
$$;

-- The policy as it is stored, and what it means for the columns beside it.
CREATE FUNCTION errand_retry(fields json, OUT policy json, OUT max_attempts integer, OUT constant_delay bigint) LANGUAGE plpgsql AS $$
DECLARE
  given json := fields -> 'retry';
  first bigint;
  longest bigint;
  factor float8;
  jitter float8;
BEGIN
  max_attempts := 1;
  constant_delay := errand_duration(fields, '', 'autoRescheduleOnFailureDelay');
  IF json_typeof(given) = 'null' THEN
    given := NULL;
  END IF;
  IF errand_flag(fields, 'autoRescheduleOnFailure') THEN
    IF given IS NOT NULL THEN
      PERFORM errand_refuse('retry', 'and autoRescheduleOnFailure exclude each other; give one of them');
    END IF;
    max_attempts := 0;
    constant_delay := coalesce(constant_delay, 1000);
    RETURN;
  END IF;
  constant_delay := NULL;
  IF given IS NULL THEN
    RETURN;
  END IF;
  PERFORM errand_known(given, 'retry.', ARRAY['first', 'factor', 'longest', 'jitter', 'maxAttempts']);
  first := coalesce(errand_duration(given, 'retry.', 'first'), 1000);
  factor := coalesce(errand_real(given, 'retry.', 'factor'), 2);
  longest := coalesce(errand_duration(given, 'retry.', 'longest'), 3600000);
  jitter := coalesce(errand_real(given, 'retry.', 'jitter'), 0.1);
  max_attempts := coalesce(errand_whole(given, 'retry.', 'maxAttempts', 2147483647), 10);
  IF max_attempts = 1 THEN
    policy := '{"maxAttempts":1}';
    RETURN;
  END IF;
  IF factor < 1 THEN
    PERFORM errand_refuse('retry.factor', 'is below 1 or not a number; 1 keeps the delay, 2 doubles it');
  ELSIF jitter < 0 OR jitter > 1 THEN
    PERFORM errand_refuse('retry.jitter', 'is not between 0 and 1');
  ELSIF max_attempts < 0 THEN
    PERFORM errand_refuse('retry.maxAttempts', 'is negative; 0 means without end');
  END IF;
  IF max_attempts = 0 AND jitter = 0 AND factor = 1 AND first = longest THEN
    constant_delay := first;
    RETURN;
  END IF;
  policy := json_build_object('factor', factor, 'first', first, 'jitter', jitter, 'longest', longest, 'maxAttempts', max_attempts);
END
$$;

-- SQL knows when a cron comes no better than what it is told: the first slot is `due`, the later ones are the worker's to compute.
CREATE FUNCTION errand_schedule(fields json, OUT schedule text, OUT zone text) LANGUAGE plpgsql AS $$
BEGIN
  schedule := nullif(errand_text(fields, 'cronSchedule'), '');
  zone := nullif(errand_text(fields, 'timezone'), '');
  IF schedule IS NULL THEN
    IF zone IS NOT NULL THEN
      PERFORM errand_refuse('timezone', 'is given without cronSchedule; give both or neither');
    END IF;
    RETURN;
  END IF;
  IF schedule !~ '^\s*(@\w+|\S+(\s+\S+){4,5})\s*$' THEN
    PERFORM errand_refuse('cronSchedule', format('"%s" has neither five nor six fields', left(schedule, 64)));
  END IF;
  IF zone IS NOT NULL AND NOT EXISTS (SELECT FROM pg_timezone_names WHERE name = zone) THEN
    PERFORM errand_refuse('timezone', format('"%s" is not a known time zone', left(zone, 64)));
  END IF;
  IF coalesce(errand_text(fields, 'due'), '') = '' THEN
    PERFORM errand_refuse('due', 'is missing: with cronSchedule, SQL must be told when the first run is due');
  END IF;
END
$$;

CREATE FUNCTION errand_waiting(tag text) RETURNS SETOF bigint LANGUAGE sql STABLE AS $$
  WITH RECURSIVE waiting_type(type) AS (
    SELECT min(type) FROM worker_jobs WHERE started IS NULL AND finished IS NULL
    UNION ALL
    SELECT (SELECT min(type) FROM worker_jobs WHERE started IS NULL AND finished IS NULL AND type > waiting_type.type)
    FROM waiting_type WHERE waiting_type.type IS NOT NULL
  )
  SELECT job.id FROM waiting_type CROSS JOIN LATERAL (
    SELECT id FROM worker_jobs
    WHERE type = waiting_type.type AND tag = errand_waiting.tag AND started IS NULL AND finished IS NULL OFFSET 0) job
$$;

-- One waiting job for a tag: returns the one that stays, or makes room.
CREATE FUNCTION errand_pending(policy text, tag text, submitted timestamptz) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  waiting bigint;
BEGIN
  IF policy = 'allow' THEN
    RETURN NULL;
  ELSIF policy NOT IN ('keep', 'replace') THEN
    PERFORM errand_refuse('onPendingTag', 'is one of allow, replace, keep');
  END IF;
  PERFORM pg_advisory_xact_lock(hashtextextended('errand tag ' || errand_pending.tag, 0));
  IF policy = 'keep' THEN
    SELECT min(id) INTO waiting FROM errand_waiting(tag) id;
    RETURN waiting;
  END IF;
  UPDATE worker_jobs job
  SET started = submitted, finished = submitted, success = false, outcome = 'cancelled', reason = 'superseded', updated_at = submitted,
    remove_at = CASE WHEN job.persistent THEN NULL
      ELSE submitted + coalesce(job.remove_delay * interval '1 millisecond', interval '168 hours') END
  WHERE job.id = ANY (ARRAY(SELECT errand_waiting(errand_pending.tag))) AND job.started IS NULL AND job.finished IS NULL;
  RETURN NULL;
END
$$;

CREATE FUNCTION errand_submit_job(job json) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  submitted timestamptz := clock_timestamp();
  retry record;
  cron record;
  new worker_jobs;
  policy text;
  stored bigint;
BEGIN
  PERFORM errand_readable(job);
  PERFORM errand_known(coalesce(job, 'null'), '', ARRAY['tag', 'type', 'userId', 'data', 'due', 'queue', 'priority', 'retry',
    'autoRescheduleOnFailure', 'autoRescheduleOnFailureDelay', 'timeout', 'onPendingTag', 'uniqueKey', 'concurrencyKey', 'cronSchedule',
    'timezone', 'persistent', 'removeDelay', 'meta', 'idempotencyKey']);
  new.type := errand_name(job, 'type', true);
  new.tag := errand_name(job, 'tag', true);
  new.unique_key := errand_name(job, 'uniqueKey', false);
  new.concurrency_key := errand_name(job, 'concurrencyKey', false);
  new.idempotency_key := errand_name(job, 'idempotencyKey', false);
  new.data := coalesce(errand_payload(CASE WHEN json_typeof(job -> 'data') <> 'null' THEN job -> 'data' END, 'data'), '{}');
  new.meta := errand_payload(errand_field(job, '', 'meta', 'object', 'an object'), 'meta');
  new.queue := coalesce(errand_text(job, 'queue'), 'default');
  IF new.queue !~ '^[A-Za-z0-9_.:-]{1,128}$' THEN
    PERFORM errand_refuse('queue', format('"%s" is not 1 to 128 letters, digits or _ . : -', left(new.queue, 128)));
  END IF;
  SELECT * INTO retry FROM errand_retry(job);
  SELECT * INTO cron FROM errand_schedule(job);
  new.due := errand_due(job, submitted);
  policy := coalesce(nullif(errand_text(job, 'onPendingTag'), ''), 'allow');

  SELECT id INTO stored FROM worker_jobs WHERE idempotency_key = new.idempotency_key;
  stored := coalesce(stored, errand_pending(policy, new.tag, submitted));
  IF stored IS NOT NULL THEN
    RETURN stored;
  END IF;
  LOOP
    INSERT INTO worker_jobs (tag, type, data, due, queue, priority, created_at, updated_at, user_id, max_attempts, retry_policy,
      auto_reschedule_on_failure, auto_reschedule_on_failure_delay, timeout_ms, unique_key, concurrency_key, cron_schedule, timezone,
      misfire, cron_slot, persistent, remove_delay, meta, idempotency_key)
    VALUES (new.tag, new.type, new.data, new.due, new.queue, coalesce(errand_whole(job, '', 'priority', 2147483647), 0), submitted,
      submitted, coalesce(errand_whole(job, '', 'userId', 9007199254740992), 0), retry.max_attempts, retry.policy,
      retry.constant_delay IS NOT NULL, coalesce(retry.constant_delay, 0), errand_span(job, 'timeout'), new.unique_key,
      new.concurrency_key, cron.schedule, cron.zone, CASE WHEN cron.schedule IS NOT NULL THEN 'latest' END,
      CASE WHEN cron.schedule IS NOT NULL THEN new.due END, errand_flag(job, 'persistent'), errand_span(job, 'removeDelay'), new.meta,
      new.idempotency_key)
    ON CONFLICT (idempotency_key) WHERE idempotency_key IS NOT NULL DO NOTHING
    RETURNING id INTO stored;
    IF stored IS NOT NULL THEN
      PERFORM pg_notify('errand', '{"type":"wake"}');
      RETURN stored;
    END IF;
    SELECT id INTO stored FROM worker_jobs WHERE idempotency_key = new.idempotency_key;
    IF stored IS NOT NULL THEN
      RETURN stored;
    END IF;
  END LOOP;
END
$$;

-- It finds errand's tables and no others, whatever the search_path of the calling session is.
DO $$
BEGIN
  EXECUTE format('ALTER FUNCTION errand_submit_job(json) SET search_path = %I, pg_temp', current_schema());
END
$$;
