#pragma once

#include <sys/types.h>

#include <cstdint>
#include <errand/error.hpp>
#include <errand/job.hpp>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "fault.hpp"

/// What happened, as those who did it wrote it down: each process appends whole lines to a file of
/// its own, beside the database under test and not in it. Times are CLOCK_BOOTTIME in microseconds.
namespace errand::torture {

[[nodiscard]] std::int64_t now_us();

/// One process's file. A line is one write: a kill leaves it whole or not there.
class HistoryFile {
 public:
  HistoryFile(const std::filesystem::path& folder, const std::string& who);
  HistoryFile(const HistoryFile&) = delete;
  HistoryFile& operator=(const HistoryFile&) = delete;
  ~HistoryFile();

  void write(const std::string& line) const;

 private:
  int fd_{-1};
};

/// One execution of a handler.
struct Run {
  JobId job{0};
  std::string name{};  ///< unique: "pid.begin.number"
  pid_t node{0};       ///< its main process; another number for each life
  pid_t worker{0};
  std::int64_t start{0};
  std::optional<std::int64_t> end{};  ///< nothing: the process did not live to see it
};

/// A submission that was answered.
struct Acknowledged {
  JobId job{0};
};

struct History {
  std::vector<Run> runs{};  ///< by job, then by start
  std::vector<Acknowledged> acknowledged{};
  std::vector<Fault> faults{};
  std::vector<JobId> refused{};    ///< completions that came too late, as the workers logged them
  std::vector<JobId> rewritten{};  ///< rows that were changed after they had finished
};

/// Of a folder, or one file of it. All but `rewritten`: of that only the database knows.
[[nodiscard]] History read_history(const std::filesystem::path& folder);

}  // namespace errand::torture
