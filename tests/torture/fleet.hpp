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
  int nodes_that_ended_unasked{0};  ///< after they had begun to work
};

/// The nodes: each a main process of this program with its workers. For one thread.
class Fleet {
 public:
  /// Every node gets `environment` besides this process's own, and logs into `folder`.
  Fleet(std::map<std::string, std::string> environment,
        std::filesystem::path folder,
        const HistoryFile& history)
      : environment_{std::move(environment)}, folder_{std::move(folder)}, history_{history} {}

  /// What the first node, and who takes its place, has in its environment besides.
  void set_apart_first(std::map<std::string, std::string> environment) {
    of_first_ = std::move(environment);
  }

  /// Where all write down what happens.
  [[nodiscard]] const std::filesystem::path& folder() const noexcept { return folder_; }

  Fleet(const Fleet&) = delete;
  Fleet& operator=(const Fleet&) = delete;
  /// Kills what lives.
  ~Fleet();

  void start(int nodes);

  [[nodiscard]] std::size_t size() const noexcept { return nodes_.size(); }

  /// Main processes and workers.
  [[nodiscard]] std::set<pid_t> processes() const;
  [[nodiscard]] std::vector<pid_t> main_processes() const;
  [[nodiscard]] std::vector<pid_t> workers() const;

  /// One that is not frozen: what is done to a frozen one shows only when it goes on.
  [[nodiscard]] std::optional<std::size_t> any_lively_node(std::uint64_t choice) const;
  [[nodiscard]] std::optional<pid_t> any_worker(std::size_t node, std::uint64_t choice) const;

  [[nodiscard]] pid_t main_process(std::size_t node) const { return nodes_.at(node).pid; }

  /// Kills a node with all its processes and starts another in its place.
  void replace_by_kill(std::size_t node);
  /// Stops all processes of a node, as a frozen machine.
  void freeze(std::size_t node);
  /// Lets it go on.
  void thaw(std::size_t node);

  /// Starts another in the place of a node that ended by itself, as a service manager would: one
  /// that finds no database when it starts gives up.
  void revive();

  /// Asks all to leave and waits.
  [[nodiscard]] FleetEnd stop_all();

 private:
  struct Node {
    pid_t pid{0};
    std::int64_t since{0};
    std::int64_t frozen_since{0};
    std::vector<pid_t> frozen_workers{};
  };

  [[nodiscard]] Node spawn(std::size_t node);

  std::map<std::string, std::string> environment_;
  std::map<std::string, std::string> of_first_{};
  std::filesystem::path folder_;
  const HistoryFile& history_;
  std::vector<Node> nodes_{};
  int spawned_{0};
  int ended_unasked_{0};
};

}  // namespace errand::torture
