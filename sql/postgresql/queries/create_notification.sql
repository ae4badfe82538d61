INSERT INTO notifications (user_id, data, created_at) VALUES ($1, $2, $3) RETURNING id
