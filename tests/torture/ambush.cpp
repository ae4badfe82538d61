#include "ambush.hpp"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <string_view>
#include <utility>

#include "base/probe.hpp"
#include "history.hpp"
#include "torture_jobs.hpp"

namespace errand::torture {
namespace {

constexpr std::array<std::pair<std::string_view, FaultKind>, 4> points{
    {{"after-claim", FaultKind::kill_after_claim},
     {"before-flush", FaultKind::kill_before_flush},
     {"after-flush", FaultKind::kill_after_flush},
     {"before-next-link", FaultKind::kill_before_next_link}}};

std::filesystem::path file_of(const std::filesystem::path& folder, std::string_view point) {
  return folder / ("ambush." + std::string{point});
}

std::filesystem::path& folder_of_ambushes() {
  static std::filesystem::path folder;
  return folder;
}

void die() {
  ::kill(::getpid(), SIGKILL);
}

/// Only one can remove the file.
void walk(const char* point) {
  for (const auto& [name, kind] : points) {
    if (name != point || ::unlink(file_of(folder_of_ambushes(), name).c_str()) != 0)
      continue;
    const std::int64_t now = now_us();
    write_to_own_history(line_of({kind, own_node(), ::getpid(), now, now}));
    die();
  }
}

std::atomic<int>& steps_left() {
  static std::atomic<int> steps{0};
  return steps;
}

void step(const char* point) {
  if (std::string_view{point} == "migration" && --steps_left() == 0)
    die();
}

}  // namespace

void lay_ambush(const std::filesystem::path& folder, const std::string& point) {
  ::close(::open(file_of(folder, point).c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
}

void lift_ambush(const std::filesystem::path& folder, const std::string& point) {
  ::unlink(file_of(folder, point).c_str());
}

void walk_into_ambushes(const std::filesystem::path& folder) {
  folder_of_ambushes() = folder;
  probe_hook = walk;
}

void die_at_migration_step(int count) {
  steps_left() = count;
  probe_hook = step;
}

}  // namespace errand::torture
