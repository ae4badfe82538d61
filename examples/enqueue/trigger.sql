-- From now on, whoever inserts an order, by whatever program, submits the job that ships it.
CREATE FUNCTION ship_order() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM errand_submit_job(json_build_object(
    'tag', 'ship:' || new.number,
    'type', 'shipOrder',
    'userId', 42,
    'data', json_build_object('order', new.number, 'note', 'Grüße an "Ada"'),
    'due', '10m',
    'queue', 'shipping',
    'priority', 5,
    'retry', json_build_object('first', '5s', 'maxAttempts', 5),
    'timeout', '1m',
    'removeDelay', '7d',
    'meta', json_build_object('by', 'shop')));
  RETURN new;
END
$$;

CREATE TRIGGER ship_order AFTER INSERT ON orders FOR EACH ROW EXECUTE FUNCTION ship_order();
