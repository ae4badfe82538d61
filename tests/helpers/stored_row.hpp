#pragma once

#include <errand/job.hpp>

#include "helpers/postgres_cluster.hpp"

namespace errand::testing {

/// The only row of worker_jobs, with every column that does not depend on when and as which row it
/// was stored. Throws when there is not exactly one.
inline Json stored_row(PostgresSession& session) {
  return Json::parse(session.run(
      "SELECT to_jsonb(job) - ARRAY['id', 'created_at', 'updated_at', 'due', 'cron_slot'] || "
      "jsonb_build_object('due', CASE WHEN due < '2028-01-01' THEN due - created_at END, "
      "  'fixed due', CASE WHEN due >= '2028-01-01' THEN due END, "
      "  'slot is due', cron_slot = due, 'updated at once', updated_at = created_at, "
      "  'created now', abs(extract(epoch FROM now() - created_at)) < 60) "
      "FROM worker_jobs job WHERE 1 = (SELECT count(*) FROM worker_jobs)"));
}

}  // namespace errand::testing
