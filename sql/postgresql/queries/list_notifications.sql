SELECT id, user_id, data, read, created_at FROM notifications
WHERE user_id = $1 AND ($2::bigint IS NULL OR id < $2) ORDER BY user_id DESC, id DESC LIMIT $3
