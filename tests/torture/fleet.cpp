#include "fleet.hpp"

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

pid_t Fleet::spawn() const {
  std::vector<std::string> arguments{"/proc/self/exe", "serve"};
  std::vector<std::string> environment = merged(environment_);
  pid_t pid = 0;
  const int failure = ::posix_spawn(&pid,
                                    "/proc/self/exe",
                                    nullptr,
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

void Fleet::note(const std::string& kind, pid_t node, pid_t worker, std::int64_t begin) const {
  history_.write(fmt::format("fault {} {} {} {} {}", kind, node, worker, begin, now_us()));
}

void Fleet::replace_by_kill(std::size_t node) {
  Node& killed = nodes_.at(node);
  const std::int64_t begin = now_us();
  kill_whole(killed.pid);
  note("kill-node", killed.pid, 0, begin);
  killed = {spawn(), 0, {}};
}

void Fleet::kill_worker(std::size_t node, std::uint64_t choice) {
  const std::vector<pid_t> workers = children_of(nodes_.at(node).pid);
  if (workers.empty())
    return;
  const pid_t worker = workers[choice % workers.size()];
  const std::int64_t begin = now_us();
  ::kill(worker, SIGKILL);
  note("kill-worker", nodes_.at(node).pid, worker, begin);
}

void Fleet::freeze(std::size_t node) {
  Node& frozen = nodes_.at(node);
  if (frozen.frozen_since != 0)
    return;
  frozen.frozen_since = now_us();
  ::kill(frozen.pid, SIGSTOP);
  frozen.frozen_workers = children_of(frozen.pid);
  for (const pid_t worker : frozen.frozen_workers)
    ::kill(worker, SIGSTOP);
}

void Fleet::thaw(std::size_t node) {
  Node& frozen = nodes_.at(node);
  if (frozen.frozen_since == 0)
    return;
  for (const pid_t worker : frozen.frozen_workers)
    ::kill(worker, SIGCONT);
  ::kill(frozen.pid, SIGCONT);
  note("freeze-node", frozen.pid, 0, frozen.frozen_since);
  frozen.frozen_since = 0;
}

int Fleet::stop_all() {
  int bad = 0;
  for (std::size_t node = 0; node < nodes_.size(); ++node) {
    thaw(node);
    ::kill(nodes_[node].pid, SIGTERM);
  }
  for (Node& node : nodes_) {
    int status = 0;
    ::waitpid(node.pid, &status, 0);
    bad += WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : 1;
    node.pid = 0;
  }
  return bad;
}

}  // namespace errand::torture
