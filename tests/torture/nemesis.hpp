#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <vector>

#include "harm.hpp"

namespace errand::torture {

/// What a nemesis may do, and how often: the mean time between two faults of a kind.
struct NemesisPlan {
  std::map<FaultKind, std::int64_t> every_us{};
  std::int64_t nodes_safe_after_us{0};  ///< from then on no node is killed or frozen; 0 = never
};

/// Does harm by a plan and a seed: the same seed, the same harm at the same times.
class Nemesis {
 public:
  Nemesis(const Ground& ground, const NemesisPlan& plan, std::uint64_t seed);

  /// Does what is due and returns when the next is (CLOCK_BOOTTIME).
  std::int64_t step(std::int64_t now);

  /// Ends what lasts.
  void heal();

 private:
  struct Planned {
    FaultKind kind{};
    std::int64_t every_us{0};
    std::unique_ptr<Harm> harm{};
    std::int64_t at{0};
    bool lasts{false};  ///< `at` is when it ends
  };

  void act(Planned& planned);
  [[nodiscard]] bool is_locked_out(FaultKind kind) const;
  void plan_next(Planned& planned, std::int64_t now);

  std::int64_t nodes_safe_after_us_;
  std::int64_t begin_;
  std::mt19937_64 random_;
  std::vector<Planned> planned_{};
};

}  // namespace errand::torture
