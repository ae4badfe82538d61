#pragma once

#include <errand/clock.hpp>
#include <errand/job.hpp>
#include <mutex>
#include <optional>

namespace errand {

/// When a worker looks for jobs that nobody has told it of: each poll interval, unless its node has
/// looked for it, and at once when one is due that it knows of. A node that has fallen silent is
/// missed after two intervals. Safe from any thread.
class LookTimes {
 public:
  /// A look is slow beside a large transaction that is not committed: it sees all those rows. It
  /// may take a twentieth of the time.
  static constexpr int times_as_long = 20;
  static constexpr int intervals_of_trust = 2;

  explicit LookTimes(milliseconds poll_interval) : poll_interval_{poll_interval} {}

  [[nodiscard]] SteadyPoint next() const;

  /// The worker has looked, which took so long. `due`: from then on it would find something.
  void looked(SteadyPoint now, SteadyPoint::duration took, std::optional<SteadyPoint> due);

  /// Its node has looked, and says so when something is due. What the worker knows of by itself may
  /// be newer than that, and is looked for all the same.
  void node_looked(SteadyPoint now, bool due);

  /// It could not look, and tries then.
  void try_again(SteadyPoint at);

 private:
  const milliseconds poll_interval_;
  mutable std::mutex mutex_{};
  SteadyPoint poll_{};
  std::optional<SteadyPoint> due_{};
};

}  // namespace errand
