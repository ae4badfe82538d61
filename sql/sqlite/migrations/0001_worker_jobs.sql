-- Instants are INTEGER microseconds since 1970-01-01 UTC. Durations are INTEGER milliseconds. Booleans are 0 and 1. JSON is text.
-- Every column that other programs need not know has a default: (tag, type) is enough to insert a job.

CREATE TABLE worker_jobs (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  tag TEXT NOT NULL,
  type TEXT NOT NULL,
  user_id INTEGER NOT NULL DEFAULT 0,
  data TEXT NOT NULL DEFAULT '{}',
  due INTEGER NOT NULL DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)),
  queue TEXT NOT NULL DEFAULT 'default',
  priority INTEGER NOT NULL DEFAULT 0,
  started INTEGER,
  claimed_by INTEGER,
  claim_seq INTEGER NOT NULL DEFAULT 0,
  finished INTEGER,
  success INTEGER,
  outcome TEXT,
  reason TEXT,
  result TEXT,
  remove_at INTEGER,
  attempt INTEGER NOT NULL DEFAULT 1,
  max_attempts INTEGER NOT NULL DEFAULT 1,
  crash_count INTEGER NOT NULL DEFAULT 0,
  cancel_requested INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)),
  updated_at INTEGER NOT NULL DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)),
  persistent INTEGER NOT NULL DEFAULT 0,
  remove_delay INTEGER,
  retry_policy TEXT,
  timeout_ms INTEGER,
  auto_reschedule_on_failure INTEGER NOT NULL DEFAULT 0,
  auto_reschedule_on_failure_delay INTEGER NOT NULL DEFAULT 0,
  rescheduled_from_job INTEGER,
  root_job INTEGER,
  cron_schedule TEXT,
  timezone TEXT,
  misfire TEXT,
  cron_slot INTEGER,
  progress TEXT,
  unique_key TEXT,
  concurrency_key TEXT,
  idempotency_key TEXT,
  meta TEXT
);

-- What claims read, in the order they take; the row's id ends every entry of an index. Nothing here names `finished`: finishing a job
-- leaves this index alone, and a waiting job that is cancelled gets started = finished.
CREATE INDEX worker_jobs_waiting ON worker_jobs (queue, priority, due) WHERE started IS NULL;

-- Tag policies, and types that nobody knows.
CREATE INDEX worker_jobs_waiting_type ON worker_jobs (type, tag) WHERE started IS NULL;

CREATE INDEX worker_jobs_claimed ON worker_jobs (claimed_by) WHERE started IS NOT NULL AND finished IS NULL;

CREATE INDEX worker_jobs_removable ON worker_jobs (remove_at) WHERE finished IS NOT NULL;

CREATE INDEX worker_jobs_unsuccessful ON worker_jobs (outcome) WHERE success = 0;

CREATE INDEX worker_jobs_chain ON worker_jobs (root_job) WHERE root_job IS NOT NULL;

CREATE INDEX worker_jobs_cron ON worker_jobs (tag) WHERE cron_schedule IS NOT NULL;

CREATE UNIQUE INDEX worker_jobs_cron_link ON worker_jobs (tag) WHERE cron_schedule IS NOT NULL AND started IS NULL;

CREATE UNIQUE INDEX worker_jobs_unique_key ON worker_jobs (unique_key) WHERE unique_key IS NOT NULL AND finished IS NULL;

CREATE UNIQUE INDEX worker_jobs_idempotency_key ON worker_jobs (idempotency_key) WHERE idempotency_key IS NOT NULL;

CREATE TABLE worker_processes (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  node TEXT NOT NULL,
  hostname TEXT NOT NULL,
  slot INTEGER NOT NULL,
  pid INTEGER NOT NULL,
  version TEXT NOT NULL,
  types TEXT NOT NULL,
  started INTEGER NOT NULL,
  beat INTEGER NOT NULL,
  rss_bytes INTEGER NOT NULL DEFAULT 0,
  ended INTEGER,
  end_note TEXT
);

CREATE INDEX worker_processes_alive ON worker_processes (id) WHERE ended IS NULL;

CREATE TABLE worker_queues (
  name TEXT PRIMARY KEY,
  paused INTEGER NOT NULL DEFAULT 0,
  concurrency_limit INTEGER,
  rate_limit INTEGER,
  rate_period INTEGER
) WITHOUT ROWID;

CREATE TABLE worker_crons (
  tag TEXT PRIMARY KEY,
  type TEXT NOT NULL,
  schedule TEXT NOT NULL,
  timezone TEXT,
  misfire TEXT NOT NULL DEFAULT 'latest',
  paused INTEGER NOT NULL DEFAULT 0,
  updated_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE notifications (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  user_id INTEGER NOT NULL,
  data TEXT NOT NULL,
  read INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL
);

CREATE INDEX notifications_of_user ON notifications (user_id);

CREATE INDEX notifications_unread ON notifications (user_id) WHERE read = 0;
