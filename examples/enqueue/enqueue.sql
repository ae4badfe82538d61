-- An order and the job that ships it in one transaction, in SQL alone.
--
--   psql "$DATABASE_URL" --set order=7 --file enqueue.sql
\set ON_ERROR_STOP on
BEGIN;
SELECT errand_submit_job(json_build_object(
  'tag', 'ship:' || :order,
  'type', 'shipOrder',
  'userId', 42,
  'data', json_build_object('order', :order, 'note', 'Grüße an "Ada"'),
  'due', '10m',
  'queue', 'shipping',
  'priority', 5,
  'retry', json_build_object('first', '5s', 'maxAttempts', 5),
  'timeout', '1m',
  'removeDelay', '7d',
  'meta', json_build_object('by', 'shop')));
INSERT INTO orders VALUES (:order);
COMMIT;
