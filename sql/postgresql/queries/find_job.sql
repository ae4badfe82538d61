SELECT {{job_columns}} FROM worker_jobs WHERE id = $1::bigint
