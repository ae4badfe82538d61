CREATE TABLE IF NOT EXISTS errand_migrations (
  name TEXT PRIMARY KEY,
  checksum TEXT NOT NULL,
  applied_at INTEGER NOT NULL
);
