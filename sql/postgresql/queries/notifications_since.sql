SELECT id, user_id, data, read, created_at FROM notifications WHERE user_id = $1 AND id > $2 ORDER BY id LIMIT $3
