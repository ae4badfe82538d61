#include "spawn.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <unistd.h>

#include <fmt/format.h>
#include <stdexcept>

namespace errand::torture {
namespace {

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

}  // namespace

pid_t spawn_program(const std::string& program,
                    std::vector<std::string> arguments,
                    const std::map<std::string, std::string>& environment,
                    const std::filesystem::path& log) {
  const OutputTo output{log};
  arguments.insert(arguments.begin(), program);
  std::vector<std::string> variables = merged(environment);
  pid_t pid = 0;
  const int failure = ::posix_spawnp(&pid,
                                     program.c_str(),
                                     output.actions(),
                                     nullptr,
                                     pointers(arguments).data(),
                                     pointers(variables).data());
  if (failure != 0)
    throw std::runtime_error{"cannot start " + program};
  return pid;
}

pid_t spawn_self(std::vector<std::string> arguments,
                 const std::map<std::string, std::string>& environment,
                 const std::filesystem::path& log) {
  return spawn_program("/proc/self/exe", std::move(arguments), environment, log);
}

}  // namespace errand::torture
