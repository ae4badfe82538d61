#pragma once

#include <sys/types.h>

#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "history.hpp"

namespace errand::torture {

/// How the nodes ended.
struct FleetEnd {
  int nodes_that_did_not_end_well{0};
  std::size_t frozen_workers{0};
  std::size_t frozen_workers_replaced{0};
};

/// The nodes: each a main process of this program with its workers. For one thread.
class Fleet {
 public:
  /// Every node gets `environment` besides this process's own, and logs into `folder`.
  Fleet(std::map<std::string, std::string> environment,
        std::filesystem::path folder,
        const HistoryFile& history)
      : environment_{std::move(environment)}, folder_{std::move(folder)}, history_{history} {}

  Fleet(const Fleet&) = delete;
  Fleet& operator=(const Fleet&) = delete;
  /// Kills what lives.
  ~Fleet();

  void start(int nodes);

  [[nodiscard]] std::size_t size() const noexcept { return nodes_.size(); }

  /// Main processes and workers.
  [[nodiscard]] std::set<pid_t> processes() const;
  [[nodiscard]] std::optional<pid_t> any_worker(std::size_t node, std::uint64_t choice) const;

  [[nodiscard]] pid_t main_process(std::size_t node) const { return nodes_.at(node).pid; }

  /// Kills a node with all its processes and starts another in its place.
  void replace_by_kill(std::size_t node);
  /// Stops all processes of a node, as a frozen machine.
  void freeze(std::size_t node);
  /// Lets it go on.
  void thaw(std::size_t node);

  /// Asks all to leave and waits.
  [[nodiscard]] FleetEnd stop_all();

 private:
  struct Node {
    pid_t pid{0};
    std::int64_t frozen_since{0};
    std::vector<pid_t> frozen_workers{};
  };

  [[nodiscard]] pid_t spawn();

  std::map<std::string, std::string> environment_;
  std::filesystem::path folder_;
  const HistoryFile& history_;
  std::vector<Node> nodes_{};
  int spawned_{0};
};

}  // namespace errand::torture
