UPDATE notifications SET read = true WHERE id = $2::bigint AND user_id = $1
