#pragma once

#include <errand/database.hpp>
#include <map>
#include <set>
#include <string>

namespace errand::testing {

/// All that a database holds, as text: a line a row, NULLs left out. Ids are given as ranks, so
/// that two runs of the same compare equal although one of them burnt some. What a worker notes for
/// the time when its locks are lost is left out: it is there before and after what it is about.
class DatabaseDigest {
 public:
  [[nodiscard]] static std::string of(Database& database) {
    return database.with_transaction([](Transaction& tx) { return DatabaseDigest{tx}.text_; });
  }

 private:
  using Ranks = std::map<std::int64_t, int>;

  explicit DatabaseDigest(Transaction& tx) {
    const SqlRows jobs = tx.query("SELECT * FROM worker_jobs ORDER BY id");
    const SqlRows processes = tx.query("SELECT * FROM worker_processes ORDER BY id");
    jobs_ = ranks_of(jobs);
    processes_ = ranks_of(processes);
    add("job", jobs, jobs_);
    add("process", processes, processes_);
    add("cron", tx.query("SELECT * FROM worker_crons ORDER BY tag"), {});
  }

  static Ranks ranks_of(const SqlRows& rows) {
    Ranks ranks;
    for (std::size_t row = 0; row < rows.size(); ++row)
      ranks.emplace(rows.get<std::int64_t>(row, column_of(rows, "id")), static_cast<int>(row) + 1);
    return ranks;
  }

  static std::size_t column_of(const SqlRows& rows, std::string_view name) {
    std::size_t column = 0;
    while (rows.columns().at(column) != name)
      ++column;
    return column;
  }

  void add(const std::string& kind, const SqlRows& rows, const Ranks& own) {
    for (std::size_t row = 0; row < rows.size(); ++row) {
      text_ += kind;
      for (std::size_t column = 0; column < rows.columns().size(); ++column)
        add_value(rows.columns()[column], rows[row][column], own);
      text_ += '\n';
    }
  }

  void add_value(const std::string& column, const SqlValue& value, const Ranks& own) {
    static const std::set<std::string> of_jobs{"rescheduled_from_job", "root_job"};
    if (std::holds_alternative<std::nullptr_t>(value) || column == "held_jobs")
      return;
    text_ += ' ' + column + '=';
    if (column == "id")
      text_ += rank(own, value);
    else if (column == "claimed_by")
      text_ += rank(processes_, value);
    else if (of_jobs.contains(column))
      text_ += rank(jobs_, value);
    else
      text_ += text_of(value);
  }

  static std::string rank(const Ranks& ranks, const SqlValue& id) {
    const auto found = ranks.find(std::get<std::int64_t>(id));
    return found == ranks.end() ? "gone" : '#' + std::to_string(found->second);
  }

  static std::string text_of(const SqlValue& value) {
    if (const auto* whole = std::get_if<std::int64_t>(&value))
      return std::to_string(*whole);
    if (const auto* real = std::get_if<double>(&value))
      return std::to_string(*real);
    const auto* text = std::get_if<std::string>(&value);
    return text != nullptr ? *text : "?";
  }

  Ranks jobs_{};
  Ranks processes_{};
  std::string text_{};
};

}  // namespace errand::testing
