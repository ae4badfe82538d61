SELECT id, user_id, data, read, created_at FROM notifications
WHERE user_id = $1 AND ($2 IS NULL OR id < $2) ORDER BY id DESC LIMIT $3
