#pragma once

#include <sys/types.h>

#include <errand/errand.hpp>
#include <string>
#include <vector>

namespace errand::torture {

inline constexpr int cron_count = 10;

/// "cron0" …: one run each second, none left out however late.
[[nodiscard]] std::string cron_tag(int number);

/// What the nodes run. Their handlers write the history into the folder that TORTURE_HISTORY names.
/// With TORTURE_CRONS set, the crons are declared.
[[nodiscard]] JobRegistry torture_types();

/// In a node or a worker: to the file of this process.
void write_to_own_history(const std::string& line);
/// In a node or a worker, first of all: its number may have been another's before.
void begin_life();
/// In a worker: its main process.
[[nodiscard]] pid_t own_node();

/// Of so many jobs, one; 0 = none.
struct Mix {
  std::uint64_t slow_every{100};   ///< takes 200 ms
  std::uint64_t crash_every{500};  ///< ends its worker at the first attempt, or leaks
};

/// Most jobs do nothing, every tenth takes 5 ms.
[[nodiscard]] NewJob job_number(std::uint64_t number, const Mix& mix);

}  // namespace errand::torture
