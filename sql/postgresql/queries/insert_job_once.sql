{{insert_columns}}
VALUES {{insert_values}}
ON CONFLICT (idempotency_key) WHERE idempotency_key IS NOT NULL DO NOTHING
RETURNING id
