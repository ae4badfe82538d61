#pragma once

#include <sys/types.h>

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "history.hpp"

namespace errand::torture {

/// The nodes: each a main process of this program with its workers. For one thread.
class Fleet {
 public:
  /// Every node gets `environment` besides this process's own.
  Fleet(std::map<std::string, std::string> environment, const HistoryFile& history)
      : environment_{std::move(environment)}, history_{history} {}

  Fleet(const Fleet&) = delete;
  Fleet& operator=(const Fleet&) = delete;
  /// Kills what lives.
  ~Fleet();

  void start(int nodes);

  [[nodiscard]] std::size_t size() const noexcept { return nodes_.size(); }

  /// Kills a node with all its processes and starts another in its place.
  void replace_by_kill(std::size_t node);
  /// Kills one of its workers, if it has one.
  void kill_worker(std::size_t node, std::uint64_t choice);
  /// Stops all processes of a node, as a frozen machine.
  void freeze(std::size_t node);
  /// Lets it go on.
  void thaw(std::size_t node);

  /// Asks all to leave and waits. Returns how many did not end by themselves with exit code 0.
  [[nodiscard]] int stop_all();

 private:
  struct Node {
    pid_t pid{0};
    std::int64_t frozen_since{0};
    std::vector<pid_t> frozen_workers{};
  };

  [[nodiscard]] pid_t spawn() const;
  void note(const std::string& kind, pid_t node, pid_t worker, std::int64_t begin) const;

  std::map<std::string, std::string> environment_;
  const HistoryFile& history_;
  std::vector<Node> nodes_{};
};

}  // namespace errand::torture
