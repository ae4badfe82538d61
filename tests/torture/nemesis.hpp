#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "fleet.hpp"

namespace errand::torture {

/// What a nemesis may do, and how often: the mean time between two faults of a kind; 0 = never.
struct NemesisPlan {
  std::int64_t worker_kill_us{0};
  std::int64_t node_kill_us{0};
  std::int64_t worker_take_us{0};
  std::int64_t node_freeze_us{0};
  std::int64_t freeze_for_us{90'000'000};
  std::int64_t database_restart_us{0};
  std::int64_t nodes_safe_after_us{0};  ///< from then on no node is killed or frozen; 0 = never
  std::string database_restart{};       ///< the shell command that does it
  std::function<bool(pid_t worker)> take_for_dead{};  ///< false: it could not be done
};

/// Does harm to the fleet by a plan and a seed: the same seed, the same harm at the same times.
class Nemesis {
 public:
  Nemesis(Fleet& fleet, const HistoryFile& history, NemesisPlan plan, std::uint64_t seed);

  /// Does what is due and returns when the next is (CLOCK_BOOTTIME).
  std::int64_t step(std::int64_t now);

  /// Undoes what can be undone: frozen nodes go on.
  void heal();

 private:
  enum class Kind { worker_kill, worker_take, node_kill, node_freeze, node_thaw, database_restart };

  struct Planned {
    std::int64_t at{0};
    Kind kind{Kind::worker_kill};
    std::size_t node{0};
  };

  void plan_next(Kind kind, std::int64_t mean_us, std::int64_t now);
  void act(const Planned& planned, std::int64_t now);
  void kill_worker();
  void take_worker();
  void kill_node();
  void freeze_node();
  void restart_database();
  [[nodiscard]] std::optional<std::size_t> any_node();

  Fleet& fleet_;
  const HistoryFile& history_;
  NemesisPlan plan_;
  std::int64_t begin_;
  std::mt19937_64 random_;
  std::vector<Planned> planned_{};
  std::optional<std::size_t> frozen_{};
};

}  // namespace errand::torture
