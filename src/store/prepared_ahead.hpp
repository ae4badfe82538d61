#pragma once

#include <errand/job_registry.hpp>
#include <future>
#include <vector>

#include "store/prepared_parts.hpp"

namespace errand {

/// Prepares the next part on a thread of its own while the one before is stored: checking and
/// serialising take half as long as storing, and a large submission is never in memory as a whole.
class PreparedAhead final : public PreparedParts {
 public:
  static constexpr std::size_t part_size = 4000;

  /// Jobs and registry outlive it. The first part is begun at once.
  PreparedAhead(std::span<const NewJob> jobs, const JobRegistry& registry, TimePoint now);

  std::span<const PreparedJob> next() override;
  void rewind() override;

  /// Of what `next` has returned.
  [[nodiscard]] TimePoint earliest_due() const noexcept { return earliest_due_; }

 private:
  using Part = std::vector<PreparedJob>;

  void prepare_next();
  [[nodiscard]] Part prepared(std::span<const NewJob> jobs) const;

  std::span<const NewJob> jobs_;
  const JobRegistry& registry_;
  TimePoint now_;
  bool read_{false};      ///< something of it
  std::size_t begun_{0};  ///< so many are prepared, or are being
  Part part_{};
  TimePoint earliest_due_{TimePoint::max()};
  std::future<Part> ahead_{};
};

}  // namespace errand
