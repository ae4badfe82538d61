CREATE TABLE IF NOT EXISTS errand_migrations (
  name text COLLATE "C" PRIMARY KEY,
  checksum text NOT NULL,
  applied_at timestamptz NOT NULL
);
