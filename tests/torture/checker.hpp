#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "history.hpp"

namespace errand::torture {

/// A job's row at the end.
struct FinalRow {
  JobId id{0};
  JobId chain{0};  ///< the first attempt's id
  bool finished{false};
  bool succeeded{false};
  bool poisoned{false};     ///< given up after its third crash
  std::string run{};        ///< the run whose result the row holds; empty when none
  std::string cron_tag{};   ///< of a cron's run
  std::int64_t slot_us{0};  ///< of a cron's run
  std::int64_t created_us{0};
};

struct Percentiles {
  std::size_t count{0};
  double p50_ms{0};
  double p99_ms{0};
  double longest_ms{0};
};

/// A job that ran again, and nothing that is known says why.
struct Repeat {
  Run before{};
  Run after{};
  std::int64_t last_sign{0};  ///< of the first run's worker
};

/// What the history says about the promise. The first group must be zero.
struct Findings {
  std::size_t lost{0};        ///< acknowledged, and its chain neither succeeded nor was poison
  std::size_t unexpected{0};  ///< succeeded without a run that ended, or with the result of none
  std::size_t stale_finalised{0};  ///< finished by a run that was not the last one to start
  std::size_t resurrected{0};      ///< changed after it had finished
  std::size_t duplicated_without_cause{0};
  std::size_t overlapping_without_cause{0};
  std::size_t cron_slots_missed{0};
  std::size_t cron_slots_doubled{0};

  std::size_t jobs{0};
  std::size_t acknowledged{0};
  std::size_t runs{0};
  std::size_t faults{0};
  std::map<std::string, std::size_t> faults_by_kind{};
  std::size_t stale_rejected{0};  ///< completions of runs that had lost their job
  std::size_t duplicated_with_cause{0};
  std::size_t poisoned{0};
  std::size_t recovered{0};  ///< stored although its submitter got no answer
  std::size_t cron_slots{0};
  std::size_t cron_slots_given_up{0};  ///< more than a hundred late, as `misfire` all has it
  Percentiles child_rescue{};          ///< kill of a worker → its job runs again
  Percentiles node_rescue{};           ///< the same for a whole node
  std::vector<Repeat> unexplained{};
};

/// Weighs a whole history. A run is repeated, or overlapped, with cause when something was done to
/// its worker, its node or the database between its start and the next run's.
[[nodiscard]] Findings check(const History& history, const std::vector<FinalRow>& rows);

/// The table, one finding a line; then a line for each of the first repeats that nothing explains.
[[nodiscard]] std::string table(const Findings& findings);

}  // namespace errand::torture
