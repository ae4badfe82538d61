UPDATE notifications SET read = 1 WHERE user_id = $1 AND read = 0
