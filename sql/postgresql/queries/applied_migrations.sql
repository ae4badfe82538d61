SELECT name, checksum FROM errand_migrations ORDER BY name
