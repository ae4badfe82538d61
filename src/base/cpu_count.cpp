#include "base/cpu_count.hpp"

#include <array>
#include <cmath>
#include <fstream>
#include <sched.h>
#include <string>

#include "base/text.hpp"

namespace errand {
namespace {

namespace fs = std::filesystem;

using Quota = std::optional<double>;

Quota smaller(Quota one, Quota other) {
  if (!one || !other)
    return one ? one : other;
  return std::min(*one, *other);
}

Quota ratio(double quota, double period) {
  return quota > 0 && period > 0 ? Quota{quota / period} : std::nullopt;
}

std::optional<double> number_in(const fs::path& file) {
  std::ifstream in{file};
  double value = 0;
  return in >> value ? std::optional{value} : std::nullopt;
}

/// "max 100000" or "150000 100000".
Quota quota_v2(const fs::path& group) {
  std::ifstream in{group / "cpu.max"};
  double quota = 0;
  double period = 0;
  return in >> quota >> period ? ratio(quota, period) : std::nullopt;
}

Quota quota_v1(const fs::path& group) {
  const auto quota = number_in(group / "cpu.cfs_quota_us");
  const auto period = number_in(group / "cpu.cfs_period_us");
  return quota && period ? ratio(*quota, *period) : std::nullopt;
}

/// A parent's limit binds its children too. Inside a container the path may name folders that only
/// the host can see; then the mount's own root is the container's group.
Quota smallest_upwards(const fs::path& mount,
                       const fs::path& path,
                       Quota (*read)(const fs::path&)) {
  Quota quota = read(mount);
  fs::path group = mount;
  for (const fs::path& part : path.relative_path()) {
    group /= part;
    quota = smaller(quota, read(group));
  }
  return quota;
}

bool lists_cpu(std::string_view controllers) {
  while (!controllers.empty()) {
    const std::size_t comma = std::min(controllers.find(','), controllers.size());
    if (controllers.substr(0, comma) == "cpu")
      return true;
    controllers.remove_prefix(std::min(comma + 1, controllers.size()));
  }
  return false;
}

/// One line of /proc/self/cgroup: "0::/user.slice" (v2) or "4:cpu,cpuacct:/docker/…" (v1).
Quota quota_of_line(const fs::path& cgroups, std::string_view line) {
  const std::size_t first = line.find(':');
  const std::size_t second = line.find(':', first + 1);
  if (first == std::string_view::npos || second == std::string_view::npos)
    return std::nullopt;
  const std::string_view controllers = line.substr(first + 1, second - first - 1);
  const fs::path path{trimmed(line.substr(second + 1))};
  if (controllers.empty())
    return smaller(smallest_upwards(cgroups, path, quota_v2),
                   smallest_upwards(cgroups / "unified", path, quota_v2));
  if (!lists_cpu(controllers))
    return std::nullopt;
  return smaller(smallest_upwards(cgroups / "cpu", path, quota_v1),
                 smallest_upwards(cgroups / controllers, path, quota_v1));
}

}  // namespace

int affinity_cpus() {
  // One cpu_set_t ends at 1024 processors, and the call fails on a machine that has more.
  std::array<cpu_set_t, 16> sets{};
  if (::sched_getaffinity(0, sizeof sets, sets.data()) != 0)
    return 1;
  return std::max(1, CPU_COUNT_S(sizeof sets, sets.data()));
}

std::optional<double> cgroup_cpus(const fs::path& root) {
  std::ifstream in{root / "proc/self/cgroup"};
  Quota quota;
  for (std::string line; std::getline(in, line);)
    quota = smaller(quota, quota_of_line(root / "sys/fs/cgroup", line));
  return quota;
}

int usable_cpus(int affinity, std::optional<double> cgroup) {
  if (!cgroup || *cgroup >= affinity)
    return std::max(1, affinity);
  return std::max(1, static_cast<int>(std::ceil(*cgroup)));
}

}  // namespace errand
