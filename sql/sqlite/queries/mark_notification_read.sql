UPDATE notifications SET read = 1 WHERE id = $2 AND user_id = $1
