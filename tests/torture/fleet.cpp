#include "fleet.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <stdexcept>

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

std::vector<std::string> merged(const std::map<std::string, std::string>& more) {
  std::vector<std::string> all;
  for (char** each = environ; *each != nullptr; ++each) {
    const std::string text{*each};
    if (!more.contains(text.substr(0, text.find('='))))
      all.push_back(text);
  }
  for (const auto& [name, value] : more)
    all.push_back(name + "=" + value);
  return all;
}

/// Standard output and error go to a file, each line whole.
class OutputTo {
 public:
  explicit OutputTo(const std::filesystem::path& file) {
    ::posix_spawn_file_actions_init(&actions_);
    ::posix_spawn_file_actions_addopen(
        &actions_, STDOUT_FILENO, file.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    ::posix_spawn_file_actions_adddup2(&actions_, STDOUT_FILENO, STDERR_FILENO);
  }

  OutputTo(const OutputTo&) = delete;
  OutputTo& operator=(const OutputTo&) = delete;

  ~OutputTo() { ::posix_spawn_file_actions_destroy(&actions_); }

  [[nodiscard]] const posix_spawn_file_actions_t* actions() const { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_{};
};

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts)
    pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

/// The main process first: it shall see none of its workers die.
void kill_whole(pid_t node) {
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

pid_t Fleet::spawn() {
  const OutputTo log{folder_ / ("node." + std::to_string(++spawned_) + ".log")};
  std::vector<std::string> arguments{"/proc/self/exe", "serve"};
  std::vector<std::string> environment = merged(environment_);
  pid_t pid = 0;
  const int failure = ::posix_spawn(&pid,
                                    "/proc/self/exe",
                                    log.actions(),
                                    nullptr,
                                    pointers(arguments).data(),
                                    pointers(environment).data());
  if (failure != 0)
    throw std::runtime_error{"cannot start a node"};
  return pid;
}

void Fleet::start(int nodes) {
  for (int each = 0; each < nodes; ++each)
    nodes_.push_back({spawn(), 0, {}});
}

std::set<pid_t> Fleet::processes() const {
  std::set<pid_t> all;
  for (const Node& node : nodes_) {
    const std::vector<pid_t> workers = children_of(node.pid);
    all.insert(workers.begin(), workers.end());
    if (std::filesystem::exists("/proc/" + std::to_string(node.pid) + "/exe"))
      all.insert(node.pid);
  }
  return all;
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
  killed = {spawn(), 0, {}};
}

void Fleet::freeze(std::size_t node) {
  Node& frozen = nodes_.at(node);
  if (frozen.frozen_since != 0)
    return;
  frozen.frozen_since = now_us();
  ::kill(frozen.pid, SIGSTOP);
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

FleetEnd Fleet::stop_all() {
  FleetEnd end;
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
