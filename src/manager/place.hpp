#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "manager/child.hpp"
#include "manager/slot.hpp"
#include "manager/supervisor.hpp"

namespace errand {

/// A slot, the process in it, and what is to be remembered of it.
struct Place {
  int number{0};
  Slot slot{};
  std::unique_ptr<Child> child{};
  std::int64_t process{0};
  std::optional<SteadyPoint> deadline{};  ///< when the slot wants to be asked again
  std::optional<SteadyPoint>
      last_words_by{};  ///< it has ended; then its line is waited for no more
  std::uint64_t beats_seen{0};
  std::vector<ipc::FlightRecorder::Running> timed_out{};
  std::string last_sentence{};

  /// It has said that it is ready, and nobody is ending it.
  [[nodiscard]] bool serves() const;

  /// "worker 2 (pid 4711)"
  [[nodiscard]] std::string who() const;

  /// Of a child that was reaped.
  [[nodiscard]] ChildDeath read_death() const;

  void forget_worker();
};

/// The slot's own share of back-off differs, so that what died together does not come back
/// together.
[[nodiscard]] SlotTimes slot_times(const SupervisorOptions& options, int slot);

}  // namespace errand
