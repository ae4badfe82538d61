#include "fleet.hpp"

#include <signal.h>
#include <sys/wait.h>

#include <filesystem>
#include <fstream>

#include "spawn.hpp"

namespace errand::torture {
namespace {

/// Each thread has its own list.
std::vector<pid_t> children_of(pid_t process) {
  std::vector<pid_t> children;
  std::error_code gone;
  for (const auto& thread :
       std::filesystem::directory_iterator{"/proc/" + std::to_string(process) + "/task", gone}) {
    std::ifstream file{thread.path() / "children"};
    for (pid_t child = 0; file >> child;)
      children.push_back(child);
  }
  return children;
}

/// Stops a child of ours and waits until it stands, or has ended: how it ended is left to be asked
/// for.
void stand_still(pid_t node) {
  ::kill(node, SIGSTOP);
  siginfo_t state{};
  ::waitid(P_PID, static_cast<id_t>(node), &state, WSTOPPED | WEXITED | WNOWAIT);
}

/// The main process first: it shall see none of its workers die. It stands while they are listed:
/// /proc leaves children out while others of them are born or buried.
void kill_whole(pid_t node) {
  stand_still(node);
  const std::vector<pid_t> workers = children_of(node);
  ::kill(node, SIGKILL);
  for (const pid_t worker : workers)
    ::kill(worker, SIGKILL);
  ::waitpid(node, nullptr, 0);
}

}  // namespace

Fleet::~Fleet() {
  for (const Node& node : nodes_)
    if (node.pid != 0)
      kill_whole(node.pid);
}

Fleet::Node Fleet::spawn(std::size_t node) {
  const auto log = folder_ / ("node." + std::to_string(++spawned_) + ".log");
  std::map<std::string, std::string> environment = environment_;
  if (node == 0)
    environment.insert(of_first_.begin(), of_first_.end());
  return {spawn_self({"serve"}, environment, log), now_us(), 0, {}};
}

void Fleet::start(int nodes) {
  for (int each = 0; each < nodes; ++each)
    nodes_.push_back(spawn(nodes_.size()));
}

std::vector<pid_t> Fleet::main_processes() const {
  std::vector<pid_t> all;
  for (const Node& node : nodes_)
    if (std::filesystem::exists("/proc/" + std::to_string(node.pid) + "/exe"))
      all.push_back(node.pid);
  return all;
}

std::vector<pid_t> Fleet::workers() const {
  std::vector<pid_t> all;
  for (const Node& node : nodes_) {
    const std::vector<pid_t> workers = children_of(node.pid);
    all.insert(all.end(), workers.begin(), workers.end());
  }
  return all;
}

std::set<pid_t> Fleet::processes() const {
  const std::vector<pid_t> nodes = main_processes();
  const std::vector<pid_t> workers = this->workers();
  std::set<pid_t> all{nodes.begin(), nodes.end()};
  all.insert(workers.begin(), workers.end());
  return all;
}

std::optional<std::size_t> Fleet::any_lively_node(std::uint64_t choice) const {
  std::vector<std::size_t> lively;
  for (std::size_t node = 0; node < nodes_.size(); ++node)
    if (nodes_[node].frozen_since == 0)
      lively.push_back(node);
  if (lively.empty())
    return std::nullopt;
  return lively[choice % lively.size()];
}

std::optional<pid_t> Fleet::any_worker(std::size_t node, std::uint64_t choice) const {
  const std::vector<pid_t> workers = children_of(nodes_.at(node).pid);
  if (workers.empty())
    return std::nullopt;
  return workers[choice % workers.size()];
}

void Fleet::replace_by_kill(std::size_t node) {
  Node& killed = nodes_.at(node);
  const std::int64_t begin = now_us();
  kill_whole(killed.pid);
  history_.write(line_of({FaultKind::kill_node, killed.pid, 0, begin, now_us()}));
  killed = spawn(node);
}

void Fleet::freeze(std::size_t node) {
  Node& frozen = nodes_.at(node);
  if (frozen.frozen_since != 0)
    return;
  frozen.frozen_since = now_us();
  stand_still(frozen.pid);
  for (const pid_t worker : children_of(frozen.pid)) {
    ::kill(worker, SIGSTOP);
    frozen.frozen_workers.push_back(worker);
  }
}

void Fleet::thaw(std::size_t node) {
  Node& frozen = nodes_.at(node);
  if (frozen.frozen_since == 0)
    return;
  for (const pid_t worker : frozen.frozen_workers)
    ::kill(worker, SIGCONT);
  ::kill(frozen.pid, SIGCONT);
  history_.write(line_of({FaultKind::freeze_node, frozen.pid, 0, frozen.frozen_since, now_us()}));
  frozen.frozen_since = 0;
}

void Fleet::revive() {
  constexpr std::int64_t had_begun_us = 10'000'000;
  for (std::size_t each = 0; each < nodes_.size(); ++each) {
    Node& node = nodes_[each];
    if (::waitpid(node.pid, nullptr, WNOHANG) != node.pid)
      continue;
    ended_unasked_ += now_us() - node.since > had_begun_us ? 1 : 0;
    node = spawn(each);
  }
}

FleetEnd Fleet::stop_all() {
  FleetEnd end;
  end.nodes_that_ended_unasked = ended_unasked_;
  const std::set<pid_t> living = processes();
  for (std::size_t node = 0; node < nodes_.size(); ++node) {
    thaw(node);
    for (const pid_t worker : nodes_[node].frozen_workers) {
      ++end.frozen_workers;
      end.frozen_workers_replaced += living.contains(worker) ? 0U : 1U;
    }
    ::kill(nodes_[node].pid, SIGTERM);
  }
  for (Node& node : nodes_) {
    int status = 0;
    ::waitpid(node.pid, &status, 0);
    end.nodes_that_did_not_end_well += WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : 1;
    node.pid = 0;
  }
  return end;
}

}  // namespace errand::torture
