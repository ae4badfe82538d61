#include "tables.hpp"

#include <string>

namespace errand::torture {
namespace {

constexpr const char* note_in_sqlite =
    "CREATE TRIGGER torture_watch AFTER UPDATE ON worker_jobs WHEN OLD.finished IS NOT NULL AND "
    "(OLD.started IS NOT NEW.started OR OLD.finished IS NOT NEW.finished OR OLD.success IS NOT "
    "NEW.success OR OLD.outcome IS NOT NEW.outcome OR OLD.result IS NOT NEW.result) "
    "BEGIN INSERT INTO torture_rewritten VALUES (OLD.id); END";

constexpr const char* note_in_postgresql =
    "CREATE FUNCTION torture_note() RETURNS trigger LANGUAGE plpgsql AS "
    "'BEGIN INSERT INTO torture_rewritten VALUES (OLD.id); RETURN NULL; END'";

constexpr const char* watch_in_postgresql =
    "CREATE TRIGGER torture_watch AFTER UPDATE ON worker_jobs FOR EACH ROW WHEN (OLD.finished IS "
    "NOT NULL AND (OLD.started, OLD.finished, OLD.success, OLD.outcome, OLD.result::text) IS "
    "DISTINCT FROM (NEW.started, NEW.finished, NEW.success, NEW.outcome, NEW.result::text)) "
    "EXECUTE FUNCTION torture_note()";

}  // namespace

void Tables::watch_finished_rows() {
  app_.database().with_transaction([&](Transaction& tx) {
    tx.execute("CREATE TABLE torture_rewritten (job bigint)");
    if (sqlite_) {
      tx.execute(note_in_sqlite);
    } else {
      tx.execute(note_in_postgresql);
      tx.execute(watch_in_postgresql);
    }
  });
}

std::vector<JobId> Tables::rewritten_rows() {
  std::vector<JobId> jobs;
  app_.database().with_transaction([&](Transaction& tx) {
    const SqlRows rows = tx.query("SELECT job FROM torture_rewritten");
    for (std::size_t row = 0; row < rows.size(); ++row)
      jobs.push_back(rows.get<JobId>(row, 0));
  });
  return jobs;
}

bool Tables::take_for_dead(pid_t worker) {
  const std::string lock = sqlite_ ? "" : " FOR UPDATE";
  const std::string now =
      sqlite_ ? "CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)" : "now()";
  return app_.database().with_transaction([&](Transaction& tx) {
    const SqlRows rows =
        tx.query("SELECT id FROM worker_processes WHERE pid = $1 AND ended IS NULL" + lock, worker);
    if (rows.empty())
      return false;
    const auto process = rows.get<std::int64_t>(0, 0);
    tx.execute("UPDATE worker_processes SET ended = " + now + ", end_note = 'taken for dead' " +
                   "WHERE id = $1",
               process);
    tx.execute(
        "UPDATE worker_jobs SET started = NULL, claimed_by = NULL "
        "WHERE claimed_by = $1 AND started IS NOT NULL AND finished IS NULL",
        process);
    return true;
  });
}

std::int64_t Tables::unfinished() {
  const std::string now = sqlite_ ? "(julianday('now') - 2440587.5) * 86400000000 - 2000000"
                                  : "now() - interval '2 seconds'";
  return app_.database().with_transaction([&](Transaction& tx) {
    return tx
        .query(
            "SELECT count(*) FROM worker_jobs WHERE finished IS NULL AND "
            "(type IN ('work', 'crash') OR type LIKE 'cron_' AND due < " +
            now + ")")
        .get<std::int64_t>(0, 0);
  });
}

std::vector<FinalRow> Tables::final_rows() {
  const std::string slot = sqlite_
                               ? "coalesce(cron_slot, 0)"
                               : "coalesce((extract(epoch FROM cron_slot) * 1000000)::bigint, 0)";
  const std::string created =
      sqlite_ ? "created_at" : "(extract(epoch FROM created_at) * 1000000)::bigint";
  const std::string run = sqlite_ ? "result ->> '$.run'" : "result ->> 'run'";
  const std::string question =
      "SELECT id, coalesce(root_job, id), CASE WHEN finished IS NULL THEN 0 ELSE 1 END, "
      "CASE WHEN success THEN 1 ELSE 0 END, "
      "CASE WHEN reason = 'crashed' AND crash_count >= 3 THEN 1 ELSE 0 END, coalesce(" +
      run + ", ''), CASE WHEN type LIKE 'cron_' THEN tag ELSE '' END, " + slot + ", " + created +
      " FROM worker_jobs WHERE (type IN ('work', 'crash') OR type LIKE 'cron_')";
  std::vector<FinalRow> all;
  in_pages(question, [&](const SqlRows& rows, std::size_t row) {
    all.push_back({rows.get<std::int64_t>(row, 0),
                   rows.get<std::int64_t>(row, 1),
                   rows.get<std::int64_t>(row, 2) != 0,
                   rows.get<std::int64_t>(row, 3) != 0,
                   rows.get<std::int64_t>(row, 4) != 0,
                   rows.get<std::string>(row, 5),
                   rows.get<std::string>(row, 6),
                   rows.get<std::int64_t>(row, 7),
                   rows.get<std::int64_t>(row, 8)});
  });
  return all;
}

std::vector<JobId> Tables::ids() {
  std::vector<JobId> all;
  in_pages("SELECT id FROM worker_jobs WHERE true",
           [&](const SqlRows& rows, std::size_t row) { all.push_back(rows.get<JobId>(row, 0)); });
  return all;
}

/// A million rows take longer than a statement may.
void Tables::in_pages(const std::string& question,
                      const std::function<void(const SqlRows&, std::size_t)>& take) {
  constexpr std::size_t page = 20'000;
  const std::string next = question + " AND id > $1 ORDER BY id LIMIT " + std::to_string(page);
  JobId last = 0;
  for (std::size_t size = page; size == page;) {
    const SqlRows rows =
        app_.database().with_transaction([&](Transaction& tx) { return tx.query(next, last); });
    size = rows.size();
    for (std::size_t row = 0; row < size; ++row)
      take(rows, row);
    if (size > 0)
      last = rows.get<JobId>(size - 1, 0);
  }
}

}  // namespace errand::torture
