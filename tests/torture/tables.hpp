#pragma once

#include <sys/types.h>

#include <errand/errand.hpp>
#include <functional>
#include <string>
#include <vector>

#include "checker.hpp"

namespace errand::torture {

/// What a campaign does to the tables behind errand's back, on either database. Errors of the
/// database come through as `Error{unavailable}`.
class Tables {
 public:
  Tables(ServerApp& app, bool sqlite) : app_{app}, sqlite_{sqlite} {}

  /// From now on the database itself notes every finished row that is changed.
  void watch_finished_rows();
  [[nodiscard]] std::vector<JobId> rewritten_rows();

  /// Does what a manager does that wrongly takes a worker for dead: ends its row and gives its jobs
  /// back. False = no such worker.
  [[nodiscard]] bool take_for_dead(pid_t worker);

  /// A cron always has a run ahead; one that is due is work like any other.
  [[nodiscard]] std::int64_t unfinished();

  [[nodiscard]] std::vector<FinalRow> final_rows();

  /// Of all jobs, ascending.
  [[nodiscard]] std::vector<JobId> ids();

 private:
  void in_pages(const std::string& question,
                const std::function<void(const SqlRows& rows, std::size_t row)>& take);

  ServerApp& app_;
  bool sqlite_;
};

}  // namespace errand::torture
