#pragma once

#include <errand/clock.hpp>
#include <errand/job.hpp>
#include <map>
#include <optional>
#include <span>
#include <tuple>
#include <vector>

namespace errand {

/// Decides which workers are told that jobs may be due, so that one job does not wake them all and
/// a thousand do not leave any asleep: each call wakes one, and each one that found work wakes two
/// more that are idle. Pure; a hint only, for every worker polls anyway.
class WakePlan {
 public:
  struct Worker {
    int slot{0};
    std::size_t running{0};  ///< jobs it runs
  };

  struct Step {
    std::vector<int> slots{};  ///< to be told now
    std::optional<SteadyPoint> next_deadline{};
  };

  /// How soon it is seen what a woken worker found; and for how long a worker that shows nothing is
  /// taken to have its message still before it.
  static constexpr milliseconds look_again{10};
  static constexpr milliseconds in_flight_longest{20};
  /// A quick job shows nothing: from then on a worker that was told may be told of new jobs again.
  static constexpr milliseconds tell_again{1};

  /// Jobs may be due. A worker that says so itself needs not be told.
  void ask(std::optional<int> by_slot = {});

  /// The worker did something: it has read what it was sent.
  void heard(int slot);

  /// Something is due, and perhaps somebody has it already: who is to see, the idlest, each in its
  /// turn. `workers` are those that may be told.
  [[nodiscard]] std::optional<int> one_to_look(std::span<const Worker> workers, SteadyPoint now);

  /// `workers` are those that may be told.
  [[nodiscard]] Step step(std::span<const Worker> workers, SteadyPoint now);

 private:
  struct InFlight {
    SteadyPoint sent{};
    std::size_t running_before{0};
    bool heard{false};
  };

  using Rank = std::tuple<bool, std::size_t, SteadyPoint>;  ///< least first

  [[nodiscard]] Rank rank(const Worker& worker) const;
  std::size_t settle(std::span<const Worker> workers, SteadyPoint now);
  [[nodiscard]] std::vector<Worker> candidates(std::span<const Worker> workers,
                                               SteadyPoint now) const;

  bool asked_{false};
  std::optional<int> asked_by_{};
  std::map<int, InFlight> in_flight_{};
  std::map<int, SteadyPoint> last_told_{};
};

}  // namespace errand
